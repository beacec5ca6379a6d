//! Whether there are files of hooks at all: some calls of stat(2), and nothing is read.

use std::path::{Path, PathBuf};

/// Hooks, below the home and below a project's directory.
const HOOKS: &str = "hooks.json";
const SETTINGS: &str = "settings.json";
const PROJECT: &str = ".agent-os";

/// Whether any file may have hooks for a task that runs in `cwd`.
pub fn are_any(home: &Path, cwd: &Path) -> bool {
    let is_there = |path: PathBuf| std::fs::symlink_metadata(path).is_ok();
    is_there(home.join(HOOKS)) || is_there(home.join(SETTINGS)) || project(home, cwd).is_some()
}

/// The hooks of the project to which `cwd` belongs, if it has any: the nearest upward.
pub fn project(home: &Path, cwd: &Path) -> Option<PathBuf> {
    let is_there = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok();
    let dirs = cwd.ancestors().map(|above| above.join(PROJECT)).filter(|dir| dir != home);
    dirs.map(|dir| dir.join(HOOKS)).find(is_there)
}
