//! What a control group may use, and what it has counted.

use std::io;
use std::path::Path;

use super::{Cgroup, Controller, put, read};

/// For how long a group may use its share of the processor at once, before it waits for the rest of
/// the period. *Units*: microseconds.
const PERIOD: u64 = 50_000;
/// The kernel takes no smaller share. *Units*: microseconds.
const LEAST_QUOTA: u64 = 1_000;

/// The file of version 1 that limits memory and swap space together.
const BOTH: &str = "memory.memsw.limit_in_bytes";

/// What a group has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CgroupCounts {
    /// The most memory that it ever had. *Units*: bytes.
    pub peak_memory: Option<u64>,
    /// Processes that were killed for memory.
    pub killed_for_memory: u64,
    /// How often a process or thread was refused.
    pub pids_refused: u64,
    /// How long it waited for its share of the processor. *Units*: microseconds.
    pub throttled_us: Option<u64>,
}

impl Cgroup {
    /// Limits memory, and swap space beside it where the kernel counts that. All of its processes
    /// are killed when it is not enough, where the kernel can. *Units*: bytes.
    pub fn limit_memory(&self, most: u64, swap: u64) -> io::Result<()> {
        let dir = self.dir(Controller::Memory).ok_or(io::ErrorKind::Unsupported)?;
        if self.is_unified() {
            let _ = put(dir, "memory.oom.group", "1");
            put(dir, "memory.max", &most.to_string())?;
            let _ = self.limit_swap(most, swap);
            return Ok(());
        }
        // Memory alone is never more than both together: whichever grows goes first.
        let both: Option<u64> = read(dir, BOTH).and_then(|text| text.trim().parse().ok());
        let set = || put(dir, "memory.limit_in_bytes", &most.to_string());
        let Some(before) = both else { return set() };
        if most.saturating_add(swap) < before {
            set()?;
            return self.limit_swap(most, swap);
        }
        self.limit_swap(most, swap)?;
        set().inspect_err(|_| drop(put(dir, BOTH, &before.to_string())))
    }

    /// Limits swap space, beside so much memory. *Units*: bytes. *Errors*: also where the kernel
    /// does not count it.
    pub fn limit_swap(&self, memory: u64, most: u64) -> io::Result<()> {
        let dir = self.dir(Controller::Memory).ok_or(io::ErrorKind::Unsupported)?;
        if self.is_unified() {
            put(dir, "memory.swap.max", &most.to_string())
        } else {
            put(dir, BOTH, &memory.saturating_add(most).to_string())
        }
    }

    /// Limits processes and threads.
    pub fn limit_pids(&self, most: u64) -> io::Result<()> {
        put(self.dir(Controller::Pids).ok_or(io::ErrorKind::Unsupported)?, "pids.max", &most.to_string())
    }

    /// Limits processor time. *Units*: thousandths of a processor.
    pub fn limit_cpu(&self, thousandths: u32) -> io::Result<()> {
        let dir = self.dir(Controller::Cpu).ok_or(io::ErrorKind::Unsupported)?;
        let mut period = PERIOD;
        let mut quota = period * u64::from(thousandths) / 1000;
        if quota < LEAST_QUOTA {
            (quota, period) = (LEAST_QUOTA, (LEAST_QUOTA * 1000 / u64::from(thousandths.max(1))).min(1_000_000));
        }
        if self.is_unified() {
            return put(dir, "cpu.max", &format!("{quota} {period}"));
        }
        put(dir, "cpu.cfs_period_us", &period.to_string())?;
        put(dir, "cpu.cfs_quota_us", &quota.to_string())
    }

    /// What it has counted.
    pub fn counts(&self) -> CgroupCounts {
        let number = |controller, file| self.dir(controller).and_then(|dir| read(dir, file)?.trim().parse().ok());
        let named = |controller, file, name| self.dir(controller).and_then(|dir| named(dir, file, name));
        let (peak, kills) = match self.is_unified() {
            true => ("memory.peak", "memory.events"),
            false => ("memory.max_usage_in_bytes", "memory.oom_control"),
        };
        let throttled = match self.is_unified() {
            true => named(Controller::Cpu, "cpu.stat", "throttled_usec"),
            // In nanoseconds.
            false => named(Controller::Cpu, "cpu.stat", "throttled_time").map(|time| time / 1000),
        };
        CgroupCounts {
            peak_memory: number(Controller::Memory, peak),
            killed_for_memory: named(Controller::Memory, kills, "oom_kill").unwrap_or(0),
            pids_refused: named(Controller::Pids, "pids.events", "max").unwrap_or(0),
            throttled_us: throttled,
        }
    }
}

/// A number that stands behind a name, as `oom_kill 2`.
fn named(dir: &Path, file: &str, name: &str) -> Option<u64> {
    read(dir, file)?.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}
