//! This process's signal dispositions, and signals as readable descriptors. *Source*: signal(7).
#![allow(unsafe_code)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::{SigSet, SigmaskHow};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::units::signal::HIGHEST;

/// Gives every signal its default action and unblocks all: what a fresh program expects, whatever
/// the caller or this runtime had set (std ignores SIGPIPE, nohup ignores SIGHUP).
pub fn reset_all() {
    // The kernel's own call, as libc keeps 32 and 33 to itself and a caller may have ignored them.
    // All zeros are SIG_DFL, no flags, no mask.
    let default = [0u64; 4];
    for number in 1..=HIGHEST {
        // SAFETY: the action is as large as the kernel's, and valid; refused numbers (KILL, STOP)
        // only return an error.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, number, default.as_ptr(), std::ptr::null_mut::<u64>(), 8) };
    }
    let _ = SigSet::all().thread_unblock();
}

/// Ignores these for this process and, until they reset them, its children.
pub fn ignore(signals: &[i32]) {
    for &number in signals {
        // SAFETY: SIG_IGN is a valid action for any signal that may be ignored.
        unsafe { libc::signal(number, libc::SIG_IGN) };
    }
}

/// Has these do again to this process what they do to any.
pub fn heed(signals: &[i32]) {
    for &number in signals {
        // SAFETY: SIG_DFL is a valid action for any signal.
        unsafe { libc::signal(number, libc::SIG_DFL) };
    }
}

/// Turns these signals into bytes on a descriptor, non-blocking; they then interrupt nothing.
pub fn as_descriptor(signals: &[i32]) -> io::Result<SignalFd> {
    let mut set = SigSet::empty();
    for &number in signals {
        set.add(nix::sys::signal::Signal::try_from(number)?);
    }
    nix::sys::signal::sigprocmask(SigmaskHow::SIG_BLOCK, Some(&set), None)?;
    Ok(SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?)
}

/// Has a command begin with no signal blocked, whatever this process blocks.
pub fn unblock_in(command: &mut Command) -> &mut Command {
    // SAFETY: between fork and exec, only the mask is set, which is safe there.
    unsafe { command.pre_exec(|| Ok(SigSet::all().thread_unblock()?)) }
}

/// Stops this process where it is, until it is told to go on.
pub fn stop_here() {
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
}

/// Waits for one of these signals, which must be blocked; `None` when the time is up.
pub fn wait_for(signals: &SigSet, most: std::time::Duration) -> Option<i32> {
    let most = libc::timespec { tv_sec: most.as_secs() as libc::time_t, tv_nsec: i64::from(most.subsec_nanos()) };
    // SAFETY: a valid set and time, and a null siginfo, which is allowed.
    let number = unsafe { libc::sigtimedwait(signals.as_ref(), std::ptr::null_mut(), &most) };
    (number > 0).then_some(number)
}
