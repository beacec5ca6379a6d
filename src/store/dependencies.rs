//! What a queued task waits for: how the others stand, and how that reads.

use std::collections::BTreeSet;

use super::group_queue::{GroupQueue, QueueView};
use super::layout::Home;
use super::snapshot::{self, TaskSnapshot};
use super::task_dir::TaskDir;
use super::{StoreError, markers};
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::start_condition::{Dependency, DependencyState, StartCondition};
use crate::task::status::Status;
use crate::units::wall_time::WallTime;

/// A task that another waits for, as it stands.
#[derive(Debug)]
pub struct DependencyTask {
    /// What is known of it.
    pub reading: TaskSnapshot,
    /// What matters to those that wait.
    pub standing: DependencyState,
}

impl DependencyTask {
    /// Looks at it.
    pub fn of(home: &Home, id: TaskId) -> Result<DependencyTask, StoreError> {
        let task = TaskDir::open(home, id)?;
        let reading = TaskSnapshot::of(home, &task)?;
        let is_over = !matches!(reading.standing, snapshot::Liveness::Living(_));
        let standing = DependencyState {
            status: reading.status(),
            is_over,
            is_ready: !is_over && reading.state.as_ref().is_some_and(|state| state.ready.is_some()),
            is_unneeded: reading.end().is_some_and(|end| end.unneeded),
            exit_code: reading.end().and_then(|end| end.outcome.exit_code()),
        };
        Ok(DependencyTask { reading, standing })
    }
}

/// The tasks that those which are not over wait for, or did.
pub fn awaited(home: &Home) -> Result<BTreeSet<TaskId>, StoreError> {
    let specs = markers::living(home)?
        .into_iter()
        .filter_map(|id| TaskDir::open(home, id).ok()?.spec_without_surroundings().ok());
    Ok(specs.flat_map(|spec| spec.begins.after).map(|after| after.id).collect())
}

/// What a queued task waits for, in words: `after task-003 (running)`.
pub fn words(home: &Home, reading: &TaskSnapshot) -> String {
    words_of(home, reading.spec.id, reading.state.as_ref().map_or(&[], |state| &state.holds))
}

/// The same of what this task waits for.
pub fn words_of(home: &Home, id: TaskId, holds: &[StartCondition]) -> String {
    let now = WallTime::now();
    let words = |hold: &StartCondition| match hold {
        StartCondition::Until { .. } | StartCondition::Change { .. } => hold.words(now),
        StartCondition::After(Dependency { id, .. }) => {
            let status = status(home, *id).map_or_else(|| "gone".to_owned(), |status| status.to_string());
            format!("{} ({status})", hold.words(now))
        }
        StartCondition::Slot(group) => in_line(home, id, group).unwrap_or_else(|| hold.words(now)),
    };
    holds.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// `3rd in group build (1 slot, held by task-002)`.
fn in_line(home: &Home, id: TaskId, group: &Group) -> Option<String> {
    let QueueView { position, holders, held } = GroupQueue::open(home, group).ok()?.view(id);
    let slots = home.config().map_or_else(
        |_| String::new(),
        |config| match config.slots(group) {
            1 => "1 slot, ".to_owned(),
            slots => format!("{slots} slots, "),
        },
    );
    let holders: Vec<String> = holders.iter().map(TaskId::to_string).collect();
    let held = match (held, &holders[..]) {
        (0, _) => "free".to_owned(),
        (_, []) => "held".to_owned(),
        (_, holders) => format!("held by {}", holders.join(", ")),
    };
    Some(format!("{} in group {group} ({slots}{held})", ordinal(position?)))
}

/// `1st`, `22nd`, `113th`.
fn ordinal(number: usize) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

fn status(home: &Home, id: TaskId) -> Option<Status> {
    TaskSnapshot::of(home, &TaskDir::open(home, id).ok()?).ok().map(|reading| reading.status())
}

#[cfg(test)]
mod tests {
    use super::ordinal;

    #[test]
    fn places_are_counted_as_people_do() {
        let said: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111].map(ordinal).into();
        let said = said.join(" ");
        assert_eq!(said, "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th");
    }
}
