//! Where a living task stands.

use serde::{Deserialize, Serialize};

/// Where a task stands that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It has not begun: it waits for a time, for other tasks, or for its turn.
    Queued,
    /// Its supervisor lives; whether the command could be executed is not known yet.
    Starting,
    /// The command was executed.
    Running,
    /// All its processes are stopped, and can be resumed.
    Paused,
    /// It was asked to end, or its leader did; what is left of it is being ended.
    Stopping,
    /// How it ended is recorded.
    Over,
}
