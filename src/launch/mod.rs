//! From a spec to a running command: the few milliseconds between a new process in its new
//! session and the command's own first instruction. Whatever is executed for a task, its command or
//! another beside it, is launched here: [`plan`] says how, [`apply`] does it.

pub mod apply;
pub mod limits;
pub mod plan;
mod program;
pub mod sandbox;
mod scope;

use crate::task::spec::Spec;

/// Why a command was not executed, as its supervisor hears.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct LaunchFailure {
    /// A sentence.
    pub why: String,
    /// What a shell would report: 126, 127, or 125 for what is not the command's fault.
    pub code: i32,
}

/// What a shell would report where the command is not at fault.
pub const NOT_STARTED: i32 = 125;
/// The same where something that was demanded cannot be had. *Source*: sysexits(3), EX_CONFIG.
pub const UNENFORCED: i32 = 78;

/// The names of the variables that tell which task it is, and which run.
pub const TASK_ID: &str = "AOS_TASK_ID";
/// See [`TASK_ID`].
pub const RUN: &str = "AOS_RUN";
/// The name of the variable that marks every process of a run.
pub const MARK: &str = "AOS_MARK";

/// What every process of a run has in its environment of aos: which task it is, which run, and its
/// mark.
pub fn variables(spec: &Spec, run: u32) -> [(&'static str, String); 3] {
    [(TASK_ID, spec.id.to_string()), (RUN, run.to_string()), (MARK, spec.mark(run))]
}

/// The mark of the run that this process is a part of, if it is of any.
pub fn own_mark() -> Option<Vec<u8>> {
    std::env::var_os(MARK).map(std::os::unix::ffi::OsStringExt::into_vec)
}

/// Whether this process is a part of any.
pub fn is_in_task() -> bool {
    std::env::var_os(MARK).is_some()
}
