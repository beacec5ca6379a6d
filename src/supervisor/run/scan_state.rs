//! What a run's output has told so far, and what of it is still to be looked into.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crate::supervisor::run::output_anchors::OutputAnchors;
use crate::supervisor::workers::scan_worker::QUIET;
use crate::supervisor::workers::worker::Worker;
use crate::task::run_findings::FoundProblem;
use crate::units::moment::Moment;

/// The look at a run's output.
#[derive(Debug, Default)]
pub struct LiveScan {
    pub(super) anchors: OutputAnchors,
    pub(super) worker: Option<Worker<FoundProblem>>,
    pub(super) has_found: bool,
    pub(super) noted: usize,
    pub(super) pause: Option<(Duration, Moment)>,
    /// Where output stands that nobody has looked into, though it may tell of a problem.
    pub(super) owed: Option<u64>,
    /// The newest output that came while a worker was there: where it stands, and when.
    pub(super) newest: Option<(u64, Moment)>,
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
    pub(super) fn look(&mut self, chunk: &[u8], position: u64, now: Moment) {
        if self.worker.is_some() {
            self.newest = Some((position, now));
        } else if self.anchors.look(chunk) {
            // The first: a worker reads all that follows it.
            self.owed.get_or_insert(position);
        }
    }

    /// A worker has gone, as all had been quiet for a while. What came since has had no reader.
    pub(super) fn owe_unread(&mut self, now: Moment) {
        // A worker goes only after so long a quiet: what is older it has read.
        let unread = self.newest.take().filter(|(_, came)| came.until(now) < QUIET);
        self.owed = self.owed.or(unread.map(|(position, _)| position));
    }
}
