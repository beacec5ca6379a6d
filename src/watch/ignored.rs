//! Which files are left out: what git ignores, and what is nobody's source.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::sys::regular;

/// Directories that no source is in, wherever they are.
const DIRECTORIES: [&str; 7] = [".git", ".hg", ".svn", ".jj", ".bzr", "node_modules", "__pycache__"];
/// A directory with this file holds what can be made again: `target/`, `.mypy_cache/`.
/// *Source*: <https://bford.info/cachedir/>
const CACHE_TAG: &str = "CACHEDIR.TAG";
/// What editors and desktops write beside a file, as the rules of git would name it.
const BESIDE_FILES: [&str; 8] = ["*~", ".#*", "#*#", ".*.sw?", ".*.kate-swp", "___jb_*___", "/**/4913", ".DS_Store"];
/// Files with rules, in a directory that they are for.
const RULES: [&str; 3] = [".ignore", ".gitignore", ".git/info/exclude"];

/// A longer file has no rules. Anybody who may write into a watched directory may put something
/// else in its place. *Units*: bytes.
const LONGEST_RULES: u64 = 1 << 20;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The rules, read as they are needed.
#[derive(Debug)]
pub struct Ignored {
    /// Left out whatever the rules say.
    except: PathBuf,
    beside: Gitignore,
    by_directory: HashMap<PathBuf, Gitignore>,
}

impl Ignored {
    /// No rules read yet. `except` is left out with all below it.
    pub fn new(except: &Path) -> Ignored {
        let mut beside = GitignoreBuilder::new("/");
        for glob in BESIDE_FILES {
            let _ = beside.add_line(None, glob);
        }
        let beside = beside.build().unwrap_or_else(|_| Gitignore::empty());
        Ignored { except: except.to_owned(), beside, by_directory: HashMap::new() }
    }

    /// Whether a change of this file says that the rules have changed.
    pub fn is_rules(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == ".gitignore" || name == ".ignore")
    }

    /// Forgets the rules that were read, for when they may have changed.
    pub fn forget(&mut self) {
        self.by_directory.clear();
    }

    /// Whether an entry is left out, of a directory that is not. `top` is where to look for rules,
    /// upward until there.
    pub fn has(&mut self, path: &Path, is_directory: bool, top: &Path) -> bool {
        if path == self.except || (is_directory && is_never_source(path)) {
            return true;
        }
        if !is_directory && self.beside.matched(path, false).is_ignore() {
            return true;
        }
        for directory in path.ancestors().skip(1).take_while(|directory| directory.starts_with(top)) {
            match self.rules_of(directory).matched(path, is_directory) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    fn rules_of(&mut self, directory: &Path) -> &Gitignore {
        self.by_directory.entry(directory.to_owned()).or_insert_with(|| {
            let mut rules = GitignoreBuilder::new(directory);
            for file in RULES.iter().rev() {
                // A file that is not there has no rules, nor has one that is no file, nor a line
                // that is none.
                let path = directory.join(file);
                let text = regular::read(&path, LONGEST_RULES).unwrap_or_default();
                let text = String::from_utf8_lossy(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text)).into_owned();
                for line in text.lines() {
                    let _ = rules.add_line(Some(path.clone()), line);
                }
            }
            rules.build().unwrap_or_else(|_| Gitignore::empty())
        })
    }
}

/// Where rules for a directory begin: at the top of its repository, or with itself.
pub fn top_of(directory: &Path) -> &Path {
    directory.ancestors().find(|above| above.join(".git").exists()).unwrap_or(directory)
}

fn is_never_source(directory: &Path) -> bool {
    let is_named = directory.file_name().is_some_and(|name| DIRECTORIES.iter().any(|other| name == *other));
    is_named || directory.join(CACHE_TAG).exists()
}

#[cfg(test)]
mod tests {
    use super::{Ignored, top_of};
    use std::fs;
    use std::io::Write;

    #[test]
    fn rules_hold_from_the_top_of_the_repository_down() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |path: &str| dir.path().join(path);
        let write = |path: &str, text: &str| {
            fs::File::create(at(path)).and_then(|mut f| f.write_all(text.as_bytes())).expect("written");
        };
        fs::create_dir_all(at("a/b")).expect("directories");
        fs::create_dir_all(at(".git/info")).expect("directories");
        fs::create_dir_all(at("cache")).expect("directories");
        write("cache/CACHEDIR.TAG", "");
        write(".gitignore", "*.log\n/out\nbuild/\n");
        write(".git/info/exclude", "mine\n");
        write("a/.gitignore", "!keep.log\n");
        assert_eq!(top_of(&at("a/b")), dir.path());
        let mut ignored = Ignored::new(&at("home"));
        let mut has = |path: &str, is_directory| ignored.has(&at(path), is_directory, dir.path());
        for (path, is_directory) in [
            ("x.log", false),
            ("a/b/x.log", false),
            ("out", true),
            ("a/build", true),
            ("a/mine", false),
            (".git", true),
            ("a/node_modules", true),
            ("cache", true),
            ("home", true),
            ("a/.x.rs.swp", false),
            ("a/x.rs~", false),
            ("a/4913", false),
            ("a/.#x.rs", false),
        ] {
            assert!(has(path, is_directory), "{path}");
        }
        for (path, is_directory) in
            [("a/keep.log", false), ("a/out", true), ("build", false), (".env", false), ("a/x.rs", false)]
        {
            assert!(!has(path, is_directory), "{path}");
        }
    }
}
