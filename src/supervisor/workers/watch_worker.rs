//! The worker that watches a task's files: `aos __watch DIR`, or for its hooks all files of a
//! project, `aos __watch DIR PROJECT`, that as JSON. It says that it watches, then what
//! changed, once the changes have settled; and when it is asked, that all that changed before is
//! told or forgotten.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};

use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::{say, take_name};
use crate::task::os_bytes::OsBytes;
use crate::units::moment::Moment;
use crate::units::wall_time::WallTime;
use crate::watch::globs::Globs;
use crate::watch::watch_tree::Tree;

/// The worker's verb.
pub const WATCH: &str = "__watch";

/// Changes have settled when so long nothing changed.
const QUIET: Duration = Duration::from_millis(50);
/// Somebody who never stops writing is not waited for longer.
const LONGEST: Duration = Duration::from_millis(500);
/// More paths than this are only counted.
const MOST_NAMED: usize = 50;

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WatchMessage {
    /// From now on no change is missed.
    Watching {
        /// In how many directories.
        directories: usize,
    },
    /// Files changed.
    Changed {
        /// The first of them, from the task's directory.
        paths: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// As it was asked: what changed before is not told any more.
    Fresh,
    /// It cannot watch, or no longer, and ends.
    Blind {
        /// Why.
        why: String,
    },
}

/// What hooks have it watch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WatchedProject {
    /// All files below it.
    pub directory: OsBytes,
    /// What changed from then on is told, though nobody watched yet.
    pub since: WallTime,
}

type WatchError = Box<dyn std::error::Error>;

/// Watches until the supervisor is gone; gives the exit code.
pub fn watch(words: &[OsString]) -> i32 {
    let Some(dir) = words.get(1).map(Path::new) else { return 2 };
    let project = words.get(2).and_then(|word| serde_json::from_str(word.to_str()?).ok());
    let watcher = take_name("watch").map_err(WatchError::from).and_then(|()| Watcher::of(dir, project));
    let watched = watcher.and_then(|mut watcher| watcher.watch());
    match watched {
        Ok(()) => 0,
        Err(why) => {
            let _ = say(&WatchMessage::Blind { why: why.to_string() });
            1
        }
    }
}

struct Watcher {
    cwd: PathBuf,
    tree: Tree,
    changed: Vec<PathBuf>,
    /// When the changes that are still to be told began, and when they went on last.
    since: Option<(Moment, Moment)>,
}

/// What woke it.
struct WatchWakeup {
    by_files: bool,
    by_supervisor: bool,
}

impl Watcher {
    /// For a task: what it watches, or a project.
    fn of(dir: &Path, project: Option<WatchedProject>) -> Result<Watcher, WatchError> {
        let (home, task) = TaskDir::at(dir)?;
        let spec = task.spec()?;
        let cwd = spec.cwd.as_path().to_owned();
        let (tree, changed) = match project {
            Some(WatchedProject { directory, since }) => {
                Tree::since(since, Globs::new(&cwd, [directory.as_path()])?, &home.path)?
            }
            None => (Tree::new(Globs::new(&cwd, spec.watch.iter().map(OsBytes::as_path))?, &home.path)?, Vec::new()),
        };
        let mut watcher = Watcher { cwd, tree, changed: Vec::new(), since: None };
        watcher.keep(changed);
        Ok(watcher)
    }

    fn watch(&mut self) -> Result<(), WatchError> {
        say(&WatchMessage::Watching { directories: self.tree.directories() })?;
        loop {
            let woken = self.wait()?;
            if woken.by_files {
                self.take_in()?;
            }
            if woken.by_supervisor {
                if io::stdin().read(&mut [0; 16])? == 0 {
                    return Ok(());
                }
                self.take_in()?;
                // What the kernel had queued came before the question, and goes with the rest.
                self.forget();
                say(&WatchMessage::Fresh)?;
            }
            if self.due().is_some_and(|due| due <= Moment::now()) {
                self.tell()?;
            }
        }
    }

    fn wait(&self) -> io::Result<WatchWakeup> {
        let timeout = self.due().map_or(PollTimeout::NONE, |due| {
            PollTimeout::try_from(Moment::now().until(due).as_millis() + 1).unwrap_or(PollTimeout::MAX)
        });
        let stdin = io::stdin();
        let mut fds =
            [PollFd::new(self.tree.as_fd(), PollFlags::POLLIN), PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let is_ready = |at: usize| fds[at].any().unwrap_or(false);
        Ok(WatchWakeup { by_files: is_ready(0), by_supervisor: is_ready(1) })
    }

    fn take_in(&mut self) -> Result<(), WatchError> {
        let changed = self.tree.changes()?;
        self.keep(changed);
        Ok(())
    }

    /// Keeps what is to be told once it has settled.
    fn keep(&mut self, changed: Vec<PathBuf>) {
        if !changed.is_empty() {
            let now = Moment::now();
            self.since = Some((self.since.map_or(now, |(first, _)| first), now));
            self.changed.extend(changed);
        }
    }

    /// When the changes have settled, if nothing else changes.
    fn due(&self) -> Option<Moment> {
        self.since.map(|(first, last)| (last + QUIET).min(first + LONGEST))
    }

    fn tell(&mut self) -> io::Result<()> {
        self.changed.sort();
        self.changed.dedup();
        let shown = |path: &PathBuf| path.strip_prefix(&self.cwd).unwrap_or(path).to_string_lossy().into_owned();
        let paths = self.changed.iter().take(MOST_NAMED).map(shown).collect();
        say(&WatchMessage::Changed { paths, count: self.changed.len() })?;
        self.forget();
        Ok(())
    }

    fn forget(&mut self) {
        self.changed.clear();
        self.since = None;
    }
}
