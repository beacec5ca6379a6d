//! States of live shells, kept with their tasks. The same state is kept once: a task's
//! `shell-state` is a hard link to `tasks/.states/HASH`, which is cleared away when no task has it
//! any more.

use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;

use super::StoreError;
use super::layout::{Home, STATES};
use super::task_dir::{LONGEST_SHELL_STATE, SHELL_STATE, TaskDir};
use crate::sys::dir::{Dir, OpenMode};

/// Keeps a state with a task.
pub fn keep(home: &Home, task: &TaskDir, state: &[u8]) -> Result<(), StoreError> {
    let states = home.shell_states()?;
    let mut hasher = DefaultHasher::new();
    hasher.write(state);
    let name = format!("{:016x}", hasher.finish());
    let linked = share(&states, &name, state).and_then(|()| states.link_into(&name, &task.dir, SHELL_STATE));
    // A file system without links, or another state of the same hash.
    linked.or_else(|_| task.dir.replace_at_once(SHELL_STATE, state)).map_err(|source| StoreError::File {
        doing: "write",
        what: task.what(SHELL_STATE),
        source,
    })
}

/// Clears away states that no task has.
pub fn clear(home: &Home) {
    let Ok(states) = home.tasks.sub(STATES) else { return };
    for name in states.names().unwrap_or_default() {
        let links = states.file(&name, OpenMode::Read).and_then(|file| file.metadata()).map(|found| found.nlink());
        if links.is_ok_and(|links| links < 2) {
            let _ = states.remove(&name);
        }
    }
}

fn share(states: &Dir, name: &str, state: &[u8]) -> io::Result<()> {
    match states.read(name, LONGEST_SHELL_STATE) {
        Ok(there) if there == state => Ok(()),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => states.replace_at_once(name, state),
    }
}
