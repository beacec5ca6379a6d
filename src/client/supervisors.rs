//! How supervisors and keepers are told from other processes: called so, and executed from a program
//! of our name.

use crate::sys::proc::{self, Process};

/// How their short names begin; their task's id follows once they have one.
pub const NAME: &str = "aos:";

/// Whether this is one.
pub fn is_one(process: &Process) -> bool {
    process.name.starts_with(NAME) && is_ours(process)
}

/// Whether this executes aos at all.
pub fn is_ours(process: &Process) -> bool {
    proc::program_name(process.pid) == proc::program_name(std::process::id() as i32)
}
