//! What a living task's processes use, by /proc: its supervisor is not asked, and sleeps on.

use std::time::Instant;

use crate::processes::tree::{self, Root};
use crate::store::host;
use crate::store::snapshot::TaskSnapshot;
use crate::sys::{ports, proc, process_usage};
use crate::task::process_id::Reachability;
use crate::task::survivor::Survivor;

/// What a task uses.
#[derive(Clone, Debug, Default)]
pub struct TaskUsage {
    /// Processor time of all its processes, also of those that have ended and were collected.
    /// *Units*: milliseconds.
    pub cpu_ms: u64,
    /// Resident memory of all, what they share counted for each. *Units*: bytes.
    pub memory: u64,
    /// They.
    pub processes: Vec<Survivor>,
    /// The TCP ports on which they listen.
    pub ports: Vec<u16>,
}

impl TaskUsage {
    /// What a task uses now; `None` where it has no processes, or none that can be seen from here.
    pub fn of(reading: &TaskSnapshot) -> Option<TaskUsage> {
        let state = reading.state.as_ref().filter(|_| reading.status().is_living())?;
        if host::here().distance(&state.place) != Reachability::Here {
            return None;
        }
        let pids = tree::pids(Root::of(&reading.spec, state));
        if pids.is_empty() {
            return None;
        }
        let mut load = TaskUsage { ports: ports::listening(&pids), ..TaskUsage::default() };
        if reading.spec.adopted.is_none() {
            load.cpu_ms = process_usage::of(state.supervisor.pid).map_or(0, |used| used.collected_ms);
        }
        for pid in pids {
            // It may have ended since.
            let (Ok(used), Ok(process)) = (process_usage::of(pid), proc::stat(pid)) else { continue };
            load.cpu_ms += used.cpu_ms + used.collected_ms;
            load.memory += used.memory;
            load.processes.push(Survivor { pid, name: process.name });
        }
        Some(load)
    }
}

/// How much of a processor was used between two looks.
#[derive(Debug, Default)]
pub struct UsageMeter {
    last: Option<(Instant, u64)>,
}

impl UsageMeter {
    /// What was used since the last look, in per cent of one processor; `None` at the first.
    pub fn per_cent(&mut self, cpu_ms: u64, now: Instant) -> Option<u64> {
        let (then, before) = self.last.replace((now, cpu_ms))?;
        let passed = u64::try_from(now.duration_since(then).as_millis()).unwrap_or(u64::MAX).max(1);
        // What ended and is not collected yet is missing for a moment.
        Some((cpu_ms.saturating_sub(before) * 100 + passed / 2) / passed)
    }
}

#[cfg(test)]
mod tests {
    use super::UsageMeter;
    use std::time::{Duration, Instant};

    #[test]
    fn per_cent_are_of_one_processor_and_never_negative() {
        let (mut meter, start) = (UsageMeter::default(), Instant::now());
        assert_eq!(meter.per_cent(500, start), None);
        assert_eq!(meter.per_cent(2000, start + Duration::from_secs(1)), Some(150));
        assert_eq!(meter.per_cent(100, start + Duration::from_secs(2)), Some(0));
    }
}
