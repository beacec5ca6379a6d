//! A commit of just the content that is expected. All is made in a copy of the index while the
//! index itself is locked, and takes its place when the commit is made: whatever fails leaves index
//! and work tree as they were. The user's git hooks run, and his settings hold.

use std::io;
use std::path::Path;
use std::process::Stdio;

use crate::sys::dispositions;
use crate::work_tree::git::{GitError, feed};
use crate::work_tree::index_lock::IndexLock;
use crate::work_tree::look::{ObjectPlace, TreeLook};
use crate::work_tree::repository::{NotReady, Repository};

/// A commit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its hash.
    pub commit: String,
    /// Whether a hook of git has had it have something else than was expected.
    pub is_changed_by_hook: bool,
}

/// Why none was made.
#[derive(Debug, thiserror::Error)]
pub enum NotCommitted {
    /// Git did not do what it was asked for.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Somebody else is at the index.
    #[error("somebody else is at it: {0} exists")]
    Locked(String),
    /// Something was changed meanwhile.
    #[error("something in it was changed just now")]
    Changed,
    /// It cannot have a commit now.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// Git, or a hook of its, said no, and why.
    #[error("git refused the commit: what it says is above")]
    Refused,
    /// The commit is there, and the index is not up to date with it.
    #[error("the commit was made, but the index could not be written: {0}; `git reset` mends it")]
    Index(io::Error),
}

/// Commits what the work tree has, if that is this tree. What git says goes to standard error.
/// `scratch` is a directory of the caller's own.
pub fn commit(repository: &Repository, scratch: &Path, tree: &str, message: &str) -> Result<Committed, NotCommitted> {
    // Who interrupts it means git, and the lock is to be given back then.
    let held = dispositions::as_descriptor(&[libc::SIGINT, libc::SIGTERM, libc::SIGHUP]).map_err(GitError::from)?;
    let lock = IndexLock::take(&repository.index).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => NotCommitted::Locked(format!("{}.lock", repository.index.display())),
        _ => GitError::from(e).into(),
    })?;
    repository.branch()??;
    let look = TreeLook::at(repository, scratch, ObjectPlace::Repository)?;
    if look.tree != tree || !look.dirty.is_empty() {
        return Err(NotCommitted::Changed);
    }
    let mut command = look.git.command(&["commit", "--quiet", "--file=-"]);
    dispositions::unblock_in(command.stdout(Stdio::from(io::stderr())));
    if !feed(&mut command, message).map_err(GitError::from)? {
        return Err(NotCommitted::Refused);
    }
    lock.replace_by(&look.index).map_err(NotCommitted::Index)?;
    drop(held);
    let commit = repository.git.line(&["rev-parse", "HEAD"])?;
    let is_changed_by_hook = repository.last_tree()? != tree;
    Ok(Committed { commit, is_changed_by_hook })
}
