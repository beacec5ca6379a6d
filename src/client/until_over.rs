//! Waiting for tasks to be over: a thread per task blocks on its lock, and tells.

use std::fs::File;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};

use super::Error;
use crate::store::home::Home;
use crate::store::task_dir::TaskDir;
use crate::sys::lock;
use crate::task::id::TaskId;

/// Tells of each task in turn, as it ends. The channel closes when all have.
pub fn ends(home: &Home, ids: &[TaskId]) -> Result<Receiver<TaskId>, Error> {
    let (sender, receiver) = bounded(ids.len().max(1));
    for &id in ids {
        let file = TaskDir::open(home, id)?.lock_file()?;
        let sender = sender.clone();
        let wait = move || {
            let _ = block(&file);
            let _ = sender.send(id);
        };
        let started = thread::Builder::new().name(format!("end-of-{id}")).stack_size(64 * 1024).spawn(wait);
        started.map_err(|source| Error::System { doing: "wait for the end".into(), source })?;
    }
    Ok(receiver)
}

/// Waits until one task is over; `false` if the time is up first.
pub fn until_over(home: &Home, id: TaskId, most: Option<Duration>) -> Result<bool, Error> {
    match most {
        None => {
            let file = TaskDir::open(home, id)?.lock_file()?;
            block(&file).map_err(|source| Error::System { doing: format!("wait for the end of {id}"), source })?;
            Ok(true)
        }
        Some(most) => Ok(next(&ends(home, &[id])?, Some(Instant::now() + most)).is_some()),
    }
}

/// The next task to end; `None` when the time is up or none is left.
pub fn next(ends: &Receiver<TaskId>, deadline: Option<Instant>) -> Option<TaskId> {
    match deadline {
        None => ends.recv().ok(),
        Some(deadline) => ends.recv_deadline(deadline).ok(),
    }
}

/// Where a file system knows no such locks, a living task cannot be told from a dead one: that
/// was an error long before anybody came to wait.
fn block(file: &File) -> io::Result<()> {
    lock::wait_until_free(file)
}
