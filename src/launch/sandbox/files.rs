//! From paths that may and may not be read and written to rules that the kernel knows. Its rules
//! only ever allow, a directory with all that is in it: where something in one is not allowed, what
//! stands beside it is allowed instead. Within what may be written that is no way, as new files
//! must have a place: there, what is not allowed is covered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::sys::landlock::{FileRule, Grant, RuleTarget};
use crate::sys::namespaces::Cover;
use crate::task::os_bytes::OsBytes;
use crate::task::sandbox::guarantee::Guarantee;
use crate::task::sandbox::{Sandbox, rest_below};

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
        let mut known = KnownPaths::default();
        let mut real = known.real_of(sandbox);
        real.deny_read.retain(|path| match known.kind(path.as_path()) {
            Some(RuleTarget::File) => !is_closed_anyway(path.as_path()),
            Some(RuleTarget::Directory) | None => true,
        });
        let mut covers = Covers::default();
        if sandbox.promises(Guarantee::Protected) {
            for path in real.within_writable(&real.deny_write) {
                covers.protect(path, &real, &mut known).map_err(|e| (Guarantee::Protected, e))?;
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
    KnownPaths::default().real_of(sandbox)
}

/// What has been found at paths: most of a sandbox's paths have the same ones above them.
#[derive(Default)]
struct KnownPaths(HashMap<OsString, FoundPath>);

/// What was found at a path.
#[derive(Clone)]
struct FoundPath {
    /// Where it leads.
    real: PathBuf,
    /// What is there.
    kind: Option<RuleTarget>,
}

impl KnownPaths {
    /// The same with paths that lead through no link.
    fn real_of(&mut self, sandbox: &Sandbox) -> Sandbox {
        let mut all = |paths: &[OsBytes]| -> Vec<OsBytes> {
            paths.iter().map(|path| self.find(path.as_path()).real.into_os_string().into()).collect()
        };
        Sandbox {
            allow_read: all(&sandbox.allow_read),
            deny_read: all(&sandbox.deny_read),
            allow_write: all(&sandbox.allow_write),
            deny_write: all(&sandbox.deny_write),
            ..sandbox.clone()
        }
    }

    /// What is at a path.
    fn kind(&mut self, path: &Path) -> Option<RuleTarget> {
        self.find(path).kind
    }

    /// Looks at a path that is absolute and plain.
    fn find(&mut self, path: &Path) -> FoundPath {
        if let Some(known) = self.0.get(path.as_os_str()) {
            return known.clone();
        }
        let found = match (path.parent(), path.file_name()) {
            (Some(above), Some(name)) => {
                let above = self.find(above);
                let here = above.real.join(name);
                // Nothing is in what is no directory.
                if above.kind == Some(RuleTarget::Directory) {
                    found_at(here)
                } else {
                    FoundPath { real: here, kind: None }
                }
            }
            (_, _) => FoundPath { real: path.to_owned(), kind: Some(RuleTarget::Directory) },
        };
        self.0.insert(path.as_os_str().to_owned(), found.clone());
        found
    }
}

/// Looks at what lies in a directory that no link leads to.
fn found_at(here: PathBuf) -> FoundPath {
    let kind = |found: &fs::Metadata| if found.is_dir() { RuleTarget::Directory } else { RuleTarget::File };
    match here.symlink_metadata() {
        Ok(found) if found.is_symlink() => {
            match fs::canonicalize(&here).and_then(|real| Ok((real.metadata()?, real))) {
                Ok((found, real)) => FoundPath { real, kind: Some(kind(&found)) },
                Err(_) => FoundPath { real: here, kind: None },
            }
        }
        Ok(found) => FoundPath { real: here, kind: Some(kind(&found)) },
        Err(_) => FoundPath { real: here, kind: None },
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
        let inside = entries.iter().filter_map(|entry| rest_below(entry.as_path(), path));
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
        let at = entry.path();
        match leading.contains(&entry.file_name()) {
            // On a disk lies everything that is denied.
            _ if kind.is_symlink() || kind.is_block_device() || is_terminal(&at) => {}
            true => allow_reading(sandbox, &at, rules),
            false if kind.is_dir() => drop(rules.insert(at, Some(RuleTarget::Directory))),
            false => drop(rules.insert(at, Some(RuleTarget::File))),
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
    fn protect(&mut self, path: &Path, sandbox: &Sandbox, known: &mut KnownPaths) -> io::Result<()> {
        let mut is_there = known.kind(path).is_some();
        let above = path.parent().and_then(|above| known.kind(above));
        if !is_there && path.ends_with(HOOKS) && above == Some(RuleTarget::Directory) {
            match fs::create_dir(path) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                Ok(()) | Err(_) => is_there = true,
            }
        }
        if is_there {
            self.hold_above(path, sandbox);
            self.add(path, Cover::ReadOnly);
        } else if let Some(file) = path.ancestors().find(|above| known.kind(above) == Some(RuleTarget::File)) {
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
