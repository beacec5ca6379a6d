//! What removed tasks have left: their directories in `tasks/.gone/`, logs, markers and rows. The
//! directory goes last, so that whatever is interrupted is finished by the next one who removes
//! anything. Room is made before any is needed: logs and the directory's files go before the
//! registry is written again. Where it cannot be written even then, the empty directory stays in
//! `.gone/`, and the row is in no list.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use super::layout::{CLEARING, GONE, Home, log_name, read_marker};
use super::task_dir::{TIDYING, TaskDir};
use super::{StoreError, markers, registry, shell_states};
use crate::logs::store::{compact, names};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::{cores, disk, faults, lock};
use crate::task::id::TaskId;

/// The files of so many tasks are deleted by who removes them, in less than a second.
pub const MOST_AT_ONCE: usize = 500;

/// So many tasks' files are open at a time: their number has no bound, that of a process's
/// descriptors has one.
const OPEN_AT_ONCE: usize = 16;

/// So often a directory is emptied into which somebody still writes.
const MOST_TRIES: usize = 5;

/// Deletes all that any removed task has left, unless somebody else is at it, who then does it all:
/// whoever gives back the lock looks once more after that.
pub fn clear_all(home: &Home) -> Result<(), StoreError> {
    let (mut before, mut trouble) = (BTreeSet::new(), None);
    loop {
        let left = markers::removed(home);
        // What could not be deleted once is left to who removes next.
        if left.is_subset(&before) {
            return trouble.map_or(Ok(()), Err);
        }
        // Where there is no room for the lock, two may be at it.
        let lock = home.tasks.own_file(CLEARING, OpenMode::Make).ok();
        if lock.as_ref().is_some_and(|lock| matches!(lock::try_take(lock), Ok(false))) {
            return Ok(());
        }
        let ids: Vec<TaskId> = left.iter().copied().collect();
        // One that cannot be deleted does not keep the others.
        for some in ids.chunks(MOST_AT_ONCE) {
            trouble = clear(home, some).err().or(trouble);
        }
        before = left;
    }
}

/// Whether somebody is at that now.
pub fn is_being_cleared(home: &Home) -> bool {
    home.tasks.file(CLEARING, OpenMode::Read).and_then(|lock| lock::is_held(&lock)).unwrap_or(false)
}

/// Deletes what these have left, of those that are removed, whoever removed them; says how much
/// room that makes. *Units*: bytes.
pub fn clear(home: &Home, ids: &[TaskId]) -> Result<u64, StoreError> {
    let Ok(gone) = home.tasks.sub(GONE) else { return Ok(0) };
    if ids.is_empty() {
        return Ok(0);
    }
    let some: Vec<&[TaskId]> = ids.chunks(OPEN_AT_ONCE).collect();
    let freed = cores::spread(&some, |some| clear_logs(home, &gone, some)).into_iter().sum::<Result<u64, _>>()?;
    faults::point("clear-logs");
    if !forget(home, ids)? {
        for dir in opened(&gone, ids) {
            empty(&dir).map_err(failed)?;
        }
        // In the room that they took; else whoever removes anything next does it.
        if !forget(home, ids)? {
            return Ok(freed);
        }
    }
    faults::point("clear-rows");
    cores::spread(ids, |id| remove_directory(&gone, *id)).into_iter().collect::<Result<(), _>>()?;
    shell_states::clear(home);
    Ok(freed)
}

/// Takes markers and rows of removed tasks away; says whether there is room for a registry without
/// them.
pub fn forget(home: &Home, ids: &[TaskId]) -> Result<bool, StoreError> {
    markers::forget(home, ids)?;
    match registry::forget(home, ids) {
        Err(StoreError::File { source, .. }) if disk::is_full(&source) => Ok(false),
        forgotten => forgotten.map(|()| true),
    }
}

fn failed(source: io::Error) -> StoreError {
    StoreError::File { doing: "clear", what: format!("tasks/{GONE}"), source }
}

/// A worker that still looks into what it printed may put its last file there.
fn remove_directory(gone: &Dir, id: TaskId) -> Result<(), StoreError> {
    let is_filled = |e: &io::Error| e.kind() == io::ErrorKind::DirectoryNotEmpty;
    let tries = (0..MOST_TRIES).map(|_| gone.remove_tree(&id.to_string()));
    let removed = tries.into_iter().find(|removed| !removed.as_ref().is_err_and(is_filled));
    faults::point("clear-directory");
    match removed {
        // Somebody else clears up as well; what is left is cleared by who removes next.
        Some(Err(e)) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Some(removed) => removed.map_err(failed),
        None => Ok(()),
    }
}

/// Removes the logs of some of them; says how much their directories take as well. *Units*: bytes.
fn clear_logs(home: &Home, gone: &Dir, ids: &[TaskId]) -> Result<u64, StoreError> {
    let logs = logs_of(home, gone, ids)?;
    let dirs: Vec<Dir> = opened(gone, ids).collect();
    // Whoever still compresses one of them would leave what it has just made.
    let tidying = dirs.iter().filter_map(|dir| dir.file(TIDYING, OpenMode::Write).ok());
    let held: Vec<File> = tidying.filter(|turn| lock::take(turn).is_ok()).collect();
    let freed = compact::remove_all(&home.task_logs()?, &logs).map_err(failed)?;
    drop(held);
    Ok(freed + dirs.iter().map(weight).sum::<u64>())
}

/// What the files of a task's directory take. *Units*: bytes.
pub fn weight(dir: &Dir) -> u64 {
    let names = dir.names().unwrap_or_default();
    names.iter().filter_map(|name| dir.look_at(name)).map(|file| file.size).sum()
}

/// The directories that are there.
fn opened(gone: &Dir, ids: &[TaskId]) -> impl Iterator<Item = Dir> {
    ids.iter().filter_map(|id| gone.sub(&id.to_string()).ok())
}

/// Removes all that is in a directory. Somebody else may do so as well.
fn empty(dir: &Dir) -> io::Result<()> {
    for name in dir.names()? {
        let removed = match dir.remove_any(&name) {
            Err(e) if e.raw_os_error() == Some(libc::EISDIR) => dir.remove_tree(&name).map(|()| true),
            removed => removed,
        };
        match removed {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            removed => drop(removed?),
        }
    }
    Ok(())
}

/// The names of their logs: as their specs say, and where one is damaged, as they begin with its
/// id.
fn logs_of(home: &Home, gone: &Dir, ids: &[TaskId]) -> Result<Vec<String>, StoreError> {
    let (mut logs, mut unread) = (Vec::new(), BTreeSet::new());
    for id in ids {
        match gone.sub(&id.to_string()).map(|dir| TaskDir { id: *id, dir }.spec_without_surroundings()) {
            Ok(Ok(spec)) => logs.push(log_name(*id, &spec.name)),
            Ok(Err(_)) => drop(unread.insert(*id)),
            Err(_) => {}
        }
    }
    if !unread.is_empty() {
        let all = home.task_logs()?.names().map_err(failed)?;
        let theirs = all.iter().filter(|name| log_owner(name).is_some_and(|id| unread.contains(&id)));
        let found: BTreeSet<&str> = theirs.flat_map(|name| names::logs_of(name)).collect();
        logs.extend(found.into_iter().map(str::to_owned));
    }
    Ok(logs)
}

/// The task that a file among the logs belongs to, as its name begins.
fn log_owner(name: &str) -> Option<TaskId> {
    let name = name.strip_prefix('.').unwrap_or(name);
    let (number, _) = name.strip_prefix("task-")?.split_once('-')?;
    read_marker(&format!("task-{number}")).map(|(id, _)| id)
}
