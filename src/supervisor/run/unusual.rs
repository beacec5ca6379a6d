//! Whether a run that goes on is out of the ordinary. A worker compares; the supervisor knows when
//! to ask, and puts down what it says.

use std::time::Duration;

use crate::store::{markers, shells};
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::unusual_worker::{UNUSUAL, UnusualMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::task::journal::JournalEvent;
use crate::task::phase::Phase;
use crate::task::run_findings::FoundProblem;
use crate::units::moment::Moment;

/// When a worker is to look, while there is anything to look at.
pub fn next_comparison(supervisor: &Supervisor) -> Option<Moment> {
    let is_idle =
        supervisor.state.phase == Phase::Running && supervisor.log.is_some() && supervisor.unusual.worker.is_none();
    supervisor.unusual.due.filter(|_| is_idle)
}

/// Has a worker look, where that is due.
pub fn compare_if_due(supervisor: &mut Supervisor, now: Moment) {
    if next_comparison(supervisor).is_none_or(|due| now < due) {
        return;
    }
    supervisor.unusual.due = None;
    // Where that fails it is told by whoever looks.
    supervisor.unusual.worker = Worker::begin(UNUSUAL, &supervisor.task.path).ok();
}

/// Puts down what is out of the ordinary.
pub fn receive(supervisor: &mut Supervisor) {
    let Some(WorkerMessage { words, is_gone }) = supervisor.unusual.worker.as_mut().map(Worker::listen) else { return };
    for word in words {
        match word {
            UnusualMessage::Found(problem) => take_in(supervisor, problem),
            UnusualMessage::Again(after) => {
                supervisor.unusual.due = Some(supervisor.unusual.began + Duration::from_millis(after));
            }
        }
    }
    if is_gone {
        end(supervisor);
    }
}

/// Nobody looks any more.
pub fn end(supervisor: &mut Supervisor) {
    if let Some(worker) = supervisor.unusual.worker.take() {
        supervisor.task.rerun.add_own(worker.pid());
    }
}

/// Each kind is told once in a run.
fn take_in(supervisor: &mut Supervisor, problem: FoundProblem) {
    if supervisor.state.unusual.iter().any(|known| known.fingerprint == problem.fingerprint) {
        return;
    }
    supervisor.state.unusual.push(problem.clone());
    supervisor.save_state();
    // Prompts can do without.
    let _ = markers::mark_errors(&supervisor.task.home, supervisor.task.dir.id, true);
    supervisor.note(JournalEvent::Finding(problem));
    shells::ring(&supervisor.task.home);
}
