//! Whether the task is ready. A worker looks for what shows it, from the launch until it is there
//! or the task is over; the supervisor writes down what the worker says.

use crate::store::shells;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::readiness_worker::{PROBE, ReadinessMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::task::journal::JournalEvent as Note;
use crate::task::ready::{Evidence, Ready};
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;

impl Supervisor {
    /// Has somebody look for what shows that the task is ready, if anybody wants to know.
    pub fn begin_probing(&mut self) {
        let Some(probe) = &self.probe else { return };
        let what = probe.sought();
        self.note(Note::LookedFor { what });
        match Worker::begin(PROBE, &self.task.path) {
            Ok(worker) => self.prober = Some(worker),
            Err(e) => self.note(Note::Problem { what: format!("nobody can look whether it is ready: {e}") }),
        }
    }

    /// Writes down what was seen.
    pub fn receive_readiness(&mut self) {
        let Some(WorkerMessage { words, is_gone }) = self.prober.as_mut().map(Worker::listen) else { return };
        for word in words {
            match word {
                ReadinessMessage::NotYet(why) => self.note(Note::NotReady { why }),
                ReadinessMessage::Ready(sight) => self.become_ready(sight),
            }
        }
        if is_gone {
            self.prober = None;
            if self.state.ready.is_none() {
                self.note(Note::Problem { what: "who looked whether it is ready is gone".into() });
            }
        }
    }

    /// Takes in what was said before the end, and says so if that was never what was wanted.
    pub fn end_probing(&mut self) {
        self.receive_readiness();
        self.prober = None;
        if let (Some(probe), None) = (&self.probe, &self.state.ready) {
            let what = probe.sought();
            self.note(Note::NeverReady { what });
        }
    }

    fn become_ready(&mut self, sight: Evidence) {
        let note = Note::Ready { how: sight.how.clone(), url: sight.url.clone() };
        // Whoever hears of it finds it there.
        self.state.ready = Some(Ready { at: WallTime::now(), after: Uptime::now().since(self.begun), sight });
        self.save_state();
        self.note(note);
        shells::ring(&self.task.home);
        self.begin_health();
    }
}
