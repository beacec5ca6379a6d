//! The lock of a repository's index, as git itself takes it: a file `index.lock` beside it, which
//! becomes the index or goes away. While it is there nobody else stages or commits.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The lock, held.
#[derive(Debug)]
pub struct IndexLock {
    file: Option<File>,
    path: PathBuf,
    index: PathBuf,
}

impl IndexLock {
    /// Takes it. *Errors*: `AlreadyExists` where somebody else has it.
    pub fn take(index: &Path) -> io::Result<IndexLock> {
        let mode = fs::metadata(index).map_or(0o644, |found| found.mode() & 0o777);
        let mut path = index.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        Ok(IndexLock { file: Some(file), path, index: index.to_owned() })
    }

    /// Puts another index in the place of this one, and lets go.
    pub fn replace_by(mut self, made: &Path) -> io::Result<()> {
        let bytes = fs::read(made)?;
        if let Some(file) = &mut self.file {
            file.write_all(&bytes)?;
            // By it git knows which files to look at again.
            file.set_times(FileTimes::new().set_modified(fs::metadata(made)?.modified()?))?;
        }
        fs::rename(&self.path, &self.index)?;
        self.file = None;
        Ok(())
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
