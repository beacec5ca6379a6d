//! How much memory the run has, looked at a few times a day: after five minutes, and then less and
//! less often, as the run gets older.

use crate::store::memory_samples;
use crate::supervisor::state::Supervisor;
use crate::sys::{memory, process_usage};
use crate::task::phase::Phase;
use crate::units::moment::Moment;

/// When it is looked next, while there is anything to look at.
pub fn next_sample(supervisor: &Supervisor) -> Option<Moment> {
    (supervisor.state.phase == Phase::Running).then(|| supervisor.sampling.due())
}

/// Looks, where that is due.
pub fn sample_memory(supervisor: &mut Supervisor, now: Moment) {
    if next_sample(supervisor).is_none_or(|due| now < due) {
        return;
    }
    let living = supervisor.processes.living().unwrap_or_default();
    let had = living.iter().filter_map(|process| process_usage::of(process.pid).ok()).map(|used| used.memory).sum();
    let at = u64::try_from(now.since(supervisor.sampling.began).as_millis()).unwrap_or(u64::MAX);
    supervisor.sampling.seen.push(at, had);
    // What fails here costs a remark.
    let _ = memory_samples::write(&supervisor.task.dir, &supervisor.sampling.seen);
    if supervisor.sampling.seen.may_have_grown() {
        supervisor.unusual.look_soon(now);
    }
    memory::shed();
}
