//! The picture that output makes on a screen: a terminal without a terminal. It follows what
//! programs use of xterm. *Source*: xterm's ctlseqs; ECMA-48.
//!
//! No output ends whoever follows it, a task's supervisor among them: nothing here can panic,
//! whatever the output and the size are, and what is kept and done for a sequence is bounded by the
//! size of the screen.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use anstyle::Style;

use super::cursor::{Charset, Place};
use super::grid::{Cell, Grid};
use super::row::change;
use super::sequence::{Token, Walk, Wanted};
use super::svg::SvgCell;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;

/// A screen is followed up to this size; what is drawn beyond is drawn at its edge. A cell takes 28
/// bytes. *Units*: cells.
const MOST_COLS: u16 = 1000;
const MOST_ROWS: u16 = 1000;
const MOST_CELLS: u16 = 60_000;

/// A screen that output is shown on, in memory.
pub struct Picture {
    walk: Walk,
    pub(super) grid: Grid,
    /// The usual screen, while the alternate one is shown.
    pub(super) usual: Option<Box<(Grid, Place)>>,
    /// Whether it is the alternate screen from the first: there is no other.
    pub(super) is_alternate: bool,
    pub(super) now: Place,
    pub(super) saved: Place,
    /// The lines that scroll: the first, and the one behind the last.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) is_visible: bool,
    pub(super) wraps: bool,
    pub(super) inserts: bool,
    /// What `ESC [ b` repeats.
    pub(super) last: Option<char>,
}

/// Where the cursor stands. *Units*: cells from the top left corner, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The line.
    pub row: u16,
    /// The column.
    pub col: u16,
    /// Whether it is shown.
    pub is_visible: bool,
}

impl Picture {
    /// An empty screen of this size.
    pub fn new(size: Size) -> Picture {
        let (rows, cols) = bounded(size);
        Picture {
            walk: Walk::default(),
            grid: Grid::new(rows, cols),
            usual: None,
            is_alternate: false,
            now: Place::default(),
            saved: Place::default(),
            top: 0,
            bottom: rows,
            is_visible: true,
            wraps: true,
            inserts: false,
            last: None,
        }
    }

    /// The empty screen that a full-screen program has for itself: nothing takes it to another one.
    pub fn of_alternate(size: Size) -> Picture {
        Picture { is_alternate: true, ..Picture::new(size) }
    }

    /// Shows output.
    pub fn show(&mut self, bytes: &[u8], line_feed: LineFeed) {
        let mut walk = std::mem::take(&mut self.walk);
        let joined = walk.join(bytes);
        let mut rest = &joined[..];
        while let Some(token) = walk.next(&mut rest, Wanted::All) {
            self.take(token, line_feed);
        }
        walk.keep(rest);
        self.walk = walk;
    }

    /// Shows a piece of output.
    pub fn take(&mut self, token: Token<'_>, line_feed: LineFeed) {
        match token {
            Token::Text(text) => self.write(text),
            Token::LineFeed => {
                if line_feed == LineFeed::Returns {
                    self.now.col = 0;
                }
                self.line_feed();
            }
            Token::Return => self.now.col = 0,
            Token::Back => self.left(1),
            Token::Control { parameters, last } => self.control(parameters, last),
            Token::Escape(last) => self.escape(last),
            Token::Designation(b'(', which) => self.now.sets.0 = Charset::of(which),
            Token::Designation(b')', which) => self.now.sets.1 = Charset::of(which),
            Token::Shift(is_second) => self.now.is_second = is_second,
            Token::Designation(..) | Token::Command(_) | Token::Nothing => {}
        }
    }

    /// Changes the size.
    pub fn resize(&mut self, size: Size) {
        let (rows, cols) = bounded(size);
        if (rows, cols) == (self.grid.rows(), self.grid.cols()) {
            return;
        }
        let gone = self.grid.resize(rows, cols, self.now.row);
        self.now.fit(gone, rows, cols);
        self.saved.fit(gone, rows, cols);
        if let Some(usual) = &mut self.usual {
            let (grid, place) = &mut **usual;
            let gone = grid.resize(rows, cols, place.row);
            place.fit(gone, rows, cols);
        }
        (self.top, self.bottom) = (0, rows);
    }

