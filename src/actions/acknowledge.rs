//! What somebody has looked at is no news any more.

use crate::actions::{output, session};
use crate::store::layout::Home;
use crate::store::shells::Telling;
use crate::store::snapshot::TaskSnapshot;
use crate::store::{markers, shells};
use crate::task::id::TaskId;

/// Somebody was shown these tasks, if anybody looks at all: their failures no longer stand in the
/// prompt. Only a courtesy, so what fails here is passed over. A task that was shown before it
/// failed is not among them.
pub fn saw(home: &Home, ids: &[TaskId]) {
    if output::is_seen() {
        settled(home, ids);
    }
}

/// Somebody was shown a task like this.
pub fn saw_as(home: &Home, reading: &TaskSnapshot) {
    if !reading.status().is_living() {
        saw(home, &[reading.spec.id]);
    }
}

/// Says that the shell at whose terminal this runs is told of the task's end by this verb, if
/// anybody looks.
pub fn telling(home: &Home, id: TaskId) -> Option<Telling> {
    let shell = session::of_shell().filter(|_| output::is_seen())?;
    shells::telling(home, &shell, id)
}

/// These tasks' failures were dealt with, whether anybody looks or not.
pub fn settled(home: &Home, ids: &[TaskId]) {
    if markers::saw(home, ids).unwrap_or(false) {
        shells::ring(home);
    }
}

/// The failures that nobody has looked at yet: what somebody is shown after this was asked, he has
/// seen of them.
pub fn failed(home: &Home) -> Vec<TaskId> {
    if output::is_seen() { markers::failed(home).unwrap_or_default() } else { Vec::new() }
}

/// Those of these tasks.
pub fn failed_of(home: &Home, ids: &[TaskId]) -> Vec<TaskId> {
    let mut failed = failed(home);
    failed.retain(|id| ids.contains(id));
    failed
}
