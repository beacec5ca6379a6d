//! Watching how tasks stand: their directories, the markers of the living, and their supervisors
//! tell of each change by themselves. Nobody is asked, and nothing is looked at while nothing
//! happens.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use super::ClientError;
use crate::store;
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::store::{counter, host, markers};
use crate::sys::fs_watch::{BLIND, Watch};
use crate::sys::pidfd::Pidfd;
use crate::task::id::TaskId;
use crate::task::process_id::ProcessId;

/// What becomes of tasks that begin while others are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newcomers {
    /// They are watched too: those with this id and later, also what is over before anybody looked;
    /// and what is run again.
    From(TaskId),
    /// They are left alone.
    Left,
}

/// Tasks that are watched.
#[derive(Debug)]
pub struct TaskWatch {
    /// Where they are.
    pub home: Home,
    /// They, in the order in which they came.
    pub tasks: Vec<WatchedTask>,
    newcomers: Newcomers,
    /// Newcomers that could not be read yet.
    unread: Vec<TaskId>,
    changes: Watch,
}

/// A task that is watched.
#[derive(Debug)]
pub struct WatchedTask {
    /// Where it is.
    pub task: TaskDir,
    /// How it stood when it was last looked at.
    pub reading: TaskSnapshot,
    /// Its newest run.
    pub run: u32,
    /// Whether somebody has removed it.
    pub is_removed: bool,
    supervisor: WatchedSupervisor,
}

/// Whose end is an event.
#[derive(Debug)]
enum WatchedSupervisor {
    Unknown,
    Held(ProcessId, Pidfd),
    /// It has ended; the files do not say so yet.
    Ended(ProcessId),
}

/// A supervisor's files follow its end at once.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl TaskWatch {
    /// Begins to watch. Of tasks that were looked for, and not named, those that are removed by now
    /// are left out.
    pub fn begin(home: Home, ids: &[TaskId], is_search: bool, newcomers: Newcomers) -> Result<TaskWatch, ClientError> {
        let changes = Watch::new()?;
        changes.directory(home.active()?.handle_path())?;
        let mut watching = TaskWatch { home, tasks: Vec::new(), newcomers, unread: Vec::new(), changes };
        let mut trouble = None;
        for id in ids {
            match (watching.take(*id), newcomers) {
                (Ok(()), _) => {}
                (Err(ClientError::Store(store::StoreError::NoTask(_))), _) if is_search => {}
                (Err(why), Newcomers::Left) => return Err(why),
                // It is tried again with those that come; the others are shown.
                (Err(why), Newcomers::From(_)) => {
                    watching.unread.push(*id);
                    trouble = Some(why);
                }
            }
        }
        // What has begun since they were chosen tells of nothing any more.
        watching.take_newcomers()?;
        trouble.filter(|_| watching.tasks.is_empty()).map_or(Ok(watching), Err)
    }

    /// Looks at all; gives those that stand otherwise than before, and new ones.
    pub fn look(&mut self) -> Result<Vec<TaskId>, ClientError> {
        self.changes.has_changed();
        let home = &self.home;
        let mut changed: Vec<TaskId> =
            self.tasks.iter_mut().filter_map(|task| task.look(home).then_some(task.task.id)).collect();
        changed.extend(self.take_newcomers()?);
        Ok(changed)
    }

    /// Takes tasks that have begun meanwhile. By their ids, which count up, as one that is over
    /// soon is among the living only for a moment.
    fn take_newcomers(&mut self) -> Result<Vec<TaskId>, ClientError> {
        let Newcomers::From(first) = self.newcomers else { return Ok(Vec::new()) };
        let next = counter::next(&self.home)?.max(first);
        self.newcomers = Newcomers::From(next);
        let mut ids = std::mem::take(&mut self.unread);
        ids.extend((first.0..next.0).map(TaskId));
        ids.extend(markers::living(&self.home)?);
        let mut taken = Vec::new();
        for id in ids {
            if self.task(id).is_some() || self.unread.contains(&id) {
                continue;
            }
            match self.take(id) {
                Ok(()) => taken.push(id),
                Err(ClientError::Store(store::StoreError::NoTask(_))) => {}
                // One that is just being made is for the next look.
                Err(_) => self.unread.push(id),
            }
        }
        Ok(taken)
    }

    /// Watches one more; no failure where it is watched already.
    pub fn take_also(&mut self, id: TaskId) -> Result<(), ClientError> {
        if self.task(id).is_some() { Ok(()) } else { self.take(id) }
    }

    /// Watches these no longer. What still tells of them wakes whoever waits, and changes nothing.
    pub fn let_go(&mut self, ids: &[TaskId]) {
        self.tasks.retain(|watched| !ids.contains(&watched.task.id));
    }

    /// One of them.
    pub fn task(&self, id: TaskId) -> Option<&WatchedTask> {
        self.tasks.iter().find(|watched| watched.task.id == id)
    }

    /// Whether every one is over.
    pub fn is_over(&self) -> bool {
        self.tasks.iter().all(|watched| !watched.is_living())
    }

    /// What is readable when it is time to look.
    pub fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let supervisors = self.tasks.iter().filter_map(|watched| match &watched.supervisor {
            WatchedSupervisor::Held(_, handle) => Some(handle.as_fd()),
            WatchedSupervisor::Unknown | WatchedSupervisor::Ended(_) => None,
        });
        self.changes.descriptor().into_iter().chain(supervisors)
    }

    /// When it is time to look though nothing is readable.
    pub fn patience(&self) -> Option<Duration> {
        let is_about_to_change =
            |task: &WatchedTask| matches!(task.supervisor, WatchedSupervisor::Ended(_)) && task.is_living();
        let soon = self.tasks.iter().any(is_about_to_change).then_some(LOOK_AGAIN);
        if self.changes.descriptor().is_none() { Some(BLIND) } else { soon }
    }

    fn take(&mut self, id: TaskId) -> Result<(), ClientError> {
        let task = TaskDir::open(&self.home, id)?;
        // Before it is looked at: what happens in between is an event.
        self.changes.directory(task.dir.handle_path())?;
        let reading = TaskSnapshot::of(&self.home, &task)?;
        let mut watched = WatchedTask {
            run: last_run(&task),
            task,
            reading,
            is_removed: false,
            supervisor: WatchedSupervisor::Unknown,
        };
        watched.hold_supervisor();
        self.tasks.push(watched);
        Ok(())
    }
}

