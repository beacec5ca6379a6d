//! A task's own processes, as somebody outside sees them.

use std::io;

use crate::processes::own_processes;
use crate::sys::ports;
use crate::sys::proc::{self, Process};
use crate::task::adopted_spec::Adopted;
use crate::task::process_id::ProcessId;
use crate::task::spec::Spec;
use crate::task::state::State;

/// What a task's processes are found by.
#[derive(Clone, Copy, Debug)]
pub enum Root<'a> {
    /// All are below its supervisor.
    Supervisor(ProcessId),
    /// They were somebody else's.
    Adopted(&'a Adopted),
}

impl<'a> Root<'a> {
    /// Those of a run.
    pub fn of(spec: &'a Spec, state: &State) -> Root<'a> {
        match &spec.adopted {
            Some(adopted) => Root::Adopted(adopted),
            None => Root::Supervisor(state.supervisor),
        }
    }
}

/// The pids of a task's living processes, parents before children.
pub fn pids(root: Root<'_>) -> Vec<i32> {
    match root {
        Root::Supervisor(supervisor) => below(supervisor),
        Root::Adopted(adopted) => {
            let group = adopted.group;
            let is_root = |p: &Process| {
                group == Some(p.group) || adopted.processes.contains(&ProcessId { pid: p.pid, start: p.start })
            };
            let found = proc::family(is_root, own_processes::is_one).unwrap_or_default();
            found.into_iter().map(|process| process.pid).collect()
        }
    }
}

/// The TCP ports on which a task's processes listen.
pub fn listening(root: Root<'_>) -> Vec<u16> {
    // Most tasks listen nowhere. That is seen without reading what each process is, which takes
    // longest, and a list asks for hundreds.
    match root {
        Root::Supervisor(supervisor) if glance(supervisor.pid).is_ok_and(|pids| ports::listening(&pids).is_empty()) => {
            Vec::new()
        }
        Root::Supervisor(_) | Root::Adopted(_) => ports::listening(&pids(root)),
    }
}

/// Everybody below this process, whoever that is. *Errors*: where the kernel does not tell of
/// children.
fn glance(root: i32) -> io::Result<Vec<i32>> {
    let mut found = proc::children_at_a_glance(root)?;
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let children = proc::children_at_a_glance(*pid).unwrap_or_default();
        found.extend(children);
        next += 1;
    }
    Ok(found)
}

/// Looks at no more than is there, where the kernel tells of children.
fn below(supervisor: ProcessId) -> Vec<i32> {
    if proc::stat(supervisor.pid).ok().is_none_or(|process| process.start != supervisor.start) {
        return Vec::new();
    }
    let mut found = match proc::children_at_a_glance(supervisor.pid) {
        Ok(children) => own(children),
        Err(_) => proc::descendants(supervisor.pid, own_processes::is_one).unwrap_or_default(),
    };
    let mut next = 0;
    while let Some(process) = found.get(next) {
        let children = own(proc::children_at_a_glance(process.pid).unwrap_or_default());
        found.extend(children);
        next += 1;
    }
    found.into_iter().map(|process| process.pid).collect()
}

/// Those that are no supervisors, and have not ended.
fn own(pids: Vec<i32>) -> Vec<Process> {
    let is_own = |process: &Process| !process.is_zombie() && !own_processes::is_one(process);
    pids.into_iter().filter_map(|pid| proc::stat(pid).ok()).filter(is_own).collect()
}
