//! How supervisors, watchdogs and their workers are told from other processes. A name alone tells
//! nothing, as anybody may take it: they execute this very program, or, where that was replaced
//! since or is another one, the state of a task names them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::store::host;
use crate::sys::proc::{self, Process};
use crate::task::id::TaskId;

/// How their short names begin; their task's id follows once they have one.
pub const NAME: &str = "aos:";

/// What such a process is called for the moment between its execution from /proc/self/exe and its
/// taking of a name.
const UNNAMED: &str = "exe";

/// Whether this is one, or another process of aos's own beside a task.
pub fn is_one(process: &Process) -> bool {
    let is_named = process.name.starts_with(NAME);
    (is_named || process.name == UNNAMED) && is_ours(process) || is_named && is_recorded(process)
}

/// Whether this executes the program that this process executes.
pub fn is_ours(process: &Process) -> bool {
    proc::program(process.pid).is_some_and(|program| Some(program) == proc::program(std::process::id() as i32))
}

/// Whether the task whose supervisor or watchdog this says to be has it as that. What else is of
/// aos's own is below these.
fn is_recorded(process: &Process) -> bool {
    let Some(title) = proc::command_line(process.pid).into_iter().next() else { return false };
    let task_in =
        |start: &str| title.as_bytes().strip_prefix(start.as_bytes()).map(|path| Path::new(OsStr::from_bytes(path)));
    if let Some(supervisor) = task_in(host::SUPERVISOR_OF).and_then(host::recorded_supervisor) {
        return (supervisor.pid, supervisor.start) == (process.pid, process.start);
    }
    let kept = task_in(host::WATCHDOG_OF).and_then(host::recorded_supervisor);
    kept.is_some_and(|below| proc::stat(below.pid).is_ok_and(|it| (it.start, it.parent) == (below.start, process.pid)))
}

/// Whose it is, if it is one that has a task.
pub fn task_of(process: &Process) -> Option<TaskId> {
    is_one(process).then(|| process.name.strip_prefix(NAME)?.parse().ok())?
}
