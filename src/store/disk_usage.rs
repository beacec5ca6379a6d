//! What is kept of tasks: how much their logs take on disk, and which of them are over. Only what
//! the registry and the markers know of counts: whatever else lies in the directories of this home
//! is somebody else's.

use std::collections::BTreeSet;

use super::layout::{Home, LOGS, TASKS};
use super::registry::Registry;
use super::{StoreError, markers};
use crate::logs::store::usage::{self, LogUsage};
use crate::task::id::TaskId;
use crate::task::log_budget::{Life, LogHolding, SegmentPart};
use crate::task::retention::Past;
use crate::task::summary::Summary;
use crate::units::wall_time::WallTime;

/// What is kept of every task, in the order of ids.
#[derive(Debug, Default)]
pub struct DiskUsage {
    /// How many tasks there are.
    pub tasks: usize,
    /// Tasks with logs, and what those take.
    pub logs: Vec<StoredTask>,
    /// Tasks that are over and settled.
    pub past: Vec<Past>,
}

/// A task's log.
#[derive(Debug)]
pub struct StoredTask {
    /// The name of its newest segment.
    pub log: String,
    /// What it takes.
    pub holding: LogHolding,
    /// How much of it is complete and not compressed. *Units*: bytes.
    pub plain: u64,
}

impl DiskUsage {
    /// Looks at everything that is kept.
    pub fn take(home: &Home) -> Result<DiskUsage, StoreError> {
        let registry = Registry::open(home)?;
        // After that: a task fails first and is over then, and what is run again since is none that
        // is over.
        let unseen: BTreeSet<TaskId> = markers::failed(home)?.into_iter().collect();
        let living: BTreeSet<TaskId> = markers::living(home)?.into_iter().collect();
        let rows = registry.rows();
        let names = rows.iter().filter_map(Summary::log_name);
        let failed = |source| StoreError::File { doing: "list", what: format!("{LOGS}/{TASKS}"), source };
        let mut extents = usage::take(&home.task_logs()?, names).map_err(failed)?;
        let mut stock = DiskUsage { tasks: rows.len(), ..DiskUsage::default() };
        for row in &rows {
            let life = life_of(row, unseen.contains(&row.id));
            if let Life::Over { ended, is_news } = life
                && !living.contains(&row.id)
            {
                stock.past.push(Past { id: row.id, ended, is_news });
            }
            if let Some((log, extent)) = row.log_name().and_then(|log| extents.remove_entry(log)) {
                stock.logs.push(StoredTask::of(row.id, log, life, &extent));
            }
        }
        Ok(stock)
    }

    /// A task's log, if it has one.
    pub fn log_of(&self, id: TaskId) -> Option<&StoredTask> {
        let at = self.logs.binary_search_by_key(&id, |shelf| shelf.holding.id).ok()?;
        self.logs.get(at)
    }

    /// What each log takes.
    pub fn holdings(&self) -> Vec<LogHolding> {
        self.logs.iter().map(|shelf| shelf.holding.clone()).collect()
    }

    /// What all logs take. *Units*: bytes.
    pub fn size(&self) -> u64 {
        self.logs.iter().map(|shelf| shelf.holding.size()).sum()
    }
}

impl StoredTask {
    fn of(id: TaskId, log: &str, life: Life, extent: &LogUsage) -> StoredTask {
        let pieces = extent.complete.values();
        let complete = pieces.clone().map(|piece| SegmentPart { size: piece.size, written: piece.written }).collect();
        let plain = pieces.filter(|piece| piece.is_plain).map(|piece| piece.size).sum();
        let holding = LogHolding { id, life, complete, newest: extent.newest, rest: extent.rest };
        StoredTask { log: log.to_owned(), holding, plain }
    }
}

/// A lost task has no end: its beginning stands for that.
fn life_of(row: &Summary<'_>, is_news: bool) -> Life {
    let ended = row.ended.as_deref().unwrap_or(&row.started);
    match ended.parse::<WallTime>() {
        Ok(ended) if row.is_over() => Life::Over { ended, is_news },
        Ok(_) | Err(_) => Life::Living,
    }
}
