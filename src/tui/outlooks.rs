//! How far the tasks of a live view are, and what is out of the ordinary about them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::actions::living;
use crate::actions::remarks::KnownRuns;
use crate::client::task_watch::WatchedTask;
use crate::store::layout::Home;
use crate::sys::dir::Dir;
use crate::task::id::TaskId;
use crate::task::progress::Progress;
use crate::task::summary::Summary;
use crate::task::usual::Remark;
use crate::task_log::progress::ProgressLook;
use crate::units::wall_time::WallTime;

/// The same of one task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// How far it is.
    pub progress: Option<Progress>,
    /// What is out of the ordinary.
    pub remarks: Vec<Remark>,
}

/// Those of all tasks.
#[derive(Debug, Default)]
pub struct Outlooks {
    of: BTreeMap<TaskId, Outlook>,
    looks: BTreeMap<TaskId, TaskLook>,
    logs: Option<Dir>,
    known: KnownRuns,
    /// When what is remembered of runs was read.
    read: Option<Instant>,
    is_stale: bool,
}

/// What is kept of a task from one look to the next.
#[derive(Debug)]
struct TaskLook {
    progress: ProgressLook,
    /// The task as a row.
    row: Summary<'static>,
    growth: Option<Remark>,
    grown: Instant,
}

/// Samples of memory are further apart.
const GROWTH_REST: Duration = Duration::from_secs(60);
/// What is remembered is read no more often, however many tasks begin and end.
const REST: Duration = Duration::from_secs(5);

impl Outlooks {
    /// These tasks stand otherwise than before, and more may be remembered. What was seen of them
    /// is looked at anew at once, so that it does not leave the screen until the next look.
    pub fn renew(&mut self, home: &Home, tasks: &[WatchedTask], changed: &[TaskId]) {
        let now = WallTime::now();
        for watched in tasks.iter().filter(|watched| changed.contains(&watched.task.id)) {
            let id = watched.task.id;
            self.looks.remove(&id);
            if self.of.contains_key(&id) {
                let outlook = self.look_at(home, watched, now);
                self.of.insert(id, outlook);
            }
        }
        self.is_stale |= !changed.is_empty();
    }

    /// Looks at these tasks; says whether anything is not what it was.
    pub fn look(&mut self, home: &Home, tasks: &[WatchedTask]) -> bool {
        let is_anew = self.remember(home, tasks);
        if self.logs.is_none() {
            self.logs = home.task_logs().ok();
        }
        let now = WallTime::now();
        let mut next = BTreeMap::new();
        for watched in tasks {
            let id = watched.task.id;
            let known = self.of.get(&id).filter(|_| !watched.is_living() && !is_anew);
            let outlook = known.cloned().unwrap_or_else(|| self.look_at(home, watched, now));
            next.insert(id, outlook);
        }
        self.looks.retain(|id, _| next.contains_key(id));
        let has_changed = next != self.of;
        self.of = next;
        has_changed
    }

    /// Of one of them.
    pub fn task(&self, id: TaskId) -> Outlook {
        self.of.get(&id).cloned().unwrap_or_default()
    }

    fn look_at(&mut self, home: &Home, watched: &WatchedTask, now: WallTime) -> Outlook {
        let reading = &watched.reading;
        let begin = || TaskLook {
            progress: ProgressLook::default(),
            row: reading.summary(home),
            growth: living::growth(home, reading, now),
            grown: Instant::now(),
        };
        let look = self.looks.entry(watched.task.id).or_insert_with(begin);
        if look.grown.elapsed() >= GROWTH_REST {
            (look.growth, look.grown) = (living::growth(home, reading, now), Instant::now());
        }
        // Of one that is over nothing is read.
        let logs = self.logs.as_ref().filter(|_| watched.is_living());
        look.row.progress = logs.and_then(|logs| look.progress.look(logs, reading, now));
        look.row.remarks = look.growth.into_iter().collect();
        self.known.tell(&mut look.row, now);
        Outlook { progress: look.row.progress, remarks: look.row.remarks.clone() }
    }

    /// Reads what is remembered, where that is due; says whether it did.
    fn remember(&mut self, home: &Home, tasks: &[WatchedTask]) -> bool {
        let is_due = self.read.is_none_or(|read| self.is_stale && read.elapsed() >= REST);
        if is_due {
            let commands: Vec<String> = tasks.iter().map(|task| task.reading.spec.command.to_string()).collect();
            self.known = KnownRuns::of(home, commands.iter().map(String::as_str));
            (self.read, self.is_stale) = (Some(Instant::now()), false);
        }
        is_due
    }
}
