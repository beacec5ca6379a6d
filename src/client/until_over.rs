//! Waiting for tasks to be over: a thread per task blocks on its lock, and tells.

use std::thread;

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
            let _ = lock::wait_until_free(&file);
            let _ = sender.send(id);
        };
        let started = thread::Builder::new().name(format!("end-of-{id}")).stack_size(64 * 1024).spawn(wait);
        started.map_err(|source| Error::System { doing: "wait for the end".into(), source })?;
    }
    Ok(receiver)
}
