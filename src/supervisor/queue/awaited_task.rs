//! Another task that a queued one waits for. Held by the pidfd of its supervisor: when that ends,
//! the task is over, or has a new supervisor.

use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::store::dependencies::DependencyTask;
use crate::store::layout::Home;
use crate::store::snapshot::{Liveness as Stands, TaskSnapshot};
use crate::store::task_dir::TaskDir;
use crate::store::{StoreError, host};
use crate::sys::fs_watch::Watch;
use crate::sys::lock;
use crate::sys::pidfd::Pidfd;
use crate::task::end::Cause;
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::process_id::Reachability;
use crate::task::start_condition::{Dependency, DependencyOn, StartCondition, Verdict};

/// Another task's supervisor has no address for a moment: before its launch is known, and between
/// its end and the next.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One task that is waited for.
pub struct AwaitedTask {
    /// Which, and for what.
    pub after: Dependency,
    waiter: TaskId,
    is_first_run: bool,
    has_looked: bool,
    supervisor: Option<Pidfd>,
    changes: Option<Watch>,
}

/// What a look found.
pub enum DependencyLook {
    /// It is still to come.
    Wait,
    /// It has come; in words.
    Go(String),
    /// It never will, for this reason.
    Never(String),
    /// The same, and it is not needed.
    Unneeded(String),
}

impl AwaitedTask {
    /// For a task, in one of its runs.
    pub fn new(after: Dependency, waiter: TaskId, run: u32) -> AwaitedTask {
        let is_first_run = run == 1;
        AwaitedTask { after, waiter, is_first_run, has_looked: false, supervisor: None, changes: None }
    }

    /// Looks at the other task, if anything may have changed.
    pub fn look(&mut self, home: &Home) -> DependencyLook {
        if !self.may_have_changed() {
            return DependencyLook::Wait;
        }
        let id = self.after.id;
        // Watched before it is read, so that nothing falls in between.
        if self.after.when == DependencyOn::Ready && self.changes.is_none() {
            self.changes = watch(home, id);
        }
        let is_first_look = !std::mem::replace(&mut self.has_looked, true);
        // What had been waited for before is so again only where it is still to come.
        let was_awaited = is_first_look && !self.is_first_run;
        let other = match DependencyTask::of(home, id) {
            Ok(other) => other,
            // Only what is over can be removed.
            Err(StoreError::NoTask(_)) if was_awaited => {
                return DependencyLook::Go(format!("{id} is over, and removed"));
            }
            Err(StoreError::NoTask(_)) => return DependencyLook::Never(format!("{id} was removed")),
            Err(why) => return DependencyLook::Never(format!("{id} cannot be read: {why}")),
        };
        if other.standing.is_over && was_awaited {
            return DependencyLook::Go(format!("{id} is over"));
        }
        match self.after.judge(&other.standing) {
            Verdict::Wait => self.hold_on(home, &other.reading),
            _ if self.is_between_runs(home, &other.reading) => DependencyLook::Wait,
            Verdict::Go => DependencyLook::Go(match self.after.when {
                DependencyOn::Ready => format!("{id} is ready"),
                DependencyOn::Ok | DependencyOn::Any | DependencyOn::Fail => format!("{id} {}", other.standing.status),
            }),
            Verdict::Never(why) => DependencyLook::Never(why),
            Verdict::Unneeded(why) => DependencyLook::Unneeded(why),
        }
    }

    /// Adds what is to be waited for; gives after how long it is to be looked anyway, if it is.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) -> Option<Duration> {
        fds.extend(self.supervisor.as_ref().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
        let is_blind = self.changes.as_ref().is_some_and(|changes| !changes.watch(fds));
        (is_blind || self.supervisor.is_none()).then_some(LOOK_AGAIN)
    }

    fn may_have_changed(&mut self) -> bool {
        let has_changed = self.changes.as_mut().is_some_and(|changes| changes.has_changed());
        has_changed || self.supervisor.as_ref().is_none_or(Pidfd::has_ended)
    }

    /// Takes hold of the supervisor that the other task has now.
    fn hold_on(&mut self, home: &Home, other: &TaskSnapshot) -> DependencyLook {
        self.supervisor = None;
        let Some(state) = &other.state else { return DependencyLook::Wait };
        if host::here().distance(&state.place) != Reachability::Here {
            return DependencyLook::Never(format!(
                "{} was started in another container or on another machine",
                self.after.id
            ));
        }
        if let Some(chain) = self.circle(home, other) {
            return DependencyLook::Never(chain);
        }
        // If it is gone by now it is looked for again.
        self.supervisor = host::hold(state.supervisor).ok();
        DependencyLook::Wait
    }

    /// Whether the other task is over only until whoever runs it again has begun the next run.
    fn is_between_runs(&mut self, home: &Home, other: &TaskSnapshot) -> bool {
        let is_restart = other.end().is_some_and(|end| matches!(&end.cause, Cause::Asked(by) if by.is_restart()));
        if !is_restart {
            return false;
        }
        let Ok(task) = TaskDir::open(home, self.after.id) else { return false };
        // Before the task: the next run has life before the promise ends.
        let is_promised = task.lock_for_reading().is_ok_and(|file| lock::is_promised(&file).unwrap_or(false));
        let goes_on = is_promised || TaskSnapshot::of(home, &task).is_ok_and(|reading| reading.status().is_living());
        if goes_on {
            // The one that is held is of the run before: without it this looks again soon.
            self.supervisor = None;
        }
        goes_on
    }

    /// How the other task waits for this one, if it does: then both would wait for ever.
    fn circle(&self, home: &Home, other: &TaskSnapshot) -> Option<String> {
        // Nobody waits for a task that is begun for the first time, so no older one can.
        if self.is_first_run && self.after.id < self.waiter {
            return None;
        }
        let way = way(home, self.after.id, other, self.waiter, &mut Vec::new())?;
        let links: Vec<String> = way.iter().rev().map(|id| format!("after {id}")).collect();
        Some(format!("{0} waits for itself: {0} {1} after {0}", self.waiter, links.join(" ")))
    }
}

/// How a queued task waits, by way of others, for `end`: from there back to it.
fn way(home: &Home, id: TaskId, reading: &TaskSnapshot, end: TaskId, seen: &mut Vec<TaskId>) -> Option<Vec<TaskId>> {
    // Seen: others may wait in a circle of their own.
    if !matches!(reading.standing, Stands::Living(Phase::Queued)) || seen.contains(&id) {
        return None;
    }
    seen.push(id);
    let holds = reading.state.iter().flat_map(|state| &state.holds);
    let awaited = holds.filter_map(|hold| match hold {
        StartCondition::After(after) => Some(after.id),
        StartCondition::Until { .. } | StartCondition::Change { .. } | StartCondition::Slot(_) => None,
    });
    for next in awaited {
        if next == end {
            return Some(vec![id]);
        }
        let Ok(reading) = TaskDir::open(home, next).and_then(|task| TaskSnapshot::of(home, &task)) else { continue };
        if let Some(mut way) = way(home, next, &reading, end, seen) {
            way.push(id);
            return Some(way);
        }
    }
    None
}

/// The other task's directory, in which its state is replaced when it becomes ready.
fn watch(home: &Home, id: TaskId) -> Option<Watch> {
    let task = TaskDir::open(home, id).ok()?;
    let watch = Watch::new().ok()?;
    watch.directory(task.dir.handle_path()).ok()?;
    Some(watch)
}
