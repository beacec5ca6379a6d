//! What a queued task waits for: how the others stand, and how that reads.

use super::Error;
use super::home::Home;
use super::reading::{self, Reading};
use super::task_dir::TaskDir;
use crate::task::hold::{After, Hold, Standing};
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::units::stamp::Stamp;

/// A task that another waits for, as it stands.
#[derive(Debug)]
pub struct Awaited {
    /// What is known of it.
    pub reading: Reading,
    /// What matters to those that wait.
    pub standing: Standing,
}

impl Awaited {
    /// Looks at it.
    pub fn of(home: &Home, id: TaskId) -> Result<Awaited, Error> {
        let task = TaskDir::open(home, id)?;
        let reading = Reading::of(&task)?;
        let is_over = !matches!(reading.standing, reading::Standing::Living(_));
        let standing = Standing {
            status: reading.status(),
            is_over,
            is_ready: !is_over && reading.state.as_ref().is_some_and(|state| state.ready.is_some()),
            exit_code: reading.end().and_then(|end| end.outcome.exit_code()),
        };
        Ok(Awaited { reading, standing })
    }
}

/// What a queued task waits for, in words: `after task-003 (running)`.
pub fn words(home: &Home, reading: &Reading) -> String {
    words_of(home, reading.state.as_ref().map_or(&[], |state| &state.holds))
}

/// The same of what it waits for itself.
pub fn words_of(home: &Home, holds: &[Hold]) -> String {
    let now = Stamp::now();
    let words = |hold: &Hold| match hold {
        Hold::Until { .. } => hold.words(None, now),
        Hold::After(After { id, .. }) => hold.words(status(home, *id), now),
    };
    holds.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn status(home: &Home, id: TaskId) -> Option<Status> {
    Reading::of(&TaskDir::open(home, id).ok()?).ok().map(|reading| reading.status())
}
