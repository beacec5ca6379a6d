//! Which file a command's first word is, and why it cannot be executed. *Source*: execve(2), POSIX
//! "Command Search and Execution".

use std::ffi::{CStr, CString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::Failure;

const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// Executes `argv` with `env`, its first word found on `path`. Returns only if that failed.
pub fn execute(argv: &[CString], env: &[CString], path: Option<&[u8]>) -> Failure {
    let Some(word) = argv.first() else {
        return Failure { why: "the command is empty".into(), code: NOT_FOUND };
    };
    let name = Path::new(std::ffi::OsStr::from_bytes(word.as_bytes()));
    let mut denied = None;
    for candidate in candidates(name, path) {
        let Ok(file) = CString::new(candidate.as_os_str().as_bytes()) else { continue };
        match nix::unistd::execve(&file, argv, env) {
            Err(Errno::ENOENT | Errno::ENOTDIR) if !candidate.exists() => {}
            Err(Errno::EACCES) if name.components().count() == 1 => denied = Some(candidate),
            Err(Errno::ENOEXEC) => return as_shell_script(&file, argv, env),
            Err(errno) => return explain(&candidate, errno),
            Ok(never) => match never {},
        }
    }
    match denied {
        Some(found) => explain(&found, Errno::EACCES),
        None if name.as_os_str().as_bytes().contains(&b'/') => {
            Failure { why: format!("{}: no such file", name.display()), code: NOT_FOUND }
        }
        None => Failure { why: format!("{}: command not found", name.display()), code: NOT_FOUND },
    }
}

/// Where the word may be found: itself if it has a slash, else in each directory of the path.
fn candidates(name: &Path, path: Option<&[u8]>) -> Vec<PathBuf> {
    if name.as_os_str().as_bytes().contains(&b'/') {
        return vec![name.to_owned()];
    }
    let path = std::ffi::OsStr::from_bytes(path.unwrap_or(b"/usr/local/bin:/usr/bin:/bin"));
    std::env::split_paths(path)
        .map(|dir| if dir.as_os_str().is_empty() { Path::new(".").join(name) } else { dir.join(name) })
        .collect()
}

/// A script without a `#!` line is for sh, as every shell has it.
fn as_shell_script(file: &CStr, argv: &[CString], env: &[CString]) -> Failure {
    let mut words = vec![c"/bin/sh".to_owned(), file.to_owned()];
    words.extend_from_slice(&argv[1..]);
    match nix::unistd::execve(c"/bin/sh", &words, env) {
        Err(errno) => explain(Path::new("/bin/sh"), errno),
        Ok(never) => match never {},
    }
}

fn explain(file: &Path, errno: Errno) -> Failure {
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
    Failure { why, code: NOT_EXECUTABLE }
}

/// What a script's first line names.
fn interpreter(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut head = Vec::new();
    fs::File::open(file).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?;
    Some(String::from_utf8_lossy(line).trim().to_owned())
}
