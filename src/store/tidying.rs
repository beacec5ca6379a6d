//! Tidying up a task's log: compressing what is complete, dropping what is too much. One process at a time does
//! it for each task, and whoever comes meanwhile leaves it to that one.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::Error;
use super::home::Home;
use super::task_dir::{TIDYING, TaskDir};
use crate::logs::tidy;
use crate::sys::dir::{Dir, Open};
use crate::sys::lock;

/// A task's log, to be tidied up.
#[derive(Debug)]
pub struct Tidying<'a> {
    task: &'a TaskDir,
    turn: File,
    /// Where the log is.
    pub dir: Arc<Dir>,
    /// The name of its newest segment.
    pub log: String,
}

impl<'a> Tidying<'a> {
    /// Makes ready.
    pub fn of(home: &Home, task: &'a TaskDir, log: String) -> Result<Tidying<'a>, Error> {
        let failed = |source| Error::File { doing: "open", what: task.what(TIDYING), source };
        let turn = task.dir.own_file(TIDYING, Open::Make).map_err(failed)?;
        Ok(Tidying { task, turn, dir: Arc::new(home.task_logs()?), log })
    }

    /// Compresses what is complete and does this, if nobody else tidies up; and again what was completed meanwhile.
    /// A log that cannot be compressed may still be cut down, and then the reason is told.
    pub fn tidy(&self, mut act: impl FnMut(&Arc<Dir>, &str) -> io::Result<()>) -> io::Result<()> {
        while lock::try_take(&self.turn)? {
            let compressed = tidy::compress_all(&self.dir, &self.log);
            let done = act(&self.dir, &self.log).or_else(none_there);
            lock::release(&self.turn)?;
            done.and(compressed)?;
            if !tidy::is_untidy(&self.dir, &self.log)? {
                break;
            }
        }
        Ok(())
    }

    /// Does something that nobody may write during, not even a run that is just beginning: that waits. Passed over where a
    /// supervisor lives, or somebody else is at it.
    pub fn while_over<T>(&self, act: impl FnOnce(&Arc<Dir>, &str) -> io::Result<T>) -> io::Result<Option<T>> {
        let file = self.task.dir.file(super::task_dir::LOCK, Open::Make)?;
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
