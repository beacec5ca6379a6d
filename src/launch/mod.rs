//! From a spec to a running command: the few milliseconds between a new process in its new
//! session and the command's own first instruction.

pub mod exec;
pub mod program;

use serde::{Deserialize, Serialize};

/// Why a command was not executed, as the launched process tells its supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A sentence.
    pub why: String,
    /// What a shell would report: 126, 127, or 125 for what is not the command's fault.
    pub code: i32,
}

/// The name of the variable that marks every process of a run.
pub const MARK: &str = "AOS_MARK";
