//! Where git keeps what it knows of a directory, found by paths alone: git is not run.

use std::path::{Path, PathBuf};

use crate::sys::regular;

/// A file that leads elsewhere is no longer. *Units*: bytes.
const LONGEST: u64 = 16 << 10;

/// The directory of git's own for the work tree that this is in. A worktree beside the first has a
/// file that leads there.
pub fn of(dir: &Path) -> Option<PathBuf> {
    let found = dir.ancestors().map(|above| above.join(".git")).find(|git| git.exists())?;
    if found.is_dir() {
        return Some(found);
    }
    let text = words(&found)?;
    Some(found.parent()?.join(text.strip_prefix("gitdir: ")?.trim_end()))
}

/// Where the branches are: worktrees share them.
pub fn shared_of(dir: &Path) -> Option<PathBuf> {
    let own = of(dir)?;
    match words(&own.join("commondir")) {
        Some(way) => Some(own.join(way.trim_end())),
        None => Some(own),
    }
}

fn words(path: &Path) -> Option<String> {
    String::from_utf8(regular::read(path, LONGEST).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{of, shared_of};
    use std::fs;
    use std::io::Write;

    #[test]
    fn worktrees_share_their_branches() {
        let place = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().expect("above")).expect("made");
            fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
        };
        write("main/.git/HEAD", "ref: refs/heads/main\n");
        write("main/.git/worktrees/two/commondir", "../..\n");
        let git = place.path().join("main/.git");
        write("two/.git", &format!("gitdir: {}\n", git.join("worktrees/two").display()));
        write("two/src/x", "");
        let canonical = |path: Option<std::path::PathBuf>| path.and_then(|path| path.canonicalize().ok());
        let git = git.canonicalize().ok();
        assert_eq!(canonical(of(&place.path().join("main"))), git);
        assert_eq!(canonical(shared_of(&place.path().join("main"))), git);
        assert_eq!(canonical(shared_of(&place.path().join("two/src"))), git);
        assert!(of(&place.path().join("two/src")).is_some_and(|own| own.ends_with("worktrees/two")));
    }
}
