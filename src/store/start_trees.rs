//! What work trees had when runs began: a file of each task, of its newest run. It is put down only
//! for work trees that somebody has asked for: there is a marker for each, below `tasks/.trees/`.

use std::path::{Path, PathBuf};
use std::{fs, io, process};

use super::StoreError;
use super::layout::{Home, TREES};
use super::task_dir::{START_TREE, TaskDir, encode};
use crate::sys::dir::OpenMode;
use crate::task::format;
use crate::task::start_tree::StartTree;
use crate::units::wall_time::WallTime;
use crate::work_tree::repository::{identity, root_of};

/// The file is no longer. *Units*: bytes.
const LONGEST: u64 = 256 << 10;
/// What a place for a look is called, before the pid of whoever looks.
const SCRATCH: &str = "scratch.";

/// Whether any work tree is asked for.
pub fn is_any_wanted(home: &Home) -> bool {
    home.tasks.sub(TREES).is_ok()
}

/// Whether the work tree that a directory is in is.
pub fn is_wanted_in(home: &Home, directory: &Path) -> bool {
    let identity = || root_of(directory).and_then(identity);
    home.tasks.sub(TREES).is_ok_and(|trees| identity().is_some_and(|identity| trees.look_at(&identity).is_some()))
}

/// From now on it is; says since when it was before.
pub fn want(home: &Home, identity: &str) -> Result<Option<WallTime>, StoreError> {
    let trees = home.trees()?;
    if let Some(marker) = trees.look_at(identity) {
        return Ok(Some(marker.written));
    }
    let failed = |source| StoreError::File { doing: "make", what: format!("{TREES}/{identity}"), source };
    trees.file(identity, OpenMode::Make).map(|_| None).map_err(failed)
}

/// What was put down of a run; `None` where nothing was.
pub fn of(task: &TaskDir, run: u32) -> Result<Option<StartTree>, StoreError> {
    Ok(newest(task)?.filter(|tree| tree.run == run))
}

/// Puts it down, unless a later run's is there.
pub fn write(task: &TaskDir, tree: &StartTree) -> Result<(), StoreError> {
    if newest(task).ok().flatten().is_some_and(|there| there.run > tree.run) {
        return Ok(());
    }
    task.write(START_TREE, &encode(tree))
}

fn newest(task: &TaskDir) -> Result<Option<StartTree>, StoreError> {
    let bytes = match task.dir.read(START_TREE, LONGEST) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|source| StoreError::File { doing: "read", what: task.what(START_TREE), source })?,
    };
    format::parse(&bytes).map(Some).map_err(|problem| task.unreadable(START_TREE, problem))
}

/// A place for a look at a work tree, which goes with this value.
#[derive(Debug)]
pub struct ScratchDirectory {
    /// Its path, absolute.
    pub path: PathBuf,
}

impl ScratchDirectory {
    /// Makes one, and removes what others have left who are gone.
    pub fn new(home: &Home) -> Result<ScratchDirectory, StoreError> {
        let trees = home.trees()?;
        for name in trees.names().unwrap_or_default() {
            let pid = name.strip_prefix(SCRATCH).filter(|pid| !fs::exists(format!("/proc/{pid}")).unwrap_or(true));
            if pid.is_some() {
                let _ = trees.remove_tree(&name);
            }
        }
        let name = format!("{SCRATCH}{}", process::id());
        let failed = |source: io::Error| StoreError::File { doing: "make", what: format!("{TREES}/{name}"), source };
        // Of a process that had the same pid.
        let _ = trees.remove_tree(&name);
        trees.make(&name).map_err(failed)?;
        Ok(ScratchDirectory { path: home.path.join(super::layout::TASKS).join(TREES).join(&name) })
    }
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
