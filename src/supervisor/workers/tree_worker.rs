//! The worker that puts down what the git work tree has in which a run begins: `aos __tree DIR
//! REQUEST`. One is begun only where somebody commits what passes; the run does not wait for it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Child;

use serde::{Deserialize, Serialize};

use crate::store::StoreError;
use crate::store::layout::Home;
use crate::store::start_trees::{self, ScratchDirectory};
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::detached_worker::{request_of, send_with};
use crate::supervisor::workers::worker::take_name;
use crate::task::os_bytes::OsBytes;
use crate::task::spec::Spec;
use crate::task::start_tree::{MOST_NAMED, StartTree, VERSION};
use crate::units::wall_time::WallTime;
use crate::work_tree::git::{Git, GitError};
use crate::work_tree::look::{ObjectPlace, TreeLook};
use crate::work_tree::repository::{Repository, root_of};

/// The worker's verb.
pub const TREE: &str = "__tree";

/// Which run has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeRequest {
    /// Its number.
    pub run: u32,
    /// When.
    pub started: WallTime,
}

/// Why nothing is put down.
#[derive(Debug, thiserror::Error)]
enum TreeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Has the worker begin.
pub fn begin(dir: &Path, request: &TreeRequest) -> io::Result<Child> {
    send_with(TREE, dir, request)
}

/// Is the worker; gives the exit code.
pub fn look_at_tree(words: &[OsString]) -> i32 {
    request_of(words).map_or(2, |(dir, request)| i32::from(put_down(dir, request).is_err()))
}

fn put_down(dir: &Path, request: TreeRequest) -> Result<(), TreeError> {
    take_name("tree")?;
    let (home, task) = TaskDir::at(dir)?;
    let spec = task.spec()?;
    let Some(root) = root_of(spec.cwd.as_path()) else { return Ok(()) };
    let root = root.as_os_str().to_owned().into();
    let nothing = StartTree { version: VERSION, run: request.run, root, tree: None, changed: Vec::new(), why: None };
    let tree =
        look(&home, &spec, request, &nothing).unwrap_or_else(|why| StartTree { why: Some(why.to_string()), ..nothing });
    Ok(start_trees::write(&task, &tree)?)
}

fn look(home: &Home, spec: &Spec, request: TreeRequest, blank: &StartTree) -> Result<StartTree, TreeError> {
    let environment = Some(spec.environment().map(|(name, value)| (name.into(), value.into())).collect());
    let git = Git { environment, ..Git::here(spec.cwd.as_path()) };
    let repository = Repository::of(&git)?;
    let scratch = ScratchDirectory::new(home)?;
    let look = TreeLook::at(&repository, &scratch.path, ObjectPlace::Scratch)?;
    let mut changed = look.changed_since(&repository.root, request.started)?;
    changed.extend(look.dirty);
    changed.truncate(MOST_NAMED);
    let changed = changed.into_iter().map(OsBytes).collect();
    let root = repository.root.into_os_string().into();
    Ok(StartTree { root, tree: Some(look.tree), changed, ..blank.clone() })
}
