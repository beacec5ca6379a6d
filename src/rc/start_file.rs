//! Start files on disk: where they are, and how one is changed whole, with its mode, its owner and
//! the links that lead to it as they were.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::fcntl::AT_FDCWD;
use nix::unistd::{AccessFlags, faccessat};

use super::RcError;
use crate::shell::Shell;
use crate::sys::{account, regular};

/// A start file, as it was when it was read.
#[derive(Debug)]
pub struct RcFile {
    /// Its path, as the shell names it.
    pub path: PathBuf,
    /// Its bytes; `None` where there is no such file.
    pub text: Option<Vec<u8>>,
    /// Where its bytes are, behind all symbolic links.
    target: PathBuf,
}

/// No start file is longer. *Units*: bytes.
const LONGEST: u64 = 64 << 20;
/// As many symbolic links in a row as the kernel follows. *Source*: path_resolution(7).
const MOST_LINKS: usize = 40;

/// The start files of a shell that may concern aos; the first is the one that every interactive
/// shell reads. *Source*: bash(1), INVOCATION; zsh(1), STARTUP/SHUTDOWN FILES.
pub fn paths(shell: Shell) -> Result<Vec<PathBuf>, RcError> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = account::home().ok_or(RcError::NoHome)?;
    let (dir, names) = match shell {
        Shell::Bash => (home, [".bashrc", ".bash_aliases", ".bash_profile", ".bash_login", ".profile"]),
        Shell::Zsh => (set("ZDOTDIR").unwrap_or(home), [".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zaliases"]),
    };
    Ok(names.iter().map(|name| dir.join(name)).collect())
}

impl RcFile {
    /// Reads the file that every interactive shell reads.
    pub fn of(shell: Shell) -> Result<RcFile, RcError> {
        RcFile::read(paths(shell)?.swap_remove(0))
    }

    /// Reads a start file. One that is absent is no error.
    pub fn read(path: PathBuf) -> Result<RcFile, RcError> {
        let unreadable = |source| RcError::Unreadable { path: path.clone(), source };
        let target = follow(&path).map_err(unreadable)?;
        let text = match fs::metadata(&target) {
            Ok(found) if !found.is_file() => return Err(RcError::NotAFile(path)),
            Err(e) if is_absent(&e) => None,
            _ => Some(regular::read(&target, LONGEST).map_err(unreadable)?),
        };
        Ok(RcFile { path, text, target })
    }

    /// Whether two names lead to the same file.
    pub fn is_same(&self, other: &RcFile) -> bool {
        self.target == other.target
    }

    /// Whether it may be changed. A file that nobody may write is another tool's, also for root.
    pub fn check_writable(&self) -> Result<(), RcError> {
        let dir = self.target.parent().unwrap_or(Path::new("/"));
        let file = self.text.is_some().then_some(&*self.target);
        for what in [Some(dir), file].into_iter().flatten() {
            let found = fs::metadata(what).map_err(|source| self.unwritable(source))?;
            if found.mode() & 0o222 == 0 || !may_write(what) {
                return Err(RcError::ReadOnly { path: self.path.clone(), what: what.to_owned() });
            }
            if found.is_file() && found.nlink() > 1 {
                return Err(RcError::HardLinked(self.path.clone()));
            }
        }
        Ok(())
    }

    /// Puts `text` in its place, whole: a shell that starts meanwhile reads the old file or the new
    /// one.
    pub fn replace(&self, text: &[u8]) -> Result<(), RcError> {
        self.check_unchanged()?;
        let mut name = OsString::from(".");
        name.push(self.target.file_name().unwrap_or_default());
        name.push(format!(".{}.aos", std::process::id()));
        let temporary = self.target.with_file_name(name);
        let written = self.write_beside(&temporary, text);
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(|source| self.unwritable(source))
    }

    /// Removes it.
    pub fn remove(&self) -> Result<(), RcError> {
        self.check_unchanged()?;
        fs::remove_file(&self.target).map_err(|source| self.unwritable(source))
    }

    /// Whoever was asked may have taken a while to answer.
    fn check_unchanged(&self) -> Result<(), RcError> {
        self.check_writable()?;
        let now = RcFile::read(self.path.clone())?;
        match now.text == self.text && now.target == self.target {
            true => Ok(()),
            false => Err(RcError::Changed(self.path.clone())),
        }
    }

    fn write_beside(&self, temporary: &Path, text: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
        file.write_all(text)?;
        if self.text.is_some() {
            resemble(&file, &fs::metadata(&self.target)?)?;
        }
        // A power cut must leave one of the two, and no empty file under the name.
        file.sync_all()?;
        fs::rename(temporary, &self.target)
    }

    fn unwritable(&self, source: io::Error) -> RcError {
        RcError::Unwritable { path: self.path.clone(), source }
    }
}

/// Gives a file the owner and the mode of another. The owner first: changing it clears bits of the
/// mode.
fn resemble(file: &File, other: &fs::Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (other.uid(), other.gid()) {
        fchown(file, Some(other.uid()), Some(other.gid()))?;
    }
    file.set_permissions(other.permissions())
}

fn may_write(path: &Path) -> bool {
    faccessat(AT_FDCWD, path, AccessFlags::W_OK, nix::fcntl::AtFlags::AT_EACCESS).is_ok()
}

/// Where a path leads, also when nothing is there yet.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        let dir = at.parent().unwrap_or(Path::new("/"));
        match fs::read_link(&at) {
            Ok(to) => at = dir.join(to),
            // EINVAL: it is no link.
            Err(e) if e.kind() == io::ErrorKind::InvalidInput || is_absent(&e) => {
                let name = at.file_name().ok_or(io::ErrorKind::IsADirectory)?;
                return Ok(dir.canonicalize().unwrap_or_else(|_| dir.to_owned()).join(name));
            }
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

fn is_absent(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
