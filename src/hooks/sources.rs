//! The files of hooks: the user's own, and the project's in which a task runs.

use std::io;
use std::path::{Path, PathBuf};

use super::config::{HookFile, HookFileKind, HookOrigin};
use super::problem::HookProblem;
use super::rule::HookRule;
use super::trust::{Trust, TrustFile};
use crate::store::layout::Home;
use crate::sys::{ancestors, regular};

/// Hooks, below the home.
pub const HOOKS: &str = "hooks.json";
/// What else may have hooks, below the home.
pub const SETTINGS: &str = "settings.json";
/// A file of hooks is no longer. *Units*: bytes.
pub const LONGEST: u64 = 1 << 20;

/// The hooks that a task's events may run.
#[derive(Debug, Default)]
pub struct HookSources {
    /// The hooks of all files, in the files' order.
    pub rules: Vec<HookRule>,
    /// What is wrong in them.
    pub problems: Vec<HookProblem>,
    /// The project's file, if there is one.
    pub project: Option<ProjectHooks>,
}

/// A project's file.
#[derive(Clone, Debug)]
pub struct ProjectHooks {
    /// Its path, canonical.
    pub path: PathBuf,
    /// What it says.
    pub content: Vec<u8>,
    /// What the user has said of that.
    pub trust: Trust,
}

impl HookSources {
    /// Reads the files for a task that runs in `cwd`.
    pub fn read(home: &Home, cwd: &Path) -> HookSources {
        let mut all = HookSources::default();
        let mut is_off = false;
        for (name, kind) in [(HOOKS, HookFileKind::Hooks), (SETTINGS, HookFileKind::Settings)] {
            let path = home.path.join(name);
            match own(&path) {
                Ok(None) => {}
                Ok(Some(bytes)) => {
                    let text = String::from_utf8_lossy(&bytes);
                    is_off |= all
                        .add(HookFile::parse(&text, HookOrigin { path: &path, kind, is_trusted: true, is_own: true }));
                }
                Err(e) => all.problems.push(unread(path, &e)),
            }
        }
        if let Some(path) = crate::events::hook_files::project(&home.path, cwd) {
            match of_project(home, &path) {
                Ok(project) => {
                    let text = String::from_utf8_lossy(&project.content);
                    let is_trusted = project.trust == Trust::Allowed;
                    let origin =
                        HookOrigin { path: &project.path, kind: HookFileKind::Hooks, is_trusted, is_own: false };
                    is_off |= all.add(HookFile::parse(&text, origin)) && is_trusted;
                    all.project = Some(project);
                }
                Err(e) => all.problems.push(unread(path, &e)),
            }
        }
        if is_off {
            all.rules.clear();
        }
        all
    }

    fn add(&mut self, file: HookFile) -> bool {
        self.rules.extend(file.rules);
        self.problems.extend(file.problems);
        file.disables_all
    }
}

/// A project's file, as it is now.
pub fn of_project(home: &Home, path: &Path) -> io::Result<ProjectHooks> {
    let path = path.canonicalize()?;
    let content = regular::read(&path, LONGEST)?;
    let trust = TrustFile::of(home).asked(&path, &content);
    Ok(ProjectHooks { path, content, trust })
}

/// A file of the user's own: what it says is executed, so nobody else may have put it there.
fn own(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match ancestors::open_own(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
        Ok(Err(exposed)) => Err(io::Error::other(format!("{exposed}, and what stands there would be executed"))),
        Ok(Ok(file)) => regular::read_whole(file, LONGEST).map(Some),
    }
}

fn unread(path: PathBuf, e: &io::Error) -> HookProblem {
    let hint = "until that is mended no hook of this file runs".to_owned();
    HookProblem { path, at: None, what: format!("cannot be used: {e}"), hint: Some(hint), is_error: true }
}
