//! Removing tasks that are over, with all that is kept of them: all of it goes, or nothing does.
//!
//! A task is removed when its directory has been renamed into `tasks/.gone/`: from then on there is
//! none of that id. What else there is of it goes after that ([`super::removed_files`]): at once,
//! or aside where there is much.

use std::collections::BTreeMap;
use std::io;

use super::layout::{Home, log_name};
use super::snapshot::{Liveness, RunFacts};
use super::task_dir::TaskDir;
use super::{StoreError, markers, registry, removed_files};
use crate::logs::store::compact;
use crate::sys::dir::Dir;
use crate::sys::{cores, disk, faults, lock};
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::units::wall_time::WallTime;

/// When tasks ended that were chosen for that.
pub type EndTimes = BTreeMap<TaskId, WallTime>;

/// What came of it.
#[derive(Debug, Default)]
pub struct Removed {
    /// The tasks that are gone.
    pub ids: Vec<TaskId>,
    /// Why others are not.
    pub kept: Vec<StoreError>,
    /// How much room that made by now. *Units*: bytes.
    pub freed: u64,
    /// Of so many of these tasks the files are still to be deleted.
    pub uncleared: usize,
    /// Whether anything is left to be deleted, of these or of others.
    pub is_more: bool,
}

/// Removes tasks, and deletes what others have left of tasks that they removed, if that is not too
/// much. One that lives is kept, and so is one that was chosen for how long ago it `ended`, and has
/// run again since; a damaged one may be removed. Of one that is not there, a row may be left,
/// which goes.
pub fn remove(home: &Home, ids: &[TaskId], ended: &EndTimes) -> Result<Removed, StoreError> {
    let mut removed = Removed::default();
    let was_full = take_all_away(home, ids, ended, &mut removed)?;
    faults::point("rm-taken");
    let left: Vec<TaskId> = markers::removed(home).into_iter().collect();
    if was_full || left.len() <= removed_files::MOST_AT_ONCE {
        removed.freed += removed_files::clear(home, &left)?;
    } else if removed.ids.len() <= removed_files::MOST_AT_ONCE {
        removed.freed += removed_files::clear(home, &removed.ids)?;
        removed.is_more = true;
    } else {
        // Where there is no room for a registry without them, they are in no list all the same.
        removed_files::forget(home, &removed.ids)?;
        faults::point("rm-forgotten");
        removed.uncleared = removed.ids.len();
        removed.is_more = true;
    }
    let id_of_none = |why: &StoreError| if let StoreError::NoTask(id) = why { Some(*id) } else { None };
    let rows: Vec<TaskId> = removed.kept.iter().filter_map(id_of_none).collect();
    if !rows.is_empty() {
        registry::forget(home, &rows)?;
    }
    Ok(removed)
}

/// Takes them away. On a full disk there may be room for some names in `.gone/` and not for all:
/// what these leave is deleted then, before the others go. Says whether it came to that.
fn take_all_away(home: &Home, ids: &[TaskId], ended: &EndTimes, removed: &mut Removed) -> Result<bool, StoreError> {
    let is_full = |why: &StoreError| matches!(why, StoreError::File { source, .. } if disk::is_full(source));
    let (mut wanted, mut was_full) = (ids.to_vec(), false);
    loop {
        let before = removed.ids.len();
        let mut refused = Vec::new();
        for (id, taken) in wanted.iter().zip(cores::spread(&wanted, |id| take_away(home, *id, ended.get(id).copied())))
        {
            match taken {
                Ok(()) => removed.ids.push(*id),
                Err(why) if is_full(&why) => refused.push((*id, why)),
                Err(why) => removed.kept.push(why),
            }
        }
        if refused.is_empty() {
            return Ok(was_full);
        }
        was_full = true;
        if removed.ids.len() == before {
            removed.kept.extend(refused.into_iter().map(|(_, why)| why));
            return Ok(was_full);
        }
        removed.freed += removed_files::clear(home, &removed.ids[before..])?;
        wanted = refused.into_iter().map(|(id, _)| id).collect();
    }
}

/// Takes a task away. In its turn, so that a run that is just beginning either holds the task
/// already, or finds none; its lock is left free, as whoever holds that counts as alive.
fn take_away(home: &Home, id: TaskId, ended: Option<WallTime>) -> Result<(), StoreError> {
    let task = TaskDir::open(home, id)?;
    let bearing = RunFacts::of(&task, None);
    let not_over =
        || StoreError::NotOver { id, status: bearing.as_ref().map_or(Status::Unknown, |bearing| bearing.status()) };
    let is_over = match &bearing {
        Ok(bearing) => matches!(bearing.standing, Liveness::Over(_) | Liveness::Lost(_)),
        Err(StoreError::NoTask(_)) => return Err(StoreError::NoTask(id)),
        // Not even its lock can be asked.
        Err(_) => markers::supervisor(home, id).is_none(),
    };
    if !is_over {
        return Err(not_over());
    }
    let failed = |source| StoreError::File { doing: "remove", what: id.to_string(), source };
    let file = task.own_lock_file()?;
    task.is_closed(&file)?;
    let has_run_again = || ended.is_some_and(|ended| RunFacts::end_of(&task).is_some_and(|end| end.ended != ended));
    let take = || {
        if lock::is_held(&file)? {
            return Ok(Err(not_over()));
        }
        if has_run_again() {
            return Ok(Err(StoreError::RunAgain(id)));
        }
        let gone = gone_or_make(home, &task).map_err(io::Error::other)?;
        home.tasks.rename_into(&id.to_string(), &gone, &id.to_string()).map(Ok)
    };
    lock::in_turn(&file, take).and_then(|taken| taken).map_err(failed)?
}

/// `tasks/.gone/`. Where there is no room even for that directory, the log of the task that is to
/// go makes it.
fn gone_or_make(home: &Home, task: &TaskDir) -> Result<Dir, StoreError> {
    match home.gone() {
        Err(StoreError::Unusable { source, .. }) if disk::is_full(&source) => {
            let spec = task.spec_without_surroundings()?;
            let failed = |source| StoreError::File { doing: "remove", what: "its log".into(), source };
            compact::remove_all(&home.task_logs()?, &[log_name(task.id, &spec.name)]).map_err(failed)?;
            home.gone()
        }
        made => made,
    }
}
