//! Whose processes a task has, and how they are reached: what it began itself, or what it adopted.

use std::io;

use nix::poll::PollFd;

use crate::processes::{group, sweep};
use crate::store::host;
use crate::supervisor::processes::adopted_processes::AdoptedProcesses;
use crate::sys::cgroup::Cgroup;
use crate::sys::proc::Process;
use crate::sys::process;
use crate::task::process_id::ProcessId;
use crate::units::signal::Signal;

/// A task's processes.
pub enum TaskProcesses {
    /// A leader that was made here, and all below this process: a subreaper.
    Own {
        /// Its pid.
        leader: i32,
        /// When it began, if that is known. *Units*: clock ticks since boot.
        start: Option<u64>,
        /// The control group in which all of them are, if there is one.
        group: Option<Cgroup>,
    },
    /// Those that somebody else had begun.
    Adopted(AdoptedProcesses),
}

impl TaskProcesses {
    /// The pid of the one after which the task is called.
    pub fn leader(&self) -> i32 {
        match self {
            TaskProcesses::Own { leader, .. } => *leader,
            TaskProcesses::Adopted(adopted) => adopted.first().pid,
        }
    }

    /// The same by more than its pid.
    pub fn address(&self) -> Option<ProcessId> {
        match self {
            TaskProcesses::Own { leader: pid, start: Some(start), .. } => Some(ProcessId { pid: *pid, start: *start }),
            TaskProcesses::Own { leader, start: None, .. } => host::address_of(*leader).ok(),
            TaskProcesses::Adopted(adopted) => Some(adopted.first()),
        }
    }

    /// Those that live.
    pub fn living(&mut self) -> io::Result<Vec<Process>> {
        match self {
            TaskProcesses::Own { .. } => sweep::descendants(),
            TaskProcesses::Adopted(adopted) => adopted.living(),
        }
    }

    /// Sends a signal to every one; says to how many.
    pub fn signal(&mut self, signal: Signal) -> usize {
        match self {
            // Who escapes the one is found by the other.
            TaskProcesses::Own { group: Some(group), .. } if signal == Signal::KILL => {
                group::kill(group).max(sweep::signal(signal))
            }
            TaskProcesses::Own { .. } => sweep::signal(signal),
            TaskProcesses::Adopted(adopted) => adopted.signal(signal),
        }
    }

    /// Sends a signal as a terminal would: to the first one's process group, as far as that is the
    /// task's.
    pub fn signal_group(&mut self, signal: Signal) -> io::Result<()> {
        match self {
            // The leader is not collected yet, so the number is still its group's.
            TaskProcesses::Own { leader, .. } => process::signal_group(*leader, signal),
            TaskProcesses::Adopted(adopted) => match adopted.signal_group(signal) {
                0 => Err(io::Error::from_raw_os_error(libc::ESRCH)),
                _ => Ok(()),
            },
        }
    }

    /// Forgets the control group, which is removed.
    pub fn leave_group(&mut self) {
        if let TaskProcesses::Own { group, .. } = self {
            *group = None;
        }
    }

    /// What is to be waited for.
    pub fn watched(&self) -> impl Iterator<Item = PollFd<'_>> {
        let adopted = match self {
            // The kernel tells of children by a signal.
            TaskProcesses::Own { .. } => None,
            TaskProcesses::Adopted(adopted) => Some(adopted),
        };
        adopted.into_iter().flat_map(AdoptedProcesses::watched)
    }
}
