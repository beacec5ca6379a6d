//! The files of hooks: the user's own, and the project's in which a task runs.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::config::{HookFile, HookFileKind, HookOrigin};
use super::problem::HookProblem;
use super::rule::HookRule;
use super::trust::{TRUST, Trust, TrustFile};
use crate::store::layout::Home;
use crate::sys::{ancestors, regular};
use crate::task::hook_event::HookEvent;
use crate::units::wall_time::WallTime;

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

    /// What hooks of errors look for, as far as they may run.
    pub fn patterns(&self) -> Vec<String> {
        let errors = self.rules.iter().filter(|rule| rule.event == HookEvent::LogError && rule.is_trusted);
        let mut all: Vec<String> = errors.filter_map(|rule| Some(rule.pattern.as_ref()?.to_string())).collect();
        all.sort();
        all.dedup();
        all
    }

    fn add(&mut self, file: HookFile) -> bool {
        self.rules.extend(file.rules);
        self.problems.extend(file.problems);
        file.disables_all
    }
}

/// How the files were when they were looked at, so that they need not be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStamp {
    files: Vec<FileStamp>,
    /// *Units*: milliseconds since 1970.
    at: WallTime,
}

/// A file: its path, and device, inode, size and time of change, if it is there.
type FileStamp = (PathBuf, Option<(u64, u64, u64, i64, i64)>);

/// What was written so shortly before a look may be written again without another time of change.
const UNSETTLED_MS: i64 = 1000;

impl SourceStamp {
    /// How they are now, for a task that runs in `cwd`.
    pub fn of(home: &Home, cwd: &Path) -> SourceStamp {
        let own = [HOOKS, SETTINGS, TRUST].map(|name| home.path.join(name));
        let project = crate::events::hook_files::project(&home.path, cwd);
        let stamp = |path: PathBuf| {
            let found = std::fs::metadata(&path).ok();
            let found = found.map(|file| (file.dev(), file.ino(), file.size(), file.ctime(), file.ctime_nsec()));
            (path, found)
        };
        SourceStamp { files: own.into_iter().chain(project).map(stamp).collect(), at: WallTime::now() }
    }

    /// Whether what was read then is what stands there now.
    pub fn is_still(&self, now: &SourceStamp) -> bool {
        let changed = self.files.iter().filter_map(|(_, found)| *found).map(|found| found.3 * 1000).max();
        self.files == now.files && changed.is_none_or(|changed| changed + UNSETTLED_MS + 1000 < self.at.0)
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
