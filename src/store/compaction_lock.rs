//! Tidying up a task's log: compressing what is complete, dropping what is too much. One process at
//! a time does it for each task, and whoever comes meanwhile leaves it to that one.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::StoreError;
use super::layout::Home;
use super::task_dir::{TIDYING, TaskDir};
use crate::logs::store::compact;
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::lock;

/// A task's log, to be tidied up.
#[derive(Debug)]
pub struct CompactionLock<'a> {
    task: &'a TaskDir,
    turn: File,
    /// Where the log is.
    pub dir: Arc<Dir>,
    /// The name of its newest segment.
    pub log: String,
}

impl<'a> CompactionLock<'a> {
    /// Makes ready.
    pub fn of(home: &Home, task: &'a TaskDir, log: String) -> Result<CompactionLock<'a>, StoreError> {
        let failed = |source| StoreError::File { doing: "open", what: task.what(TIDYING), source };
        let turn = task.dir.own_file(TIDYING, OpenMode::Make).map_err(failed)?;
        Ok(CompactionLock { task, turn, dir: Arc::new(home.task_logs()?), log })
    }

    /// Compresses what is complete and does this, if nobody else tidies up; and again what was
    /// completed meanwhile. A log that cannot be compressed may still be cut down, and then the
    /// reason is told.
    pub fn tidy(&self, mut act: impl FnMut(&Arc<Dir>, &str) -> io::Result<()>) -> io::Result<()> {
        while lock::try_take(&self.turn)? {
            let compressed = compact::compress_all(&self.dir, &self.log);
            let done = act(&self.dir, &self.log).or_else(none_there);
            lock::release(&self.turn)?;
            done.and(compressed)?;
            if !compact::is_untidy(&self.dir, &self.log)? {
                break;
            }
        }
        Ok(())
    }

    /// Does something that nobody may write during, not even a run that is just beginning: that
    /// waits. Passed over where a supervisor lives, or somebody else is at it.
    pub fn while_over<T>(&self, act: impl FnOnce(&Arc<Dir>, &str) -> io::Result<T>) -> io::Result<Option<T>> {
        let file = self.task.dir.file(super::task_dir::LOCK, OpenMode::Make)?;
        let unless_living = || match lock::is_held(&file)? {
            true => Ok(None),
            false => act(&self.dir, &self.log).map(Some),
        };
        Ok(lock::try_in_turn(&file, unless_living)?.transpose()?.flatten())
    }
}

fn none_there(e: io::Error) -> io::Result<()> {
    if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::CompactionLock;
    use crate::store::layout::Home;
    use crate::store::task_dir::TaskDir;
    use crate::task::id::TaskId;

    const LOG: &str = "task-001-x.log";

    #[test]
    fn what_is_completed_while_somebody_has_the_turn_is_not_left_to_nobody() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        home.tasks.make("task-001").expect("a task");
        home.task_logs().expect("a directory");
        let task = TaskDir::open(&home, TaskId(1)).expect("open");
        let logs = dir.path().join("logs/tasks");
        let segment = |number: u32| logs.join(format!("{LOG}.{number}"));
        let put = |path| fs::File::create(path).and_then(|file| file.set_len(4096)).expect("a segment");
        put(logs.join(LOG));
        put(segment(1));
        let tidying = || CompactionLock::of(&home, &task, LOG.to_owned()).expect("a turn");
        let mut acts = 0;
        let tidied = tidying().tidy(|_, _| {
            acts += 1;
            if acts == 1 {
                // The log is rotated, and whoever comes for that finds the turn taken.
                put(segment(2));
                tidying().tidy(|_, _| panic!("two at once")).expect("left to the first");
                assert!(segment(2).exists());
            }
            Ok(())
        });
        tidied.expect("tidy");
        assert_eq!(acts, 2);
        for number in [1, 2] {
            let packed = segment(number).with_extension(format!("{number}.zst"));
            assert!(packed.exists() && !segment(number).exists(), "{number}");
        }
    }
}
