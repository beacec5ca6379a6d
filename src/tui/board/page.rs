//! A part of one log: as many lines as are looked at, and some more. Earlier ones are put before
//! them when the reader comes there, later ones behind them as they are written.

use std::collections::VecDeque;

use memchr::memchr;
use regex::bytes::Regex;

use crate::ansi::{self, Colours};
use crate::logs::text::level::Level;
use crate::logs::text::structured;

/// A line, as the program wrote it, with secrets hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLine {
    /// Without its end.
    pub bytes: Vec<u8>,
    /// Where it begins in the log. *Units*: bytes.
    pub at: u64,
    has_ended: bool,
    /// How much it matters; known once somebody asks.
    level: Option<Option<Level>>,
}

/// The lines, and what of them is shown.
#[derive(Debug, Default)]
pub struct Page {
    lines: VecDeque<PageLine>,
    /// How many lines stand before the first, counted from where the reader came in: fewer than
    /// none, once earlier ones were put before them.
    base: i64,
    /// The line at the bottom of the window; `None`: the newest, whatever comes.
    pub bottom: Option<i64>,
    /// Lines that matter less are left out.
    pub least: Option<Level>,
    /// Whether a line goes on in the next row.
    pub wraps: bool,
    /// What is searched for.
    pub search: Option<Regex>,
    /// What the reader wants that is not here.
    pub wants: LogWant,
    /// How much was written behind what is here. *Units*: bytes.
    pub behind: u64,
    /// How many rows the window has for it.
    pub rows: usize,
}

/// What is wanted of a log that is not on its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogWant {
    /// Nothing.
    #[default]
    Nothing,
    /// Earlier lines.
    Older,
    /// Later lines.
    Newer,
    /// The newest.
    Newest,
    /// What was written at this time.
    At(crate::units::wall_time::WallTime),
}

/// So many lines are kept, and so much of them. *Units of the second*: bytes.
const MOST: usize = 20_000;
const MOST_BYTES: usize = 8 << 20;
/// Of a line so much is kept. *Units*: bytes.
const LONGEST: usize = 16 << 10;

impl Page {
    /// Empties it; how it is shown stays.
    pub fn clear(&mut self) {
        self.lines.clear();
        (self.base, self.bottom, self.behind) = (0, None, 0);
    }

    /// Where the first line begins in the log.
    pub fn start(&self) -> Option<u64> {
        self.lines.front().map(|line| line.at)
    }

