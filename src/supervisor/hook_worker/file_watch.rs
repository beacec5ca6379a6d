//! The look for files that change while a run goes on, for hooks of tasks that do not watch any
//! themselves: a [watch worker](crate::supervisor::workers::watch_worker) that is begun for hooks.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::facts::TaskFacts;
use crate::hooks::matcher::candidates;
use crate::hooks::runner;
use crate::hooks::sources::HookSources;
use crate::supervisor::workers::watch_worker::{WATCH, WatchMessage, WatchedProject};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::sys::account;
use crate::task::hook_event::HookEvent;
use crate::task::os_bytes::OsBytes;
use crate::units::moment::Moment;
use crate::units::wall_time::WallTime;
use crate::work_tree::repository::root_of;

/// A run that is over sooner is not watched for: to walk through a large project takes longer than
/// many a command.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// The look at one directory, from the first run that wants it on until the task is over.
#[derive(Debug)]
pub struct FileWatch {
    /// The run that was told of last.
    pub run: u32,
    directory: PathBuf,
    state: WatchState,
}

#[derive(Debug)]
enum WatchState {
    /// It begins then, and tells of what changed since.
    Due(Moment, WallTime),
    Watching(Worker<WatchMessage>),
    /// The worker is gone, or could not begin: nobody looks until the next run.
    Gone,
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
    /// A look below a directory, which begins soon, and tells of what changed since.
    pub fn soon(run: u32, directory: PathBuf, since: WallTime) -> FileWatch {
        FileWatch { run, directory, state: WatchState::Due(Moment::now() + FIRST_LOOK, since) }
    }

    /// Goes on for this run, if it is this directory; says whether it does.
    pub fn goes_on(&mut self, run: u32, directory: &Path) -> bool {
        let is_of_run = self.run == run;
        self.run = run;
        self.directory == directory && (is_of_run || !matches!(self.state, WatchState::Gone))
    }

    /// When it begins, where it has not yet.
    pub fn due(&self) -> Option<Moment> {
        if let WatchState::Due(due, _) = self.state { Some(due) } else { None }
    }

    /// Begins to look, if it is time. *Errors*: none; who cannot look says so when it is listened
    /// to.
    pub fn begin_if_due(&mut self, facts: &TaskFacts) {
        let WatchState::Due(due, since) = self.state else { return };
        if due <= Moment::now() {
            let task = facts.home.task_path(facts.spec.id);
            let directory = OsBytes::from(self.directory.clone().into_os_string());
            let begun = Worker::begin_with(WATCH, &task, &WatchedProject { directory, since });
            self.state = begun.map_or(WatchState::Gone, WatchState::Watching);
        }
    }

    /// What is readable when it tells of a change.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        if let WatchState::Watching(worker) = &self.state { Some(worker.as_fd()) } else { None }
    }

    /// What it has told since it was last listened to.
    pub fn listen(&mut self) -> FileNews {
        let mut news = FileNews::default();
        let WatchState::Watching(worker) = &mut self.state else { return news };
        let WorkerMessage { words, is_gone } = worker.listen();
        for word in words {
            match word {
                WatchMessage::Watching { .. } | WatchMessage::Fresh => {}
                WatchMessage::Changed { paths, .. } => news.changed.push(paths),
                WatchMessage::Blind { why } => news.blind = Some(why),
            }
        }
        if is_gone {
            self.state = WatchState::Gone;
            news.blind.get_or_insert_with(|| "the process that watched them is gone".into());
        }
        news
    }
}

/// The directory in which files are looked for that change, where a hook that may run wants to hear
/// of it, and the task does not watch files by itself. Without a project it is the task's own.
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
    // The user's home, or what stands above it: all that he has is not watched.
    let is_too_wide = set.or_else(account::home).is_some_and(|home| home.starts_with(&directory));
    (!is_too_wide).then_some(directory)
}

/// Where the project is to which the task belongs: where its hooks are, else its work tree of git.
fn project(facts: &TaskFacts, sources: &HookSources) -> PathBuf {
    let of_hooks = sources.project.as_ref().and_then(|project| project.path.parent()?.parent());
    of_hooks.or_else(|| root_of(facts.cwd())).unwrap_or_else(|| facts.cwd()).to_owned()
}
