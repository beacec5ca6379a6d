//! What a task consists of that was running before it was one.

use serde::{Deserialize, Serialize};

use super::process_id::ProcessId;

/// Processes that somebody else began. *Shape*: in `spec.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The process group that they are, where they were adopted as one: a shell's job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<i32>,
    /// They, as they were found: at least one, the group's leader first if it was there.
    pub processes: Vec<ProcessId>,
}
