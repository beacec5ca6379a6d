//! The picture that output makes on a screen. The only place that names vt100, the terminal parser.

use std::num::NonZero;

use vt100::Parser;

use crate::units::size::Size;

/// A screen is followed up to this size; what is drawn beyond is drawn at its edge. A cell takes some 30 bytes.
/// *Units*: cells.
const MOST_COLS: u16 = 1000;
const MOST_CELLS: u16 = 60_000;

/// A screen that output is shown on, in memory.
pub struct Picture {
    parser: Parser,
    /// The first bytes of a variation selector, whose last is still to come.
    begun: &'static [u8],
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

/// Whether a line feed also returns to the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineFeed {
    /// As a terminal does for most programs (ONLCR), and as a log has it.
    Returns,
    /// As programs have it that move the cursor themselves.
    Keeps,
}

impl Picture {
    /// An empty screen of this size.
    pub fn new(size: Size) -> Picture {
        let (rows, cols) = bounded(size);
        Picture { parser: Parser::new(rows, cols, 0), begun: b"" }
    }

    /// Shows output.
    pub fn show(&mut self, bytes: &[u8], line_feed: LineFeed) {
        match line_feed {
            LineFeed::Keeps => self.process(bytes),
            LineFeed::Returns => self.process(&with_returns(bytes)),
        }
    }

    /// Without variation selectors (U+FE00 to U+FE0F): they take no cell, and vt100 0.18 panics at one that widens a
    /// character in the last column.
    fn process(&mut self, bytes: &[u8]) {
        const HEAD: &[u8] = &[0xef, 0xb8];
        let mut rest = bytes;
        loop {
            let known = self.begun.len();
            if known > 0 && !rest.is_empty() {
                // What was held back belongs to what comes now.
                match (known, rest[0]) {
                    (1, 0xb8) => (self.begun, rest) = (HEAD, &rest[1..]),
                    (2, 0x80..=0x8f) => (self.begun, rest) = (b"", &rest[1..]),
                    _ => self.parser.process(std::mem::take(&mut self.begun)),
                }
                continue;
            }
            let Some(at) = memchr::memchr(HEAD[0], rest) else { return self.parser.process(rest) };
            self.parser.process(&rest[..at]);
            (self.begun, rest) = (&HEAD[..1], &rest[at + 1..]);
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Changes the size.
    pub fn resize(&mut self, size: Size) {
        let (rows, cols) = bounded(size);
        self.parser.screen_mut().set_size(rows, cols);
    }

    /// The lines as text, blank ones at the end left out.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.rows().map(|line| line.trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Cursor {
        let (row, col) = self.parser.screen().cursor_position();
        Cursor { row, col, is_visible: !self.parser.screen().hide_cursor() }
    }

    /// What makes the same picture on a screen of this size, whatever stands there: every cell, and the cursor.
    pub fn paint(&self) -> Vec<u8> {
        self.parser.screen().contents_formatted().into_bytes()
    }

    /// What writes the picture's used lines below what stands on a screen already, and leaves the cursor where it
    /// belongs in them.
    pub fn paint_below(&self) -> Vec<u8> {
        let screen = self.parser.screen();
        let cursor = self.cursor();
        let used = self.lines().len().max(usize::from(cursor.row) + 1);
        let rows: Vec<String> = screen.rows_formatted(0, screen.size().1.into()).take(used).collect();
        let mut bytes = rows.join("\x1b[m\r\n").into_bytes();
        let up = used - 1 - usize::from(cursor.row);
        if up > 0 {
            bytes.extend_from_slice(format!("\x1b[{up}A").as_bytes());
        }
        bytes.extend_from_slice(format!("\x1b[{}G", cursor.col + 1).as_bytes());
        bytes.extend_from_slice(screen.attributes_formatted().as_bytes());
        bytes.extend_from_slice(if cursor.is_visible { b"" } else { b"\x1b[?25l" });
        bytes
    }

    fn rows(&self) -> impl Iterator<Item = String> + '_ {
        let screen = self.parser.screen();
        screen.rows(0, screen.size().1.into())
    }
}

