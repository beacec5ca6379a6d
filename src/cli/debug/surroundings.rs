//! What is there where a log was written: programs, scripts, branches, targets. Files are read,
//! nothing is run.

use std::env;
use std::path::{Path, PathBuf};

use crate::diagnose::surroundings::Surroundings;
use crate::sys::regular;
use crate::watch::git_directory;

/// A file that is looked into is no longer. *Units*: bytes.
const LARGEST: u64 = 1 << 20;
/// No more names are looked at.
const MOST: usize = 20_000;

/// A directory, and this machine.
pub struct Directory<'d>(pub &'d Path);

impl Surroundings for Directory<'_> {
    fn names(&self, kind: &str) -> Vec<String> {
        match kind {
            "executables" => executables(),
            "scripts" => self.scripts().unwrap_or_default(),
            "branches" => self.branches(),
            "targets" => self.targets(),
            "npm" => self.packages().unwrap_or_default(),
            "python" => self.requirements(),
            _ => Vec::new(),
        }
    }

    fn has_file(&self, name: &str) -> bool {
        self.0.join(name).is_file()
    }
}

impl Directory<'_> {
    fn read(&self, name: &str) -> Option<String> {
        String::from_utf8(regular::read(&self.0.join(name), LARGEST).ok()?).ok()
    }

    /// The scripts of `package.json`.
    fn scripts(&self) -> Option<Vec<String>> {
        let package: serde_json::Value = serde_json::from_str(&self.read("package.json")?).ok()?;
        Some(package.get("scripts")?.as_object()?.keys().cloned().collect())
    }

    /// The packages that `package.json` names.
    fn packages(&self) -> Option<Vec<String>> {
        let package: serde_json::Value = serde_json::from_str(&self.read("package.json")?).ok()?;
        let kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
        let names = kinds.iter().filter_map(|kind| package.get(kind)?.as_object()).flat_map(|names| names.keys());
        Some(names.cloned().collect())
    }

    /// The packages that `requirements.txt` names.
    fn requirements(&self) -> Vec<String> {
        let text = self.read("requirements.txt").unwrap_or_default();
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name = |line: &str| line.trim().split(|c| !is_of_name(c)).next().unwrap_or_default().to_owned();
        text.lines().map(name).filter(|name| !name.is_empty() && !name.starts_with('-')).collect()
    }

    /// The branches of the repository that the directory is in.
    fn branches(&self) -> Vec<String> {
        let Some(git) = git_directory::shared_of(self.0) else { return Vec::new() };
        let mut found = Vec::new();
        for place in ["refs/heads", "refs/remotes/origin"] {
            files_below(&git.join(place), "", &mut found);
        }
        let packed = regular::read(&git.join("packed-refs"), LARGEST).unwrap_or_default();
        let packed = String::from_utf8_lossy(&packed).into_owned();
        let names = packed.lines().filter_map(|line| line.split_once("refs/heads/"));
        found.extend(names.map(|(_, name)| name.to_owned()));
        found.sort();
        found.dedup();
        found
    }

    /// The targets of the Makefile.
    fn targets(&self) -> Vec<String> {
        let text = ["GNUmakefile", "makefile", "Makefile"].iter().find_map(|name| self.read(name)).unwrap_or_default();
        let target = |line: &str| {
            let (name, rest) = line.split_once(':')?;
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
            let is_one = !rest.starts_with('=') && !name.starts_with('.') && !name.is_empty() && name.chars().all(fits);
            is_one.then(|| name.to_owned())
        };
        text.lines().filter_map(target).collect()
    }
}

fn files_below(dir: &Path, prefix: &str, found: &mut Vec<String>) {
    let Ok(entries) = dir.read_dir() else { return };
    for entry in entries.flatten().take(MOST) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && prefix.len() < 200 => files_below(&entry.path(), &format!("{name}/"), found),
            Ok(kind) if kind.is_file() && name != "HEAD" => found.push(name),
            Ok(_) | Err(_) => {}
        }
    }
}

/// What the shell would find.
fn executables() -> Vec<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = env::split_paths(&path).filter(|dir| dir.is_absolute()).collect();
    let entries = dirs.iter().filter_map(|dir| dir.read_dir().ok()).flatten().flatten();
    let mut names: Vec<String> =
        entries.take(MOST).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.dedup();
    names
}
