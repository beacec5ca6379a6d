//! What somebody has looked at is no news any more.

use super::{awaiting, output};
use crate::store::home::Home;
use crate::store::reading::Reading;
use crate::store::registry::Registry;
use crate::store::task_dir::TaskDir;
use crate::store::{markers, shells};
use crate::task::id::TaskId;

/// Somebody was shown these tasks, if anybody looks at all: their failures no longer stand in the prompt.
/// Only a courtesy, so what fails here is passed over.
pub fn saw(home: &Home, ids: &[TaskId]) {
    if output::is_seen() {
        settled(home, ids);
    }
}

/// These tasks' failures were dealt with, whether anybody looks or not.
pub fn settled(home: &Home, ids: &[TaskId]) {
    if markers::saw(home, ids).unwrap_or(false) {
        shells::ring(home);
    }
}

/// Adds to each living task's row the ports on which it listens.
pub fn look_for_ports(home: &Home, registry: &mut Registry) {
    for row in registry.living_mut() {
        if let Ok(reading) = TaskDir::open(home, row.id).and_then(|task| Reading::of(&task)) {
            row.ports = awaiting::listening(&reading);
        }
    }
}

/// Somebody was shown the list, if anybody looks at all.
pub fn saw_all(home: &Home) {
    if output::is_seen()
        && let Ok(failed) = markers::failed(home)
        && !failed.is_empty()
    {
        settled(home, &failed);
    }
}
