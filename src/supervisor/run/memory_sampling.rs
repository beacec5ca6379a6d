//! How much memory the run has, looked at a few times a day: after five minutes, and then less and
//! less often, as the run gets older.

use crate::store::memory_samples;
use crate::supervisor::state::Supervisor;
use crate::sys::{memory, process_usage};
use crate::task::memory_samples::MemorySamples;
use crate::task::phase::Phase;
use crate::units::moment::Moment;

/// What was seen, and since when the run goes on.
#[derive(Debug)]
pub struct MemorySampling {
    began: Moment,
    seen: MemorySamples,
}

impl MemorySampling {
    /// Of a run that begins now.
    pub fn new(run: u32, began: Moment) -> MemorySampling {
        MemorySampling { began, seen: MemorySamples::new(run) }
    }

    fn due(&self) -> Moment {
        Moment(self.began.0.saturating_add(self.seen.due()))
    }
}

impl Supervisor {
    /// When it is looked next, while there is anything to look at.
    pub fn next_sample(&self) -> Option<Moment> {
        (self.state.phase == Phase::Running).then(|| self.sampling.due())
    }

    /// Looks, where that is due. What fails here costs a remark.
    pub fn sample_memory(&mut self, now: Moment) {
        if self.next_sample().is_none_or(|due| now < due) {
            return;
        }
        let living = self.processes.living().unwrap_or_default();
        let had = living.iter().filter_map(|process| process_usage::of(process.pid).ok()).map(|used| used.memory).sum();
        let at = u64::try_from(now.since(self.sampling.began).as_millis()).unwrap_or(u64::MAX);
        self.sampling.seen.push(at, had);
        let _ = memory_samples::write(&self.task.dir, &self.sampling.seen);
        if self.sampling.seen.may_have_grown() {
            self.unusual.look_soon(now);
        }
        memory::shed();
    }
}
