//! Making, marking and collecting processes. *Source*: fork(2), prctl(2), wait4(2), setsid(2).
#![allow(unsafe_code)]

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::PollTimeout;
use nix::sys::resource::{UsageWho, getrusage};
use nix::unistd::{ForkResult, Pid, fork, setpgid, setsid};

use super::pidfd::Pidfd;
use super::proc;
use crate::units::signal::Signal;

/// How a collected process had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitStatus {
    /// It exited with this code.
    Exited(i32),
    /// A signal ended it; `core` when a dump was written.
    Killed {
        /// The signal's number.
        signal: i32,
        /// Whether the kernel dumped core.
        core: bool,
    },
}

/// What a collected process had used, with all that it had collected itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Processor time in user mode.
    pub user_time: Duration,
    /// The same in the kernel.
    pub system_time: Duration,
    /// The largest resident set of any single process. *Units*: bytes.
    pub peak_memory: u64,
    /// What was read from disks. *Units*: bytes.
    pub read: u64,
    /// What was to be written to them.
    pub written: u64,
}

impl Used {
    /// Takes in another process.
    pub fn add(&mut self, other: Used) {
        self.user_time += other.user_time;
        self.system_time += other.system_time;
        self.peak_memory = self.peak_memory.max(other.peak_memory);
        self.read += other.read;
        self.written += other.written;
    }
}

/// What [`collect`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// A child had ended, and is gone now.
    One(i32, WaitStatus, Used),
    /// A signal has stopped this one where it is.
    Stopped(i32),
    /// This one goes on after that.
    Continued(i32),
    /// There are children, none of them ended.
    NoneEnded,
    /// There are no children at all: for a subreaper, no descendant is left.
    NoneLeft,
}

/// Starts a session of this process's own. Fails only for a group leader, who has one to lose.
pub fn start_session() -> io::Result<()> {
    setsid().map(drop).map_err(io::Error::from)
}

/// Starts a process group of this process's own, in its session.
pub fn lead_group() -> io::Result<()> {
    setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(io::Error::from)
}

/// Makes this process the one that inherits orphaned descendants, so that none is out of sight.
pub fn become_subreaper() -> io::Result<()> {
    nix::sys::prctl::set_child_subreaper(true).map_err(io::Error::from)
}

/// Forks a process that has no other threads: `Some(child)` in the parent, `None` in the child.
pub fn fork_single_threaded() -> io::Result<Option<i32>> {
    // SAFETY: our callers run before any thread is started, so the child may do whatever the parent
    // may.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(Some(child.as_raw())),
        ForkResult::Child => Ok(None),
    }
}

/// Collects one ended child without waiting, or hears of one that was stopped or goes on.
pub fn collect() -> Collected {
    const FLAGS: i32 = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED | libc::__WALL;
    loop {
        let mut status = 0;
        // SAFETY: an rusage is plain numbers.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: `status` and `usage` outlive the call.
        let pid = unsafe { libc::wait4(-1, &mut status, FLAGS, &mut usage) };
        match pid {
            0 => return Collected::NoneEnded,
            -1 if Errno::last() == Errno::EINTR => {}
            -1 => return Collected::NoneLeft,
            _ if libc::WIFSTOPPED(status) => return Collected::Stopped(pid),
            _ if libc::WIFCONTINUED(status) => return Collected::Continued(pid),
            _ => return Collected::One(pid, ended(status), used(&usage)),
        }
    }
}

/// Ends this process at once, running nothing on the way out: for the far side of a fork.
pub fn leave(code: i32) -> ! {
    // SAFETY: _exit never returns and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Ends this process as the signal ends any, without a core dump: whoever waits for it sees what
/// another process died of.
pub fn die_of(signal: Signal) -> ! {
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
    // SAFETY: the default action is valid for any signal; raising one touches no memory. Unblocked,
    // it ends the process.
    unsafe { libc::signal(signal.number(), libc::SIG_DFL) };
    let _ = nix::sys::signal::SigSet::all().thread_unblock();
    // SAFETY: as above.
    unsafe { libc::raise(signal.number()) };
    leave(128 + signal.number())
}

/// How a process ended, as its wait status says.
pub fn ended(status: i32) -> WaitStatus {
    match libc::WIFSIGNALED(status) {
        true => WaitStatus::Killed { signal: libc::WTERMSIG(status), core: libc::WCOREDUMP(status) },
        false => WaitStatus::Exited(libc::WEXITSTATUS(status)),
    }
}

/// The largest resident set that this process has had. *Units*: bytes.
pub fn own_peak_memory() -> u64 {
    let kib = getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss());
    kib.unsigned_abs() * 1024
}

/// In what the kernel counts input and output. *Source*: getrusage(2), and the kernel's
/// task_io_get_inblock. *Units*: bytes.
const BLOCK: u64 = 512;

fn used(usage: &libc::rusage) -> Used {
    let time = |t: libc::timeval| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64);
    Used {
        user_time: time(usage.ru_utime),
        system_time: time(usage.ru_stime),
        peak_memory: usage.ru_maxrss as u64 * 1024,
        read: usage.ru_inblock as u64 * BLOCK,
        written: usage.ru_oublock as u64 * BLOCK,
    }
}

/// Has the kernel kill this process when the thread ends that made it. *Source*: prctl(2),
/// PR_SET_PDEATHSIG.
pub fn end_with_maker() -> Result<(), Errno> {
    // SAFETY: it takes two integers.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) }).map(drop)
}

/// Waits for the end of a child, and collects it.
pub fn wait_for(child: i32) -> io::Result<ExitStatus> {
    loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        match Errno::result(unsafe { libc::waitpid(child, &raw mut status, 0) }) {
            Err(Errno::EINTR) => {}
            waited => return Ok(waited.map(|_| ExitStatus::from_raw(status))?),
        }
    }
}

/// Waits so long for the end of a child, and kills it where that does not come; says whether it
/// ended by itself. It is collected.
pub fn end_within(child: &mut Child, most: Duration) -> io::Result<bool> {
    let pid = child.id().cast_signed();
    let handle = Pidfd::of(pid, proc::stat(pid)?.start)?;
    let has_ended = handle.ends_within(PollTimeout::try_from(most).map_err(io::Error::other)?);
    if !has_ended {
        child.kill()?;
    }
    child.wait()?;
    Ok(has_ended)
}

/// Sends a signal to a process group. The caller knows that the number is still that group's.
pub fn signal_group(group: i32, signal: Signal) -> io::Result<()> {
    // SAFETY: kill takes two integers; a negative first one names a group.
    if unsafe { libc::kill(-group, signal.number()) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
