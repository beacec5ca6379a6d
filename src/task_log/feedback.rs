//! Which logs come back to this process: what it prints is added to them, at once or by way of
//! other tasks that follow logs. Whoever follows one of these prints without end.
//!
//! Who follows a log has it open, and its environment says which task it is a part of. So nothing
//! is kept anywhere, and only what follows logs within a task looks.

use std::collections::BTreeSet;
use std::path::Path;

use crate::launch;
use crate::processes::own_processes;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::sys::proc;
use crate::task::id::TaskId;
use crate::task::spec::Spec;

/// The task that this process is a part of, and then those within which that one was begun.
pub fn own_tasks(home: &Home) -> Vec<TaskId> {
    let mut chain: Vec<TaskId> = Vec::new();
    let mut mark = launch::own_mark();
    while let Some((id, spec)) = mark.and_then(|mark| marked(home, &mark)).filter(|(id, _)| !chain.contains(id)) {
        chain.push(id);
        mark = spec.variable(launch::MARK).map(|mark| mark.0.clone());
    }
    chain
}

/// The tasks whose logs come back to this process; none outside a task.
pub fn fed_back(home: &Home) -> BTreeSet<TaskId> {
    let mut found: BTreeSet<TaskId> = own_tasks(home).into_iter().collect();
    if found.is_empty() {
        return found;
    }
    let followed = followed(home);
    loop {
        let before = found.len();
        let further = followed.iter().filter(|(_, log)| found.contains(log)).map(|(by, _)| *by).collect::<Vec<_>>();
        found.extend(further);
        if found.len() == before {
            return found;
        }
    }
}

/// Which task has processes that have which task's log open.
fn followed(home: &Home) -> BTreeSet<(TaskId, TaskId)> {
    let Some(logs) = home.task_logs().ok().and_then(|dir| Path::new(&dir.handle_path()).canonicalize().ok()) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    for process in proc::all().unwrap_or_default() {
        let open: BTreeSet<TaskId> =
            proc::open_files(process.pid).iter().filter_map(|file| whose_log(&logs, file)).collect();
        // What looks after a task writes its log, in the environment of whoever began it.
        if !open.is_empty()
            && !own_processes::is_one(&process)
            && let Some((by, _)) = proc::variable(process.pid, launch::MARK).and_then(|mark| marked(home, &mark))
        {
            found.extend(open.into_iter().map(|log| (by, log)));
        }
    }
    found
}

/// The task of this home that has this mark.
fn marked(home: &Home, mark: &[u8]) -> Option<(TaskId, Spec)> {
    let mark = std::str::from_utf8(mark).ok()?;
    let id = mark.split('.').next()?.parse().ok()?;
    let spec = TaskDir::open(home, id).and_then(|task| task.spec()).ok()?;
    spec.has_mark(mark).then_some((id, spec))
}

/// `task-001-web.log`, in the directory of logs.
fn whose_log(logs: &Path, file: &Path) -> Option<TaskId> {
    let name = file.parent().filter(|directory| *directory == logs).and(file.file_name())?.to_str()?;
    name.strip_prefix("task-")?.split('-').next()?.parse().ok()
}