    /// The lines as text, blank ones at the end left out.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.grid.texts().map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// The cells of its lines, from the top.
    pub fn svg_cells(&self) -> Vec<Vec<SvgCell>> {
        self.grid.svg_cells()
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Cursor {
        let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        Cursor { row: place(self.now.row), col: place(self.now.col), is_visible: self.is_visible }
    }

    /// What makes the same picture on a screen of this size, whatever stands there: every cell, the
    /// cursor, and how the program goes on to write.
    pub fn paint(&self) -> Vec<u8> {
        let mut out = b"\x1b[?25l\x1b(B\x1b)B\x0f\x1b[?6l\x1b[r\x1b[m\x1b[H\x1b[J".to_vec();
        let mut style = Style::new();
        for row in 0..self.grid.rows() {
            let begun = out.len();
            out.extend_from_slice(format!("\x1b[{};1H", row.saturating_add(1)).as_bytes());
            let placed = out.len();
            style = self.grid.paint(row, style, &mut out);
            if out.len() == placed {
                out.truncate(begun);
            }
        }
        self.paint_state(style, &mut out);
        out
    }

    /// What writes the picture's used lines below what stands on a screen already, and leaves the
    /// cursor where it belongs in them.
    pub fn paint_below(&self) -> Vec<u8> {
        let used = self.lines().len().max(self.now.row.saturating_add(1));
        let mut out = Vec::new();
        for row in 0..used.min(self.grid.rows()) {
            if row > 0 {
                out.extend_from_slice(b"\r\n");
            }
            let style = self.grid.paint(row, Style::new(), &mut out);
            change(style, Style::new(), &mut out);
        }
        let up = used.saturating_sub(self.now.row.saturating_add(1));
        if up > 0 {
            out.extend_from_slice(format!("\x1b[{up}A").as_bytes());
        }
        out.extend_from_slice(format!("\x1b[{}G", self.now.col.saturating_add(1)).as_bytes());
        change(Style::new(), self.now.style, &mut out);
        out.extend_from_slice(if self.is_visible { b"" } else { b"\x1b[?25l" });
        out
    }

    /// The cursor, and how the program goes on to write.
    fn paint_state(&self, style: Style, out: &mut Vec<u8>) {
        let (rows, cols) = (self.grid.rows(), self.grid.cols());
        let mut row = self.now.row;
        if (self.top, self.bottom) != (0, rows) {
            out.extend_from_slice(format!("\x1b[{};{}r", self.top.saturating_add(1), self.bottom).as_bytes());
        }
        if self.now.has_origin {
            out.extend_from_slice(b"\x1b[?6h");
            row = row.saturating_sub(self.top);
        }
        // Behind the last column is only who has written there: what stands there is written again.
        let is_behind = self.now.col >= cols;
        let width = if is_behind { self.grid.width_before(self.now.row, cols) } else { 0 };
        let col = self.now.col.min(cols).saturating_sub(width);
        out.extend_from_slice(format!("\x1b[{};{}H", row.saturating_add(1), col.saturating_add(1)).as_bytes());
        let style = self.grid.paint_cells(self.now.row, col..col.saturating_add(width), style, out);
        change(style, self.now.style, out);
        out.extend_from_slice(self.now.sets_text().as_bytes());
        out.extend_from_slice(if self.wraps { b"" } else { b"\x1b[?7l" });
        out.extend_from_slice(if self.is_visible { b"\x1b[?25h" } else { b"" });
    }

    pub(super) fn blank(&self) -> Cell {
        Cell::blank(self.now.style)
    }
}

/// Puts a CR before each LF, as a terminal's output processing does.
pub fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Whether output places the cursor by line and column, or clears the screen, rather than writing
/// on from where it is.
pub fn places_absolutely(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"\x1b[").any(|at| {
        let rest = bytes.get(at.saturating_add(2)..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
        match (rest.get(length), rest.get(..length)) {
            (Some(b'H' | b'f' | b'd' | b'r'), _) => true,
            (Some(b'J'), Some(which)) => matches!(which, b"2" | b"3"),
            _ => false,
        }
    })
}

/// Lines and columns.
fn bounded(size: Size) -> (usize, usize) {
    let cols = size.cols.clamp(1, MOST_COLS);
    let rows = size.rows.clamp(1, MOST_CELLS.checked_div(cols).unwrap_or(1).min(MOST_ROWS));
    (rows.into(), cols.into())
}

#[cfg(test)]
mod tests {
    use super::{Cursor, LineFeed, Picture, Walk, places_absolutely, with_returns};
    use crate::units::size::Size;
    use proptest::prelude::*;

