//! File systems. *Source*: statvfs(3), sync_file_range(2).
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::sys::statvfs::statvfs;

/// How much an ordinary user may still write to the file system of `path`. *Units*: bytes.
pub fn free(path: &Path) -> io::Result<u64> {
    let found = statvfs(path)?;
    Ok(found.blocks_available().saturating_mul(found.fragment_size()))
}

/// Whether something failed because no room is left: of the file system, of its inodes, or of the
/// user's quota.
pub fn is_full(e: &io::Error) -> bool {
    matches!(e.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT))
}

/// Whether something failed because the file system is mounted for reading only.
pub fn is_read_only(e: &io::Error) -> bool {
    e.raw_os_error() == Some(libc::EROFS)
}

/// Has the kernel begin to write out what a file has by now, and waits for nothing. Else it keeps a
/// new file's bytes in memory for half a minute, and its name for five seconds: a machine that goes
/// down in between leaves an empty file (ext4, delayed allocation).
pub fn begin_write_out(file: &File) {
    // SAFETY: an open descriptor, and numbers: from the beginning to the end. Where the file system
    // cannot, it does so when it likes, as it would have.
    unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
}
