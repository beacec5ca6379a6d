//! Processes that somebody else had begun. They are no children of ours: how they end is told to
//! others, and what loses its parent goes elsewhere. So each one that was ever seen is held by
//! handle until it has ended.

use std::io;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags};

use crate::processes::{own_processes, sweep};
use crate::sys::pidfd::Pidfd;
use crate::sys::proc::{self, Process};
use crate::task::adopted_spec;
use crate::task::process_id::ProcessId;
use crate::units::signal::Signal;

/// Adopted processes, and those of their descendants that were seen.
pub struct AdoptedProcesses {
    first: ProcessId,
    group: Option<AdoptedGroup>,
    held: Vec<HeldProcess>,
}

/// The process group that they are. Who joins it is adopted too.
struct AdoptedGroup {
    id: i32,
    /// When its leader began, if that was still there: another process of this number is another
    /// group's.
    leader: Option<u64>,
}

struct HeldProcess {
    process: Process,
    handle: Pidfd,
    role: AdoptedRole,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum AdoptedRole {
    /// The task is over when all of these have ended.
    Adopted,
    /// It is seen when the task's processes are looked at, and reached from then on.
    Descendant,
}

impl AdoptedProcesses {
    /// Takes hold of those that are still there. *Errors*: when one that is there cannot be held.
    pub fn take(wanted: &adopted_spec::Adopted) -> io::Result<AdoptedProcesses> {
        let first = *wanted.processes.first().ok_or(io::ErrorKind::InvalidData)?;
        let mut adopted = AdoptedProcesses { first, group: None, held: Vec::new() };
        for address in &wanted.processes {
            if let Ok(process) = proc::stat(address.pid)
                // Another process may have the number by now.
                && process.start == address.start
            {
                adopted.hold(&process, AdoptedRole::Adopted)?;
            }
        }
        if let Some(first) = adopted.held.first() {
            adopted.first = ProcessId { pid: first.process.pid, start: first.process.start };
            // While any of them is held the number is the group's, whether its leader has ended or
            // not.
            let leader = |id| proc::stat(id).ok().map(|leader| leader.start);
            adopted.group = wanted.group.map(|id| AdoptedGroup { id, leader: leader(id) });
        }
        Ok(adopted)
    }

    /// The one after which the task is called.
    pub fn first(&self) -> ProcessId {
        self.first
    }

    /// The pids of those that were adopted and have not ended.
    pub fn pids(&self) -> Vec<i32> {
        self.held.iter().filter(|held| held.role == AdoptedRole::Adopted).map(|held| held.process.pid).collect()
    }

    /// Those that live and whatever lives below them. From here on these are held, whatever becomes
    /// of their parents.
    pub fn living(&mut self) -> io::Result<Vec<Process>> {
        let group = self.group_now();
        let mut found = proc::family(|p| self.has(p) || group == Some(p.group), own_processes::is_one)?;
        for process in &found {
            let role = if group == Some(process.group) { AdoptedRole::Adopted } else { AdoptedRole::Descendant };
            // One that cannot be held is still found, as long as its parent lives.
            let _ = self.hold(process, role);
        }
        // A process of which only the first thread has ended looks as if all of it had.
        let is_unseen =
            |held: &&HeldProcess| !found.iter().any(|p| is_same(p, &held.process)) && !held.handle.has_ended();
        let unseen: Vec<Process> = self.held.iter().filter(is_unseen).map(|held| held.process.clone()).collect();
        found.extend(unseen);
        Ok(found)
    }

    /// Sends a signal to all of them; says to how many.
    pub fn signal(&mut self, signal: Signal) -> usize {
        let reached = sweep::signal_each(signal, || self.living());
        if signal == Signal::KILL {
            self.drop_unsignallable();
        }
        reached
    }

    /// The same to those that are in a process group of what was adopted.
    pub fn signal_group(&mut self, signal: Signal) -> usize {
        sweep::signal_each(signal, || {
            let mut found = self.living()?;
            let adopted = self.pids();
            let groups: Vec<i32> = found.iter().filter(|p| adopted.contains(&p.pid)).map(|p| p.group).collect();
            found.retain(|p| groups.contains(&p.group));
            Ok(found)
        })
    }

    /// What is to be waited for: a handle is readable when its process has ended.
    pub fn watched(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.held.iter().map(|held| PollFd::new(held.handle.as_fd(), PollFlags::POLLIN))
    }

    /// Lets go of those that have ended, and only where their ends are taken in: what is not
    /// watched any more wakes nobody.
    pub fn forget_ended(&mut self) {
        self.held.retain(|held| !held.handle.has_ended());
    }

    /// The end does not wait for who has become somebody else's since (sudo), and cannot be killed:
    /// it is left.
    fn drop_unsignallable(&mut self) {
        for held in &mut self.held {
            if matches!(held.handle.may_send(), Err(e) if e.raw_os_error() == Some(libc::EPERM)) {
                held.role = AdoptedRole::Descendant;
            }
        }
    }

    fn hold(&mut self, process: &Process, role: AdoptedRole) -> io::Result<()> {
        if self.has(process) {
            return Ok(());
        }
        match Pidfd::of(process.pid, process.start) {
            Err(e) if e.raw_os_error() == Some(libc::ESRCH) => {}
            Err(e) => return Err(e),
            // A zombie: held, it would end each poll at once.
            Ok(handle) if handle.has_ended() => {}
            Ok(handle) => self.held.push(HeldProcess { process: process.clone(), handle, role }),
        }
        Ok(())
    }

    /// Nobody joins the group any more: from here on its number could be another's.
    pub fn give_up_group(&mut self) {
        self.group = None;
    }

    fn has(&self, process: &Process) -> bool {
        self.held.iter().any(|held| is_same(&held.process, process))
    }

    /// The group's number, as long as it is the group's.
    fn group_now(&self) -> Option<i32> {
        let group = self.group.as_ref()?;
        match proc::stat(group.id) {
            Ok(leader) if Some(leader.start) != group.leader => None,
            Ok(_) | Err(_) => Some(group.id),
        }
    }
}

fn is_same(one: &Process, other: &Process) -> bool {
    (one.pid, one.start) == (other.pid, other.start)
}