    const SIZE: Size = Size { rows: 6, cols: 20 };

    #[test]
    fn a_log_reads_as_its_terminal_showed_it() {
        let mut picture = Picture::new(SIZE);
        picture.show(b"one\ntwo 10%\rtwo 90%\n$ ", LineFeed::Returns);
        assert_eq!(picture.lines(), ["one", "two 90%", "$"]);
        assert_eq!(picture.cursor(), Cursor { row: 2, col: 2, is_visible: true });
    }

    #[test]
    fn a_painted_picture_is_the_same_again() {
        let mut picture = Picture::new(SIZE);
        picture.show(b"\x1b[3;5H\x1b[31mred\x1b[m\x1b[1;1Htop\x1b[5;2H", LineFeed::Keeps);
        let mut again = Picture::new(SIZE);
        again.show(b"something else\x1b[4;4H", LineFeed::Keeps);
        again.show(&picture.paint(), LineFeed::Keeps);
        assert_eq!((again.lines(), again.cursor()), (picture.lines(), picture.cursor()));
    }

    #[test]
    fn lines_are_painted_below_what_is_there() {
        let mut picture = Picture::new(SIZE);
        picture.show(b"one\n\x1b[32m>>> \x1b[m", LineFeed::Returns);
        let mut screen = Picture::new(SIZE);
        screen.show(b"$ aos attach\r\n", LineFeed::Keeps);
        screen.show(&picture.paint_below(), LineFeed::Keeps);
        assert_eq!(screen.lines(), ["$ aos attach", "one", ">>>"]);
        assert_eq!(screen.cursor(), Cursor { row: 2, col: 4, is_visible: true });
    }

    #[test]
    fn placing_is_told_from_writing_on() {
        assert!(places_absolutely(b"a\x1b[2J") && places_absolutely(b"\x1b[H") && places_absolutely(b"\x1b[3;4H"));
        assert!(!places_absolutely(b"\x1b[31mred\x1b[m 10%\r\x1b[K\x1b[2A") && !places_absolutely(b"\x1b["));
    }

    #[test]
    fn a_reverse_line_feed_scrolls_at_the_top_margin_alone() {
        for (top, wanted) in [(1, ["A", "B", "C"]), (2, ["A", "", "B"])] {
            let mut picture = Picture::new(SIZE);
            picture.show(format!("A\r\nB\r\nC\x1b[2;3r\x1b[{top};1H\x1bM").as_bytes(), LineFeed::Keeps);
            assert_eq!(picture.lines(), wanted, "in line {top}");
        }
    }

    /// What is drawn by line and column, as any terminal takes it.
    fn drawn() -> impl Strategy<Value = String> {
        let what = prop_oneof![
            4 => "[ -~é漢│]{1,4}",
            2 => "\x1b\\[[0-2]?[JK]",
            3 => "\x1b\\[[1-5]?[@PXLMSTABCDGd]",
            1 => "\x1b\\[[1-6];([1-9]|1[0-9])H",
            // The other one scrolls for ESC M above its margins, too.
            1 => "\x1b[78]|\r\n|\x08|\t",
            1 => "\x1b\\[(1|31|38;5;9|48;2;1;2;3|7|0)?m",
        ];
        let margins = prop_oneof![6 => Just(String::new()), 1 => "\x1b\\[([1-3];[4-6])?r"];
        // Text begins far enough from the edge: what comes behind the last column is not the same
        // everywhere.
        (margins, 1u16..=6, 1u16..=11, what)
            .prop_map(|(margins, row, col, what)| format!("{margins}\x1b[{row};{col}H{what}"))
    }

