//! How supervisors and keepers are told from other processes: called so, and executed from a program
//! of our name.

use crate::sys::proc::{self, Process};
use crate::task::id::TaskId;

/// How their short names begin; their task's id follows once they have one.
pub const NAME: &str = "aos:";

/// What such a process is called for the moment between its execution from /proc/self/exe and its taking of a name.
const UNNAMED: &str = "exe";

/// Whether this is one, or another process of aos's own beside a task.
pub fn is_one(process: &Process) -> bool {
    (process.name.starts_with(NAME) || process.name == UNNAMED) && is_ours(process)
}

/// Whether this executes aos at all.
pub fn is_ours(process: &Process) -> bool {
    proc::program_name(process.pid) == proc::program_name(std::process::id() as i32)
}

/// Whose it is, if it is one that has a task.
pub fn task_of(process: &Process) -> Option<TaskId> {
    is_one(process).then(|| process.name.strip_prefix(NAME)?.parse().ok())?
}
