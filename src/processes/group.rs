//! Ending what is in a task's control group: all at one moment, so that nothing forks away.

use std::collections::HashMap;
use std::io;

use crate::processes::own_processes;
use crate::store::cgroup_record;
use crate::store::task_dir::TaskDir;
use crate::sys::cgroup::Cgroup;
use crate::sys::pidfd::Pidfd;
use crate::sys::proc::{self, Process};
use crate::units::signal::Signal;

/// So often it is looked again whether somebody is left.
const MOST_PASSES: usize = 10;

/// Kills every process in a group, but for other tasks that were begun by it: those go on. Says how
/// many there were.
pub fn kill(group: &Cgroup) -> usize {
    group.freeze();
    let (own, others) = members(group);
    // The kernel's way leaves nobody out.
    if others > 0 || !group.kill_all() {
        for process in &own {
            let _ = Pidfd::of(process.pid, process.start).and_then(|handle| handle.send(Signal::KILL));
        }
    }
    group.thaw();
    own.len()
}

/// Kills whoever is in a group, and removes it. *Errors*: when it cannot be removed.
pub fn clear(group: &Cgroup) -> io::Result<()> {
    for _ in 0..MOST_PASSES {
        if kill(group) == 0 {
            break;
        }
    }
    group.remove()
}

/// Ends whatever is left in the group that a run whose supervisor is gone had, and removes that;
/// says whether there was one. One of a later run, which may have begun meanwhile, is left alone.
/// Costs a look for a file where there is none.
pub fn sweep(task: &TaskDir, run: u32) -> io::Result<bool> {
    let its = |group: &Cgroup| group.is_of_run(run);
    let Some(group) = cgroup_record::read(task).filter(its) else { return Ok(false) };
    let is_there = group.is_there();
    if is_there {
        clear(&group)?;
    }
    if cgroup_record::read(task).is_some_and(|group| its(&group)) {
        cgroup_record::forget(task);
    }
    Ok(is_there)
}

/// A group's living processes, and how many others there are that belong to other tasks: aos's own
/// and what is below them.
fn members(group: &Cgroup) -> (Vec<Process>, usize) {
    let all: HashMap<i32, Process> =
        group.pids().into_iter().filter_map(|pid| Some((pid, proc::stat(pid).ok()?))).collect();
    let is_apart = |process: &Process| {
        let mut next = Some(process);
        // A chain of parents is no longer than there are processes.
        for _ in 0..=all.len() {
            let Some(process) = next else { return false };
            if own_processes::is_one(process) {
                return true;
            }
            next = all.get(&process.parent);
        }
        false
    };
    let (others, own): (Vec<Process>, Vec<Process>) = all.values().cloned().partition(is_apart);
    (own.into_iter().filter(|process| !process.is_zombie()).collect(), others.len())
}
