//! A worker that goes by itself, and outlives its supervisor if need be: nobody listens to it. What
//! goes wrong is put down in the journal of the task that began it.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Child;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::LogSettings;
use crate::store::journal_file::Journal;
use crate::store::layout::Home;
use crate::store::snapshot::last_run;
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::take_name;
use crate::sys::own_program;
use crate::task::journal::JournalEvent;
use crate::units::wall_time::WallTime;

/// What such a worker has at hand.
#[derive(Debug)]
pub struct DetachedWorker {
    /// The home of the task.
    pub home: Home,
    /// The task that began it.
    pub task: TaskDir,
    /// Its journal.
    pub journal: Journal,
}

/// Executes `aos VERB DIR`, with nothing of this process's.
pub fn send(verb: &str, dir: &Path) -> io::Result<Child> {
    execute(verb, dir, None)
}

/// The same with what is asked for: `aos VERB DIR REQUEST`.
pub fn send_with(verb: &str, dir: &Path, request: &impl Serialize) -> io::Result<Child> {
    execute(verb, dir, Some(serde_json::to_string(request)?))
}

/// The directory and what is asked for, as such a worker was given them.
pub fn request_of<R: DeserializeOwned>(words: &[OsString]) -> Option<(&Path, R)> {
    Some((Path::new(words.get(1)?), serde_json::from_str(words.get(2)?.to_str()?).ok()?))
}

fn execute(verb: &str, dir: &Path, request: Option<String>) -> io::Result<Child> {
    own_program::worker(verb).arg(dir).args(request).spawn()
}

impl DetachedWorker {
    /// Makes this process one, called so; `None` where there is no task to tell why not.
    pub fn become_one(what: &str, dir: &Path) -> Option<DetachedWorker> {
        take_name(what).ok()?;
        let (home, task) = TaskDir::at(dir).ok()?;
        let journal = Journal::open(&task, last_run(&task));
        Some(DetachedWorker { home, task, journal })
    }
}

/// What the user has set; where that cannot be read, what is usual, which is then told.
pub fn settings(home: &Home, journal: &mut Journal) -> LogSettings {
    home.config().map(|config| config.logs).unwrap_or_else(|why| {
        tell(journal, format!("the log is kept as usual, as its settings cannot be read: {why}"));
        LogSettings::default()
    })
}

/// Puts down what is wrong.
pub fn tell(journal: &mut Journal, what: String) {
    journal.write(WallTime::now(), JournalEvent::Problem { what });
}