impl WatchedTask {
    /// Whether somebody is home.
    pub fn is_living(&self) -> bool {
        !self.is_removed && self.reading.status().is_living()
    }

    /// Where its newest run's output begins in the log, where that is known. *Units*: bytes.
    pub fn log_start(&self) -> Option<u64> {
        self.reading.state.as_ref().map(|state| state.log_start)
    }

    fn look(&mut self, home: &Home) -> bool {
        let Ok(reading) = TaskSnapshot::of(home, &self.task) else {
            let was = std::mem::replace(&mut self.is_removed, TaskDir::open(home, self.task.id).is_err());
            return was != self.is_removed;
        };
        let before = &self.reading;
        let is_changed =
            (&reading.standing, &reading.state, &reading.found) != (&before.standing, &before.state, &before.found);
        (self.reading, self.run) = (reading, last_run(&self.task));
        self.hold_supervisor();
        is_changed
    }

    fn hold_supervisor(&mut self) {
        let Some(state) = self.reading.state.as_ref().filter(|_| self.is_living()) else {
            self.supervisor = WatchedSupervisor::Unknown;
            return;
        };
        let address = state.supervisor;
        match &self.supervisor {
            WatchedSupervisor::Held(held, handle) if *held == address => {
                if handle.has_ended() {
                    self.supervisor = WatchedSupervisor::Ended(address);
                }
            }
            WatchedSupervisor::Ended(held) if *held == address => {}
            // In another container there is no such process: then only files tell.
            WatchedSupervisor::Unknown | WatchedSupervisor::Held(..) | WatchedSupervisor::Ended(_) => {
                self.supervisor = host::hold_supervisor(state)
                    .map_or(WatchedSupervisor::Unknown, |handle| WatchedSupervisor::Held(address, handle));
            }
        }
    }
}
