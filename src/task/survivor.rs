//! A process of a task, as messages and files name it.

use serde::{Deserialize, Serialize};

/// A process that was found alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor {
    /// Its process id.
    pub pid: i32,
    /// Its name.
    pub name: String,
}

/// Names processes for a message: `sleep (pid 12), node (pid 13)`.
pub fn names(processes: &[Survivor]) -> String {
    processes.iter().map(|p| format!("{} (pid {})", p.name, p.pid)).collect::<Vec<_>>().join(", ")
}
