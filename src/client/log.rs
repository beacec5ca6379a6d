//! A task's log, or the part of it that is wanted, to be read.

use std::io;
use std::path::PathBuf;

use crate::logs::mask::Secrets;
use crate::logs::reader::Reader;
use crate::logs::segments::Segments;
use crate::logs::tail::start_of_last_of;
use crate::store::home::Home;
use crate::store::reading::last_run;
use crate::store::task_dir::TaskDir;
use crate::store::{self, journal};
use crate::task::id::TaskId;
use crate::task::journal::Event;
use crate::task::spec::Spec;

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is on disk cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
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

/// The part of a task's log that is wanted. *Units*: bytes, logical positions.
#[derive(Debug)]
pub struct Log {
    /// What was asked for.
    pub spec: Spec,
    /// Where it is.
    pub path: PathBuf,
    /// Where the part begins.
    pub start: u64,
    /// Where it ends, if what is added later is none of it.
    pub end: Option<u64>,
}

impl Log {
    /// All of a task's log, or that of one run.
    pub fn of(home: &Home, id: TaskId, run: Option<u32>) -> Result<Log, Error> {
        let task = TaskDir::open(home, id)?;
        let spec = task.spec()?;
        if spec.adopted.is_some() {
            return Err(Error::Adopted(id));
        }
        let (start, end) = run.map_or(Ok((0, None)), |run| extent(&task, run))?;
        Ok(Log { path: home.log_path(id, &spec.name), spec, start, end })
    }

    /// The part, from its beginning.
    pub fn read(&self) -> Result<Reader, Error> {
        Ok(self.open()?.reader(self.start).until(self.end.unwrap_or(u64::MAX)))
    }

    /// The same part without what is written from now on.
    pub fn until_now(self) -> Result<Log, Error> {
        let end = self.open()?.end();
        Ok(Log { end: Some(self.end.unwrap_or(end).min(end)), ..self })
    }

    /// Its last lines.
    pub fn last(self, lines: u64) -> Result<Log, Error> {
        let start = start_of_last_of(&self.open()?, lines, self.start, self.end.unwrap_or(u64::MAX));
        Ok(Log { start: start.map_err(|source| self.unreadable(source))?, ..self })
    }

    /// Its segments.
    pub fn open(&self) -> Result<Segments, Error> {
        Segments::open(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Gone { id: self.spec.id, path: self.path.clone() },
            _ => self.unreadable(source),
        })
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::Unreadable { path: self.path.clone(), source }
    }
}

/// What a task's environment says is not to be shown.
pub fn secrets(spec: &Spec) -> Secrets {
    Secrets::of(spec.env.iter().map(|(name, value)| (&name.0[..], &value.0[..])))
}

/// Where one run's output begins and ends; the journal knows.
fn extent(task: &TaskDir, run: u32) -> Result<(u64, Option<u64>), Error> {
    let starts: Vec<(u32, u64)> = journal::read(task)
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Born { log_start, .. } => Some((entry.run, log_start)),
            _ => None,
        })
        .collect();
    let Some(&(_, start)) = starts.iter().find(|(other, _)| *other == run) else {
        let last = last_run(task);
        let what = if run > 0 && run <= last { format!("never began run {run}") } else { format!("has no run {run}") };
        return Err(Error::NoRun { id: task.id, what, last });
    };
    // A run that never began printed nothing.
    let end = starts.iter().filter(|(other, _)| *other > run).map(|(_, start)| *start).next();
    Ok((start, end))
}
