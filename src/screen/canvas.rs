//! What is left of output once what was drawn over is gone, line by line, over a stream that may be
//! endless.
//!
//! The last lines are *open*: a program can still go back to them, and draw over them. A line that
//! leaves this window is *settled*. How a stream is cut into chunks makes no difference, and what
//! is kept of it is bounded. Lines are not wrapped: how wide the terminal was is not known to a
//! log.

use std::collections::VecDeque;

use anstyle::Style;
use memchr::memrchr;

use super::row::{self, ScreenRow};
use super::sequence::{self, Token};
use crate::units::size;

/// So many lines can be drawn over, at most.
pub const OPEN: usize = 64;
/// So much can stand in those that have ended, at most: a large screen full. *Units*: bytes.
pub const OPEN_BYTES: usize = 16 * 1024;
/// A longer line is taken for several. *Units*: bytes.
pub const LONGEST: usize = 1 << 20;
/// So much that is put elsewhere on the screen is waited for to be over. *Units*: bytes.
const LONGEST_AWAY: usize = 4096;

/// A line.
#[derive(Clone, Debug)]
pub struct CanvasLine {
    /// Which, of all that were ever begun.
    pub id: u64,
    /// In which line of the log it got what it shows, the first being 1.
    pub number: u64,
    /// Where in the log that line begins. *Units*: bytes.
    pub position: u64,
    /// Where in the log it got what it shows, if not by writing on. *Units*: bytes.
    pub drawn: Option<u64>,
    /// What it shows.
    pub row: ScreenRow,
    /// Whether it is a whole one.
    pub has_ended: bool,
    /// Whether somebody was told of it, as it was then.
    pub is_told: bool,
    /// Whether it has become another one since.
    pub has_changed: bool,
    /// In which step it last changed.
    pub step: u64,
}

/// Where the cursor is in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Behind what was written.
    End,
    /// *Units*: cells, from 0.
    At(usize),
}

/// Where the cursor was once.
#[derive(Clone, Copy, Debug)]
pub(super) struct SavedCursor {
    pub line: u64,
    pub column: usize,
    pub style: Style,
}

/// What output leaves.
#[derive(Clone, Debug)]
pub struct Canvas {
    pub(super) open: VecDeque<CanvasLine>,
    pub(super) settled: VecDeque<CanvasLine>,
    /// Which of the open lines the cursor is in; it may be below them.
    pub(super) at: usize,
    pub(super) column: Column,
    pub(super) style: Style,
    pub(super) saved: Option<SavedCursor>,
    /// Whether the cursor is expected back at that place.
    pub(super) comes_back: bool,
    /// The line that is the top of what a program draws by line and column.
    pub(super) top: Option<u64>,
    /// What is put elsewhere on the screen, until the cursor comes back.
    pub(super) away: Option<Vec<u8>>,
    /// How much a full-screen program has drawn that has the screen. *Units*: bytes.
    pub(super) full_screen: Option<u64>,
    /// What is not complete yet.
    pending: Vec<u8>,
    pub(super) next_id: u64,
    /// The line of the log that is being read, where it begins, and how much of the log was read.
    pub(super) number: u64,
    pub(super) position: u64,
    pub(super) read: u64,
    pub(super) step: u64,
}

impl Canvas {
    /// Stands at a place in a log, where this line begins.
    pub fn new(position: u64, number: u64) -> Canvas {
        let mut canvas = Canvas {
            open: VecDeque::new(),
            settled: VecDeque::new(),
            at: 0,
            column: Column::At(0),
            style: Style::new(),
            saved: None,
            comes_back: false,
            top: None,
            away: None,
            full_screen: None,
            pending: Vec::new(),
            next_id: 0,
            number,
            position,
            read: position,
            step: 0,
        };
        canvas.begin_line();
        canvas
    }

