//! The look for files that change while a run goes on, for hooks of tasks that do not watch any
//! themselves: a [watch worker](crate::supervisor::workers::watch_worker) that is begun for hooks.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use super::facts::TaskFacts;
use crate::hooks::matcher::candidates;
use crate::hooks::runner;
use crate::hooks::sources::HookSources;
use crate::supervisor::workers::watch_worker::{WATCH, WatchMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::sys::account;
use crate::task::hook_event::HookEvent;
use crate::task::os_bytes::OsBytes;
use crate::work_tree::repository::root_of;

/// The look at one directory, while one run goes on.
#[derive(Debug)]
pub struct FileWatch {
    /// While which run.
    pub run: u32,
    directory: PathBuf,
    /// `None` where it is gone, or could not begin: then nobody looks until the next run.
    worker: Option<Worker<WatchMessage>>,
}

/// What was heard of files.
#[derive(Debug, Default)]
pub struct FileNews {
    /// Those that have changed, the first of each time.
    pub changed: Vec<Vec<String>>,
    /// Why nobody looks any more.
    pub blind: Option<String>,
}

impl FileWatch {
    /// Begins to look below a directory. *Errors*: none; who cannot look says so when it is
    /// listened to.
    pub fn begin(facts: &TaskFacts, run: u32, directory: PathBuf) -> FileWatch {
        let task = facts.home.task_path(facts.spec.id);
        let worker = Worker::begin_with(WATCH, &task, &OsBytes::from(directory.clone().into_os_string())).ok();
        FileWatch { run, directory, worker }
    }

    /// Whether it is this look.
    pub fn is_for(&self, run: u32, directory: &Path) -> bool {
        self.run == run && self.directory == directory
    }

    /// What is readable when it tells of a change.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.worker.as_ref().map(AsFd::as_fd)
    }

    /// What it has told since it was last listened to.
    pub fn listen(&mut self) -> FileNews {
        let mut news = FileNews::default();
        let Some(WorkerMessage { words, is_gone }) = self.worker.as_mut().map(Worker::listen) else { return news };
        for word in words {
            match word {
                WatchMessage::Watching { .. } | WatchMessage::Fresh => {}
                WatchMessage::Changed { paths, .. } => news.changed.push(paths),
                WatchMessage::Blind { why } => news.blind = Some(why),
            }
        }
        if is_gone {
            self.worker = None;
            news.blind.get_or_insert_with(|| "the process that watched them is gone".into());
        }
        news
    }
}

/// The directory in which files are looked for that change, where a hook that may run wants to hear
/// of it, and the task does not watch files by itself. Without a project it is the task's own; all
/// that the user has is not watched.
pub fn wanted(facts: &TaskFacts, sources: &HookSources) -> Option<PathBuf> {
    let mut rules = sources.rules.iter().filter(|rule| rule.event == HookEvent::FileChange && rule.is_trusted);
    let first = rules.next().filter(|_| facts.spec.watch.is_empty())?;
    let known = runner::of_command(&facts.spec.command);
    let candidates = candidates(&facts.spec.command, &facts.spec.name.to_string(), &known);
    if !std::iter::once(first).chain(rules).any(|rule| rule.matcher.is_match(&candidates)) {
        return None;
    }
    let directory = project(facts, sources);
    let set = facts.spec.variable("HOME").map(|home| home.as_path().to_owned());
    let is_too_wide = set.or_else(account::home).is_some_and(|home| home.starts_with(&directory));
    (!is_too_wide).then_some(directory)
}

/// Where the project is to which the task belongs: where its hooks are, else its work tree of git.
fn project(facts: &TaskFacts, sources: &HookSources) -> PathBuf {
    let of_hooks = sources.project.as_ref().and_then(|project| project.path.parent()?.parent());
    of_hooks.or_else(|| root_of(facts.cwd())).unwrap_or_else(|| facts.cwd()).to_owned()
}