/// Puts a CR before each LF, as a terminal's output processing does.
pub fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\r\n");
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out
}

/// Whether output places the cursor by line and column, or clears the screen, rather than writing on from where it is.
pub fn places_absolutely(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"\x1b[").any(|at| {
        let rest = &bytes[at + 2..];
        let length = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
        matches!((rest.get(length), &rest[..length]), (Some(b'H' | b'f' | b'd' | b'r'), _) | (Some(b'J'), b"2" | b"3"))
    })
}

/// Lines and columns.
fn bounded(size: Size) -> (NonZero<u16>, NonZero<u16>) {
    let cols = size.cols.clamp(1, MOST_COLS);
    let rows = size.rows.clamp(1, MOST_CELLS / cols);
    (NonZero::new(rows).unwrap_or(NonZero::<u16>::MIN), NonZero::new(cols).unwrap_or(NonZero::<u16>::MIN))
}

#[cfg(test)]
mod tests {
    use super::{Cursor, LineFeed, Picture, places_absolutely, with_returns};
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

    /// Pieces of what programs print, the odd ones among them.
    fn any_output() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "[ -~]{0,12}".prop_map(String::into_bytes),
            "[✔️︎❤日本한e\u{301}\u{200d}\u{200b}👩🏽‍🚀🇩🇪\u{1f1e6}\u{feff}\u{ad}\u{115f}]{1,4}".prop_map(String::into_bytes),
            "\x1b\\[[?>]?[0-9;:]{0,8}[@-~]".prop_map(String::into_bytes),
            "\x1b\\[[0-9]{1,2};[0-9]{1,2}[HfrR]".prop_map(String::into_bytes),
            "\x1b[ -/]?[0-~]".prop_map(String::into_bytes),
            Just(b"\x1b[?1049h".to_vec()),
            Just(b"\x1b]0;title\x07".to_vec()),
            "[\n\r\t\x08\x0b\x0c]{1,3}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..6),
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    fn any_size() -> impl Strategy<Value = Size> {
        let side = || prop_oneof![1u16..6, 1u16..40, Just(0), Just(u16::MAX)];
        (side(), side()).prop_map(|(rows, cols)| Size { rows, cols })
    }

    proptest! {
        #[test]
        fn no_output_on_no_screen_ends_it(
            size in any_size(),
            steps in proptest::collection::vec((any_output(), proptest::option::of(any_size()), any::<u8>()), 1..6),
        ) {
            let mut picture = Picture::new(size);
            for (output, resized, cut) in steps {
                // As output comes: in parts that know nothing of characters.
                let cut = usize::from(cut) % (output.len() + 1);
                picture.show(&output[..cut], LineFeed::Keeps);
                picture.show(&output[cut..], LineFeed::Returns);
                if let Some(size) = resized {
                    picture.resize(size);
                }
                let painted = [picture.paint(), picture.paint_below()];
                prop_assert!(painted.iter().all(|paint| paint.len() < 16 << 20));
                prop_assert!(picture.lines().len() <= usize::from(super::MOST_CELLS));
            }
        }
    }

    #[test]
    fn a_variation_selector_in_the_last_column_is_passed_over_however_it_comes() {
        let output = "\x1b[2;20H\u{2714}\u{fe0f}\x1b[1;20H\u{2502}".as_bytes();
        for cut in 0..=output.len() {
            let mut picture = Picture::new(SIZE);
            picture.show(&output[..cut], LineFeed::Keeps);
            picture.show(&output[cut..], LineFeed::Keeps);
            let at_end = |text: &str| format!("{}{text}", " ".repeat(19));
            assert_eq!(picture.lines(), [at_end("\u{2502}"), at_end("\u{2714}")], "{cut}");
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
