//! Markers: files whose names alone say who lives and who has failed, so that a shell's prompt can
//! tell with its builtins, and no reader looks at more than the living. They are further names of
//! the task's lock: a file of its own takes a file system longer, and the more so the more files
//! were removed of late (ext4 passes over each of those that were within five minutes).
//!
//! *Shape*: `active/task-007.4242` (living; the number is the supervisor's pid, before its birth
//! its watchdog's), `active/task-007.4242.queued` (living, and has not begun),
//! `active/task-007.4242.waiting` (waits for somebody to type), `active/task-007.failed` (failed
//! since somebody last looked), `active/task-007.errors` (living, and the output of its run tells
//! of an error), `ended/task-007.2` (run 2 is over and not in the registry yet),
//! `ended/task-007.2.judged` (the same, or its row does not say yet what was found in its output).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::layout::{
    ACTIVE, ENDED, GONE, Home, MarkerState, errors_marker, failed_marker, judged_marker, marker, marker_of,
    read_errors_marker, read_failed_marker, read_marker, state_of_marker,
};
use super::task_dir::LOCK;
use super::{StoreError, host};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::disk;
use crate::task::id::TaskId;
use crate::task::process_id::ProcessId;

/// The ids that have a marker of life, in order.
pub fn living(home: &Home) -> Result<Vec<TaskId>, StoreError> {
    ids(&home.active()?, |name| read_marker(name).map(|(id, _)| id))
}

/// The markers of runs that are over and not in the registry yet.
pub fn ended(home: &Home) -> Result<Vec<String>, StoreError> {
    let Some(ended) = unless_unmade(home.ended())? else { return Ok(Vec::new()) };
    ended.names_at_once().map_err(|source| StoreError::File { doing: "list", what: format!("tasks/{ENDED}"), source })
}

/// A directory to list; `None` where there is none, and no room to make it.
fn unless_unmade(dir: Result<Dir, StoreError>) -> Result<Option<Dir>, StoreError> {
    match dir {
        Err(StoreError::Unusable { source, .. }) if disk::is_full(&source) || disk::is_read_only(&source) => Ok(None),
        dir => dir.map(Some),
    }
}

