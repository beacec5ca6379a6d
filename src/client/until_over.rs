//! Waiting for tasks to be over: a thread per task blocks on its lock, and tells; or a moment, for one whose supervisor is ending.

use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::Error;
use crate::store::home::Home;
use crate::store::place;
use crate::store::reading::Reading;
use crate::store::task_dir::TaskDir;
use crate::sys::lock;
use crate::task::id::TaskId;

/// A supervisor that is ending is waited for so long. *Units*: milliseconds.
const ENDING: u16 = 2000;

/// How a task stands whose supervisor has hung up: that lets go of what it has piece by piece, and of the lock not first.
pub fn reading_after_hang_up(home: &Home, id: TaskId) -> Result<Reading, Error> {
    let task = TaskDir::open(home, id)?;
    let reading = Reading::of(&task)?;
    let state = reading.state.as_ref().filter(|_| reading.status().is_living());
    match state.and_then(place::hold_supervisor) {
        Some(ending) if !ending.ends_within(ENDING) => Ok(reading),
        _ => Ok(Reading::of(&task)?),
    }
}

/// Tells of each task in turn, as it ends. The channel closes when all have.
pub fn ends(home: &Home, ids: &[TaskId]) -> Result<Receiver<TaskId>, Error> {
    let (sender, receiver) = bounded(ids.len().max(1));
    for &id in ids {
        let file = TaskDir::open(home, id)?.lock_file()?;
        let sender = sender.clone();
        let wait = move || {
            let _ = lock::wait_until_free(&file);
            let _ = sender.send(id);
        };
        let started = thread::Builder::new().name(format!("end-of-{id}")).stack_size(64 * 1024).spawn(wait);
        started.map_err(|source| Error::System { doing: "wait for the end".into(), source })?;
    }
    Ok(receiver)
}
