//! The worker that looks for what shows that a task is ready, and what it says.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::processes::sweep;
use crate::readiness::{ProbeResult, Prober};
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::{become_worker, say};
use crate::sys::fs_watch::Watch;
use crate::sys::process::{self, Collected};
use crate::task::ready::Evidence;
use crate::units::signal::Signal;

/// The verb of the worker that looks.
pub const PROBE: &str = "__ready";
/// What it is called in `ps`.
const NAME: &str = "ready?";
/// So often it is noted what is found instead: what comes and goes again and again fills no
/// journal.
const MOST_NOTED: usize = 12;

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadinessMessage {
    /// The task is ready; nothing more follows.
    Ready(Evidence),
    /// It is not, and something else is found than before.
    NotYet(String),
}

/// Is the worker that looks; its task's directory is the word after the verb.
pub fn probe_readiness(words: &[OsString]) -> i32 {
    let is_done =
        words.get(1).ok_or(io::ErrorKind::InvalidInput.into()).and_then(|dir| look_until_seen(Path::new(dir)));
    // What the command by which it looks has left behind.
    sweep::signal(Signal::KILL);
    i32::from(is_done.is_err())
}

fn look_until_seen(dir: &Path) -> io::Result<()> {
    become_worker(NAME)?;
    let (home, task) = TaskDir::at(dir).map_err(io::Error::other)?;
    let spec = task.spec().map_err(io::Error::other)?;
    let state = task.state().map_err(io::Error::other)?;
    let (Some(probe), Some(state)) = (spec.ready, state) else { return Err(io::ErrorKind::NotFound.into()) };
    let mut prober = Prober::new(&home, &task, state, &probe).map_err(io::Error::other)?;
    let changes = Watch::new()?;
    let mut noted: Vec<String> = Vec::new();
    loop {
        if let Some(log) = prober.log() {
            // Each time: under its name there may be another file by now.
            let _ = changes.name(log);
        }
        // Whoever decided for a command that asked has ended by now, and who was left by one.
        while matches!(process::collect(), Collected::One(..)) {}
        match prober.look() {
            ProbeResult::Seen(sight) => return say(&ReadinessMessage::Ready(sight)),
            ProbeResult::NotYet(why) if noted.last() != Some(&why) && noted.len() < MOST_NOTED => {
                say(&ReadinessMessage::NotYet(why.clone()))?;
                noted.push(why);
            }
            ProbeResult::NotYet(_) => {}
        }
        changes.wait(prober.next_look())?;
    }
}
