//! What processes use. *Source*: proc(5), /proc/PID/stat and statm.
#![allow(unsafe_code)]

use std::io;

use super::proc_file;

/// What a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessUsage {
    /// Processor time so far. *Units*: milliseconds.
    pub cpu_ms: u64,
    /// That of its children that have ended and were collected, theirs included. *Units*:
    /// milliseconds.
    pub collected_ms: u64,
    /// Resident memory. *Units*: bytes.
    pub memory: u64,
}

/// Reads what a process uses. *Errors*: NotFound when there is none.
pub fn of(pid: i32) -> io::Result<ProcessUsage> {
    let read = |file: &str| proc_file::bytes(format!("/proc/{pid}/{file}"));
    // Of what is resident, `stat` knows less than `statm` in newer kernels: of a small process
    // nothing at all.
    let (stat, statm) = (read("stat")?, read("statm")?);
    let unit = Unit { ticks_per_second: ticks_per_second(), page: configured(libc::_SC_PAGESIZE, 4096) };
    parse(&String::from_utf8_lossy(&stat), &String::from_utf8_lossy(&statm), &unit)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A process's memory, what it shares with others counted by its part. *Units*: bytes.
pub fn proportional_memory(pid: i32) -> Option<u64> {
    let text = proc_file::text(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kib = text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024)
}

/// In what the kernel tells times of processes.
pub fn ticks_per_second() -> u64 {
    configured(libc::_SC_CLK_TCK, 100)
}

/// In what the kernel counts.
struct Unit {
    ticks_per_second: u64,
    page: u64,
}

/// `stat` has after the name: state, 10 fields, utime stime cutime cstime; `statm`: size resident,
/// in pages.
fn parse(stat: &str, statm: &str, unit: &Unit) -> Option<ProcessUsage> {
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
    let (cpu, collected) = (next()? + next()?, next()? + next()?);
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    let ms = |ticks: u64| ticks * 1000 / unit.ticks_per_second;
    Some(ProcessUsage { cpu_ms: ms(cpu), collected_ms: ms(collected), memory: pages * unit.page })
}

fn configured(name: libc::c_int, usual: u64) -> u64 {
    // SAFETY: takes a number and gives one.
    u64::try_from(unsafe { libc::sysconf(name) }).ok().filter(|value| *value > 0).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::{ProcessUsage, Unit, of, parse};

    #[test]
    fn fields_are_counted_from_behind_the_name() {
        let line =
            "42 (a) b (c)) S 7 41 40 0 -1 2129984 1 2 3 4 150 50 30 10 20 0 1 0 987654 1000 25 18446744073709551615";
        let unit = Unit { ticks_per_second: 100, page: 4096 };
        let used = ProcessUsage { cpu_ms: 2000, collected_ms: 400, memory: 102_400 };
        assert_eq!(parse(line, "1000 25 3 1 0 2 0", &unit), Some(used));
    }

    #[test]
    fn this_process_uses_something() {
        assert!(of(std::process::id() as i32).expect("own usage").memory > 0);
    }
}
