//! What a process may do no more, and all that it executes: for the last moment before a program
//! takes its place. Nothing here takes memory. *Source*: prctl(2), landlock(7), seccomp(2).
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;

/// One instruction of a program that judges system calls.
pub type FilterStep = libc::sock_filter;

/// Programs that this process executes gain no privileges by what their files say (set-user-ID).
pub fn gain_no_privileges() -> Result<(), Errno> {
    // SAFETY: it takes five integers.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }).map(drop)
}

/// Restricts this process by a Landlock ruleset.
pub fn restrict_by(ruleset: impl AsFd) -> Result<(), Errno> {
    let fd = ruleset.as_fd().as_raw_fd();
    // SAFETY: it takes a descriptor and flags.
    Errno::result(unsafe { libc::syscall(libc::SYS_landlock_restrict_self, fd, 0) }).map(drop)
}

/// Has a program judge each system call of this process from now on.
pub fn filter_by(steps: &[FilterStep]) -> Result<(), Errno> {
    let length = u16::try_from(steps.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len: length, filter: steps.as_ptr().cast_mut() };
    // SAFETY: the kernel copies as many instructions as the program says it has, and checks them.
    let set = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
    Errno::result(set).map(drop)
}
