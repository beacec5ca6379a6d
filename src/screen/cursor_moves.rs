//! How sequences move the cursor of a canvas, and what they erase there.

use super::canvas::{Canvas, Column, OPEN, SavedCursor};
use super::colour;
use super::row::ScreenRow;
use super::sequence::{is_alternate, parameter};

/// No screen has so many columns or lines: who asks for one wants the edge.
const FAR: usize = 500;
/// Where the right edge is taken to be. *Units*: cells.
const EDGE: usize = 79;

impl Canvas {
    /// `ESC [ PARAMETERS LAST`.
    pub(super) fn control(&mut self, parameters: &[u8], last: u8) {
        let count = parameter(parameters, 0, 1);
        match last {
            b'h' if is_alternate(parameters) => self.full_screen = Some(0),
            _ if parameters.first().is_some_and(|first| matches!(first, b'<'..=b'?')) => {}
            b'm' => self.colour(parameters),
            b'A' | b'F' => self.up(count, last == b'F'),
            b'B' | b'e' | b'E' => self.down(count, last == b'E'),
            b'C' | b'a' => self.go_right(count),
            b'D' => self.go_left(count),
            b'G' | b'`' => self.go_to_column(count),
            b'H' | b'f' => self.place(count, parameter(parameters, 1, 1)),
            b'd' => self.place_in_line(count),
            b'J' => self.erase_lines(parameter(parameters, 0, 0)),
            b'K' => self.erase_line(parameter(parameters, 0, 0)),
            b'X' => self.change_line(|row, column| row.erase(column..column.saturating_add(count))),
            b'P' => self.change_line(|row, column| row.take_out(column, count)),
            b'@' => self.change_line(|row, column| row.put_in(column, count.min(FAR))),
            b's' if parameters.is_empty() => self.save(),
            b'u' if parameters.is_empty() => self.restore(),
            _ => {}
        }
    }

    /// `ESC LAST`.
    pub(super) fn escape(&mut self, last: u8) {
        match last {
            b'7' => self.save(),
            b'8' => self.restore(),
            b'c' => {
                self.turn_page();
                self.style = anstyle::Style::new();
            }
            b'D' => self.down(1, false),
            b'E' => self.line_feed(),
            b'M' => self.up(1, false),
            _ => {}
        }
    }

    /// BS.
    pub(super) fn back(&mut self) {
        self.go_left(1);
    }

    fn colour(&mut self, parameters: &[u8]) {
        if !colour::is_colour(parameters) {
            return;
        }
        self.style = colour::after(self.style, parameters);
        let style = self.style;
        if self.column == Column::End {
            self.line().row.colour_on(parameters, style);
        } else if self.column == Column::At(0) && self.line().row.is_blank() && self.line().row.is_written() {
            self.line().row.colour_on(parameters, style);
            self.column = Column::End;
        }
    }

    fn up(&mut self, count: usize, returns: bool) {
        if count >= FAR {
            return self.place(1, 1);
        }
        self.leave(returns);
        self.at = self.at.saturating_sub(count);
    }

    fn down(&mut self, count: usize, returns: bool) {
        self.leave(returns);
        self.at = self.at.saturating_add(count).min(self.open.len().max(OPEN) - 1);
    }

    /// The cursor leaves its line, and keeps its column or not.
    fn leave(&mut self, returns: bool) {
        let column = if returns { 0 } else { self.column() };
        self.column = Column::At(column);
    }

    fn go_right(&mut self, count: usize) {
        let column = self.column();
        self.column = Column::At(if count >= FAR { EDGE.max(column) } else { (column + count).min(2 * FAR) });
    }

    fn go_left(&mut self, count: usize) {
        self.column = Column::At(self.column().saturating_sub(count));
    }

    fn go_to_column(&mut self, column: usize) {
        self.column();
        self.column = Column::At(if column >= FAR { EDGE } else { column - 1 });
    }

    /// By line and column: of the page, if a program draws one. Between saving the cursor's place
    /// and going back there it is elsewhere; else it is a page that begins.
    fn place(&mut self, line: usize, column: usize) {
        match self.page() {
            Some(top) => self.at = (top + line - 1).min(self.open.len().max(OPEN) - 1),
            None if self.comes_back => {
                self.away = Some(Vec::new());
                return;
            }
            None => self.turn_page(),
        }
        self.column = Column::At(if column >= FAR { EDGE } else { column - 1 });
    }

    fn place_in_line(&mut self, line: usize) {
        let column = self.column();
        self.place(line, column + 1);
    }

    fn save(&mut self) {
        let column = self.column();
        let line = self.line().id;
        self.saved = Some(SavedCursor { line, column, style: self.style });
        self.comes_back = true;
    }

    fn restore(&mut self) {
        self.comes_back = false;
        let Some(SavedCursor { line, column, style }) = self.saved else { return };
        let first = self.open.front().map_or(0, |first| first.id);
        self.at = usize::try_from(line.saturating_sub(first)).unwrap_or(0).min(OPEN - 1);
        (self.column, self.style) = (Column::At(column), style);
    }

    /// All of a page that is erased was there: it stays, and another one begins.
    fn erase_lines(&mut self, which: usize) {
        let top = self.page();
        let is_home = top == Some(self.at) && self.column == Column::At(0);
        match (which, top) {
            (2, Some(top)) => self.leave_page(top),
            (0, Some(top)) if is_home => self.leave_page(top),
            (0, _) => {
                self.erase_line(0);
                let below = self.at + 1..self.open.len();
                self.erase_open(below);
            }
            (1, _) => {
                self.erase_line(1);
                self.erase_open(top.unwrap_or(self.at)..self.at);
            }
            _ => {}
        }
    }

    /// Which of the open lines is the top of the page that a program draws, if one does.
    fn page(&self) -> Option<usize> {
        self.top.and_then(|top| self.open.iter().position(|line| line.id == top))
    }

    fn leave_page(&mut self, top: usize) {
        if self.open.iter().skip(top).all(|line| line.row.is_blank()) {
            return;
        }
        let (below, column) = (self.at.saturating_sub(top), self.column());
        self.turn_page();
        (self.at, self.column) = (below, Column::At(column));
    }

    fn erase_open(&mut self, lines: std::ops::Range<usize>) {
        let at = self.at;
        for line in lines {
            self.at = line;
            if !self.line().row.is_blank() {
                self.line().row = ScreenRow::new(self.style);
                self.draw();
            }
        }
        self.at = at;
    }

    fn erase_line(&mut self, which: usize) {
        let style = self.style;
        let is_all = which == 2 || which == 0 && self.column == Column::At(0);
        if is_all {
            self.column();
            self.line().row = ScreenRow::new(style);
            self.draw();
        } else if which == 0 && self.column != Column::End {
            self.change_line(|row, column| row.erase(column..usize::MAX));
        } else if which == 1 {
            self.change_line(|row, column| row.erase(0..column + 1));
        }
    }

    fn change_line(&mut self, change: impl FnOnce(&mut ScreenRow, usize)) {
        let column = self.column();
        change(&mut self.line().row, column);
        self.draw();
    }
}
