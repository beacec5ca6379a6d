//! The content of a work tree as git would commit it with `git commit --all`: of what is tracked,
//! staged or not, by its hash. The user's index is copied, and his object database only read.

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::units::wall_time::WallTime;
use crate::work_tree::git::{Git, GitError};
use crate::work_tree::repository::Repository;

/// A file's time of change is as old as the kernel's last tick. *Units*: milliseconds.
const TICK: i64 = 10;
/// How `git ls-files --stage` shows a submodule.
const SUBMODULE: &[u8] = b"160000 ";

/// What a work tree has.
#[derive(Debug)]
pub struct TreeLook {
    /// The hash of its tree.
    pub tree: String,
    /// Submodules with changes of their own, which no commit here would have.
    pub dirty: Vec<Vec<u8>>,
    /// Git, with the index that has this content.
    pub git: Git,
    /// That index.
    pub index: PathBuf,
    /// What was tracked before and is not there.
    gone: Vec<Vec<u8>>,
}

/// Where the objects of a look go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectPlace {
    /// Beside the copied index, and away with it.
    Scratch,
    /// Into the repository.
    Repository,
}

impl TreeLook {
    /// Looks now. `scratch` is an absolute path of a directory of the caller's own.
    pub fn at(repository: &Repository, scratch: &Path, place: ObjectPlace) -> Result<TreeLook, GitError> {
        let index = scratch.join(match place {
            ObjectPlace::Scratch => "look",
            ObjectPlace::Repository => "index",
        });
        match copy(&repository.index, &index) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            copied => copied?,
        }
        let mut extra = vec![("GIT_INDEX_FILE", index.clone().into_os_string())];
        if place == ObjectPlace::Scratch {
            let objects = scratch.join("objects");
            fs::create_dir_all(&objects)?;
            extra.push(("GIT_OBJECT_DIRECTORY", objects.into_os_string()));
            extra.push(("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&repository.objects)));
        }
        let git = repository.git.with(&extra);
        let before = git.names(&["ls-files", "-z"])?;
        git.ask(&["-c", "core.looseCompression=0", "add", "--update"])?;
        let tree = git.line(&["write-tree"])?;
        let stages = git.names(&["ls-files", "--stage", "-z"])?;
        let name = |stage: &Vec<u8>| stage.splitn(2, |byte| *byte == b'\t').nth(1).map(<[u8]>::to_vec);
        let modules = stages.iter().filter(|stage| stage.starts_with(SUBMODULE)).filter_map(name);
        let dirty = modules.filter(|module| is_dirty(repository, module)).collect();
        let after: std::collections::BTreeSet<Vec<u8>> = stages.iter().filter_map(name).collect();
        let gone = before.into_iter().filter(|name| !after.contains(name)).collect();
        Ok(TreeLook { tree, dirty, git, index, gone })
    }

    /// What may have changed since then, by the time that the kernel keeps of each file: also when
    /// it was changed to what it had been.
    pub fn changed_since(&self, root: &Path, since: WallTime) -> Result<Vec<Vec<u8>>, GitError> {
        let changed_at =
            |path: &Path| fs::symlink_metadata(path).map(|f| f.ctime() * 1000 + f.ctime_nsec() / 1_000_000);
        let is_later = |path: &Path| changed_at(path).is_ok_and(|at| at >= since.0 - TICK);
        let path = |name: &[u8]| root.join(std::ffi::OsStr::from_bytes(name));
        // What is gone shows at the directory where it was.
        let removed = |name: &&Vec<u8>| {
            let path = path(name);
            let above = path.ancestors().skip(1).find(|above| above.is_dir());
            above.is_some_and(is_later)
        };
        let files = self.git.names(&["ls-files", "-z"])?;
        let mut changed: Vec<Vec<u8>> =
            files.into_iter().filter(|name| !path(name).is_dir() && is_later(&path(name))).collect();
        changed.extend(self.gone.iter().filter(removed).cloned());
        Ok(changed)
    }

    /// What differs from another tree.
    pub fn differences(&self, other: &str) -> Result<Vec<Vec<u8>>, GitError> {
        self.git.names(&["diff-index", "--cached", "--name-only", "--no-renames", "-z", other])
    }
}

/// Copies an index with its time: git looks again at files that are not older than that, as they
/// may have been changed after they were looked at.
fn copy(index: &Path, to: &Path) -> io::Result<()> {
    let written = fs::metadata(index)?.modified()?;
    fs::copy(index, to)?;
    File::options().write(true).open(to)?.set_times(FileTimes::new().set_modified(written))
}

fn is_dirty(repository: &Repository, module: &[u8]) -> bool {
    let path = repository.root.join(std::ffi::OsStr::from_bytes(module));
    // One that is not checked out has nothing of its own.
    path.join(".git").exists()
        && repository
            .git
            .at(&path)
            .ask(&["status", "--porcelain", "--untracked-files=no"])
            .map_or(true, |told| !told.is_empty())
}

/// A path as one of several that colons separate.
fn quoted(path: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for byte in path.as_os_str().as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    OsString::from_vec(quoted)
}
