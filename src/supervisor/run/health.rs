//! Whether the task is healthy. A worker looks; the supervisor writes down what it says, and ends
//! the run when enough looks in a row have failed.

use crate::store::shells;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::health_worker::{HEALTH, HealthMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::task::health::{self, Health};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::units::wall_time::WallTime;

/// Whoever ends as soon as he was begun is begun no more often in a run.
const MOST_BEGUN: u32 = 10;

/// Has somebody look from now on, if anybody wants to know.
pub fn begin(supervisor: &mut Supervisor) {
    if supervisor.health.check.is_none() || supervisor.health.worker.is_some() {
        return;
    }
    supervisor.health.begun += 1;
    match Worker::begin(HEALTH, &supervisor.task.path) {
        Ok(worker) => supervisor.health.worker = Some(worker),
        Err(e) => supervisor.note(Note::Problem { what: format!("nobody can look whether it is healthy: {e}") }),
    }
}

/// Writes down what was seen.
pub fn receive(supervisor: &mut Supervisor) {
    let Some(WorkerMessage { words, is_gone }) = supervisor.health.worker.as_mut().map(Worker::listen) else { return };
    for word in words {
        match word {
            HealthMessage::Good => take_health(supervisor, Ok(()), 0),
            HealthMessage::Bad { why, failed } => take_health(supervisor, Err(why), failed),
        }
    }
    if is_gone && let Some(worker) = supervisor.health.worker.take() {
        supervisor.task.rerun.add_own(worker.pid());
        look_on(supervisor);
    }
}

/// Nobody looks any more.
pub fn end(supervisor: &mut Supervisor) {
    if let Some(worker) = supervisor.health.worker.take() {
        // It is killed as its pipe closes, and collected later: what it used is not the task's.
        supervisor.task.rerun.add_own(worker.pid());
    }
}

/// Who looked is gone, and somebody else is to.
fn look_on(supervisor: &mut Supervisor) {
    let goes_on = matches!(supervisor.machine.phase(), Phase::Running | Phase::Paused);
    if !goes_on {
        return;
    }
    if supervisor.health.begun < MOST_BEGUN {
        begin(supervisor);
    } else {
        supervisor.note(Note::Problem { what: "who looked whether it is healthy is gone, again and again".into() });
    }
}

fn take_health(supervisor: &mut Supervisor, found: Result<(), String>, failed: u32) {
    let known = supervisor.state.health.as_ref();
    let is_news = known.is_none_or(|known| known.is_healthy != found.is_ok());
    let next = Health::after(known, found, failed, WallTime::now());
    let why = next.why.clone();
    supervisor.state.health = Some(next);
    // Also where only the count is new: a worker that is begun anew goes on with it.
    supervisor.save_state();
    if is_news {
        supervisor.note(why.clone().map_or(Note::Healthy, |why| Note::Unhealthy { why }));
        shells::ring(&supervisor.task.home);
    }
    let most = supervisor.health.check.as_ref().map_or(u32::MAX, |check| check.failures);
    if let Some(why) = why.filter(|_| failed >= most) {
        supervisor.happen(RunEvent::Unhealthy(health::told(&why, failed)));
    }
}