    /// Takes in output.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.step += 1;
        let mut held = std::mem::take(&mut self.pending);
        let bytes = if held.is_empty() {
            bytes
        } else {
            held.extend_from_slice(bytes);
            &held
        };
        let mut rest = bytes;
        while let Some((token, length)) = sequence::first(rest) {
            self.take(token, length);
            rest = &rest[length..];
        }
        self.pending.extend_from_slice(rest);
    }

    /// A terminal that is new: what was drawn stays, and nobody goes back to it. What comes stands
    /// at this place in the log.
    pub fn begin_anew(&mut self, position: u64) {
        self.end_output();
        self.settle_all(true);
        (self.read, self.position) = (position, position);
        (self.saved, self.comes_back, self.style) = (None, false, Style::new());
        self.begin_line();
    }

    /// Something is missing: what comes stands at this place in the log, and begins a line.
    pub fn tear(&mut self, position: u64) {
        self.number += u64::from(self.read > self.position);
        self.begin_anew(position);
    }

    /// Ends the output: what is open is settled.
    pub fn finish(&mut self) {
        self.end_output();
        let is_last = self.used() == self.open.len();
        let is_within = self.at + 1 == self.used() && self.column != Column::At(0);
        self.settle_all(!is_last && !is_within);
    }

    /// Whether what is open is as it was written, so that it could as well be read again.
    pub fn is_calm(&self) -> bool {
        let is_at_end = self.at + 1 == self.open.len();
        let knows_nothing = self.saved.is_none() && self.top.is_none() && self.away.is_none();
        is_at_end
            && knows_nothing
            && self.full_screen.is_none()
            && self.pending.is_empty()
            && self.open.iter().all(|line| line.row.is_repeatable())
            && match self.column {
                Column::End => true,
                // What is written next is put at that column, though nothing stands before it.
                Column::At(column) => column == 0 && self.open.back().is_some_and(|last| last.row.length() == 0),
            }
    }

    fn take(&mut self, token: Token<'_>, length: usize) {
        self.read += length as u64;
        if self.full_screen.is_some() {
            self.take_full_screen(token, length as u64);
        } else if self.away.is_some() {
            self.take_away(token);
        } else {
            self.take_here(token);
        }
        if token == Token::LineFeed {
            (self.number, self.position) = (self.number + 1, self.read);
            if let Some(line) = self.open.get_mut(self.at).filter(|line| line.row.length() == 0) {
                (line.number, line.position) = (self.number, self.position);
            }
        }
    }

    fn take_here(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.write(text),
            Token::LineFeed => self.line_feed(),
            Token::Return => self.column = Column::At(0),
            Token::Back => self.back(),
            Token::Control { parameters, last } => self.control(parameters, last),
            Token::Escape(last) => self.escape(last),
            Token::Designation(..) | Token::Command(_) | Token::Shift(_) | Token::Nothing => {}
        }
    }

    /// Only its end matters.
    fn take_full_screen(&mut self, token: Token<'_>, length: u64) {
        let is_over = match token {
            Token::Control { parameters, last: b'l' } => sequence::is_alternate(parameters),
            Token::Escape(b'c') => true,
            _ => false,
        };
        if is_over {
            self.tell_full_screen();
        } else if let Some(drawn) = &mut self.full_screen {
            *drawn += length;
        }
    }

    /// What is put elsewhere is no part of the log, if the cursor does come back.
    fn take_away(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => {
                let away = self.away.get_or_insert_default();
                away.extend_from_slice(text);
                if away.len() > LONGEST_AWAY {
                    self.stay_away();
                }
            }
            Token::LineFeed => {
                self.stay_away();
                self.line_feed();
            }
            Token::Escape(b'8') | Token::Control { last: b'u', .. } => {
                self.away = None;
                self.take_here(token);
            }
            _ => {}
        }
    }

    /// It does not come back: what was put there is a page of its own.
    pub(super) fn stay_away(&mut self) {
        if let Some(away) = self.away.take() {
            self.turn_page();
            self.write(&away);
        }
    }

    /// Writes text where the cursor is. A line that gets too long is cut before the first character
    /// that it has no room for, however the text is divided into chunks.
    pub(super) fn write(&mut self, text: &[u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            let room = LONGEST.saturating_sub(self.line().row.length());
            let (here, behind) = rest.split_at(row::fitting(rest, room));
            if here.is_empty() {
                self.cut();
            } else {
                self.write_here(here);
            }
            rest = behind;
        }
    }

    fn write_here(&mut self, text: &[u8]) {
        let (style, column) = (self.style, self.column);
        let line = self.line();
        let is_empty = line.row.length() == 0;
        if column == Column::At(0) && is_empty {
            line.row = ScreenRow::new(style);
        }
        if (column == Column::End || is_empty && column == Column::At(0)) && line.row.write_on(text) {
            self.column = Column::End;
            self.touch();
        } else {
            let from = self.column();
            self.column = Column::At(self.line().row.put(from, text, style));
            self.draw();
        }
    }

    pub(super) fn line_feed(&mut self) {
        self.line();
        self.at += 1;
        self.column = Column::At(0);
        if self.at == self.open.len() {
            self.begin_line();
        }
    }

    /// The cursor's column; a line in which it is looked for is taken apart.
    pub(super) fn column(&mut self) -> usize {
        match self.column {
            Column::At(column) => column,
            Column::End => {
                let column = self.line().row.take_apart();
                self.column = Column::At(column);
                column
            }
        }
    }

    fn end_output(&mut self) {
        let held = std::mem::take(&mut self.pending);
        if held.first().is_some_and(|first| *first != 0x1b) {
            self.take(Token::Text(&held), held.len());
        }
        self.stay_away();
        if self.full_screen.is_some() {
            self.tell_full_screen();
        }
    }

    /// A line stands for all that a full-screen program drew.
    fn tell_full_screen(&mut self) {
        let drawn = self.full_screen.take().unwrap_or_default();
        self.at = self.used() - 1;
        if !self.line().row.is_blank() {
            self.line_feed();
        }
        self.style = Style::new();
        self.column = Column::At(0);
        self.write(format!("[full-screen program, {}]", size::of_bytes(drawn)).as_bytes());
        self.line_feed();
    }
}

/// How much at the end of output can still be drawn over: what a canvas would hold of it.
pub fn held_back(bytes: &[u8]) -> usize {
    let Some(mut end) = memrchr(b'\n', bytes) else { return bytes.len() };
    let mut start = end + 1;
    let mut lengths = 0;
    for _ in 1..OPEN {
        let begin = memrchr(b'\n', &bytes[..end]).map_or(0, |at| at + 1);
        lengths += end - begin;
        if lengths > OPEN_BYTES {
            break;
        }
        start = begin;
        if begin == 0 {
            break;
        }
        end = begin - 1;
    }
    bytes.len() - start
}

#[cfg(test)]
#[path = "canvas_tests.rs"]
mod tests;
