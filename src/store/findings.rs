//! What was found in a task's output: one file, with one writer at a time, which holds its lock. It
//! tells of the newest run in which anything was looked for.

use std::fs::File;
use std::io;
use std::time::Duration;

use super::StoreError;
use super::task_dir::{FINDINGS, FINDINGS_LOCK, TaskDir, encode};
use crate::sys::dir::OpenMode;
use crate::sys::lock;
use crate::task::format;
use crate::task::run_findings::RunFindings;

/// The file is no longer. *Units*: bytes.
pub(super) const LONGEST: u64 = 256 << 10;

/// What was found in a run; `None` where nothing was looked for, or it cannot be read.
pub fn of(task: &TaskDir, run: u32) -> Option<RunFindings> {
    newest(task).filter(|found| found.run == run)
}

/// The same of whichever run.
pub fn newest(task: &TaskDir) -> Option<RunFindings> {
    format::parse(&task.dir.read(FINDINGS, LONGEST).ok()?).ok()
}

/// Whoever may write: one process at a time.
#[derive(Debug)]
pub struct FindingsWriter<'t> {
    task: &'t TaskDir,
    _held: File,
}

impl<'t> FindingsWriter<'t> {
    /// Waits for whoever writes now.
    pub fn of(task: &'t TaskDir) -> Result<FindingsWriter<'t>, StoreError> {
        let held = lock_file(task)?;
        lock::take(&held).map_err(|source| not_locked(task, source))?;
        Ok(FindingsWriter { task, _held: held })
    }

    /// The same, but waits no longer than that; `None` where somebody still writes then.
    pub fn within(task: &'t TaskDir, most: Duration) -> Result<Option<FindingsWriter<'t>>, StoreError> {
        let held = lock_file(task)?;
        let taken = lock::is_free_within(&held, most).and_then(|is_free| Ok(is_free && lock::try_take(&held)?));
        let is_mine = taken.map_err(|source| not_locked(task, source))?;
        Ok(is_mine.then_some(FindingsWriter { task, _held: held }))
    }

    /// Writes it, unless a later run's is there already; says whether it did.
    pub fn write(&self, found: &RunFindings) -> Result<bool, StoreError> {
        if newest(self.task).is_some_and(|there| there.run > found.run) {
            return Ok(false);
        }
        self.task.write(FINDINGS, &encode(found)).map(|()| true)
    }
}

fn lock_file(task: &TaskDir) -> Result<File, StoreError> {
    task.dir.own_file(FINDINGS_LOCK, OpenMode::Make).map_err(|source| not_locked(task, source))
}

fn not_locked(task: &TaskDir, source: io::Error) -> StoreError {
    StoreError::File { doing: "lock", what: task.what(FINDINGS), source }
}
