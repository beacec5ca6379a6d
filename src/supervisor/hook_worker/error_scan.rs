//! The look for errors while a task runs, where hooks have patterns of their own: a [scan
//! worker](crate::supervisor::workers::scan_worker) that is begun for hooks.

use std::io;
use std::os::fd::BorrowedFd;

use super::facts::TaskFacts;
use crate::supervisor::workers::scan_worker::{SCAN, ScanRequest};
use crate::supervisor::workers::worker::Worker;
use crate::task::run_findings::FoundProblem;
use crate::task_log::log_range::LogRange;

/// The look at one run's output.
#[derive(Debug)]
pub struct ErrorScan {
    /// Of which run.
    pub run: u32,
    patterns: Vec<String>,
    /// `None` where it is gone, or could not begin: then nobody looks for these patterns before the
    /// run is over.
    worker: Option<Worker<FoundProblem>>,
}

impl ErrorScan {
    /// Looks at a run's output from its beginning.
    pub fn begin(facts: &TaskFacts, run: u32, patterns: Vec<String>) -> ErrorScan {
        let worker = worker(facts, run, &patterns).ok();
        ErrorScan { run, patterns, worker }
    }

    /// Whether it is this look.
    pub fn is_for(&self, run: u32, patterns: &[String]) -> bool {
        self.run == run && self.patterns == patterns
    }

    /// Whether it tells of errors.
    pub fn is_at_work(&self) -> bool {
        self.worker.is_some()
    }

    /// What is readable when it tells of one.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.worker.as_ref().map(std::os::fd::AsFd::as_fd)
    }

    /// What it has told since it was last listened to.
    pub fn listen(&mut self) -> Vec<FoundProblem> {
        let Some(message) = self.worker.as_mut().map(Worker::listen) else { return Vec::new() };
        if message.is_gone {
            self.worker = None;
        }
        message.words
    }
}

fn worker(facts: &TaskFacts, run: u32, patterns: &[String]) -> io::Result<Worker<FoundProblem>> {
    let log = LogRange::of(&facts.home, facts.spec.id, Some(run)).map_err(io::Error::other)?;
    let request = ScanRequest { run, start: log.start, from: log.start, patterns: patterns.to_vec() };
    Worker::begin_with(SCAN, &facts.home.task_path(facts.spec.id), &request)
}
