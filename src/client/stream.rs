//! A task's log as lines, each with its run, and how much it matters.

use std::io;

use super::log::{Error, Log, Run};
use crate::ansi::{self, Colours};
use crate::logs::fields::{self, Fields};
use crate::logs::growing::Growing;
use crate::logs::level::Level;
use crate::logs::masked::Unmasked;
use crate::logs::numbered::{Line, Numbered, Placed};
use crate::logs::reader::Reader;
use crate::logs::segments::Gap;
use crate::logs::times::Times;
use crate::task::id::TaskId;
use crate::units::stamp::Stamp;

/// A line of a task's log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose.
    pub id: TaskId,
    /// The run that printed it.
    pub run: u32,
    /// When that began, if it is known.
    pub began: Option<Stamp>,
    /// Which line of the log it is.
    pub number: u64,
    /// When it was written, if it is known.
    pub time: Option<Stamp>,
    /// What it is, as it was written.
    pub bytes: Vec<u8>,
    /// The same as it is visible.
    pub text: Unmasked,
}

impl Entry {
    /// What it says of itself.
    pub fn fields(&self) -> Fields {
        self.text.seen_by(Fields::of).unwrap_or_default()
    }
}

/// A log that is read line by line.
pub struct Stream {
    log: Log,
    runs: Vec<Run>,
    lines: Numbered<Source>,
    /// How much there was in the journal when runs were last looked for.
    journal: u64,
    /// How many lines are still to be passed over.
    surplus: u64,
    /// When they were written; not known before there is a log.
    times: Option<Times>,
    /// Read, and not given yet.
    next: Option<Entry>,
    last_level: Option<Level>,
}

impl Stream {
    /// The lines of a log as it is now.
    pub fn of(log: Log, count: Counting) -> Result<Stream, Error> {
        let reader = log.read()?;
        Stream::with(log, Source::Whole(reader), count)
    }

    /// The same from the beginning.
    pub fn again(self, count: Counting) -> Result<Stream, Error> {
        Stream::of(self.log, count)
    }

    /// The lines of a log, and those that are added to it.
    pub fn growing(log: Log, count: Counting) -> Result<Stream, Error> {
        let mut follower = Growing::new(&log.path, log.start);
        follower.end_at(log.end.unwrap_or(u64::MAX));
        Stream::with(log, Source::Growing(follower), count)
    }

    fn with(log: Log, reader: Source, count: Counting) -> Result<Stream, Error> {
        let number = match count {
            Counting::FromHere => 1,
            Counting::FromStart => log.lines_before()? + 1,
        };
        let mut journal = 0;
        let runs = log.new_runs(&mut journal).unwrap_or_default();
        let mut lines = Numbered::new(reader, log.start, number);
        lines.know_runs(runs.iter().map(|run| run.start));
        Ok(Stream { lines, journal, surplus: 0, runs, log, times: None, next: None, last_level: None })
    }

    /// The same without its first lines.
    pub fn passing_over(self, surplus: u64) -> Stream {
        Stream { surplus, ..self }
    }

    /// Looks what has become of the task. Whether it is known where what is wanted of a growing log ends: that is read, then, and
    /// no more.
    pub fn ends(&mut self) -> Result<bool, Error> {
        if let Some(runs) = self.log.new_runs(&mut self.journal) {
            self.lines.know_runs(runs.iter().map(|run| run.start));
            self.runs = runs;
        }
        let end = match self.log.end {
            None => self.log.end_of_run()?,
            end => end,
        };
        if let (Source::Growing(growing), Some(end)) = (self.lines.log_mut(), end) {
            growing.end_at(end);
        }
        Ok(end.is_some())
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// When the next line was written; nothing is said where there is none.
    pub fn peek(&mut self) -> io::Result<Option<Option<Stamp>>> {
        if self.next.is_none() {
            self.next = self.next()?;
        }
        Ok(self.next.as_ref().map(|entry| entry.time))
    }

    /// The next whole line, if it is there.
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        if let Some(entry) = self.next.take() {
            return Ok(Some(entry));
        }
        let line = loop {
            let line = self.lines.next()?;
            if self.surplus == 0 || line.is_none() {
                break line;
            }
            self.surplus -= 1;
        };
        line.map(|line| self.entry(line)).transpose()
    }

    /// What is left, where nothing follows: what stands behind the last whole line, and lines that have changed since they
    /// were given.
    pub fn rest(&mut self) -> io::Result<Option<Entry>> {
        let line = self.lines.rest();
        line.map(|line| self.entry(line)).transpose()
    }

    /// Whether lines that were given were drawn over since.
    pub fn is_changing(&self) -> bool {
        self.lines.is_changing()
    }

    /// Such lines are given once more, if they have stayed as they are since this was last called.
    pub fn give_changes(&mut self) {
        self.lines.give_changes();
    }

    /// What was found to be missing since this was last asked.
    pub fn new_gaps(&mut self) -> &[Gap] {
        self.lines.new_gaps()
    }

    /// How much a line of this log matters: what is indented belongs to the line before it.
    pub fn level(&mut self, entry: &Entry) -> Option<Level> {
        let is_indented = entry.text.seen_by(|text| text.starts_with([' ', '\t']));
        let own = entry.text.seen_by(fields::level);
        self.last_level = if is_indented { own.or(self.last_level) } else { own };
        self.last_level
    }

    fn entry(&mut self, line: Line) -> io::Result<Entry> {
        if self.runs.is_empty() {
            self.runs = self.log.runs();
        }
        let run = self.runs.iter().rev().find(|run| run.start <= line.drawn);
        let (run, began) = (run.map_or(1, |run| run.number), run.map(|run| run.began));
        let times = match &mut self.times {
            Some(times) => times,
            none => none.insert(Times::of(self.log.open().map_err(io::Error::other)?)),
        };
        let time = times.at(line.drawn)?;
        let text = Unmasked::new(ansi::line(&line.bytes, Colours::Drop));
        Ok(Entry { id: self.log.spec.id, run, began, number: line.number, time, bytes: line.bytes, text })
    }
}

/// Where lines are read from.
enum Source {
    Whole(Reader),
    Growing(Growing),
}

impl Placed for Source {
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
        match self {
            Source::Whole(reader) => reader.read_placed(buffer),
            Source::Growing(growing) => growing.read_placed(buffer),
        }
    }

    fn gaps(&self) -> &[Gap] {
        match self {
            Source::Whole(reader) => Placed::gaps(reader),
            Source::Growing(growing) => Placed::gaps(growing),
        }
    }
}

/// Where lines are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// From the first that is read: nobody wants to know.
    FromHere,
    /// From the log's beginning, which takes reading it.
    FromStart,
}
