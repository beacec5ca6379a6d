//! What tasks ran that are to be removed: it is told once they are gone. And who deletes their
//! files, where those are too many to wait for.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;

use crate::actions::failure::Failure;
use crate::actions::output;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::removal::Removed;
use crate::store::{StoreError, removed_files};
use crate::supervisor::workers::removal_worker;
use crate::task::id::TaskId;

/// Their commands.
pub fn commands(home: &Home, ids: &[TaskId]) -> Result<HashMap<TaskId, String>, Failure> {
    let wanted: BTreeSet<&TaskId> = ids.iter().collect();
    let registry = Registry::open(home)?;
    let rows = registry.rows_where(|id, _| wanted.contains(&id));
    Ok(rows.into_iter().map(|row| (row.id, row.command.into_owned())).collect())
}

/// Has the files deleted aside that are left of removed tasks; here, where no process can be made
/// for it. Says of how many of these tasks the files are still there.
pub fn leave_rest(home: &Home, removed: &Removed) -> Result<usize, StoreError> {
    if !removed.is_more {
        return Ok(0);
    }
    match removal_worker::begin(home) {
        Ok(()) => Ok(removed.uncleared),
        Err(_) => removed_files::clear_all(home).map(|()| 0),
    }
}

/// Tells of how many tasks the files are still there.
pub fn tell_rest(uncleared: usize) -> Result<(), Failure> {
    match uncleared {
        0 => Ok(()),
        count => Ok(writeln!(output::talk(), "aos: the files of {count} removed tasks are deleted in the background")?),
    }
}
