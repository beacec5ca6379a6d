//! File systems. *Source*: statvfs(3).

use std::io;
use std::path::Path;

use nix::sys::statvfs::statvfs;

/// How much an ordinary user may still write to the file system of `path`. *Units*: bytes.
pub fn free(path: &Path) -> io::Result<u64> {
    let found = statvfs(path)?;
    Ok(found.blocks_available().saturating_mul(found.fragment_size()))
}
