//! A task's log, or the part of it that is wanted, to be read.

use std::cell::OnceCell;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::logs::read::last_lines::start_of_last_before;
use crate::logs::read::reader::LogReader;
use crate::logs::store::segments::Segments;
use crate::logs::text::redact::Secrets;
use crate::logs::text::{numbered_lines, rendered};
use crate::screen::canvas::OPEN;
use crate::store::asked::Asked;
use crate::store::layout::Home;
use crate::store::snapshot::last_run;
use crate::store::task_dir::{JOURNAL, LONGEST_SHELL_STATE, SHELL_STATE, TaskDir};
use crate::store::{self, journal_file};
use crate::task::id::TaskId;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::shell_variables;
use crate::task::spec::Spec;
use crate::units::wall_time::WallTime;

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// What is on disk cannot be read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// Its output goes where it went before it was adopted.
    #[error("there is no log of {0}: it was adopted, keeps its terminal, and is only tracked")]
    Adopted(TaskId),
    /// There is no such run, or it printed nothing as it never began.
    #[error("{id} {what}")]
    NoRun {
        /// The task.
        id: TaskId,
        /// Which of the two.
        what: String,
        /// Its newest run.
        last: u32,
    },
    /// Nothing was printed as it has not begun.
    #[error("{0} has printed nothing yet: it has not begun")]
    NotYet(TaskId),
    /// Nothing was printed as it is over and never began.
    #[error("{0} has printed nothing: it never began")]
    Never(TaskId),
    /// The file is gone.
    #[error("{id} has no log: {path} is not there")]
    Gone {
        /// The task.
        id: TaskId,
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// No further back than this is looked for lines that were not drawn over. *Units*: bytes.
const FURTHEST: u64 = 64 << 20;

/// The part of a task's log that is wanted. *Units*: bytes, logical positions.
#[derive(Debug)]
pub struct LogRange {
    task: TaskDir,
    /// What was asked for.
    pub spec: Spec,
    /// Why that cannot be read, in words: then its environment is not known, and so no secrets.
    pub lack: Option<String>,
    /// Where it is.
    pub path: PathBuf,
    /// Where the part begins.
    pub start: u64,
    /// Where it ends, if what is added later is none of it.
    pub end: Option<u64>,
    /// The run that is wanted, if not all are.
    pub run: Option<u32>,
    segments: OnceCell<Segments>,
}

/// A run, as far as its output goes.
#[derive(Clone, Copy, Debug)]
pub struct RunRange {
    /// Its number.
    pub number: u32,
    /// Where its output begins. *Units*: bytes.
    pub start: u64,
    /// When it began.
    pub began: WallTime,
}

impl LogRange {
    /// All of a task's log, or that of one run.
    pub fn of(home: &Home, id: TaskId, run: Option<u32>) -> Result<LogRange, LogError> {
        let task = TaskDir::open(home, id)?;
        let Asked { spec, lack } = Asked::of(home, &task)?;
        if spec.adopted.is_some() {
            return Err(LogError::Adopted(id));
        }
        let (start, end) = run.map_or(Ok((0, None)), |run| extent(&task, run))?;
        Ok(LogRange {
            path: home.log_path(id, &spec.name),
            task,
            spec,
            lack,
            start,
            end,
            run,
            segments: OnceCell::new(),
        })
    }

    /// What is not to be shown of it.
    pub fn secrets(&self) -> Secrets {
        secrets_among(&self.spec, &shell_state(&self.task))
    }

    /// The runs that ever began, in order.
    pub fn runs(&self) -> Vec<RunRange> {
        runs(&self.task)
    }

    /// The directories in which something changes when a run of the task is over.
    pub fn directories(&self, home: &Home) -> Vec<PathBuf> {
        self.run.map_or(Vec::new(), |_| vec![home.task_path(self.spec.id)])
    }

    /// Where the one run that is wanted ends, once it is over.
    pub fn end_of_run(&self) -> Result<Option<u64>, LogError> {
        let Some(run) = self.run else { return Ok(None) };
        let is_over = |entry: &JournalEntry| entry.run == run && matches!(entry.event, JournalEvent::Over { .. });
        if !journal_file::read(&self.task).iter().any(is_over) {
            return Ok(None);
        }
        // The next run may have begun to print meanwhile: that is in the journal, then.
        let end = Segments::open(&self.path).map_err(|source| self.unreadable(source))?.end();
        Ok(Some(self.runs().iter().find(|other| other.number > run).map_or(end, |next| next.start)))
    }

    /// The runs, if there is not as much in the task's journal as was known, which is then.
    /// *Units*: bytes.
    pub fn new_runs(&self, known: &mut u64) -> Option<Vec<RunRange>> {
        let length = self.task.dir.look_at(JOURNAL).map_or(0, |file| file.size);
        let is_new = std::mem::replace(known, length) != length;
        is_new.then(|| self.runs())
    }

    /// What of it was written at `time` or later, by whole lines, and what is missing before: it
    /// may be of that time, too.
    pub fn since(self, time: WallTime) -> Result<LogRange, LogError> {
        let start = self.open()?.before_gap(self.at(time)?);
        Ok(LogRange { start: self.start.max(start), ..self })
    }

    /// What of it was written before `time`, by whole lines.
    pub fn until(self, time: WallTime) -> Result<LogRange, LogError> {
        let end = self.at(time)?;
        Ok(LogRange { end: Some(self.end.unwrap_or(end).min(end)), ..self })
    }

    /// Without what comes before a position, if that is in it: a log that was begun anew is all
    /// new.
    pub fn beyond(self, position: u64) -> Result<LogRange, LogError> {
        let start = if position > self.open()?.end() { self.start } else { self.start.max(position) };
        Ok(LogRange { start, ..self })
    }

    /// How many lines there are before it.
    pub fn lines_before(&self) -> Result<u64, LogError> {
        if self.start == 0 {
            return Ok(0);
        }
        numbered_lines::count(self.open()?.reader(0).until(self.start)).map_err(|source| self.unreadable(source))
    }

    /// Where the line begins that was being written at a time.
    fn at(&self, time: WallTime) -> Result<u64, LogError> {
        let log = self.open()?;
        let line = || {
            let position = log.position_at(time)?;
            let mut last = Vec::new();
            log.reader(position.saturating_sub(1)).until(position).read_to_end(&mut last)?;
            if last.last().is_none_or(|last| *last == b'\n') {
                Ok(position)
            } else {
                start_of_last_before(&log, 1, 0, position)
            }
        };
        line().map_err(|source| self.unreadable(source))
    }

    /// The part, from its beginning.
    pub fn read(&self) -> Result<LogReader, LogError> {
        Ok(self.open()?.reader(self.start).until(self.end.unwrap_or(u64::MAX)))
    }

    /// The same, with a pause before each run: each has a terminal of its own.
    pub fn read_by_run(&self) -> Result<LogReader, LogError> {
        Ok(self.read()?.pausing_at(self.runs().into_iter().map(|run| run.start)))
    }

    /// The same in pieces: the part up to the next run, then each run that begins within it.
    pub fn read_in_runs(&self) -> Result<Vec<(Option<RunRange>, LogReader)>, LogError> {
        let log = self.open()?;
        let end = self.end.unwrap_or(u64::MAX);
        let is_within = |run: &RunRange| run.start > self.start && run.start < end && run.start <= log.end();
        let mut pieces: Vec<(Option<RunRange>, u64)> = vec![(None, self.start)];
        pieces.extend(self.runs().into_iter().filter(is_within).map(|run| (Some(run), run.start)));
        let ends: Vec<u64> = pieces.iter().skip(1).map(|(_, start)| *start).chain([end]).collect();
        let piece = |((run, start), end): ((Option<RunRange>, u64), u64)| (run, log.reader(start).until(end));
        Ok(pieces.into_iter().zip(ends).map(piece).collect())
    }

    /// The same part without what is written from now on.
    pub fn until_now(self) -> Result<LogRange, LogError> {
        let end = self.open()?.end();
        Ok(LogRange { end: Some(self.end.unwrap_or(end).min(end)), ..self })
    }

    /// Its last lines.
    pub fn last(self, lines: u64) -> Result<LogRange, LogError> {
        let start = start_of_last_before(&self.open()?, lines, self.start, self.end.unwrap_or(u64::MAX));
        Ok(LogRange { start: start.map_err(|source| self.unreadable(source))?, ..self })
    }

    /// Its last lines, not counting what was drawn over: where they may begin, and how many lines
    /// are too many from there.
    pub fn last_left(self, lines: u64) -> Result<(LogRange, u64), LogError> {
        let segments = self.open()?;
        let found = self.start_of_kept(&segments, lines);
        let (start, surplus) = found.map_err(|source| self.unreadable(source))?;
        Ok((LogRange { start, ..self }, surplus))
    }

    fn start_of_kept(&self, segments: &Segments, lines: u64) -> io::Result<(u64, u64)> {
        let end = self.end.unwrap_or(segments.end());
        let runs: Vec<u64> = self.runs().iter().map(|run| run.start).collect();
        let mut looked = lines;
        loop {
            let start = start_of_last_before(segments, looked, self.start, end)?;
            let log = segments.reader(start).until(end).pausing_at(runs.iter().copied());
            let (left, has_drawn) = rendered::lines(log)?;
            let is_enough = !has_drawn || left >= lines + OPEN as u64;
            if is_enough || start == self.start || end - start > FURTHEST {
                return Ok((start, left.saturating_sub(lines)));
            }
            looked = looked * 4 + OPEN as u64;
        }
    }

    /// Its segments, as they were when they were first asked for.
    pub fn open(&self) -> Result<Segments, LogError> {
        if let Some(segments) = self.segments.get() {
            return Ok(segments.clone());
        }
        let segments = Segments::open(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => self.unbegun().err().unwrap_or_else(|| self.gone()),
            _ => self.unreadable(source),
        })?;
        Ok(self.segments.get_or_init(|| segments).clone())
    }

    /// An error where no run of it ever began: then nothing could be printed.
    pub fn unbegun(&self) -> Result<(), LogError> {
        match (self.runs().is_empty(), self.task.is_alive()) {
            (false, _) => Ok(()),
            (true, Ok(true)) => Err(LogError::NotYet(self.spec.id)),
            (true, Ok(false) | Err(_)) => Err(LogError::Never(self.spec.id)),
        }
    }

    fn gone(&self) -> LogError {
        LogError::Gone { id: self.spec.id, path: self.path.clone() }
    }

    /// That it cannot be read, and why.
    pub fn unreadable(&self, source: io::Error) -> LogError {
        LogError::Unreadable { path: self.path.clone(), source }
    }
}

