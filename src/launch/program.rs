//! Which file a command's first word is, and why it cannot be executed. *Source*: execve(2), POSIX
//! "Command Search and Execution".

use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::LaunchFailure;
use crate::sys::regular;
use crate::sys::spawn::{self, Image};

const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// What executes a script that names nobody.
const SHELL: &CStr = c"/bin/sh";

/// A program that is looked for where the path says.
#[derive(Debug)]
pub struct Program {
    pub(super) image: Image,
    pub(super) candidates: Vec<CString>,
}

/// Why none of the candidates took a process's place.
#[derive(Clone, Copy, Debug)]
pub enum ExecFailure {
    /// There is none.
    Missing,
    /// The one with this number could not be executed.
    Candidate(usize, Errno),
    /// It is a script that names nobody, and its shell could not be.
    Shell(Errno),
}

impl ExecFailure {
    /// Has the first candidate that can be executed take this process's place. Returns only if that
    /// failed; takes no memory.
    pub fn of(image: &Image, candidates: &[CString]) -> ExecFailure {
        let is_searched = image.words().first().is_some_and(|word| !word.to_bytes().contains(&b'/'));
        let mut denied = None;
        for (at, candidate) in candidates.iter().enumerate() {
            match image.execute(candidate) {
                Errno::ENOENT | Errno::ENOTDIR if spawn::is_missing(candidate) => {}
                Errno::EACCES if is_searched => denied = Some(at),
                // A script without a `#!` line is for sh, as every shell has it.
                Errno::ENOEXEC => return ExecFailure::Shell(image.execute_script(SHELL, candidate)),
                errno => return ExecFailure::Candidate(at, errno),
            }
        }
        denied.map_or(ExecFailure::Missing, |at| ExecFailure::Candidate(at, Errno::EACCES))
    }
}

impl Program {
    /// The program that the image's first word names, found on `path`.
    pub fn find(image: Image, path: Option<&[u8]>) -> Program {
        let named = image.words().first().map(|word| candidates(as_path(word), path)).unwrap_or_default();
        let candidates = named.into_iter().filter_map(|path| CString::new(path.into_os_string().into_vec()).ok());
        Program { candidates: candidates.collect(), image }
    }

    /// Why it was not executed, in words.
    pub fn explain(&self, failed: ExecFailure) -> LaunchFailure {
        let Some(word) = self.image.words().first() else {
            return LaunchFailure { why: "the command is empty".into(), code: NOT_FOUND };
        };
        let name = as_path(word);
        match failed {
            ExecFailure::Candidate(at, errno) => explain(as_path(&self.candidates[at]), errno),
            ExecFailure::Shell(errno) => explain(as_path(SHELL), errno),
            ExecFailure::Missing if name.as_os_str().as_bytes().contains(&b'/') => {
                LaunchFailure { why: format!("{}: no such file", name.display()), code: NOT_FOUND }
            }
            ExecFailure::Missing => {
                LaunchFailure { why: format!("{}: command not found", name.display()), code: NOT_FOUND }
            }
        }
    }
}

fn as_path(text: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(text.to_bytes()))
}

/// Where the word may be found: itself if it has a slash, else in each directory of the path.
fn candidates(name: &Path, path: Option<&[u8]>) -> Vec<PathBuf> {
    if name.as_os_str().as_bytes().contains(&b'/') {
        return vec![name.to_owned()];
    }
    let path = OsStr::from_bytes(path.unwrap_or(b"/usr/local/bin:/usr/bin:/bin"));
    std::env::split_paths(path)
        .map(|dir| if dir.as_os_str().is_empty() { Path::new(".").join(name) } else { dir.join(name) })
        .collect()
}

fn explain(file: &Path, errno: Errno) -> LaunchFailure {
    let shown = file.display();
    let why = match errno {
        Errno::ENOENT | Errno::ENOTDIR => match interpreter(file) {
            Some(interpreter) => format!("{shown}: bad interpreter {interpreter}: no such file"),
            None => format!("{shown}: its program loader is missing"),
        },
        Errno::EACCES if file.is_dir() => format!("{shown} is a directory"),
        Errno::EACCES if fs::metadata(file).is_ok_and(|m| m.permissions().mode() & 0o111 == 0) => {
            format!("{shown} is not executable")
        }
        Errno::EACCES => match interpreter(file) {
            Some(interpreter) => format!("{shown}: permission denied (its interpreter is {interpreter})"),
            None => format!("{shown}: permission denied"),
        },
        Errno::E2BIG => format!("{shown}: the arguments and environment are too long together for this system"),
        other => format!("{shown}: {}", other.desc()),
    };
    LaunchFailure { why, code: NOT_EXECUTABLE }
}

/// What a script's first line names.
fn interpreter(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut head = Vec::new();
    regular::open(file).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    Some(String::from_utf8_lossy(line).trim().to_owned())
}
