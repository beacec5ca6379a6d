//! A task's log as lines, each with its run, and how much it matters.

use std::io;

use crate::ansi::{self, Colours};
use crate::logs::read::reader::LogReader;
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::read::times::Times;
use crate::logs::store::segments::Gap;
use crate::logs::text::level::Level;
use crate::logs::text::numbered_lines::{Line, LineOrigin, NumberedLines};
use crate::logs::text::structured::{self, StructuredLine};
use crate::logs::text::unmasked::Unmasked;
use crate::task::id::TaskId;
use crate::task_log::log_range::{LogError, LogRange, RunRange};
use crate::units::wall_time::WallTime;

/// A line of a task's log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Whose.
    pub id: TaskId,
    /// The run that printed it.
    pub run: u32,
    /// When that began, if it is known.
    pub began: Option<WallTime>,
    /// Which line of the log it is.
    pub number: u64,
    /// When it was written, if it is known.
    pub time: Option<WallTime>,
    /// What it is, as it was written.
    pub bytes: Vec<u8>,
    /// The same as it is visible.
    pub text: Unmasked,
}

impl LogLine {
    /// What it says of itself.
    pub fn fields(&self) -> StructuredLine {
        self.text.seen_by(StructuredLine::of).unwrap_or_default()
    }
}

/// A log that is read line by line.
pub struct LineStream {
    log: LogRange,
    runs: Vec<RunRange>,
    lines: NumberedLines<LineSource>,
    /// How much there was in the journal when runs were last looked for.
    journal: u64,
    /// How many lines are still to be passed over.
    surplus: u64,
    /// When they were written; not known before there is a log.
    times: Option<Times>,
    /// Read, and not given yet.
    next: Option<LogLine>,
    last_level: Option<Level>,
}

impl LineStream {
    /// The lines of a log as it is now.
    pub fn of(log: LogRange, count: Counting) -> Result<LineStream, LogError> {
        let reader = log.read()?;
        LineStream::with(log, LineSource::Whole(reader), count)
    }

    /// The same from the beginning.
    pub fn again(self, count: Counting) -> Result<LineStream, LogError> {
        LineStream::of(self.log, count)
    }

    /// The lines of a log, and those that are added to it.
    pub fn growing(log: LogRange, count: Counting) -> Result<LineStream, LogError> {
        let mut follower = TailFollow::new(&log.path, log.start);
        follower.end_at(log.end.unwrap_or(u64::MAX));
        LineStream::with(log, LineSource::Growing(follower), count)
    }

    fn with(log: LogRange, reader: LineSource, count: Counting) -> Result<LineStream, LogError> {
        let number = match count {
            Counting::FromHere => 1,
            Counting::FromStart => log.lines_before()? + 1,
        };
        let mut journal = 0;
        let runs = log.new_runs(&mut journal).unwrap_or_default();
        let mut lines = NumberedLines::new(reader, log.start, number);
        lines.know_runs(runs.iter().map(|run| run.start));
        Ok(LineStream { lines, journal, surplus: 0, runs, log, times: None, next: None, last_level: None })
    }

    /// The same without its first lines.
    pub fn passing_over(self, surplus: u64) -> LineStream {
        LineStream { surplus, ..self }
    }

    /// Looks what has become of the task. Whether it is known where what is wanted of a growing log
    /// ends: that is read, then, and no more.
    pub fn ends(&mut self) -> Result<bool, LogError> {
        if let Some(runs) = self.log.new_runs(&mut self.journal) {
            self.lines.know_runs(runs.iter().map(|run| run.start));
            self.runs = runs;
        }
        let end = match self.log.end {
            None => self.log.end_of_run()?,
            end => end,
        };
        if let (LineSource::Growing(growing), Some(end)) = (self.lines.log_mut(), end) {
            growing.end_at(end);
        }
        Ok(end.is_some())
    }

    /// The log.
    pub fn log(&self) -> &LogRange {
        &self.log
    }

    /// When the next line was written; nothing is said where there is none.
    pub fn peek(&mut self) -> io::Result<Option<Option<WallTime>>> {
        if self.next.is_none() {
            self.next = self.next()?;
        }
        Ok(self.next.as_ref().map(|entry| entry.time))
    }

    /// The next whole line, if it is there.
    pub fn next(&mut self) -> io::Result<Option<LogLine>> {
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

    /// What is left, where nothing follows: what stands behind the last whole line, and lines that
    /// have changed since they were given.
    pub fn rest(&mut self) -> io::Result<Option<LogLine>> {
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
    pub fn level(&mut self, entry: &LogLine) -> Option<Level> {
        let is_indented = entry.text.seen_by(|text| text.starts_with([' ', '\t']));
        let own = entry.text.seen_by(structured::level);
        self.last_level = if is_indented { own.or(self.last_level) } else { own };
        self.last_level
    }

    fn entry(&mut self, line: Line) -> io::Result<LogLine> {
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
        Ok(LogLine { id: self.log.spec.id, run, began, number: line.number, time, bytes: line.bytes, text })
    }
}

/// Where lines are read from.
enum LineSource {
    Whole(LogReader),
    Growing(TailFollow),
}

impl LineOrigin for LineSource {
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
        match self {
            LineSource::Whole(reader) => reader.read_placed(buffer),
            LineSource::Growing(growing) => growing.read_placed(buffer),
        }
    }

    fn gaps(&self) -> &[Gap] {
        match self {
            LineSource::Whole(reader) => LineOrigin::gaps(reader),
            LineSource::Growing(growing) => LineOrigin::gaps(growing),
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
