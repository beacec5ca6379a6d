//! Whether the task is ready. A worker looks for what shows it, from the launch until it is there
//! or the task is over; the supervisor writes down what the worker says.

use crate::events::task_event::TaskEvent;
use crate::store::shells;
use crate::supervisor::run::health;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::readiness_worker::{PROBE, ReadinessMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::task::journal::JournalEvent as Note;
use crate::task::ready::{Evidence, Ready};
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;

/// Has somebody look for what shows that the task is ready, if anybody wants to know.
pub fn begin_probing(supervisor: &mut Supervisor) {
    let Some(probe) = &supervisor.probe else { return };
    let what = probe.sought();
    supervisor.note(Note::LookedFor { what });
    match Worker::begin(PROBE, &supervisor.task.path) {
        Ok(worker) => supervisor.prober = Some(worker),
        Err(e) => supervisor.note(Note::Problem { what: format!("nobody can look whether it is ready: {e}") }),
    }
}

/// Writes down what was seen.
pub fn receive_readiness(supervisor: &mut Supervisor) {
    let Some(WorkerMessage { words, is_gone }) = supervisor.prober.as_mut().map(Worker::listen) else { return };
    for word in words {
        match word {
            ReadinessMessage::NotYet(why) => supervisor.note(Note::NotReady { why }),
            ReadinessMessage::Ready(sight) => become_ready(supervisor, sight),
        }
    }
    if is_gone {
        supervisor.prober = None;
        if supervisor.state.ready.is_none() {
            supervisor.note(Note::Problem { what: "who looked whether it is ready is gone".into() });
        }
    }
}

/// Takes in what was said before the end, and says so if that was never what was wanted.
pub fn end_probing(supervisor: &mut Supervisor) {
    receive_readiness(supervisor);
    supervisor.prober = None;
    if let (Some(probe), None) = (&supervisor.probe, &supervisor.state.ready) {
        let what = probe.sought();
        supervisor.note(Note::NeverReady { what });
    }
}

fn become_ready(supervisor: &mut Supervisor, sight: Evidence) {
    let Evidence { how, url, .. } = sight.clone();
    // Whoever sees it in the state finds it in the journal, and whoever hears of it finds both.
    supervisor.note(Note::Ready { how: how.clone(), url: url.clone() });
    supervisor.state.ready = Some(Ready { at: WallTime::now(), after: Uptime::now().since(supervisor.begun), sight });
    supervisor.save_state();
    supervisor.events.publish(TaskEvent::Ready { how: &how, url: url.as_deref() });
    shells::ring(&supervisor.task.home);
    health::begin(supervisor);
}
