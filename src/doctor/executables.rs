//! Which `aos` a shell finds.

use std::env;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use super::check::Check;
use super::check::CheckStatus::{Ok as Good, Unknown, Warn};

/// An executable called aos.
struct FoundExecutable {
    path: PathBuf,
    file: (u64, u64),
}

/// Whether the running aos is the only one on PATH, or at least the first.
pub fn check() -> Check {
    let running = env::current_exe().and_then(|path| Ok((path.metadata()?, path)));
    let Ok((metadata, running)) = running else {
        return Check::new("path", Unknown, "the file of the running aos is gone")
            .hint("aos was replaced meanwhile: again");
    };
    let all = on_path(&env::var_os("PATH").unwrap_or_default());
    judge(&FoundExecutable { path: running, file: identity(&metadata) }, &all)
}

fn judge(running: &FoundExecutable, all: &[FoundExecutable]) -> Check {
    let shown = running.path.display();
    let others: Vec<String> =
        all.iter().filter(|found| found.file != running.file).map(|found| found.path.display().to_string()).collect();
    match all.first() {
        Some(first) if first.file == running.file && others.is_empty() => {
            Check::new("path", Good, format!("{} is the only aos on PATH", first.path.display()))
        }
        Some(first) if first.file == running.file => {
            Check::new("path", Warn, format!("{} is the first of several aos on PATH", first.path.display()))
                .hint(format!("also there: {}", others.join(", ")))
        }
        Some(first) => Check::new("path", Warn, format!("a shell finds {}, not this {shown}", first.path.display()))
            .hint(format!("let its directory come first in PATH, or remove: {}", others.join(", "))),
        None => Check::new("path", Warn, format!("{shown} is not on PATH"))
            .hint("the integration calls aos by its name: add its directory to PATH"),
    }
}

/// The executables called aos, in the order in which a shell looks; each file once.
fn on_path(path: &OsStr) -> Vec<FoundExecutable> {
    let mut all: Vec<FoundExecutable> = Vec::new();
    for dir in env::split_paths(path) {
        let path = dir.join("aos");
        let Ok(metadata) = path.metadata() else { continue };
        let file = identity(&metadata);
        let is_known = all.iter().any(|found| found.file == file);
        if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 && !is_known {
            all.push(FoundExecutable { path, file });
        }
    }
    all
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
