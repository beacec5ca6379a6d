//! A directory's files as they were, to put them back.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::sys::regular;

/// More is not saved: then nothing is done that could not be undone. *Units*: bytes, files.
const MOST_BYTES: u64 = 64 << 20;
const MOST_FILES: usize = 20_000;
/// Directories of git's own, and of packages that can be had again.
const LEFT_OUT: [&str; 4] = [".git", "node_modules", "__pycache__", ".venv"];

/// The files of a directory and below, what git ignores left out.
pub struct SavedFiles {
    dir: PathBuf,
    /// Left out with all below it.
    except: PathBuf,
    files: BTreeMap<PathBuf, SavedFile>,
}

struct SavedFile {
    bytes: Vec<u8>,
    permissions: Permissions,
}

impl SavedFiles {
    /// As they are now. *Errors*: they are too many.
    pub fn of(dir: &Path, except: &Path) -> io::Result<SavedFiles> {
        let mut saved = SavedFiles { dir: dir.to_owned(), except: except.to_owned(), files: BTreeMap::new() };
        let mut room = MOST_BYTES;
        for path in saved.paths()? {
            let bytes = regular::read(&path, room).map_err(|_| too_much())?;
            room -= bytes.len() as u64;
            let permissions = fs::symlink_metadata(&path)?.permissions();
            saved.files.insert(path, SavedFile { bytes, permissions });
        }
        Ok(saved)
    }

    /// Those that are otherwise now, from the directory: changed, new, and gone ones.
    pub fn changed(&self) -> io::Result<Vec<String>> {
        let mut changed: Vec<&Path> =
            self.files.keys().map(PathBuf::as_path).filter(|path| self.differs(path)).collect();
        let now = self.paths()?;
        changed.extend(now.iter().map(PathBuf::as_path).filter(|path| !self.files.contains_key(*path)));
        changed.sort();
        let name = |path: &&Path| path.strip_prefix(&self.dir).unwrap_or(path).to_string_lossy().into_owned();
        Ok(changed.iter().map(name).collect())
    }

    /// Puts all back: what is new is removed.
    pub fn put_back(&self) -> io::Result<()> {
        for path in self.paths()?.iter().filter(|path| !self.files.contains_key(*path)) {
            fs::remove_file(path)?;
        }
        for (path, saved) in self.files.iter().filter(|(path, _)| self.differs(path)) {
            if let Some(dir) = path.parent() {
                fs::create_dir_all(dir)?;
            }
            // In place, so that a file keeps its further names.
            File::create(path)?.write_all(&saved.bytes)?;
            fs::set_permissions(path, saved.permissions.clone())?;
        }
        Ok(())
    }

    fn differs(&self, path: &Path) -> bool {
        let Some(saved) = self.files.get(path) else { return true };
        let mode = fs::symlink_metadata(path).map(|metadata| metadata.permissions());
        let is_same = || regular::read(path, MOST_BYTES).is_ok_and(|bytes| bytes == saved.bytes);
        !(mode.is_ok_and(|mode| mode == saved.permissions) && is_same())
    }

    fn paths(&self) -> io::Result<Vec<PathBuf>> {
        let except = self.except.clone();
        let walk = WalkBuilder::new(&self.dir)
            .hidden(false)
            .follow_links(false)
            .same_file_system(true)
            .filter_entry(move |entry| {
                entry.path() != except && !LEFT_OUT.iter().any(|name| entry.file_name() == *name)
            })
            .build();
        let mut paths = Vec::new();
        for entry in walk {
            let entry = entry.map_err(io::Error::other)?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                paths.push(entry.into_path());
            }
            if paths.len() > MOST_FILES {
                return Err(too_much());
            }
        }
        Ok(paths)
    }
}

fn too_much() -> io::Error {
    io::Error::other("there are too many files to be saved before, or too large ones")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;
    use std::path::Path;

    use super::SavedFiles;

    #[test]
    fn all_is_put_back() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = place.path();
        let write = |name: &str, text: &str| {
            File::create(dir.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
        };
        fs::create_dir(dir.join("sub")).expect("made");
        ["a", "b", "sub/c"].iter().for_each(|name| write(name, name));
        let saved = SavedFiles::of(dir, Path::new("/home")).expect("saved");
        assert!(saved.changed().expect("compared").is_empty());
        write("a", "other");
        write("new", "new");
        fs::remove_file(dir.join("sub/c")).expect("removed");
        assert_eq!(saved.changed().expect("compared"), ["a", "new", "sub/c"]);
        saved.put_back().expect("put back");
        assert!(saved.changed().expect("compared").is_empty() && !dir.join("new").exists());
        assert_eq!(fs::read_to_string(dir.join("sub/c")).expect("read"), "sub/c");
    }
}
