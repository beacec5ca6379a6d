//! The worker that looks whether a task is healthy, again and again, and what it says. The
//! supervisor is woken by what is new alone.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::readiness::{ProbeResult, Prober};
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::{become_worker, say};
use crate::sys::polling;
use crate::task::phase::Phase;

/// The verb of the worker.
pub const HEALTH: &str = "__health";
/// What it is called in `ps`.
const NAME: &str = "health?";

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthMessage {
    /// It is healthy, and was not, or nobody had looked.
    Good,
    /// It is not.
    Bad {
        /// What was found instead.
        why: String,
        /// How many looks in a row have failed by now.
        failed: u32,
    },
}

/// Is the worker; its task's directory is the word after the verb.
pub fn watch_health(dir: &Path) -> i32 {
    i32::from(look_for_ever(dir).is_err())
}

fn look_for_ever(dir: &Path) -> io::Result<()> {
    become_worker(NAME)?;
    let (home, task) = TaskDir::at(dir).map_err(io::Error::other)?;
    let spec = task.spec().map_err(io::Error::other)?;
    let state = task.state().map_err(io::Error::other)?;
    let (Some(check), Some(state)) = (spec.health, state) else { return Err(io::ErrorKind::NotFound.into()) };
    // Whoever looked before may be gone.
    let (mut failed, mut is_known) = state.health.as_ref().map_or((0, false), |health| (health.failed, true));
    let prober = Prober::new(&home, &task, state, &check.probe).map_err(io::Error::other)?;
    let mut prober = prober.within(check.limit().duration());
    loop {
        polling::pause(check.every.duration());
        if !is_at_work(&task) {
            continue;
        }
        match prober.look() {
            ProbeResult::Seen(_) if failed > 0 || !is_known => {
                failed = 0;
                say(&HealthMessage::Good)?;
            }
            ProbeResult::Seen(_) => {}
            // What is paused or ends meanwhile answers nobody.
            ProbeResult::NotYet(_) if !is_at_work(&task) => continue,
            ProbeResult::NotYet(why) => {
                failed = failed.saturating_add(1);
                say(&HealthMessage::Bad { why, failed })?;
            }
        }
        is_known = true;
    }
}

/// Whether anything is to be expected of it.
fn is_at_work(task: &TaskDir) -> bool {
    matches!(task.state(), Ok(Some(state)) if state.phase == Phase::Running)
}
