//! File systems. *Source*: statvfs(3).

use std::io;
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