    /// Takes in what was written behind what is here: a line, or a part of one, that begins there
    /// in the log. What is shown of it may be longer or shorter.
    pub fn feed(&mut self, bytes: &[u8], at: u64) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let here = at + (bytes.len() - rest.len()) as u64;
            let end = memchr(b'\n', rest);
            let part = &rest[..end.unwrap_or(rest.len())];
            match self.lines.back_mut().filter(|line| !line.has_ended) {
                Some(open) => open.append(part),
                None => self.lines.push_back(PageLine::of(part, here)),
            }
            if let (Some(_), Some(line)) = (end, self.lines.back_mut()) {
                line.has_ended = true;
            }
            rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        }
        self.trim();
    }

    /// Takes in whole lines that stand before what is here.
    pub fn put_before(&mut self, mut earlier: Page) {
        if let Some(last) = earlier.lines.back_mut() {
            last.has_ended = true;
        }
        for line in earlier.lines.into_iter().rev() {
            self.lines.push_front(line);
            self.base -= 1;
        }
    }

    /// Makes room for earlier lines: who looks at old ones keeps no more new ones. Says where those
    /// begin that are not kept.
    pub fn make_room(&mut self) -> Option<u64> {
        let dropped = self.lines.get(MOST / 2).map(|line| line.at);
        self.lines.truncate(MOST / 2);
        dropped
    }

    fn trim(&mut self) {
        if self.bottom.is_some() && self.lines.len() <= 2 * MOST {
            return;
        }
        let mut bytes: usize = self.lines.iter().map(|line| line.bytes.len()).sum();
        while self.lines.len() > MOST || bytes > MOST_BYTES && self.lines.len() > 1 {
            bytes -= self.lines.pop_front().map_or(0, |line| line.bytes.len());
            self.base += 1;
        }
    }

    /// Whether new lines are to be read: while they are in sight, or would be soon.
    pub fn is_following(&self) -> bool {
        self.bottom.is_none()
    }

    fn index_of(&self, number: i64) -> usize {
        usize::try_from(number.saturating_sub(self.base)).unwrap_or(0).min(self.lines.len().saturating_sub(1))
    }

    fn last_index(&self) -> Option<usize> {
        let last = self.lines.len().checked_sub(1)?;
        Some(self.bottom.map_or(last, |number| self.index_of(number)))
    }

    /// Whether a line matters enough; what is indented belongs to the one before it.
    fn is_shown(&mut self, index: usize) -> bool {
        let Some(least) = self.least else { return true };
        let mut from = index;
        while from > 0 && self.lines[from].level.is_none() && self.lines[from].is_indented() {
            from -= 1;
        }
        for at in from..=index {
            if self.lines[at].level.is_none() || !self.lines[at].has_ended {
                let above = at.checked_sub(1).and_then(|above| self.lines[above].level).flatten();
                let line = &mut self.lines[at];
                let own = structured::level(&ansi::line(&line.bytes, Colours::Drop));
                line.level = Some(if line.is_indented() { own.or(above) } else { own });
            }
        }
        self.lines[index].level.flatten().is_some_and(|level| level >= least)
    }

    /// The lines to show, from the bottom up, as long as `takes` wants more.
    pub fn upwards(&mut self, mut takes: impl FnMut(&PageLine) -> bool) {
        let Some(mut index) = self.last_index() else { return };
        loop {
            if self.is_shown(index) && !takes(&self.lines[index]) {
                return;
            }
            match index.checked_sub(1) {
                Some(above) => index = above,
                None => return,
            }
        }
    }

    /// The lines below the bottom one, where those above it do not fill the window.
    pub fn downwards(&mut self, mut takes: impl FnMut(&PageLine) -> bool) {
        let Some(index) = self.last_index() else { return };
        for below in index + 1..self.lines.len() {
            if self.is_shown(below) && !takes(&self.lines[below]) {
                return;
            }
        }
    }

    /// Goes so many lines up; a page is what must stay in sight.
    pub fn up(&mut self, count: usize, page: usize) {
        let Some(mut index) = self.last_index() else { return };
        for _ in 0..count {
            let above = (0..index).rev().find(|above| self.is_shown(*above));
            let Some(above) = above else { break };
            index = above;
        }
        // So that the window stays full.
        let least = self.first_page(page).max(index);
        self.bottom = Some(self.base + least as i64);
        if index < page.max(count) + 10 {
            self.wants = LogWant::Older;
        }
    }

    fn first_page(&mut self, page: usize) -> usize {
        let mut seen = 0;
        let last = self.lines.len().saturating_sub(1);
        for index in 0..self.lines.len().min(page.saturating_mul(64)) {
            seen += usize::from(self.is_shown(index));
            if seen == page {
                return index;
            }
        }
        if self.least.is_some() { 0 } else { last }
    }

    /// Goes so many lines down; past the last one it follows again.
    pub fn down(&mut self, count: usize) {
        let Some(bottom) = self.bottom else { return };
        let mut index = self.index_of(bottom);
        for _ in 0..count {
            match (index + 1..self.lines.len()).find(|below| self.is_shown(*below)) {
                Some(below) => index = below,
                None if self.behind > 0 => {
                    self.wants = LogWant::Newer;
                    break;
                }
                None => return self.follow(),
            }
        }
        self.bottom = Some(self.base + index as i64);
        if self.behind == 0 && index + 1 >= self.lines.len() {
            self.follow();
        }
    }

    /// Shows the newest line, and those that come.
    pub fn follow(&mut self) {
        self.bottom = None;
        self.wants = LogWant::Newest;
    }

    /// Goes to the oldest line that is here.
    pub fn go_to_start(&mut self, page: usize) {
        let first = self.first_page(page);
        self.bottom = Some(self.base + first as i64);
        self.wants = LogWant::Older;
    }

    /// Stands at the line that begins at this place in the log, so many lines below it.
    pub fn stand_at(&mut self, at: u64, below: usize) {
        let index = self.lines.partition_point(|line| line.at < at) + below;
        self.bottom = Some(self.base + index.min(self.lines.len().saturating_sub(1)) as i64);
    }

    /// Goes to the next line above (or below) the bottom one in which something is found; says
    /// whether there is one here.
    pub fn find(&mut self, upwards: bool) -> bool {
        let (Some(search), Some(from)) = (self.search.clone(), self.last_index()) else { return false };
        let has = |page: &mut Page, index: usize| {
            page.is_shown(index) && search.is_match(ansi::line(&page.lines[index].bytes, Colours::Drop).as_bytes())
        };
        let found = if upwards {
            (0..from).rev().find(|index| has(self, *index))
        } else {
            (from + 1..self.lines.len()).find(|index| has(self, *index))
        };
        if let Some(index) = found {
            self.bottom = Some(self.base + index as i64);
        }
        found.is_some()
    }

    /// Whether the bottom line itself has what is searched for.
    pub fn bottom_matches(&self) -> bool {
        let (Some(search), Some(index)) = (&self.search, self.last_index()) else { return false };
        search.is_match(ansi::line(&self.lines[index].bytes, Colours::Drop).as_bytes())
    }

    /// How many lines here are below the bottom one.
    pub fn below(&self) -> usize {
        self.last_index().map_or(0, |index| self.lines.len() - 1 - index)
    }
}

impl PageLine {
    fn of(bytes: &[u8], at: u64) -> PageLine {
        let mut line = PageLine { bytes: Vec::new(), at, has_ended: false, level: None };
        line.append(bytes);
        line
    }

    /// A carriage return leaves nothing of what stood before it once something follows.
    fn append(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let text = self.bytes.strip_suffix(b"\r").unwrap_or(&self.bytes);
        if let Some(at) = memchr::memrchr(b'\r', text) {
            self.bytes.drain(..=at);
        }
        self.level = None;
    }

    fn is_indented(&self) -> bool {
        matches!(self.bytes.first(), Some(b' ' | b'\t'))
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
