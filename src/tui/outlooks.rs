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
    looks: BTreeMap<TaskId, ProgressLook>,
    logs: Option<Dir>,
    known: KnownRuns,
    /// When what is remembered of runs was read.
    read: Option<Instant>,
    is_stale: bool,
}

/// What is remembered is read no more often, however many tasks begin and end.
const REST: Duration = Duration::from_secs(5);

impl Outlooks {
    /// A task has begun or ended, so that more is remembered.
    pub fn forget(&mut self) {
        self.is_stale = true;
    }

    /// Looks at these tasks; says whether anything is not what it was.
    pub fn look(&mut self, home: &Home, tasks: &[WatchedTask]) -> bool {
        self.remember(home, tasks);
        if self.logs.is_none() {
            self.logs = home.task_logs().ok();
        }
        let now = WallTime::now();
        let mut next = BTreeMap::new();
        for watched in tasks {
            let id = watched.task.id;
            let mut row = watched.reading.summary(home);
            row.progress = self.logs.as_ref().and_then(|logs| {
                // Of one that is over nothing is read.
                let look = watched.is_living().then(|| self.looks.entry(id).or_default())?;
                look.look(logs, &watched.reading, now)
            });
            row.remarks.extend(living::growth(home, &watched.reading, now));
            self.known.tell(&mut row, now);
            next.insert(id, Outlook { progress: row.progress, remarks: row.remarks });
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

    fn remember(&mut self, home: &Home, tasks: &[WatchedTask]) {
        let is_due = self.read.is_none_or(|read| self.is_stale && read.elapsed() >= REST);
        if is_due {
            let commands: Vec<String> = tasks.iter().map(|task| task.reading.spec.command.to_string()).collect();
            self.known = KnownRuns::of(home, commands.iter().map(String::as_str));
            (self.read, self.is_stale) = (Some(Instant::now()), false);
        }
    }
}
