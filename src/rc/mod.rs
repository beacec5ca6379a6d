//! The files that a user's shells read when they start: what in them concerns aos, and the one
//! line that `aos init --install` puts there. Of the rest not a byte is changed.

pub mod load_line;
pub mod start_file;
pub mod start_file_scan;
pub mod start_file_text;

use std::io;
use std::path::PathBuf;

/// Why a start file cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RcError {
    /// No directory to look in.
    #[error("no home directory: $HOME is not set, and /etc/passwd has none")]
    NoHome,
    /// It is there and cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A directory, a pipe or a device.
    #[error("{0} is not a file")]
    NotAFile(PathBuf),
    /// It, or its directory, is not to be written: some other tool makes it.
    #[error("{path} is not changed: {what} is read-only")]
    ReadOnly {
        /// The file, as the shell names it.
        path: PathBuf,
        /// What may not be written.
        what: PathBuf,
    },
    /// A new file in its place would part it from its other names.
    #[error("{0} is not changed: it has other hard links, which would keep the old text")]
    HardLinked(PathBuf),
    /// Whatever is added would become part of what stands there.
    #[error("{0} is not changed: its last line ends with a backslash, and would go on into a line that is added")]
    Unfinished(PathBuf),
    /// Somebody else wrote it in the meantime.
    #[error("{0} is not changed: another program has just written it")]
    Changed(PathBuf),
    /// Writing failed; the old file is as it was.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
