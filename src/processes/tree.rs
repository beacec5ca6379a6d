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
    let looks_silent = |pid| all_below(pid, |_| true).is_ok_and(|pids| ports::listening(&pids).is_empty());
    match root {
        Root::Supervisor(supervisor) if looks_silent(supervisor.pid) => Vec::new(),
        Root::Supervisor(_) | Root::Adopted(_) => ports::listening(&pids(root)),
    }
}

/// The task's own processes.
fn below(supervisor: ProcessId) -> Vec<i32> {
    if proc::stat(supervisor.pid).ok().is_none_or(|process| process.start != supervisor.start) {
        return Vec::new();
    }
    all_below(supervisor.pid, is_own).unwrap_or_else(|_| {
        let found = proc::descendants(supervisor.pid, own_processes::is_one).unwrap_or_default();
        found.into_iter().map(|process| process.pid).collect()
    })
}

/// Everybody below this process, but for those that are not wanted and who is below them. Looks at
/// no more than is there. *Errors*: where the kernel does not tell of children.
fn all_below(root: i32, is_wanted: impl Fn(&i32) -> bool) -> io::Result<Vec<i32>> {
    let mut found = proc::children_at_a_glance(root)?;
    found.retain(&is_wanted);
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let children = proc::children_at_a_glance(*pid).unwrap_or_default();
        found.extend(children.into_iter().filter(&is_wanted));
        next += 1;
    }
    Ok(found)
}

/// Whether it is no supervisor, and has not ended.
fn is_own(pid: &i32) -> bool {
    proc::stat(*pid).is_ok_and(|process| !process.is_zombie() && !own_processes::is_one(&process))
}
