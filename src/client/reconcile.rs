//! Clearing up after tasks whose supervisor is gone. Whatever is left of such a task is found by
//! the mark in its environment, never by a bare pid, and ended; then the task is off the living.

use std::time::Instant;

use nix::poll::PollTimeout;

use super::ClientError;
use crate::events::outlet::Outlet;
use crate::events::task_event::TaskEvent;
use crate::launch::MARK;
use crate::processes::group;
use crate::processes::sweep::GRACE;
use crate::store;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::snapshot::{Liveness, TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::store::{cgroup_record, host, journal_file, markers, shells};
use crate::sys::pidfd::Pidfd;
use crate::sys::{cores, lock, proc};
use crate::task::id::TaskId;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::units::signal::Signal;

/// Settles every lost task of a home. Costs a look at the lock of each living task.
pub fn settle(home: &Home) -> Result<(), ClientError> {
    settle_all(home, &markers::living(home)?)
}

/// Every task; those that this finds lost are settled.
pub fn registry(home: &Home) -> Result<Registry, ClientError> {
    let registry = Registry::open(home)?;
    settle_all(home, registry.ended_since())?;
    Ok(registry)
}

fn settle_all(home: &Home, ids: &[TaskId]) -> Result<(), ClientError> {
    let settled = cores::spread(ids, |id| match TaskDir::open(home, *id) {
        Ok(task) if matches!(task.is_alive(), Ok(true)) => Ok(()),
        Ok(task) => settle_one(home, &task),
        Err(store::StoreError::NoTask(_)) => Ok(markers::forget(home, &[*id])?),
        // Whatever cannot be opened now may live.
        Err(_) => Ok(()),
    });
    settled.into_iter().collect()
}

/// A living task whose control group the user's manager of units has made, if there is one: it ends
/// with that.
pub fn in_users_scope(home: &Home) -> Option<TaskId> {
    let is_users = |id: &TaskId| {
        let group = TaskDir::open(home, *id).ok().and_then(|task| cgroup_record::read(&task));
        group.is_some_and(|group| group.shown().contains("/user@"))
    };
    markers::living(home).ok()?.into_iter().find(is_users)
}

/// Removes control groups that tasks have left which are not alive, and gives those of which some
/// could not be. Costs a look at each task there is.
pub fn sweep_groups(home: &Home) -> Result<(usize, Vec<String>), ClientError> {
    let (mut swept, mut failed) = (0, Vec::new());
    for id in home.tasks.names()?.iter().filter_map(|name| name.parse().ok()) {
        let Ok(task) = TaskDir::open(home, id) else { continue };
        let Some(left) = cgroup_record::read(&task) else { continue };
        let run = last_run(&task);
        if task.is_alive().unwrap_or(true) {
            continue;
        }
        match group::sweep(&task, run) {
            Ok(was_there) => swept += usize::from(was_there),
            Err(e) => failed.push(format!("{}: {e}", left.shown())),
        }
    }
    Ok((swept, failed))
}

fn settle_one(home: &Home, task: &TaskDir) -> Result<(), ClientError> {
    // The run first: what is swept is no later one, whose processes live.
    let run = last_run(task);
    let Ok(reading) = TaskSnapshot::of(home, task) else { return Ok(()) };
    if matches!(reading.standing, Liveness::Lost(_)) {
        // What cannot be removed now is told by `aos doctor`.
        let _ = group::sweep(task, run);
    }
    match &reading.standing {
        Liveness::Living(_) | Liveness::Unknown(_) => return Ok(()),
        // The supervisor was stopped between its record and its marker.
        Liveness::Over(_) => {}
        // The mark was copied with the directory, and what bears it is the original's.
        Liveness::Lost(_) if reading.state.as_ref().is_none_or(|state| host::is_copy(task, state)) => {}
        Liveness::Lost(_) => sweep(&format!("{MARK}={}", reading.spec.mark(run)))?,
    }
    let Ok(file) = task.lock_file() else {
        // On a file system that is mounted read-only, or where something else stands in its place,
        // nothing is settled.
        return Ok(());
    };
    // Unless the next run has begun, or another reader was faster. A failure is mended by the next
    // reader.
    lock::in_turn(&file, || {
        let is_marked = markers::living(home).is_ok_and(|living| living.contains(&task.id));
        if is_marked && !task.is_alive().unwrap_or(true) && last_run(task) == run {
            let is_failure = reading.status().is_failure();
            let mut events = Outlet::open(home, task, run, &reading.spec);
            let is_gone =
                |entry: &JournalEntry| entry.run == run && matches!(entry.event, JournalEvent::SupervisorGone { .. });
            // One that is over has told of it; of one that is lost its watchdog has, if that lived.
            let is_told =
                !matches!(reading.standing, Liveness::Lost(_)) || journal_file::read(task).iter().any(is_gone);
            events.publish(TaskEvent::ClearedUp { home, is_failure, is_told });
        }
    })?;
    shells::ring(home);
    Ok(())
}

/// Ends every process with this entry in its environment.
fn sweep(mark: &str) -> Result<(), ClientError> {
    let mut left = Vec::new();
    for process in proc::all()? {
        if process.pid != std::process::id() as i32
            && !process.is_zombie()
            && proc::has_in_environment(process.pid, mark)
        {
            // The handle first, then the mark again: now it is this process that has it.
            if let Ok(handle) = Pidfd::of(process.pid, process.start)
                && proc::has_in_environment(process.pid, mark)
            {
                left.push(handle);
            }
        }
    }
    for handle in &left {
        let _ = handle.send(Signal::TERM).and_then(|()| handle.send(Signal::CONT));
    }
    let kill_at = Instant::now() + GRACE;
    for handle in &left {
        let left = kill_at.saturating_duration_since(Instant::now());
        if !handle.ends_within(PollTimeout::try_from(left).expect("two seconds fit")) {
            let _ = handle.send(Signal::KILL);
        }
    }
    Ok(())
}
