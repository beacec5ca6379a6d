//! This process's descriptors: what it leaves behind, what it points where.
#![allow(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Duplicates a descriptor, closed on exec. *Errors*: EBADF when it is not open.
pub fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: fcntl checks the number itself and makes a new descriptor that only we know.
    let new = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) };
    if new < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: made just above.
    Ok(unsafe { OwnedFd::from_raw_fd(new) })
}

/// Takes standard input and output out of their places: the caller owns what was there, and
/// /dev/null stands at 0, 1 and 2. Everything from 3 up is closed first, so that nothing the caller
/// had open stays open here.
///
/// Only for the first lines of a process of ours, before it has opened anything.
pub fn detach_from_caller() -> io::Result<(File, File)> {
    // SAFETY: at this point the process owns no descriptor above 2 (see above), so none is closed under anybody.
    unsafe { libc::close_range(3, u32::MAX, 0) };
    let (input, output) = (duplicate(0)?, duplicate(1)?);
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    for place in 0..=2 {
        // SAFETY: dup2 onto the standard places replaces them whole; std never caches what they are.
        if unsafe { libc::dup2(null.as_raw_fd(), place) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok((input.into(), output.into()))
}

/// Makes reads and writes on a descriptor return at once.
pub fn set_nonblocking(fd: &OwnedFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}
