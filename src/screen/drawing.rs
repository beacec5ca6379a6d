//! What text and sequences do to a picture.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice, clippy::expect_used, clippy::panic))]

use unicode_width::UnicodeWidthChar;

use super::colour;
use super::cursor::Place;
use super::grid::{Cell, Grid, What};
use super::picture::Picture;
use super::sequence::parameter;

/// Cells from one tab stop to the next.
const TAB: usize = 8;

impl Picture {
    /// Writes text where the cursor is.
    pub(super) fn write(&mut self, text: &[u8]) {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    ' '..='~' => self.put(self.now.set().shown(c), 1),
                    '\t' => self.tab(1),
                    '\x0b' | '\x0c' => self.line_feed(),
                    _ => match c.width() {
                        Some(0) => self.mark(c),
                        Some(width) => self.put(c, width),
                        // Other control characters.
                        None => {}
                    },
                }
            }
            if !chunk.invalid().is_empty() {
                self.put(char::REPLACEMENT_CHARACTER, 1);
            }
        }
    }

    fn put(&mut self, c: char, width: usize) {
        let cols = self.grid.cols();
        if width > cols {
            return;
        }
        if self.now.col.saturating_add(width) > cols {
            if self.wraps {
                self.now.col = 0;
                self.line_feed();
            } else {
                self.now.col = cols.saturating_sub(width);
            }
        }
        let Place { row, col, style, .. } = self.now;
        if self.inserts {
            self.grid.insert(row, col, width, self.blank());
        }
        self.grid.put(row, col, Cell { what: What::Character(c), style, marks: [None; 2] }, width);
        self.now.col = col.saturating_add(width);
        self.last = Some(c);
    }

    /// What takes no cell goes to what stands before the cursor.
    fn mark(&mut self, c: char) {
        if let Some(before) = self.now.col.checked_sub(1) {
            self.grid.mark(self.now.row, before, c);
        }
    }

    /// The cursor goes down, or what scrolls moves up.
    pub(super) fn line_feed(&mut self) {
        let below = self.now.row.saturating_add(1);
        if below == self.bottom {
            self.grid.scroll_up(self.top..self.bottom, 1, self.blank());
        } else if below < self.grid.rows() {
            self.now.row = below;
        }
    }

    fn reverse_line_feed(&mut self) {
        if self.now.row == self.top {
            self.grid.scroll_down(self.top..self.bottom, 1, self.blank());
        } else {
            self.now.row = self.now.row.saturating_sub(1);
        }
    }

    fn tab(&mut self, count: usize) {
        let stops = self.col().checked_div(TAB).unwrap_or(0).saturating_add(count);
        self.now.col = stops.saturating_mul(TAB).min(self.grid.cols().saturating_sub(1));
    }

    fn tab_back(&mut self, count: usize) {
        let stops = self.col().div_ceil(TAB).saturating_sub(count);
        self.now.col = stops.saturating_mul(TAB);
    }

    /// `ESC LAST`.
    pub(super) fn escape(&mut self, last: u8) {
        match last {
            b'7' => self.saved = self.now,
            b'8' => self.restore(),
            b'D' => self.line_feed(),
            b'E' => {
                self.now.col = 0;
                self.line_feed();
            }
            b'M' => self.reverse_line_feed(),
            b'c' => self.reset(),
            _ => {}
        }
    }

    /// `ESC [ PARAMETERS LAST`.
    pub(super) fn control(&mut self, parameters: &[u8], last: u8) {
        match parameters {
            [b'?', modes @ ..] if matches!(last, b'h' | b'l') => return self.private_modes(modes, last == b'h'),
            [b'!'] if last == b'p' => return self.soft_reset(),
            [b'<'..=b'?', ..] => return,
            _ if parameters.iter().any(|byte| matches!(byte, 0x20..=0x2f)) => return,
            _ => {}
        }
        let count = parameter(parameters, 0, 1);
        match last {
            b'm' if colour::is_colour(parameters) => self.now.style = colour::after(self.now.style, parameters),
            b'A' => self.up(count),
            b'B' | b'e' => self.down(count),
            b'C' | b'a' => self.right(count),
            b'D' => self.left(count),
            b'E' | b'F' => {
                self.now.col = 0;
                if last == b'E' { self.down(count) } else { self.up(count) }
            }
            b'G' | b'`' => self.go_to_column(count),
            b'H' | b'f' => {
                self.go_to_line(count);
                self.go_to_column(parameter(parameters, 1, 1));
            }
            b'd' => self.go_to_line(count),
            b'I' => self.tab(count),
            b'Z' => self.tab_back(count),
            b'J' => self.erase_screen(parameter(parameters, 0, 0)),
            b'K' => self.erase_line(parameter(parameters, 0, 0)),
            b'X' => self.erase(count),
            b'@' => self.grid.insert(self.now.row, self.col(), count, self.blank()),
            b'P' => self.grid.delete(self.now.row, self.col(), count, self.blank()),
            b'L' | b'M' => self.move_lines(count, last == b'L'),
            b'S' => self.grid.scroll_up(self.top..self.bottom, count, self.blank()),
            b'T' if !parameters.contains(&b';') => self.grid.scroll_down(self.top..self.bottom, count, self.blank()),
            b'b' => self.repeat(count),
            b'r' => self.set_margins(count, parameter(parameters, 1, self.grid.rows())),
            b's' if parameters.is_empty() => self.saved = self.now,
            b'u' if parameters.is_empty() => self.restore(),
            b'h' | b'l' if parameters.split(|byte| *byte == b';').any(|mode| mode == b"4") => {
                self.inserts = last == b'h';
            }
            _ => {}
        }
    }

    fn private_modes(&mut self, modes: &[u8], is_on: bool) {
        for mode in modes.split(|byte| *byte == b';') {
            match mode {
                b"6" => {
                    self.now.has_origin = is_on;
                    self.go_to_line(1);
                    self.go_to_column(1);
                }
                b"7" => self.wraps = is_on,
                b"25" => self.is_visible = is_on,
                b"1048" if is_on => self.saved = self.now,
                b"1048" => self.restore(),
                b"47" | b"1047" | b"1049" if is_on => self.enter_alternate(),
                b"47" | b"1047" | b"1049" => self.leave_alternate(mode == b"1049"),
                _ => {}
            }
        }
    }

    fn enter_alternate(&mut self) {
        if self.usual.is_none() && !self.is_alternate {
            let blank = Grid::new(self.grid.rows(), self.grid.cols());
            let usual = std::mem::replace(&mut self.grid, blank);
            self.usual = Some(Box::new((usual, self.now)));
        }
    }

    fn leave_alternate(&mut self, restores: bool) {
        if let Some(usual) = self.usual.take() {
            let (grid, place) = *usual;
            self.grid = grid;
            if restores {
                self.now = place;
            }
        }
    }

    fn reset(&mut self) {
        let (rows, cols) = (self.grid.rows(), self.grid.cols());
        (self.grid, self.usual) = (Grid::new(rows, cols), None);
        self.soft_reset();
        (self.now, self.is_visible, self.last) = (Place::default(), true, None);
    }

    fn soft_reset(&mut self) {
        self.saved = Place::default();
        (self.top, self.bottom) = (0, self.grid.rows());
        (self.wraps, self.inserts, self.is_visible) = (true, false, true);
        self.now = Place { row: self.now.row, col: self.now.col, ..Place::default() };
    }

    fn restore(&mut self) {
        self.now = self.saved;
        // Whoever saved it may have had other margins.
        if self.now.has_origin {
            self.now.row = self.now.row.clamp(self.top, self.bottom.saturating_sub(1).max(self.top));
        }
    }

    /// The cursor's column: the last one, where that was just written to.
    fn col(&self) -> usize {
        self.now.col.min(self.grid.cols().saturating_sub(1))
    }

    fn up(&mut self, count: usize) {
        let highest = if self.now.row >= self.top { self.top } else { 0 };
        (self.now.row, self.now.col) = (self.now.row.saturating_sub(count).max(highest), self.col());
    }

    fn down(&mut self, count: usize) {
        let end = if self.now.row < self.bottom { self.bottom } else { self.grid.rows() };
        (self.now.row, self.now.col) = (self.now.row.saturating_add(count).min(end.saturating_sub(1)), self.col());
    }

    pub(super) fn left(&mut self, count: usize) {
        self.now.col = self.col().saturating_sub(count);
    }

    fn right(&mut self, count: usize) {
        self.go_to_column(self.col().saturating_add(count).saturating_add(1));
    }

    /// From 1.
    fn go_to_column(&mut self, column: usize) {
        self.now.col = column.saturating_sub(1).min(self.grid.cols().saturating_sub(1));
    }

    /// From 1, of the screen or of what scrolls.
    fn go_to_line(&mut self, line: usize) {
        let (first, end) = if self.now.has_origin { (self.top, self.bottom) } else { (0, self.grid.rows()) };
        self.now.row = first.saturating_add(line.saturating_sub(1)).min(end.saturating_sub(1));
        self.now.col = self.col();
    }

    fn erase_screen(&mut self, which: usize) {
        let (row, blank) = (self.now.row, self.blank());
        match which {
            0 => {
                self.erase_line(0);
                self.grid.erase_rows(row.saturating_add(1)..self.grid.rows(), blank);
            }
            1 => {
                self.erase_line(1);
                self.grid.erase_rows(0..row, blank);
            }
            2 => self.grid.erase_rows(0..self.grid.rows(), blank),
            _ => {}
        }
    }

    fn erase_line(&mut self, which: usize) {
        let (col, cols) = (self.col(), self.grid.cols());
        let erased = match which {
            0 => col..cols,
            1 => 0..col.saturating_add(1),
            2 => 0..cols,
            _ => return,
        };
        self.grid.erase(self.now.row, erased, self.blank());
    }

    fn erase(&mut self, count: usize) {
        let col = self.col();
        self.grid.erase(self.now.row, col..col.saturating_add(count), self.blank());
    }

    /// Puts blank lines in where the cursor is, or takes lines out there.
    fn move_lines(&mut self, count: usize, puts_in: bool) {
        let row = self.now.row;
        if row < self.top || row >= self.bottom {
            return;
        }
        let (rows, blank) = (row..self.bottom, self.blank());
        if puts_in {
            self.grid.scroll_down(rows, count, blank)
        } else {
            self.grid.scroll_up(rows, count, blank)
        }
        self.now.col = 0;
    }

    fn set_margins(&mut self, first: usize, last: usize) {
        let last = last.min(self.grid.rows());
        if first < last {
            (self.top, self.bottom) = (first.saturating_sub(1), last);
            self.go_to_line(1);
            self.go_to_column(1);
        }
    }

    fn repeat(&mut self, count: usize) {
        let Some(c) = self.last else { return };
        let cells = self.grid.rows().saturating_mul(self.grid.cols());
        let width = c.width().unwrap_or(1);
        (0..count.min(cells)).for_each(|_| self.put(c, width));
    }
}
