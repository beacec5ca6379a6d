//! Removing tasks that are over, with all that is kept of them.

use super::failure::{Failure, NO};
use crate::logs::tidy;
use crate::store::home::{Home, log_name};
use crate::store::markers;
use crate::store::reading::{Reading, Standing};
use crate::store::registry;
use crate::store::shell_states;
use crate::store::task_dir::TaskDir;
use crate::sys::lock;
use crate::task::id::TaskId;
use crate::task::status::Status;

/// Removes one task: its log, its directory, its row. A living one is refused.
pub fn remove(home: &Home, id: TaskId) -> Result<(), Failure> {
    let task = TaskDir::open(home, id)?;
    // Before the lock is taken, as whoever holds it counts as alive. A damaged task may be removed.
    let reading = Reading::of(&task);
    let is_over = !matches!(&reading, Ok(Reading { standing: Standing::Living(_) | Standing::Unknown(_), .. }));
    let held = task.lock_file()?;
    if !lock::try_take(&held)? || !is_over {
        let status = reading.map_or(Status::Lost, |reading| reading.status());
        return Err(
            Failure::new(NO, format!("{id} is not removed: it is {status}")).hint(format!("aos stop {id} first"))
        );
    }
    if let Ok(spec) = task.spec() {
        tidy::remove_all(&home.task_logs()?, &log_name(id, &spec.name))?;
    }
    home.tasks.remove_tree(&id.to_string())?;
    shell_states::clear(home);
    markers::forget(home, id)?;
    Ok(registry::forget(home, &[id])?)
}
