//! What a run's output tells while it runs: the supervisor looks for a few texts, and where there
//! is one a [worker](crate::supervisor::workers::scan_worker) reads the log with the rules.

use std::time::Duration;

use crate::store::markers;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::scan_worker::{SCAN, ScanRequest};
use crate::supervisor::workers::verdict_worker::{self, VerdictRequest};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::sys::memory;
use crate::task::end::{Cause, End};
use crate::task::journal::JournalEvent;
use crate::task::usual::LEAST_COMPARED;
use crate::units::moment::Moment;

/// After a worker that found nothing the next one waits so long, twice as long after another one,
/// and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// No more findings of a run go to the journal.
const MOST_NOTED: usize = 100;

/// Looks at output that stands at this position of the log.
pub fn scan(supervisor: &mut Supervisor, filled: usize, position: u64, now: Moment) {
    if supervisor.log.is_some() {
        supervisor.scan.look(&supervisor.buffer[..filled], position, now);
        scan_if_due(supervisor, now);
    }
}

/// Has a worker look at what is owed, once the pause after the one before is over.
pub fn scan_if_due(supervisor: &mut Supervisor, now: Moment) {
    if supervisor.scan.deadline().is_none_or(|due| due > now) {
        return;
    }
    let Some(from) = supervisor.scan.owed.take() else { return };
    let (run, start) = (supervisor.state.run, supervisor.state.log_start);
    let request = ScanRequest { run, start, from, patterns: Vec::new() };
    match Worker::begin_with(SCAN, &supervisor.task.path, &request) {
        Ok(worker) => {
            supervisor.scan.anchors.rest();
            (supervisor.scan.worker, supervisor.scan.has_found) = (Some(worker), false);
        }
        Err(e) => {
            // Not tried again with each chunk: what is missed now the verdict reads.
            supervisor.scan.pause = Some((LONGEST_PAUSE, now + LONGEST_PAUSE));
            supervisor.note(JournalEvent::Problem { what: format!("its output is not looked into: {e}") });
        }
    }
}

/// Puts down what was found.
pub fn receive_findings(supervisor: &mut Supervisor) {
    let Some(WorkerMessage { words, is_gone }) = supervisor.scan.worker.as_mut().map(Worker::listen) else { return };
    for problem in words {
        supervisor.scan.has_found = true;
        if supervisor.scan.noted < MOST_NOTED {
            supervisor.scan.noted += 1;
            supervisor.note(JournalEvent::Finding(problem));
        }
    }
    if is_gone {
        end_scan_worker(supervisor);
    }
}

fn end_scan_worker(supervisor: &mut Supervisor) {
    let Some(worker) = supervisor.scan.worker.take() else { return };
    supervisor.task.rerun.add_own(worker.pid());
    let last = supervisor.scan.pause.map_or(FIRST_PAUSE / 2, |(pause, _)| pause);
    let pause = if supervisor.scan.has_found { FIRST_PAUSE } else { (last * 2).min(LONGEST_PAUSE) };
    let now = Moment::now();
    supervisor.scan.pause = Some((pause, now + pause));
    supervisor.scan.owe_unread(now);
    memory::shed();
}

/// Takes in what was found before the end, and remembers what is to be read once that is told.
pub fn end_scan(supervisor: &mut Supervisor, end: &End) {
    receive_findings(supervisor);
    end_scan_worker(supervisor);
    supervisor.scan.owed = None;
    if supervisor.scan.anchors.is_of_interest || !supervisor.state.unusual.is_empty() {
        // Its next run has none yet.
        let _ = markers::mark_errors(&supervisor.task.home, supervisor.task.dir.id, false);
    }
    let is_told_of = matches!(end.cause, Cause::Unhealthy(_)) || !supervisor.state.unusual.is_empty();
    let exit_code = end.telling_exit_code();
    let (log_start, log_end) = (supervisor.state.log_start, supervisor.log_length());
    let is_of_interest = exit_code != Some(0) || supervisor.scan.anchors.is_of_interest;
    let is_to_be_read = log_end > log_start && is_of_interest || is_told_of;
    let is_judged = supervisor.log.is_some() && (is_to_be_read || is_comparable(end)) || is_told_of;
    supervisor.verdict = is_judged.then_some(VerdictRequest {
        run: supervisor.state.run,
        started: supervisor.state.started,
        exit_code,
        log_start,
        log_end,
        is_to_be_read,
    });
}

/// Has all of the run's output read, now that its end is told.
pub fn begin_verdict(supervisor: &mut Supervisor) {
    let Some(request) = supervisor.verdict.take() else { return };
    // Where that fails the row does not say what was found.
    if let Ok(child) = verdict_worker::begin(&supervisor.task.path, &request) {
        supervisor.task.rerun.add_own(child.id().cast_signed());
    }
}

/// Whether it may be worth the while to compare a run with others.
fn is_comparable(end: &End) -> bool {
    let (time, memory) = LEAST_COMPARED;
    end.wall.0 >= time || end.usage.is_some_and(|used| used.peak_memory >= memory)
}
