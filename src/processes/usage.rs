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

/// The processes of a task as they were when they were last measured. What has not run since then
/// has begun no process, opened no port and taken no memory.
#[derive(Debug, Default)]
pub struct UsageTrace {
    /// What the kernel said of each, to the byte.
    stats: Vec<(i32, Vec<u8>)>,
}

impl UsageTrace {
    /// Of what was measured just now.
    pub fn of(usage: &TaskUsage) -> UsageTrace {
        let stat = |process: &Survivor| Some((process.pid, proc::stat_text(process.pid).ok()?));
        UsageTrace { stats: usage.processes.iter().filter_map(stat).collect() }
    }

    /// Whether it is of these processes.
    pub fn is_of(&self, usage: &TaskUsage) -> bool {
        self.stats.iter().map(|(pid, _)| *pid).eq(usage.processes.iter().map(|process| process.pid))
    }

    /// Whether each of them is as it was. Never, where there are none.
    pub fn is_still(&self) -> bool {
        let is_same = |(pid, before): &(i32, Vec<u8>)| proc::stat_text(*pid).is_ok_and(|now| now == *before);
        !self.stats.is_empty() && self.stats.iter().all(is_same)
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

    /// The same where nothing was used since the last look.
    pub fn nothing(&mut self, now: Instant) -> Option<u64> {
        let (_, before) = self.last?;
        self.per_cent(before, now)
    }
}

#[cfg(test)]
mod tests {
    use super::{TaskUsage, UsageMeter, UsageTrace};
    use crate::task::survivor::Survivor;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    #[test]
    fn who_sleeps_is_still_until_it_runs_or_ends() {
        let mut cat = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat, which waits for what comes");
        let pid = cat.id() as i32;
        let usage = TaskUsage { processes: vec![Survivor { pid, name: "cat".into() }], ..TaskUsage::default() };
        let is_at_rest = || UsageTrace::of(&usage).is_still() && UsageTrace::of(&usage).is_still();
        while !is_at_rest() {}
        let trace = UsageTrace::of(&usage);
        assert!(trace.is_still());
        drop(cat.stdin.take());
        cat.wait().expect("it ends");
        assert!(!trace.is_still());
        assert!(!UsageTrace::default().is_still(), "of nobody nothing is known");
    }

    #[test]
    fn per_cent_are_of_one_processor_and_never_negative() {
        let (mut meter, start) = (UsageMeter::default(), Instant::now());
        assert_eq!(meter.per_cent(500, start), None);
        assert_eq!(meter.per_cent(2000, start + Duration::from_secs(1)), Some(150));
        assert_eq!(meter.per_cent(100, start + Duration::from_secs(2)), Some(0));
    }
}
