//! What is to be seen of living tasks beside what their files say.

use crate::actions::describe_wait;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::store::{memory_samples, solutions};
use crate::sys::cores;
use crate::task::summary::Summary;
use crate::task::usual::Remark;
use crate::task_log::progress::ProgressLook;
use crate::units::wall_time::WallTime;

/// Adds to each living task's row the ports on which it listens, how far it is, and whether its
/// memory grows.
pub fn look_at(home: &Home, registry: &mut Registry, now: WallTime) {
    let (living, rows) = registry.living_mut();
    let living: Vec<_> = living.iter().collect();
    let logs = home.task_logs().ok();
    let look = |reading: &TaskSnapshot| {
        let progress = logs.as_ref().and_then(|logs| ProgressLook::default().look(logs, reading, now));
        (describe_wait::listening(reading), progress, growth(home, reading, now))
    };
    let seen = cores::spread(&living, |(_, reading)| look(reading));
    for ((id, _), (ports, progress, growth)) in living.into_iter().zip(seen) {
        if let Some(row) = rows.get_mut(id) {
            (row.ports, row.progress) = (ports, progress);
            row.remarks.extend(growth);
        }
    }
}

/// Adds to one task's row how far it is, and whether its memory grows.
pub fn add(home: &Home, reading: &TaskSnapshot, row: &mut Summary<'_>, now: WallTime) {
    // Most are over.
    let logs = reading.status().is_living().then(|| home.task_logs().ok()).flatten();
    row.progress = logs.and_then(|logs| ProgressLook::default().look(&logs, reading, now));
    row.remarks.extend(growth(home, reading, now));
}

/// That a task's memory grows, unless that is muted.
pub fn growth(home: &Home, reading: &TaskSnapshot, now: WallTime) -> Option<Remark> {
    any_growth(home, reading, now).filter(|growth| !solutions::is_muted(home, &growth.fingerprint()))
}

/// The same whether it is muted or not; of a task that is young nothing is read.
pub fn any_growth(home: &Home, reading: &TaskSnapshot, now: WallTime) -> Option<Remark> {
    const YOUNG: u64 = 60 * 60_000;
    let state = reading.state.as_ref().filter(|state| now.since(state.started).0 >= YOUNG)?;
    let task = reading.status().is_living().then(|| TaskDir::open(home, reading.spec.id).ok()).flatten()?;
    memory_samples::of(&task, state.run)?.growth()
}
