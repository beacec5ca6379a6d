//! How much of everything this machine has. *Source*: proc(5), sched_getaffinity(2).

use std::fs;

/// Memory. *Units*: bytes.
pub fn memory() -> Option<u64> {
    of_meminfo("MemTotal:")
}

/// Swap space. *Units*: bytes.
pub fn swap() -> Option<u64> {
    of_meminfo("SwapTotal:")
}

/// Processors that this process may use.
pub fn processors() -> u64 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u64)
}

/// The most processes and threads that there can be at a time.
pub fn most_processes() -> Option<u64> {
    fs::read_to_string("/proc/sys/kernel/pid_max").ok()?.trim().parse().ok()
}

fn of_meminfo(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib =
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.map(|kib| kib * 1024)
}
