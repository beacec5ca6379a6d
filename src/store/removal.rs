//! Removing tasks that are over, with all that is kept of them: all of it goes, or nothing does.
//!
//! A task is removed when its directory has been renamed into `tasks/.gone/`: from then on there is
//! none of that id. What else there is of it goes after that, and its directory last, so that
//! whatever is interrupted is finished by the next one who removes anything. Room is made before
//! any is needed: logs and the directory's files go before the registry is written again. Where it
//! cannot be written even then, the empty directory stays in `.gone/`, and the row is in no list.

use std::fs::File;
use std::io;

use super::layout::{GONE, Home, log_name};
use super::snapshot::{Liveness, RunFacts};
use super::task_dir::{TIDYING, TaskDir};
use super::{StoreError, markers, registry, shell_states};
use crate::logs::store::compact;
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::{cores, disk, lock};
use crate::task::id::TaskId;
use crate::task::status::Status;

/// So many tasks' files are open at a time: their number has no bound, that of a process's
/// descriptors has one.
const AT_ONCE: usize = 16;

/// So often a directory is emptied into which somebody still writes.
const MOST_TRIES: usize = 5;

/// What came of it.
#[derive(Debug, Default)]
pub struct Removed {
    /// The tasks that are gone.
    pub ids: Vec<TaskId>,
    /// Why others are not.
    pub kept: Vec<StoreError>,
    /// How much room that made. *Units*: bytes.
    pub freed: u64,
}

/// Removes tasks, and whatever others have left of tasks that they removed. One that lives is kept;
/// a damaged one may be removed. Of one that is not there, a row may be left, which goes.
pub fn remove(home: &Home, ids: &[TaskId]) -> Result<Removed, StoreError> {
    let mut removed = Removed::default();
    for (id, taken) in ids.iter().zip(cores::spread(ids, |id| take_away(home, *id))) {
        match taken {
            Ok(()) => removed.ids.push(*id),
            Err(why) => removed.kept.push(why),
        }
    }
    removed.freed = clear(home)?;
    let id_of_none = |why: &StoreError| if let StoreError::NoTask(id) = why { Some(*id) } else { None };
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

/// Takes a task away. In its turn, so that a run that is just beginning either holds the task
/// already, or finds none; its lock is left free, as whoever holds that counts as alive.
fn take_away(home: &Home, id: TaskId) -> Result<(), StoreError> {
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
    let unless_living = || match lock::is_held(&file)? {
        true => Ok(false),
        false => {
            let gone = gone_or_make(home, &task).map_err(io::Error::other)?;
            home.tasks.rename_into(&id.to_string(), &gone, &id.to_string()).map(|()| true)
        }
    };
    match lock::in_turn(&file, unless_living).and_then(|done| done).map_err(failed)? {
        true => Ok(()),
        false => Err(not_over()),
    }
}

/// `tasks/.gone/`. Where there is no room even for that directory, the log of the task that is to
/// go makes it.
fn gone_or_make(home: &Home, task: &TaskDir) -> Result<Dir, StoreError> {
    match home.gone() {
        Err(StoreError::Unusable { source, .. }) if disk::is_full(&source) => {
            let spec = task.spec()?;
            let failed = |source| StoreError::File { doing: "remove", what: "its log".into(), source };
            compact::remove_all(&home.task_logs()?, &[log_name(task.id, &spec.name)]).map_err(failed)?;
            home.gone()
        }
        made => made,
    }
}

/// Clears up what is left of removed tasks, whoever removed them; says how much room that frees.
/// *Units*: bytes.
fn clear(home: &Home) -> Result<u64, StoreError> {
    let Ok(gone) = home.tasks.sub(GONE) else { return Ok(0) };
    let failed = |source| StoreError::File { doing: "clear", what: format!("tasks/{GONE}"), source };
    let names = gone.names().map_err(failed)?;
    let ids: Vec<TaskId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let some: Vec<&[TaskId]> = ids.chunks(AT_ONCE).collect();
    let freed = cores::spread(&some, |some| clear_logs(home, &gone, some)).into_iter().sum::<Result<u64, _>>()?;
    markers::forget(home, &ids)?;
    match registry::forget(home, &ids) {
        Err(StoreError::File { source, .. }) if disk::is_full(&source) => {
            for dir in opened(&gone, &ids) {
                empty(&dir).map_err(failed)?;
            }
            // In the room that they took; else whoever removes anything next does it.
            match registry::forget(home, &ids) {
                Err(StoreError::File { source, .. }) if disk::is_full(&source) => return Ok(freed),
                forgotten => forgotten?,
            }
        }
        forgotten => forgotten?,
    }
    // A worker that still looks into what it printed may put its last file there.
    let is_filled = |e: &io::Error| e.kind() == io::ErrorKind::DirectoryNotEmpty;
    let remove = |id: &TaskId| {
        let tries = (0..MOST_TRIES).map(|_| gone.remove_tree(&id.to_string()));
        match tries.into_iter().find(|removed| !removed.as_ref().is_err_and(is_filled)) {
            // Somebody else clears up as well; what is left is cleared by who removes next.
            Some(Err(e)) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Some(removed) => removed.map_err(failed),
            None => Ok(()),
        }
    };
    cores::spread(&ids, remove).into_iter().collect::<Result<(), _>>()?;
    shell_states::clear(home);
    Ok(freed)
}

/// Removes the logs of some of them; says how much their directories take as well. *Units*: bytes.
fn clear_logs(home: &Home, gone: &Dir, ids: &[TaskId]) -> Result<u64, StoreError> {
    let failed = |source| StoreError::File { doing: "clear", what: format!("tasks/{GONE}"), source };
    let logs = logs_of(home, gone, ids)?;
    let dirs: Vec<Dir> = opened(gone, ids).collect();
    // Whoever still compresses one of them would leave what it has just made.
    let tidying = dirs.iter().filter_map(|dir| dir.file(TIDYING, OpenMode::Write).ok());
    let held: Vec<File> = tidying.filter(|turn| lock::take(turn).is_ok()).collect();
    let freed = compact::remove_all(&home.task_logs()?, &logs).map_err(failed)?;
    drop(held);
    Ok(freed + dirs.iter().map(weight).sum::<u64>())
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

/// The names of their logs: as their specs say, and where one is damaged, as the registry knows.
fn logs_of(home: &Home, gone: &Dir, ids: &[TaskId]) -> Result<Vec<String>, StoreError> {
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
