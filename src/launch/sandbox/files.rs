//! From paths that may and may not be read and written to rules that the kernel knows. Its rules
//! only ever allow, a directory with all that is in it: where something in one is not allowed, what
//! stands beside it is allowed instead. Within what may be written that is no way, as new files
//! must have a place: there, what is not allowed is covered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::sys::landlock::{FileRule, Grant, RuleTarget};
use crate::sys::namespaces::Cover;
use crate::task::os_bytes::OsBytes;
use crate::task::sandbox::Sandbox;
use crate::task::sandbox::guarantee::Guarantee;

/// What the kernel is told of files.
#[derive(Debug, Default)]
pub struct Files {
    /// What is allowed.
    pub rules: Vec<FileRule>,
    /// What is covered, those above before those below.
    pub covers: Vec<(PathBuf, Cover)>,
}

/// Where git executes what it finds; it is made where git would look for it.
const HOOKS: &str = ".git/hooks";

impl Files {
    /// Looks at what is there. *Errors*: what of it cannot be kept.
    pub fn of(sandbox: &Sandbox) -> Result<Files, (Guarantee, io::Error)> {
        let mut real = real(sandbox);
        real.deny_read.retain(|path| !is_closed_anyway(path.as_path()));
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
            rules.push(FileRule::of(Path::new("/"), Grant::List));
        }
        let mut readable = Kinds::new();
        for root in real.allow_read.iter().chain(&real.allow_write) {
            allow_reading(&real, root.as_path(), &mut readable);
        }
        rules.extend(readable.into_iter().map(|(path, kind)| FileRule { path, grant: Grant::Read, kind }));
        rules.extend(real.allow_write.iter().map(|path| FileRule::of(path.as_path(), Grant::Write)));
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
    let mut known = KnownPaths::default();
    let mut all = |paths: &[OsBytes]| -> Vec<OsBytes> {
        paths.iter().map(|path| known.real(path.as_path()).0.into_os_string().into()).collect()
    };
    Sandbox {
        allow_read: all(&sandbox.allow_read),
        deny_read: all(&sandbox.deny_read),
        allow_write: all(&sandbox.allow_write),
        deny_write: all(&sandbox.deny_write),
        ..sandbox.clone()
    }
}

/// Where paths lead that have been looked at, and whether anything is there: most of a sandbox's
/// paths have the same ones above them.
#[derive(Default)]
struct KnownPaths(HashMap<PathBuf, (PathBuf, bool)>);

impl KnownPaths {
    /// Where a path leads that is absolute and plain.
    fn real(&mut self, path: &Path) -> (PathBuf, bool) {
        if let Some(known) = self.0.get(path) {
            return known.clone();
        }
        let found = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) => match self.real(above) {
                (above, false) => (above.join(name), false),
                (above, true) => {
                    let here = above.join(name);
                    match here.symlink_metadata() {
                        Ok(found) if found.is_symlink() => match fs::canonicalize(&here) {
                            Ok(real) => (real, true),
                            Err(_) => (here, false),
                        },
                        Ok(_) => (here, true),
                        Err(_) => (here, false),
                    }
                }
            },
            (_, _) => (path.to_owned(), true),
        };
        self.0.insert(path.to_owned(), found.clone());
        found
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

/// What is found of a path before it is opened.
type Kinds = BTreeMap<PathBuf, Option<RuleTarget>>;

/// Allows a path, but for what is denied below it. Only names that lead to something that is said
/// are looked at closely: it is the same with all others as with what they are in.
fn allow_reading(sandbox: &Sandbox, path: &Path, rules: &mut Kinds) {
    if !sandbox.may_read(path) {
        return;
    }
    let below = |entries: &[OsBytes]| -> BTreeSet<OsString> {
        let inside = entries.iter().filter_map(|entry| entry.as_path().strip_prefix(path).ok());
        inside.filter_map(|rest| Some(rest.components().next()?.as_os_str().to_owned())).collect()
    };
    let mut leading = below(&sandbox.deny_read);
    if leading.is_empty() {
        rules.entry(path.to_owned()).or_default();
        return;
    }
    // What is allowed below what is denied has its own turn.
    leading.extend(below(&sandbox.allow_read));
    leading.extend(below(&sandbox.allow_write));
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        match leading.contains(&entry.file_name()) {
            _ if kind.is_symlink() || is_terminal(&entry.path()) => {}
            true => allow_reading(sandbox, &entry.path(), rules),
            false if kind.is_dir() => drop(rules.insert(entry.path(), Some(RuleTarget::Directory))),
            false => drop(rules.insert(entry.path(), Some(RuleTarget::File))),
        }
    }
}

/// Whether it is another terminal than the task's own, or shows what is on one.
fn is_terminal(path: &Path) -> bool {
    let name = path.strip_prefix("/dev").ok().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("vcs") || name.len() > 3 && name.starts_with("tty"))
}

/// Whether somebody else's file is closed to this user without a sandbox.
fn is_closed_anyway(path: &Path) -> bool {
    use nix::unistd::{AccessFlags, access, geteuid};
    let is_others = path.metadata().is_ok_and(|found| found.is_file() && found.uid() != geteuid().as_raw());
    is_others && access(path, AccessFlags::R_OK).is_err()
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{Files, real_path};
    use crate::sys::landlock::Grant;
    use crate::task::sandbox::Sandbox;
    use crate::task::sandbox::profile::{Place, Profile};

    #[test]
    fn what_stands_beside_what_is_denied_is_allowed_and_links_are_followed() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = fs::canonicalize(dir.path()).expect("there");
        for path in ["real/.ssh", "real/src/web/.git", "real/other/deep", "real/.aws"] {
            fs::create_dir_all(at.join(path)).expect("made");
        }
        fs::File::create(at.join("real/.bashrc")).expect("made");
        symlink(at.join("real"), at.join("home")).expect("a link");
        let home = at.join("home");
        let place = Place { home: &home, state: &home.join(".state"), project: &home.join("src/web"), temporary: &at };
        let sandbox = Profile::default().at("default", &place);
        let read: Vec<_> = Files::of(&sandbox).expect("looked").rules.into_iter().collect();
        let has = |path: &str, grant| read.iter().any(|rule| rule.path == at.join(path) && rule.grant == grant);
        for path in ["real/other", "real/src", "real/.bashrc"] {
            assert!(has(path, Grant::Read), "{path}: {read:?}");
        }
        assert!(has("real/src/web", Grant::Write));
        for path in ["real", "real/.ssh", "real/.aws", "home", "real/other/deep"] {
            assert!(!has(path, Grant::Read), "{path}: {read:?}");
        }
        let found: Sandbox = super::real(&sandbox);
        for (plain, real) in sandbox.deny_read.iter().zip(&found.deny_read) {
            assert_eq!(real.as_path(), real_path(plain.as_path()), "as each by itself");
        }
    }
}
