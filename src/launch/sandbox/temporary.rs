//! A task's own directory for temporary files. It lies where others do, belongs to nobody else, and
//! goes with the run.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{fs, io::ErrorKind};

use nix::unistd::geteuid;

use crate::task::sandbox::Sandbox;
use crate::task::spec::Spec;

/// Where it is.
pub fn directory(sandbox: &Sandbox, spec: &Spec) -> PathBuf {
    sandbox.temporary.as_path().join(format!("aos-{}-{}", spec.id, spec.nonce))
}

/// Makes it; one of an earlier run is taken over. *Errors*: where somebody else made it.
pub fn make(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        made => return made,
    }
    let found = path.symlink_metadata()?;
    let is_ours = found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o077 == 0;
    if is_ours { Ok(()) } else { Err(io::Error::other(format!("{} is not this user's own", path.display()))) }
}

/// Removes it with all that is in it, if the task has one; links in it are not followed.
pub fn remove(path: Option<&Path>) -> io::Result<()> {
    match path.map_or(Ok(()), fs::remove_dir_all) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        Ok(()) | Err(_) => Ok(()),
    }
}
