//! A process held by handle, so that a signal can only reach the one that was meant: a pid
//! alone may have gone to somebody else. *Source*: pidfd_open(2), pidfd_send_signal(2).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::proc;
use crate::units::signal::Signal;

/// A handle on one process.
#[derive(Debug)]
pub struct Pidfd(OwnedFd);

impl Pidfd {
    /// Takes hold of `pid` if it is still the process that began at `start` (clock ticks since
    /// boot, as in /proc/PID/stat). *Errors*: ESRCH when it is gone or another has its pid.
    pub fn of(pid: i32, start: u64) -> io::Result<Pidfd> {
        // SAFETY: pidfd_open takes two integers and returns a descriptor or -1.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call above just made this descriptor; nobody else owns it.
        let handle = Pidfd(unsafe { OwnedFd::from_raw_fd(fd as i32) });
        match proc::stat(pid) {
            Ok(process) if process.start == start => Ok(handle),
            _ => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    }

    /// Sends a signal. *Errors*: ESRCH when the process is gone, EPERM when it is not ours.
    pub fn send(&self, signal: Signal) -> io::Result<()> {
        self.send_number(signal.number())
    }

    /// Whether signals may be sent. *Errors*: as [`send`](Pidfd::send).
    pub fn may_send(&self) -> io::Result<()> {
        self.send_number(0)
    }

    /// Whether the process has ended. (The handle is then readable, too.)
    pub fn has_ended(&self) -> bool {
        self.ends_within(PollTimeout::ZERO)
    }

    /// Waits for the process's end, so long at most; says whether it has ended.
    pub fn ends_within(&self, most: impl Into<PollTimeout>) -> bool {
        let mut asked = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut asked, most), Ok(1))
    }

    /// Waits for the process's end.
    pub fn wait(&self) {
        while !self.ends_within(PollTimeout::NONE) {}
    }

    fn send_number(&self, number: i32) -> io::Result<()> {
        // SAFETY: a live descriptor, a number, a null siginfo (then the kernel fills it in), no
        // flags.
        let sent = unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                self.0.as_raw_fd(),
                number,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl AsFd for Pidfd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