/// What is not to be shown of a task: as its environment says, and the variables of the shell that
/// it was typed in.
pub fn secrets(home: &Home, spec: &Spec) -> Secrets {
    // What cannot be opened has no state that could be read.
    let state = TaskDir::open(home, spec.id).ok().map(|task| shell_state(&task)).unwrap_or_default();
    secrets_among(spec, &state)
}

fn secrets_among(spec: &Spec, state: &[u8]) -> Secrets {
    let exported = spec.env.iter().map(|(name, value)| (&name.0[..], &value.0[..]));
    let variables = shell_variables::variables(state);
    Secrets::of(exported.chain(variables.iter().map(|(name, value)| (&name[..], &value[..]))))
}

/// The state of the shell that a task was typed in; nothing, where it has none.
fn shell_state(task: &TaskDir) -> Vec<u8> {
    task.dir.read(SHELL_STATE, LONGEST_SHELL_STATE).unwrap_or_default()
}

/// Where one run's output begins and ends; the journal knows.
fn extent(task: &TaskDir, run: u32) -> Result<(u64, Option<u64>), LogError> {
    let runs = runs(task);
    let Some(RunRange { start, .. }) = runs.iter().find(|other| other.number == run) else {
        let last = last_run(task);
        let what = if run > 0 && run <= last { format!("never began run {run}") } else { format!("has no run {run}") };
        return Err(LogError::NoRun { id: task.id, what, last });
    };
    // A run that never began printed nothing.
    let end = runs.iter().find(|other| other.number > run).map(|other| other.start);
    Ok((*start, end))
}

fn runs(task: &TaskDir) -> Vec<RunRange> {
    let born = journal_file::read(task).into_iter().filter_map(|entry| match entry.event {
        JournalEvent::Born { log_start, .. } => Some(RunRange { number: entry.run, start: log_start, began: entry.at }),
        _ => None,
    });
    born.collect()
}
