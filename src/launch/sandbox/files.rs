//! From paths that may and may not be read and written to rules that the kernel knows. Its rules
//! only ever allow, a directory with all that is in it: where something in one is not allowed, what
//! stands beside it is allowed instead. Within what may be written that is no way, as new files
//! must have a place: there, what is not allowed is covered.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::sys::landlock::Grant;
use crate::sys::namespaces::Cover;
use crate::task::os_bytes::OsBytes;
use crate::task::sandbox::Sandbox;
use crate::task::sandbox::guarantee::Guarantee;

/// What the kernel is told of files.
#[derive(Debug, Default)]
pub struct Files {
    /// What is allowed.
    pub rules: Vec<(PathBuf, Grant)>,
    /// What is covered, those above before those below.
    pub covers: Vec<(PathBuf, Cover)>,
}

/// Where git executes what it finds; it is made where git would look for it.
const HOOKS: &str = ".git/hooks";

impl Files {
    /// Looks at what is there. *Errors*: what of it cannot be kept.
    pub fn of(sandbox: &Sandbox) -> Result<Files, (Guarantee, io::Error)> {
        let mut real = real(sandbox);
        let mut covers = Covers::default();
        if sandbox.promises(Guarantee::Protected) {
            for path in real.within_writable(&real.deny_write) {
                covers.protect(path, &real).map_err(|e| (Guarantee::Protected, e))?;
            }
            let hidden: Vec<PathBuf> = real.within_writable(&real.deny_read).map(Path::to_owned).collect();
            for path in hidden {
                covers.hide(&path, &real).map_err(|e| (Guarantee::Protected, e))?;
                real.deny_read.retain(|denied| denied.as_path() != path);
            }
        }
        let mut rules = Vec::new();
        if real.allow_read.iter().any(|path| path.as_path() == Path::new("/")) {
            // The names of files are no secret: without them no directory above could be listed.
            rules.push((PathBuf::from("/"), Grant::List));
        }
        let mut readable = BTreeSet::new();
        for root in real.allow_read.iter().chain(&real.allow_write) {
            allow_reading(&real, root.as_path(), &mut readable);
        }
        rules.extend(readable.into_iter().map(|path| (path, Grant::Read)));
        rules.extend(real.allow_write.iter().map(|path| (path.as_path().to_owned(), Grant::Write)));
        Ok(Files { rules, covers: covers.0 })
    }

    /// Files that are covered so that they cannot be written.
    pub fn unwritable(&self) -> Vec<CString> {
        let read_only = self.covers.iter().filter(|(_, cover)| *cover == Cover::ReadOnly);
        read_only.filter(|(path, _)| path.is_file()).filter_map(|(path, _)| as_c(path)).collect()
    }
}

/// As system calls take it.
pub fn as_c(path: &Path) -> Option<CString> {
    CString::new(path.as_os_str().as_bytes()).ok()
}

/// The same with paths that lead through no link.
pub fn real(sandbox: &Sandbox) -> Sandbox {
    let all = |paths: &[OsBytes]| paths.iter().map(|path| real_path(path.as_path()).into_os_string().into()).collect();
    Sandbox {
        allow_read: all(&sandbox.allow_read),
        deny_read: all(&sandbox.deny_read),
        allow_write: all(&sandbox.allow_write),
        deny_write: all(&sandbox.deny_write),
        ..sandbox.clone()
    }
}

/// Where a path leads, also if its end is not there yet.
pub fn real_path(path: &Path) -> PathBuf {
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(above), Some(name)) => real_path(above).join(name),
        (Err(_), ..) => path.to_owned(),
    }
}

fn allow_reading(sandbox: &Sandbox, path: &Path, rules: &mut BTreeSet<PathBuf>) {
    let below = |entry: &OsBytes| entry.as_path() != path && entry.as_path().starts_with(path);
    if !sandbox.may_read(path) {
        return;
    }
    if !sandbox.deny_read.iter().any(below) {
        rules.insert(path.to_owned());
        return;
    }
    // What is allowed below what is denied has its own turn.
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            allow_reading(sandbox, &entry.path(), rules);
        }
    }
}

#[derive(Default)]
struct Covers(Vec<(PathBuf, Cover)>);

impl Covers {
    /// Keeps a path from being written, moved away, or put into the place of.
    fn protect(&mut self, path: &Path, sandbox: &Sandbox) -> io::Result<()> {
        if path.ends_with(HOOKS) && path.parent().is_some_and(Path::is_dir) {
            match fs::create_dir(path) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                Ok(()) | Err(_) => {}
            }
        }
        if path.symlink_metadata().is_ok() {
            self.hold_above(path, sandbox);
            self.add(path, Cover::ReadOnly);
        } else if let Some(file) = path.ancestors().skip(1).find(|above| above.is_file()) {
            // A file where a directory could be: the `.git` of a linked work tree.
            self.hold_above(file, sandbox);
            self.add(file, Cover::ReadOnly);
        }
        Ok(())
    }

    /// Puts nothing in its place.
    fn hide(&mut self, path: &Path, sandbox: &Sandbox) -> io::Result<()> {
        let Ok(found) = path.symlink_metadata() else { return Ok(()) };
        self.hold_above(path, sandbox);
        self.0.retain(|(covered, _)| covered != path);
        self.add(path, if found.is_dir() { Cover::EmptyDir } else { Cover::EmptyFile });
        Ok(())
    }

    /// What lies between it and what may be written could be moved away with it.
    fn hold_above(&mut self, path: &Path, sandbox: &Sandbox) {
        let roots: Vec<&Path> = sandbox.allow_write.iter().map(OsBytes::as_path).collect();
        let above: Vec<&Path> = path.ancestors().skip(1).take_while(|above| !roots.contains(above)).collect();
        for above in above.into_iter().rev().filter(|above| roots.iter().any(|root| above.starts_with(root))) {
            self.add(above, Cover::Hold);
        }
    }

    fn add(&mut self, path: &Path, cover: Cover) {
        if !self.0.iter().any(|(covered, _)| covered == path) {
            self.0.push((path.to_owned(), cover));
        }
    }
}
