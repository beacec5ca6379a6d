//! What a run's output tells while it runs: the supervisor looks for a few texts, and where there
//! is one a [worker](crate::supervisor::workers::scan_worker) reads the log with the rules.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crate::store::markers;
use crate::supervisor::run::output_anchors::OutputAnchors;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::scan_worker::{QUIET, SCAN, ScanRequest};
use crate::supervisor::workers::verdict_worker::{self, VerdictRequest};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::sys::memory;
use crate::task::end::{Cause, End};
use crate::task::journal::JournalEvent;
use crate::task::run_findings::FoundProblem;
use crate::task::usual::LEAST_COMPARED;
use crate::units::moment::Moment;

/// After a worker that found nothing the next one waits so long, twice as long after another one,
/// and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// No more findings of a run go to the journal.
const MOST_NOTED: usize = 100;

/// The look at a run's output.
#[derive(Debug, Default)]
pub struct LiveScan {
    anchors: OutputAnchors,
    worker: Option<Worker<FoundProblem>>,
    has_found: bool,
    noted: usize,
    pause: Option<(Duration, Moment)>,
    /// Where output stands that nobody has looked into, though it may tell of a problem.
    owed: Option<u64>,
    /// The newest output that came while a worker was there: where it stands, and when.
    newest: Option<(u64, Moment)>,
}

impl LiveScan {
    /// What is readable when the worker says something.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.worker.as_ref().map(AsFd::as_fd)
    }

    /// Whether this is the worker's pid.
    pub fn is(&self, pid: i32) -> bool {
        self.worker.as_ref().is_some_and(|worker| worker.pid() == pid)
    }

    /// When a worker is to look at what is owed.
    pub fn deadline(&self) -> Option<Moment> {
        self.owed.filter(|_| self.worker.is_none())?;
        Some(self.pause.map_or(Moment(0), |(_, until)| until))
    }

    /// Takes in a chunk that stands at this position.
    fn look(&mut self, chunk: &[u8], position: u64, now: Moment) {
        if self.worker.is_some() {
            self.newest = Some((position, now));
        } else if self.anchors.look(chunk) {
            self.owed.get_or_insert(position);
        }
    }

    /// A worker has gone, as all had been quiet for a while. What came since has had no reader.
    fn owe_unread(&mut self, now: Moment) {
        let unread = self.newest.take().filter(|(_, came)| came.until(now) < QUIET);
        self.owed = self.owed.or(unread.map(|(position, _)| position));
    }
}

impl Supervisor {
    /// Looks at output that stands at this position of the log.
    pub fn scan(&mut self, filled: usize, position: u64, now: Moment) {
        if self.log.is_some() {
            self.scan.look(&self.buffer[..filled], position, now);
            self.scan_if_due(now);
        }
    }

    /// Has a worker look at what is owed, once the pause after the one before is over.
    pub fn scan_if_due(&mut self, now: Moment) {
        if self.scan.deadline().is_none_or(|due| due > now) {
            return;
        }
        let Some(from) = self.scan.owed.take() else { return };
        let (run, start) = (self.state.run, self.state.log_start);
        let request = ScanRequest { run, start, from, patterns: Vec::new() };
        match Worker::begin_with(SCAN, &self.task.path, &request) {
            Ok(worker) => {
                self.scan.anchors.rest();
                (self.scan.worker, self.scan.has_found) = (Some(worker), false);
            }
            Err(e) => {
                self.scan.pause = Some((LONGEST_PAUSE, now + LONGEST_PAUSE));
                self.note(JournalEvent::Problem { what: format!("its output is not looked into: {e}") });
            }
        }
    }

    /// Puts down what was found.
    pub fn hear_scan(&mut self) {
        let Some(WorkerMessage { words, is_gone }) = self.scan.worker.as_mut().map(Worker::listen) else { return };
        for problem in words {
            self.scan.has_found = true;
            if self.scan.noted < MOST_NOTED {
                self.scan.noted += 1;
                self.note(JournalEvent::Finding(problem));
            }
        }
        if is_gone {
            self.let_scan_go();
        }
    }

    fn let_scan_go(&mut self) {
        let Some(worker) = self.scan.worker.take() else { return };
        self.task.rerun.add_own(worker.pid());
        let last = self.scan.pause.map_or(FIRST_PAUSE / 2, |(pause, _)| pause);
        let pause = if self.scan.has_found { FIRST_PAUSE } else { (last * 2).min(LONGEST_PAUSE) };
        let now = Moment::now();
        self.scan.pause = Some((pause, now + pause));
        self.scan.owe_unread(now);
        memory::shed();
    }

    /// Takes in what was found before the end, and remembers what is to be read once that is told.
    pub fn end_scan(&mut self, end: &End) {
        self.hear_scan();
        self.let_scan_go();
        self.scan.owed = None;
        if self.scan.anchors.is_of_interest || !self.state.unusual.is_empty() {
            // Its next run has none yet.
            let _ = markers::mark_errors(&self.task.home, self.task.dir.id, false);
        }
        let is_told_of = matches!(end.cause, Cause::Unhealthy(_)) || !self.state.unusual.is_empty();
        let exit_code = end.telling_exit_code();
        let (log_start, log_end) = (self.state.log_start, self.log_length());
        let is_of_interest = exit_code != Some(0) || self.scan.anchors.is_of_interest;
        let is_to_be_read = log_end > log_start && is_of_interest || is_told_of;
        let is_judged = self.log.is_some() && (is_to_be_read || is_comparable(end)) || is_told_of;
        self.verdict = is_judged.then_some(VerdictRequest {
            run: self.state.run,
            started: self.state.started,
            exit_code,
            log_start,
            log_end,
            is_to_be_read,
        });
    }

    /// Has all of the run's output read, now that its end is told.
    pub fn begin_verdict(&mut self) {
        let Some(request) = self.verdict.take() else { return };
        // Where that fails the row does not say what was found.
        if let Ok(child) = verdict_worker::begin(&self.task.path, &request) {
            self.task.rerun.add_own(child.id().cast_signed());
        }
    }
}

/// Whether it may be worth the while to compare a run with others.
fn is_comparable(end: &End) -> bool {
    let (time, memory) = LEAST_COMPARED;
    end.wall.0 >= time || end.usage.is_some_and(|used| used.peak_memory >= memory)
}