    /// The lines and the cursor of another emulator.
    fn as_vt100(output: &[u8]) -> (Vec<String>, (u16, u16)) {
        let side = |length| std::num::NonZero::new(length).expect("not 0");
        let mut parser = vt100::Parser::new(side(SIZE.rows), side(SIZE.cols), 0);
        parser.process(output);
        let mut lines: Vec<String> =
            parser.screen().rows(0, SIZE.cols).map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        (lines, parser.screen().cursor_position())
    }

    proptest! {
        #[test]
        fn it_shows_what_another_emulator_shows(pieces in proptest::collection::vec(drawn(), 0..12)) {
            let output = pieces.concat() + "\x1b[2;2Hx";
            let mut picture = Picture::new(SIZE);
            picture.show(output.as_bytes(), LineFeed::Keeps);
            let Cursor { row, col, .. } = picture.cursor();
            prop_assert_eq!((picture.lines(), (row, col)), as_vt100(output.as_bytes()), "{:?}", output);
        }

        #[test]
        fn a_picture_is_painted_as_another_emulator_shows_it(pieces in proptest::collection::vec(drawn(), 0..12)) {
            let mut picture = Picture::new(SIZE);
            picture.show(pieces.concat().as_bytes(), LineFeed::Keeps);
            let Cursor { row, col, .. } = picture.cursor();
            prop_assert_eq!(as_vt100(&picture.paint()), (picture.lines(), (row, col)));
        }

        #[test]
        fn a_painted_picture_goes_on_as_the_first(
            before in crate::fuzz::any_output(), behind in crate::fuzz::any_output(), size in crate::fuzz::any_size(),
        ) {
            let mut picture = Picture::of_alternate(size);
            picture.show(&before, LineFeed::Keeps);
            // What is not complete is no part of a picture.
            picture.walk = Walk::default();
            let mut again = Picture::of_alternate(size);
            again.show(&picture.paint(), LineFeed::Keeps);
            again.inserts = picture.inserts;
            prop_assert_eq!(&again.grid, &picture.grid);
            prop_assert_eq!((again.now, again.cursor()), (picture.now, picture.cursor()));
            (again.saved, again.last) = (picture.saved, picture.last);
            again.show(&behind, LineFeed::Keeps);
            picture.show(&behind, LineFeed::Keeps);
            prop_assert_eq!(&again.grid, &picture.grid);
        }

        #[test]
        fn how_output_is_cut_makes_no_difference(output in crate::fuzz::any_output(), step in 1usize..9) {
            let (mut whole, mut pieces) = (Picture::new(SIZE), Picture::new(SIZE));
            whole.show(&output, LineFeed::Keeps);
            output.chunks(step).for_each(|piece| pieces.show(piece, LineFeed::Keeps));
            prop_assert_eq!((&pieces.grid, pieces.now), (&whole.grid, whole.now));
        }
    }

    #[test]
    fn lines_and_corners_are_drawn() {
        let mut picture = Picture::new(SIZE);
        picture.show(b"\x1b(0lqk\x1b(B q \x1b)0\x0emqj\x0f", LineFeed::Keeps);
        assert_eq!(picture.lines(), ["\u{250c}\u{2500}\u{2510} q \u{2514}\u{2500}\u{2518}"]);
    }

    #[test]
    fn a_variation_selector_in_the_last_column_takes_no_cell_however_it_comes() {
        let output = "\x1b[2;20H\u{2714}\u{fe0f}\x1b[1;20H\u{2502}".as_bytes();
        for cut in 0..=output.len() {
            let mut picture = Picture::new(SIZE);
            picture.show(&output[..cut], LineFeed::Keeps);
            picture.show(&output[cut..], LineFeed::Keeps);
            let at_end = |text: &str| format!("{}{text}", " ".repeat(19));
            assert_eq!(picture.lines(), [at_end("\u{2502}"), at_end("\u{2714}\u{fe0f}")], "{cut}");
        }
        // What only begins like one stays what it is.
        let mut picture = Picture::new(SIZE);
        picture.show("\u{fe20}\u{fe52}\u{ff21}".as_bytes(), LineFeed::Keeps);
        assert!(picture.lines()[0].ends_with("\u{fe52}\u{ff21}"), "{:?}", picture.lines());
    }

    #[test]
    fn each_line_feed_gets_its_return() {
        assert_eq!(with_returns(b"a\nb\r\n\n"), b"a\r\nb\r\r\n\r\n");
    }
}
