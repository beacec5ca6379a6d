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
use crate::task::usual::SOONEST_OVERDUE;
use crate::units::moment::Moment;

/// The look for what is out of the ordinary.
#[derive(Debug)]
pub struct UnusualWatch {
    began: Moment,
    due: Option<Moment>,
    /// Who looks.
    pub worker: Option<Worker<UnusualMessage>>,
}

impl UnusualWatch {
    /// Of a run that begins now.
    pub fn new(began: Moment) -> UnusualWatch {
        let due = Some(began + Duration::from_millis(SOONEST_OVERDUE));
        UnusualWatch { began, due, worker: None }
    }

    /// Memory has grown since the first sample.
    pub fn look_soon(&mut self, now: Moment) {
        self.due = Some(now);
    }
}

impl Supervisor {
    /// When a worker is to look, while there is anything to look at.
    pub fn next_comparison(&self) -> Option<Moment> {
        let is_idle = self.state.phase == Phase::Running && self.log.is_some() && self.unusual.worker.is_none();
        self.unusual.due.filter(|_| is_idle)
    }

    /// Has a worker look, where that is due.
    pub fn compare_if_due(&mut self, now: Moment) {
        if self.next_comparison().is_none_or(|due| now < due) {
            return;
        }
        self.unusual.due = None;
        // Where that fails it is told by whoever looks.
        self.unusual.worker = Worker::begin(UNUSUAL, &self.task.path).ok();
    }

    /// Puts down what is out of the ordinary.
    pub fn hear_comparison(&mut self) {
        let Some(WorkerMessage { words, is_gone }) = self.unusual.worker.as_mut().map(Worker::listen) else { return };
        for word in words {
            match word {
                UnusualMessage::Found(problem) => self.take_unusual(problem),
                UnusualMessage::Again(after) => {
                    self.unusual.due = Some(self.unusual.began + Duration::from_millis(after));
                }
            }
        }
        if is_gone {
            self.end_comparison();
        }
    }

    /// Nobody looks any more.
    pub fn end_comparison(&mut self) {
        if let Some(worker) = self.unusual.worker.take() {
            self.task.rerun.add_own(worker.pid());
        }
    }

    /// Each kind is told once in a run.
    fn take_unusual(&mut self, problem: FoundProblem) {
        if self.state.unusual.iter().any(|known| known.fingerprint == problem.fingerprint) {
            return;
        }
        self.state.unusual.push(problem.clone());
        self.save_state();
        // Prompts can do without.
        let _ = markers::mark_errors(&self.task.home, self.task.dir.id, true);
        self.note(JournalEvent::Finding(problem));
        shells::ring(&self.task.home);
    }
}
