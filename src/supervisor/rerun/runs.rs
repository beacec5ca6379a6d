//! Run after run of one task: one supervisor, one lock, one id. A run that is to be followed by
//! another is put down in the journal, and its supervisor lines up for the next one.

use crate::supervisor::attach::serve;
use crate::supervisor::queue::queued::{self, QueueExit};
use crate::supervisor::rerun::handover::RunHandover;
use crate::supervisor::state::{Supervisor, Waiters};

/// Supervises a task run after run, to its end; gives the exit code.
pub fn supervise(first: Box<Supervisor>) -> i32 {
    first.supervise().map_or(0, supervise_following)
}

/// Not inlined: a task's first run is mostly its last, and need not have room on the stack for
/// this.
#[inline(never)]
fn supervise_following(next: Box<RunHandover>) -> i32 {
    let mut following = Some(next);
    while let Some(next) = following {
        let waiters = Waiters { report: None, watchdog: None };
        following = match queued::wait(next.setup, next.files, waiters) {
            Ok(QueueExit::Begins(queued)) => queued.begin().and_then(supervise_again),
            Ok(QueueExit::Over) => None,
            // No end is recorded: by this code the watchdog clears up.
            Err(_) => return 1,
        };
    }
    0
}

/// Supervises a run that follows another: whoever was at the terminal of that is at the
/// terminal of this.
fn supervise_again(mut supervisor: Box<Supervisor>) -> Option<Box<RunHandover>> {
    serve::resize_as_attached(&mut supervisor);
    supervisor.supervise()
}
