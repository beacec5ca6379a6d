//! The hook that a verb runs in, as its environment tells.

use std::env;

use crate::events::hook_sink::EVENT;
use crate::launch;
use crate::task::id::TaskId;

/// Whether this runs in a hook.
pub fn is_hook() -> bool {
    env::var_os(EVENT).is_some()
}

/// The event's name.
pub fn event() -> Option<String> {
    env::var(EVENT).ok()
}

/// The task that the event is of; also that of which this is a part without any hook.
pub fn task() -> Option<TaskId> {
    env::var(launch::TASK_ID).ok()?.parse().ok()
}

/// Its run.
pub fn run() -> Option<u32> {
    env::var(launch::RUN).ok()?.parse().ok()
}
