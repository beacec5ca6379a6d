//! This process's descriptors: what it leaves behind, what it points where.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// The first descriptor that is not standard input, output or error.
const FIRST_FREE: RawFd = 3;

/// Duplicates a descriptor, closed on exec. *Errors*: EBADF when it is not open.
pub fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl checks the number itself and makes a new descriptor that only we know.
    let new = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, FIRST_FREE) };
    if new < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: made just above.
    Ok(unsafe { OwnedFd::from_raw_fd(new) })
}

/// Closes everything but these; /dev/null stands at 0, 1 and 2 afterwards, where none of them does.
///
/// Only for the far side of a fork, which owns none of what is closed.
pub fn keep_only(kept: &[RawFd]) {
    let mut kept = kept.to_vec();
    kept.sort_unstable();
    let mut first = 0;
    for fd in kept.iter().copied().chain([RawFd::MAX]) {
        if fd > first {
            // SAFETY: the process that owned these is the other side of the fork; nothing here uses
            // them again.
            unsafe { libc::close_range(first as u32, fd as u32 - 1, 0) };
        }
        first = fd.saturating_add(1);
    }
    fill_standard();
}

/// Makes the standard descriptors stand for these: for a process about to execute a command.
pub fn point_standard(input: BorrowedFd<'_>, output: BorrowedFd<'_>, errors: BorrowedFd<'_>) -> io::Result<()> {
    // All first out of the way, as one may stand where another goes.
    let copies = [input, output, errors].map(|fd| duplicate(fd.as_raw_fd()));
    for (place, copy) in (0..).zip(copies) {
        point(place, copy?.as_raw_fd())?;
    }
    Ok(())
}

/// Makes reads and writes on a descriptor return at once.
pub fn set_nonblocking(fd: impl AsFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let flags = OFlag::from_bits_retain(fcntl(&fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// Whether two descriptors stand for the same file, pipe or socket.
pub fn are_same(one: impl AsFd, other: impl AsFd) -> bool {
    let identity = |fd: BorrowedFd<'_>| nix::sys::stat::fstat(fd).map(|found| (found.st_dev, found.st_ino));
    matches!((identity(one.as_fd()), identity(other.as_fd())), (Ok(one), Ok(other)) if one == other)
}

fn point(place: RawFd, at: RawFd) -> io::Result<()> {
    // SAFETY: dup2 replaces a descriptor whole; at the standard places nobody keeps an owner for
    // what was there.
    if unsafe { libc::dup2(at, place) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Has /dev/null stand where standard input, output or error is closed: else the next file that is
/// opened would take that place, and be written to.
pub fn fill_standard() {
    for place in 0..FIRST_FREE {
        // SAFETY: asking for a descriptor's flags touches nothing; opening gives the lowest free
        // number, which is `place`.
        unsafe {
            if libc::fcntl(place, libc::F_GETFD) < 0 {
                libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            }
        }
    }
}

/// Takes ownership of a descriptor that the kernel has just made for us in a message.
pub fn received(fd: RawFd) -> OwnedFd {
    // SAFETY: SCM_RIGHTS makes a new descriptor in the receiver, which nobody else knows.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
