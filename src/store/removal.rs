//! Removing tasks that are over, with all that is kept of them: all of it goes, or nothing does.
//!
//! A task is removed when its directory has been renamed into `tasks/.gone/`: from then on there is none of that id. What
//! else there is of it goes after that, and its directory last, so that whatever is interrupted is finished by the next
//! one who removes anything.

use std::fs::File;
use std::io;

use super::home::{GONE, Home, log_name};
use super::reading::{Bearing, Standing};
use super::task_dir::{TIDYING, TaskDir};
use super::{Error, markers, registry, shell_states};
use crate::logs::tidy;
use crate::sys::dir::{Dir, Open};
use crate::sys::lock;
use crate::task::id::TaskId;
use crate::task::status::Status;

/// What came of it.
#[derive(Debug, Default)]
pub struct Removed {
    /// The tasks that are gone.
    pub ids: Vec<TaskId>,
    /// Why others are not.
    pub kept: Vec<Error>,
    /// How much room that made. *Units*: bytes.
    pub freed: u64,
}

/// Removes tasks, and whatever others have left of tasks that they removed. One that lives is kept; a damaged one may
/// be removed. Of one that is not there, a row may be left, which goes.
pub fn remove(home: &Home, ids: &[TaskId]) -> Result<Removed, Error> {
    let mut removed = Removed::default();
    for id in ids {
        match take_away(home, *id) {
            Ok(()) => removed.ids.push(*id),
            Err(why) => removed.kept.push(why),
        }
    }
    removed.freed = clear(home)?;
    let id_of_none = |why: &Error| if let Error::NoTask(id) = why { Some(*id) } else { None };
    let rows: Vec<TaskId> = removed.kept.iter().filter_map(id_of_none).collect();
    if !rows.is_empty() {
        registry::forget(home, &rows)?;
    }
    Ok(removed)
}

/// What the files of a task's directory take. *Units*: bytes.
pub fn weight(dir: &Dir) -> u64 {
    let names = dir.names().unwrap_or_default();
    names.iter().filter_map(|name| dir.look_at(name)).map(|file| file.size).sum()
}

/// Takes a task away. In its turn, so that a run that is just beginning either holds the task already, or finds none; its
/// lock is left free, as whoever holds that counts as alive.
fn take_away(home: &Home, id: TaskId) -> Result<(), Error> {
    let task = TaskDir::open(home, id)?;
    let bearing = Bearing::of(&task, None);
    let not_over =
        || Error::NotOver { id, status: bearing.as_ref().map_or(Status::Unknown, |bearing| bearing.status()) };
    let is_over = match &bearing {
        Ok(bearing) => matches!(bearing.standing, Standing::Over(_) | Standing::Lost(_)),
        Err(Error::NoTask(_)) => return Err(Error::NoTask(id)),
        // Not even its lock can be asked.
        Err(_) => markers::supervisor(home, id).is_none(),
    };
    if !is_over {
        return Err(not_over());
    }
    let failed = |source| Error::File { doing: "remove", what: id.to_string(), source };
    let gone = home.gone()?;
    let file = task.own_lock_file()?;
    let unless_living = || match lock::is_held(&file)? {
        true => Ok(false),
        false => home.tasks.rename_into(&id.to_string(), &gone, &id.to_string()).map(|()| true),
    };
    match lock::in_turn(&file, unless_living).and_then(|done| done).map_err(failed)? {
        true => Ok(()),
        false => Err(not_over()),
    }
}

/// Clears up what is left of removed tasks, whoever removed them; says how much room that frees. *Units*: bytes.
fn clear(home: &Home) -> Result<u64, Error> {
    let Ok(gone) = home.tasks.sub(GONE) else { return Ok(0) };
    let failed = |source| Error::File { doing: "clear", what: format!("tasks/{GONE}"), source };
    let names = gone.names().map_err(failed)?;
    let ids: Vec<TaskId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let logs = logs_of(home, &gone, &ids)?;
    registry::forget(home, &ids)?;
    let mut freed = 0;
    for id in &ids {
        markers::forget(home, *id)?;
        freed += gone.sub(&id.to_string()).map_or(0, |dir| weight(&dir));
    }
    // Whoever still compresses one of them would leave what it has just made.
    let tidying =
        ids.iter().filter_map(|id| gone.sub(&id.to_string()).and_then(|dir| dir.file(TIDYING, Open::Write)).ok());
    let held: Vec<File> = tidying.filter(|turn| lock::take(turn).is_ok()).collect();
    freed += tidy::remove_all(&home.task_logs()?, &logs).map_err(failed)?;
    drop(held);
    for id in &ids {
        match gone.remove_tree(&id.to_string()) {
            // Somebody else clears up as well.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(failed)?,
        }
    }
    shell_states::clear(home);
    Ok(freed)
}

/// The names of their logs: as their specs say, and where one is damaged, as the registry knows.
fn logs_of(home: &Home, gone: &Dir, ids: &[TaskId]) -> Result<Vec<String>, Error> {
    let (mut logs, mut unread) = (Vec::new(), Vec::new());
    for id in ids {
        match gone.sub(&id.to_string()).map(|dir| TaskDir { id: *id, dir }.spec()) {
            Ok(Ok(spec)) => logs.push(log_name(*id, &spec.name)),
            Ok(Err(_)) => unread.push(*id),
            Err(_) => {}
        }
    }
    if !unread.is_empty() {
        logs.extend(registry::logs_of(home, &unread)?);
    }
    Ok(logs)
}
