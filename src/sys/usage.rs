//! What processes use. *Source*: proc(5), /proc/PID/stat.
#![allow(unsafe_code)]

use std::fs;
use std::io;

/// What a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time so far. *Units*: milliseconds.
    pub cpu_ms: u64,
    /// That of its children that have ended and were collected, theirs included. *Units*: milliseconds.
    pub collected_ms: u64,
    /// Resident memory. *Units*: bytes.
    pub memory: u64,
}

/// Reads what a process uses. *Errors*: NotFound when there is none.
pub fn of(pid: i32) -> io::Result<Usage> {
    let text = fs::read(format!("/proc/{pid}/stat"))?;
    parse(&String::from_utf8_lossy(&text), per_second(), page_size()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// After the name: state, 10 fields, utime stime cutime cstime, 6 fields, vsize rss.
fn parse(stat: &str, per_second: u64, page_size: u64) -> Option<Usage> {
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok());
    let cpu = next()? + next()?;
    let collected = next()? + next()?;
    let pages: u64 = fields.nth(6)?.parse().ok()?;
    let ms = |ticks: u64| ticks * 1000 / per_second;
    Some(Usage { cpu_ms: ms(cpu), collected_ms: ms(collected), memory: pages * page_size })
}

fn per_second() -> u64 {
    configured(libc::_SC_CLK_TCK, 100)
}

fn page_size() -> u64 {
    configured(libc::_SC_PAGESIZE, 4096)
}

fn configured(name: libc::c_int, usual: u64) -> u64 {
    // SAFETY: takes a number and gives one.
    u64::try_from(unsafe { libc::sysconf(name) }).ok().filter(|value| *value > 0).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::{Usage, of, parse};

    #[test]
    fn fields_are_counted_from_behind_the_name() {
        let line =
            "42 (a) b (c)) S 7 41 40 0 -1 2129984 1 2 3 4 150 50 30 10 20 0 1 0 987654 1000 25 18446744073709551615";
        assert_eq!(parse(line, 100, 4096), Some(Usage { cpu_ms: 2000, collected_ms: 400, memory: 102_400 }));
    }

    #[test]
    fn this_process_uses_something() {
        assert!(of(std::process::id() as i32).expect("own usage").memory > 0);
    }
}
