//! What a verb says where it has to do with the task that it is itself a part of.

use std::io::Write;

use crate::actions::failure::{Failure, USAGE};
use crate::store::layout::Home;
use crate::task::id::TaskId;
use crate::task_log::feedback;

/// Why the log of a task cannot be followed here.
pub const COMES_BACK: &str = "what is printed here is added to it, and would come back for ever";

/// The task that this process is a part of.
pub fn task(home: &Home) -> Option<TaskId> {
    feedback::own_tasks(home).first().copied()
}

/// Says what becomes of this process's own task, if that is among these.
pub fn tell(home: &Home, ids: &[TaskId], what: &str) {
    if let Some(id) = task(home).filter(|id| ids.contains(id)) {
        // Whoever closed our standard error cannot be told anything.
        let _ = writeln!(crate::actions::output::talk(), "aos: this is a part of {id}, which {what}");
    }
}

/// That something cannot be done to a task by a part of it.
pub fn refusal(id: TaskId, why: &str) -> Failure {
    Failure::new(USAGE, format!("this is a part of {id}: {why}"))
}
