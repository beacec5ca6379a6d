//! Reaching every descendant: own process groups, own sessions, double forks, cleared
//! environments. A subreaper is the parent of whatever lost its own, so the tree below this
//! process is all there is.

use std::io;
use std::time::Duration;

use crate::processes::own_processes;
use crate::sys::pidfd::Pidfd;
use crate::sys::proc::{self, Process};
use crate::units::signal::Signal;

/// How long what a supervisor has left may take to end by itself, whoever sees to it: the watchdog
/// or a reader.
pub const GRACE: Duration = Duration::from_secs(2);
/// A fork may slip between the look and the kill: so often is looked again at once.
const MOST_PASSES: usize = 10;

/// The descendants of this process that belong to its task. Supervisors of other tasks, begun by
/// this one, live on by themselves, with what is below them.
pub fn descendants() -> io::Result<Vec<Process>> {
    proc::descendants(std::process::id() as i32, own_processes::is_one)
}

/// Sends a signal to every descendant; says to how many. KILL is repeated until no new one shows.
pub fn signal(signal: Signal) -> usize {
    signal_each(signal, descendants)
}

/// The same to whatever this finds.
pub fn signal_each(signal: Signal, mut find: impl FnMut() -> io::Result<Vec<Process>>) -> usize {
    let mut reached: Vec<(i32, u64)> = Vec::new();
    let passes = if signal == Signal::KILL { MOST_PASSES } else { 1 };
    for _ in 0..passes {
        let found = find().unwrap_or_default();
        let new: Vec<_> = found.into_iter().filter(|p| !reached.contains(&(p.pid, p.start))).collect();
        if new.is_empty() {
            break;
        }
        for process in new {
            if Pidfd::of(process.pid, process.start).and_then(|handle| handle.send(signal)).is_ok() {
                reached.push((process.pid, process.start));
            }
        }
    }
    reached.len()
}
