//! What the kernel says of a failure, as a part of a sentence.

use std::io;

use nix::errno::Errno;

/// What went wrong, without std's `(os error N)`.
pub fn of(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |number| of_errno(Errno::from_raw(number)))
}

/// The same of the kernel's number.
pub fn of_errno(errno: Errno) -> String {
    errno.desc().to_lowercase()
}
