//! Whether a supervisor is silent, or has only had no processor.

use crate::sys::{proc, process_usage};

/// A supervisor that has worked so long and not answered does not get around to it. *Units*:
/// milliseconds of processor time.
const MOST_WORK: u64 = 2000;

/// How much a supervisor had worked when it was asked something.
pub struct Work {
    pid: i32,
    before: u64,
}

impl Work {
    /// How much this one has worked by now.
    pub fn of(pid: i32) -> Work {
        Work { pid, before: process_usage::of(pid).map_or(0, |used| used.cpu_ms) }
    }

    /// Whether it would go on if it had a processor, and has hardly had one since.
    pub fn waits_for_processor(&self) -> bool {
        let is_runnable = proc::stat(self.pid).is_ok_and(|process| process.state == 'R');
        is_runnable && process_usage::of(self.pid).is_ok_and(|used| used.cpu_ms < self.before + MOST_WORK)
    }
}
