//! What is to be seen of living tasks beside what their files say.

use crate::actions::describe_wait;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::snapshot::TaskSnapshot;
use crate::sys::cores;
use crate::task::progress::Progress;
use crate::task_log::progress::ProgressLook;
use crate::units::wall_time::WallTime;

/// Adds to each living task's row the ports on which it listens, and how far it is.
pub fn look_at(home: &Home, registry: &mut Registry, now: WallTime) {
    let (living, rows) = registry.living_mut();
    let living: Vec<_> = living.iter().collect();
    let logs = home.task_logs().ok();
    let look = |reading: &TaskSnapshot| {
        let progress = logs.as_ref().and_then(|logs| ProgressLook::default().look(logs, reading, now));
        (describe_wait::listening(reading), progress)
    };
    let seen = cores::spread(&living, |(_, reading)| look(reading));
    for ((id, _), (ports, progress)) in living.into_iter().zip(seen) {
        if let Some(row) = rows.get_mut(id) {
            (row.ports, row.progress) = (ports, progress);
        }
    }
}

/// How far a task is, by what it shows.
pub fn progress(home: &Home, reading: &TaskSnapshot) -> Option<Progress> {
    // Most are over.
    let logs = reading.status().is_living().then(|| home.task_logs().ok()).flatten()?;
    ProgressLook::default().look(&logs, reading, WallTime::now())
}
