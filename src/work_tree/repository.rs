//! The repository of a work tree: where its parts are, and whether it is in the middle of
//! something.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::work_tree::git::{Git, GitError};

/// What stands in the repository's directory while something is not finished, and what that is.
const UNFINISHED: [(&str, &str); 6] = [
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase or am"),
    ("BISECT_LOG", "a bisection"),
];

/// A repository with a work tree.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The work tree's top.
    pub root: PathBuf,
    /// Git, there.
    pub git: Git,
    /// The index.
    pub index: PathBuf,
    /// The object database.
    pub objects: PathBuf,
    directory: PathBuf,
}

/// Why nothing can be committed to a repository as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotReady {
    /// No branch would have the commit.
    #[error("its HEAD is detached: no branch would have the commit")]
    Detached,
    /// Something is in the middle.
    #[error("{0} is not finished in it")]
    Unfinished(&'static str),
    /// Files are in conflict.
    #[error("it has conflicts: {0}")]
    Conflicts(String),
}

impl Repository {
    /// The repository in whose work tree git stands.
    pub fn of(git: &Git) -> Result<Repository, GitError> {
        let words = ["--show-toplevel", "--absolute-git-dir", "--git-path", "index", "--git-path", "objects"];
        let told = git.ask(&[&["rev-parse", "--path-format=absolute"], &words[..]].concat())?;
        let mut paths = told.split(|byte| *byte == b'\n').map(|line| PathBuf::from(std::ffi::OsStr::from_bytes(line)));
        let mut next = || paths.next().unwrap_or_default();
        let (root, directory, index, objects) = (next(), next(), next(), next());
        Ok(Repository { git: git.at(&root), root, index, objects, directory })
    }

    /// The branch that a commit goes to. *Errors*: why none can be made now.
    pub fn branch(&self) -> Result<Result<String, NotReady>, GitError> {
        if let Some((_, what)) = UNFINISHED.iter().find(|(name, _)| self.directory.join(name).exists()) {
            return Ok(Err(NotReady::Unfinished(what)));
        }
        if let Some(name) = self.git.names(&["diff", "--name-only", "--diff-filter=U", "-z"])?.first() {
            return Ok(Err(NotReady::Conflicts(String::from_utf8_lossy(name).into_owned())));
        }
        match self.git.line(&["symbolic-ref", "--quiet", "--short", "HEAD"]) {
            Ok(branch) => Ok(Ok(branch)),
            Err(GitError::Refused { .. }) => Ok(Err(NotReady::Detached)),
            Err(other) => Err(other),
        }
    }

    /// The tree of the last commit; the empty one, where there is none yet.
    pub fn last_tree(&self) -> Result<String, GitError> {
        match self.git.line(&["rev-parse", "--quiet", "--verify", "HEAD^{tree}"]) {
            Err(GitError::Refused { .. }) => self.git.line(&["hash-object", "-t", "tree", "--stdin"]),
            told => told,
        }
    }
}

/// The top of the work tree that a directory is in, by its path alone.
pub fn root_of(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|above| above.join(".git").exists())
}

/// What tells a directory from all others of this machine: `fd01-1a2b`.
pub fn identity(directory: &Path) -> Option<String> {
    let found = fs::metadata(directory).ok()?;
    Some(format!("{:x}-{:x}", found.dev(), found.ino()))
}
