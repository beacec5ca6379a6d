//! What a process waits for, from its system call. *Source*: proc(5), /proc/PID/syscall; select(2),
//! poll(2).
//!
//! Only what a supervisor may look at (its own descendants, or anything for root) is seen; where
//! the kernel does not tell, nothing is known, and nothing is said.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};

/// More descriptors than this are not looked through. *Units*: descriptors.
const MOST: u64 = 64;
/// More threads than this are not looked at.
const MOST_THREADS: usize = 64;
/// `/dev/tty`, whichever terminal that is for a process.
const OWN_TERMINAL: u64 = libc::makedev(5, 0);

/// How a process waits for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TtyWait {
    /// For input, and for nothing else: in a read, or in a select or poll without a time limit.
    ForInput,
    /// For input and other things, as an event loop does.
    ForEvents,
    /// Not for the terminal, as far as is known.
    Otherwise,
}

/// How this process, in any of its threads, waits for the terminal whose device this is.
pub fn on_terminal(pid: i32, device: u64) -> TtyWait {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return TtyWait::Otherwise };
    let mut found = TtyWait::Otherwise;
    for thread in threads.take(MOST_THREADS).filter_map(Result::ok) {
        match thread.file_name().to_str().and_then(|id| of_thread(pid, id, device)) {
            Some(TtyWait::ForInput) => return TtyWait::ForInput,
            Some(TtyWait::ForEvents) => found = TtyWait::ForEvents,
            Some(TtyWait::Otherwise) | None => {}
        }
    }
    found
}

/// The number of a system call and its arguments.
struct Syscall {
    number: i64,
    arguments: [u64; 6],
}

fn of_thread(pid: i32, thread: &str, device: u64) -> Option<TtyWait> {
    let call = parse(&fs::read_to_string(format!("/proc/{pid}/task/{thread}/syscall")).ok()?)?;
    let is_terminal = |fd: u64| is_device(pid, fd, device);
    let [first, second, _, _, fifth, _] = call.arguments;
    let for_all = |fds: Vec<u64>| !fds.is_empty() && fds.into_iter().all(is_terminal);
    let is_for_input = match call.number {
        libc::SYS_read | libc::SYS_readv => is_terminal(first),
        libc::SYS_pselect6 => fifth == 0 && for_all(selected(pid, first, second)?),
        libc::SYS_ppoll => call.arguments[2] == 0 && for_all(polled(pid, first, second)?),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => fifth == 0 && for_all(selected(pid, first, second)?),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => (call.arguments[2] as i32) < 0 && for_all(polled(pid, first, second)?),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => return events(pid, first, is_terminal),
        libc::SYS_epoll_pwait | libc::SYS_epoll_pwait2 => return events(pid, first, is_terminal),
        _ => false,
    };
    Some(if is_for_input { TtyWait::ForInput } else { TtyWait::Otherwise })
}

/// *Shape*: `0 0x3 0x7ffd… … SP PC`; `running`; `-1 SP PC` outside of a call.
fn parse(text: &str) -> Option<Syscall> {
    let mut words = text.split_ascii_whitespace();
    let number = words.next()?.parse().ok().filter(|number| *number >= 0)?;
    let mut arguments = [0; 6];
    for argument in &mut arguments {
        *argument = u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()?;
    }
    Some(Syscall { number, arguments })
}

fn is_device(pid: i32, fd: u64, device: u64) -> bool {
    let found = fs::metadata(format!("/proc/{pid}/fd/{fd}")).map(|found| found.rdev());
    found.is_ok_and(|found| found == device || found == OWN_TERMINAL)
}

/// The descriptors in a select's set of those to be read.
fn selected(pid: i32, count: u64, set: u64) -> Option<Vec<u64>> {
    let mut bits = [0; (MOST / 8) as usize];
    memory(pid, set, &mut bits)?;
    let is_in = |fd: &u64| bits[(fd / 8) as usize] & (1 << (fd % 8)) != 0;
    (count <= MOST).then(|| (0..count).filter(is_in).collect())
}

/// The descriptors that a poll waits to read from.
fn polled(pid: i32, array: u64, count: u64) -> Option<Vec<u64>> {
    if count > MOST {
        return None;
    }
    let mut bytes = vec![0; count as usize * size_of::<libc::pollfd>()];
    memory(pid, array, &mut bytes)?;
    let entries = bytes.chunks_exact(size_of::<libc::pollfd>());
    let fds = entries.map(|entry| i32::from_ne_bytes([entry[0], entry[1], entry[2], entry[3]]));
    Some(fds.filter_map(|fd| u64::try_from(fd).ok()).collect())
}

/// Whether a terminal is among what an epoll descriptor waits for.
fn events(pid: i32, epoll: u64, is_terminal: impl Fn(u64) -> bool) -> Option<TtyWait> {
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{epoll}")).ok()?;
    let targets = info.lines().filter_map(|line| line.strip_prefix("tfd:")?.split_whitespace().next()?.parse().ok());
    Some(if targets.take(MOST as usize).any(is_terminal) { TtyWait::ForEvents } else { TtyWait::Otherwise })
}

fn memory(pid: i32, at: u64, into: &mut [u8]) -> Option<()> {
    File::open(format!("/proc/{pid}/mem")).ok()?.read_exact_at(into, at).ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_call_is_read() {
        let call = parse("0 0x3 0x7ffd1 0x400 0x0 0x0 0x0 0x7ffd 0x7f10\n").expect("a call");
        assert_eq!((call.number, call.arguments[0], call.arguments[2]), (0, 3, 0x400));
        assert!(parse("running\n").is_none() && parse("-1 0x7ffd 0x7f10\n").is_none() && parse("").is_none());
    }
}