/// The tasks that are being removed, or were when whoever did it was interrupted.
pub fn removed(home: &Home) -> BTreeSet<TaskId> {
    let names = home.tasks.sub(GONE).and_then(|gone| gone.names()).unwrap_or_default();
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// How each task that has a marker of life stands by it.
pub fn states(home: &Home) -> Result<BTreeMap<TaskId, MarkerState>, StoreError> {
    let names = names(&home.active()?)?;
    Ok(names.iter().filter_map(|name| Some((read_marker(name)?.0, state_of_marker(name)))).collect())
}

/// The supervisor of a task, as its marker says, if that process is it.
pub fn supervisor(home: &Home, id: TaskId) -> Option<ProcessId> {
    let names = of(&home.active().ok()?, id);
    let pids = names.iter().filter_map(|name| i32::try_from(read_marker(name)?.1?).ok());
    pids.filter_map(|pid| host::supervisor_of(&home.task_path(id), pid)).next()
}

/// How a task that is marked as living stands by its marker; `None` where it has none.
pub fn state(home: &Home, id: TaskId) -> Option<MarkerState> {
    of(&home.active().ok()?, id).first().map(|name| state_of_marker(name))
}

/// The ids of tasks that failed since somebody last looked, in order.
pub fn failed(home: &Home) -> Result<Vec<TaskId>, StoreError> {
    ids(&home.active()?, read_failed_marker)
}

/// The living tasks whose output tells of an error, in order.
pub fn with_errors(home: &Home) -> Result<Vec<TaskId>, StoreError> {
    let names = names(&home.active()?)?;
    let marked = |read: fn(&str) -> Option<TaskId>| names.iter().filter_map(|name| read(name)).collect::<BTreeSet<_>>();
    // What an error of a run that is over has left behind says nothing.
    let living =
        marked(|name| read_marker(name).map(|(id, _)| id).filter(|_| state_of_marker(name) != MarkerState::Queued));
    Ok(marked(read_errors_marker).intersection(&living).copied().collect())
}

/// Says whether the output of a living task's run tells of an error.
pub fn mark_errors(home: &Home, id: TaskId, has_errors: bool) -> Result<(), StoreError> {
    if has_errors {
        return mark(home, id, &errors_marker(id), "one with errors");
    }
    // Mostly there is none.
    let _ = home.active()?.remove(&errors_marker(id));
    Ok(())
}

/// Marks a task as living, in the care of its watchdog, whose pid this is. Before its birth, so
/// that no living task is ever unlisted.
pub fn mark_living(home: &Home, id: TaskId, watchdog: u32) -> Result<(), StoreError> {
    mark(home, id, &marker(id, watchdog), "living")
}

/// Says that a living task is in this process's care, and how it stands.
pub fn mark_own(home: &Home, id: TaskId, state: MarkerState) -> Result<(), StoreError> {
    let active = home.active()?;
    let mut names = of(&active, id).into_iter();
    let Some(first) = names.next() else { return Ok(()) };
    // One is renamed before the others go: a living task is always marked.
    let renamed = active.rename(&first, &marker_of(id, std::process::id(), state));
    names.for_each(|other| drop(active.remove(&other)));
    renamed.map_err(|source| failed_to(id, "living", source))
}

/// Takes a task off the living: its run is over and recorded. Where nobody has marked it as living,
/// or somebody was faster, it is marked as over all the same: a task without any marker would be in
/// no list.
pub fn mark_over(home: &Home, id: TaskId, run: u32) -> Result<(), StoreError> {
    let (active, ended) = (home.active()?, home.ended()?);
    let over = marker(id, run);
    // Mostly it is this process's own: of a crowd that ends, nobody lists all others.
    let own = [MarkerState::Active, MarkerState::Waiting, MarkerState::Queued];
    let mut own = own.iter().map(|state| marker_of(id, std::process::id(), *state));
    if own.any(|own| active.rename_into(&own, &ended, &over).is_ok()) {
        let _ = active.remove(&errors_marker(id));
        return Ok(());
    }
    let names = of(&active, id);
    let moved =
        names.first().map_or(Err(io::ErrorKind::NotFound.into()), |first| active.rename_into(first, &ended, &over));
    let _ = active.remove(&errors_marker(id));
    let others = &names[usize::from(moved.is_ok())..];
    let marked = moved.or_else(|_| ended.file(&over, OpenMode::Make).map(drop));
    if marked.is_ok() {
        others.iter().for_each(|name| drop(active.remove(name)));
    }
    marked.map_err(|source| failed_to(id, "over", source))
}

/// Has a task's row made again, as it is known now what was found in a run's output. Under a name
/// of its own: whoever makes the row just now removes only the markers that he has seen.
pub fn mark_judged(home: &Home, id: TaskId, run: u32) -> Result<(), StoreError> {
    let made = home.ended()?.file(&judged_marker(id, run), OpenMode::Make).map(drop);
    made.map_err(|source| failed_to(id, "judged", source))
}

/// Remembers that a task failed until somebody looks.
pub fn mark_failed(home: &Home, id: TaskId) -> Result<(), StoreError> {
    mark(home, id, &failed_marker(id), "failed")
}

/// Somebody has looked at these tasks; says whether any of them had failed unseen.
pub fn saw(home: &Home, ids: &[TaskId]) -> Result<bool, StoreError> {
    let active = home.active()?;
    Ok(ids.iter().filter(|id| active.remove(&failed_marker(**id)).is_ok()).count() > 0)
}

/// Removes every marker of these tasks but those that the registry reads.
pub fn forget(home: &Home, ids: &[TaskId]) -> Result<(), StoreError> {
    let active = home.active()?;
    let ids: BTreeSet<TaskId> = ids.iter().copied().collect();
    let id_of = |name: &str| {
        read_marker(name).map(|(id, _)| id).or_else(|| read_failed_marker(name)).or_else(|| read_errors_marker(name))
    };
    for name in names(&active)?.iter().filter(|name| id_of(name).is_some_and(|id| ids.contains(&id))) {
        let _ = active.remove(name);
    }
    Ok(())
}

/// Makes a marker, if it is not there.
fn mark(home: &Home, id: TaskId, marker: &str, as_what: &str) -> Result<(), StoreError> {
    let active = home.active()?;
    let linked = home.tasks.link_into(&format!("{id}/{LOCK}"), &active, marker);
    // It is there already, or the file system knows no second names.
    let made = linked.or_else(|_| active.file(marker, OpenMode::Make).map(drop));
    made.map_err(|source| failed_to(id, as_what, source))
}

fn ids(active: &Dir, read: impl Fn(&str) -> Option<TaskId>) -> Result<Vec<TaskId>, StoreError> {
    let ids: BTreeSet<TaskId> = names(active)?.iter().filter_map(|name| read(name)).collect();
    Ok(ids.into_iter().collect())
}

fn names(active: &Dir) -> Result<Vec<String>, StoreError> {
    active.names_at_once().map_err(|source| StoreError::File { doing: "list", what: format!("tasks/{ACTIVE}"), source })
}

/// The markers of one task.
fn of(dir: &Dir, id: TaskId) -> Vec<String> {
    let mut names = dir.names_at_once().unwrap_or_default();
    names.retain(|name| read_marker(name).is_some_and(|(other, _)| other == id));
    names
}

fn failed_to(id: TaskId, as_what: &str, source: io::Error) -> StoreError {
    StoreError::File { doing: "mark", what: format!("{id} as {as_what}"), source }
}
