//! Whose processes a task has, and how they are reached: what it began itself, or what it adopted.

use std::io;

use nix::poll::PollFd;

use super::adopted::Adopted;
use super::sweep;
use crate::store::place;
use crate::sys::proc::Process;
use crate::sys::process;
use crate::task::address::Address;
use crate::units::signal::Signal;

/// A task's processes.
pub enum Kin {
    /// A leader that was made here, and all below this process: a subreaper.
    Own {
        /// Its pid.
        leader: i32,
    },
    /// Those that somebody else had begun.
    Adopted(Adopted),
}

impl Kin {
    /// The pid of the one after which the task is called.
    pub fn leader(&self) -> i32 {
        match self {
            Kin::Own { leader } => *leader,
            Kin::Adopted(adopted) => adopted.first().pid,
        }
    }

    /// The same by more than its pid.
    pub fn address(&self) -> Option<Address> {
        match self {
            Kin::Own { leader } => place::address_of(*leader).ok(),
            Kin::Adopted(adopted) => Some(adopted.first()),
        }
    }

    /// Those that live.
    pub fn living(&mut self) -> io::Result<Vec<Process>> {
        match self {
            Kin::Own { .. } => sweep::descendants(),
            Kin::Adopted(adopted) => adopted.living(),
        }
    }

    /// Sends a signal to every one; says to how many.
    pub fn signal(&mut self, signal: Signal) -> usize {
        match self {
            Kin::Own { .. } => sweep::signal(signal),
            Kin::Adopted(adopted) => adopted.signal(signal),
        }
    }

    /// Sends a signal as a terminal would: to the first one's process group, as far as that is the task's.
    pub fn signal_group(&mut self, signal: Signal) -> io::Result<()> {
        match self {
            // The leader is not collected yet, so the number is still its group's.
            Kin::Own { leader } => process::signal_group(*leader, signal),
            Kin::Adopted(adopted) => match adopted.signal_group(signal) {
                0 => Err(io::Error::from_raw_os_error(libc::ESRCH)),
                _ => Ok(()),
            },
        }
    }

    /// Adds what is to be waited for.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        match self {
            // The kernel tells of children by a signal.
            Kin::Own { .. } => {}
            Kin::Adopted(adopted) => adopted.watch(fds),
        }
    }
}
