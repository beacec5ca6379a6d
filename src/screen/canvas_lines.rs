//! The lines of a canvas: those that are open, and what is passed on of them and when.

use super::canvas::{Canvas, CanvasLine, Column, OPEN, OPEN_BYTES};
use super::row::ScreenRow;

impl Canvas {
    /// The next line that nothing is drawn over any more.
    pub fn settled(&mut self) -> Option<CanvasLine> {
        self.settled.pop_front()
    }

    /// The lines that can still be drawn over, without blank ones below the cursor.
    pub fn open(&self) -> impl Iterator<Item = &CanvasLine> {
        self.open.iter().take(self.used())
    }

    /// Passes on what has ended and was not told yet, the last first step being that of what has
    /// changed since.
    pub fn tell(&mut self, mut each: impl FnMut(&CanvasLine)) {
        let ended = self.used().saturating_sub(1);
        for line in self.open.iter_mut().take(ended).filter(|line| !line.is_told) {
            line.is_told = true;
            each(line);
        }
    }

    /// Passes on what was told once and has not changed since this step, as it is now.
    pub fn tell_changes(&mut self, until: u64, mut each: impl FnMut(&CanvasLine)) {
        let ended = self.used().saturating_sub(1);
        for line in self.open.iter_mut().take(ended) {
            if line.has_changed && line.step <= until {
                line.has_changed = false;
                if !line.row.is_blank() {
                    each(line);
                }
            }
        }
    }

    /// The step that output has come to, if there are lines of which somebody was told something
    /// else.
    pub fn changing(&self) -> Option<u64> {
        self.open.iter().any(|line| line.has_changed).then_some(self.step)
    }

    /// The line that the cursor is in.
    pub(super) fn line(&mut self) -> &mut CanvasLine {
        while self.at >= self.open.len() {
            self.begin_line();
        }
        &mut self.open[self.at]
    }

    /// Something has happened to the cursor's line.
    pub(super) fn touch(&mut self) {
        let (number, position, step) = (self.number, self.position, self.step);
        let line = self.line();
        (line.number, line.position, line.step) = (number, position, step);
        line.has_changed = line.is_told;
    }

    /// The cursor's line was drawn over.
    pub(super) fn draw(&mut self) {
        self.touch();
        let last = self.read.saturating_sub(1);
        self.line().drawn = Some(last);
    }

    /// Another page begins: what was drawn stays, and nobody goes back to it.
    pub(super) fn turn_page(&mut self) {
        self.settle_all(true);
        self.begin_line();
        self.top = self.open.front().map(|line| line.id);
    }

    /// The line's beginning is passed on; what comes is behind it.
    pub(super) fn cut(&mut self) {
        let (number, position) = (self.number, self.position);
        self.open.truncate(self.at + 1);
        if let Some(mut long) = self.open.pop_back() {
            long.has_ended = false;
            self.settled.extend(self.open.drain(..));
            self.settled.push_back(long);
        }
        self.begin_line();
        (self.at, self.column) = (0, Column::At(0));
        self.open.iter_mut().for_each(|line| (line.number, line.position) = (number, position));
    }

    pub(super) fn begin_line(&mut self) {
        self.open.push_back(CanvasLine {
            id: self.next_id,
            number: self.number,
            position: self.position,
            drawn: None,
            row: ScreenRow::new(self.style),
            has_ended: true,
            is_told: false,
            has_changed: false,
            step: self.step,
        });
        self.next_id += 1;
        let mut ended: usize = self.open.iter().rev().skip(1).map(|line| line.row.length()).sum();
        while self.open.len() > OPEN || ended > OPEN_BYTES && self.open.len() > 1 {
            let Some(first) = self.open.pop_front() else { return };
            ended -= first.row.length();
            self.at = self.at.saturating_sub(1);
            self.saved = self.saved.filter(|saved| saved.line > first.id);
            self.comes_back &= self.saved.is_some();
            self.top = self.top.filter(|top| *top > first.id);
            self.settled.push_back(first);
        }
    }

    /// How many lines are open, without blank ones below the cursor.
    pub(super) fn used(&self) -> usize {
        let last = self.open.iter().rposition(|line| !line.row.is_blank()).map_or(0, |last| last + 1);
        last.max(self.at + 1).min(self.open.len())
    }

    /// Nobody goes back to what is open; the last line has ended, or not.
    pub(super) fn settle_all(&mut self, has_ended: bool) {
        let used = self.used();
        self.open.truncate(used);
        if let Some(last) = self.open.back_mut() {
            last.has_ended = has_ended;
        }
        if self.open.back().is_some_and(|last| last.row.is_blank()) {
            self.open.pop_back();
        }
        self.settled.extend(self.open.drain(..));
        (self.at, self.column, self.top) = (0, Column::At(0), None);
    }
}
