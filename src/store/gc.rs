//! Keeping what is kept within what the user has set: tasks that are over by age and number, logs
//! by what they take. A pass does a bounded piece of work, so that it is soon over whatever there
//! is.

use std::fs::FileTimes;
use std::time::{Duration, SystemTime};

use super::compaction_lock::CompactionLock;
use super::disk_usage::{DiskUsage, StoredTask};
use super::journal_file::Journal;
use super::layout::{CLEANED, Home};
use super::removal::{self, EndTimes, Removed};
use super::snapshot::last_run;
use super::task_dir::TaskDir;
use super::{StoreError, dependencies, markers, removed_files};
use crate::logs::store::compact;
use crate::sys::dir::OpenMode;
use crate::sys::{faults, lock};
use crate::task::id::TaskId;
use crate::task::journal::{Budget, JournalEvent};
use crate::task::log_budget::{Eviction, Life, choose};
use crate::task::retention::{Keep, Past, outdated};
use crate::units::wall_time::WallTime;

/// How much a pass does at most.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many tasks are removed.
    pub tasks: usize,
    /// So much of logs is compressed. *Units*: bytes.
    pub compressed: u64,
    /// From so many logs something is dropped.
    pub logs: usize,
}

/// What a pass beside running tasks does at most: about a second's work.
pub const ASIDE: Bounds = Bounds { tasks: 200, compressed: 256 << 20, logs: 200 };
/// What somebody who waits for it has done.
pub const WHOLE: Bounds = Bounds { tasks: usize::MAX, compressed: u64::MAX, logs: usize::MAX };

/// What a pass has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GcResult {
    /// How much room was made. *Units*: bytes.
    pub freed: u64,
    /// How much output was dropped. *Units*: bytes.
    pub dropped: u64,
    /// Whether there is more to do.
    pub is_more: bool,
}

/// So often a pass looks again, as others go on writing.
const MOST_ROUNDS: usize = 3;
/// A shorter log is not worth compressing. *Units*: bytes.
const WORTH_IT: u64 = 64 << 10;
/// It is looked so often whether too much is kept, while tasks end.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// After what has not come to its end, or by a task that wrote much, so often.
const SOON: Duration = Duration::from_secs(60);
/// That is much. *Units*: bytes.
const MUCH: u64 = 16 << 20;

/// Whether it is time to look again, for a task that ends and has written so much. Costs one look
/// at one file.
pub fn is_due(home: &Home, wrote: u64) -> bool {
    let Some(last) = home.tasks.look_at(CLEANED) else {
        // The time counts from the first task on.
        drop(home.tasks.own_file(CLEANED, OpenMode::Make));
        return false;
    };
    let pause = if wrote >= MUCH { SOON } else { EVERY };
    let now = WallTime::now();
    // Whatever is to come was written by a clock that was wrong.
    last.written > now || now.since(last.written).duration() >= pause
}

/// Does something unless somebody else is at it. Never waits.
pub fn unless_busy(home: &Home, act: impl FnOnce() -> Result<GcResult, StoreError>) -> Result<GcResult, StoreError> {
    let failed = |source| StoreError::File { doing: "lock", what: CLEANED.into(), source };
    let file = home.tasks.own_file(CLEANED, OpenMode::Make).map_err(failed)?;
    if lock::try_take(&file).map_err(failed)? { act() } else { Ok(GcResult::default()) }
}

/// It was looked: it is due later, or soon if there is more to do.
pub fn put_off(home: &Home, is_more: bool) -> Result<(), StoreError> {
    let time = if is_more { SystemTime::now() - EVERY + SOON } else { SystemTime::now() };
    let file = home.tasks.own_file(CLEANED, OpenMode::Make);
    let set = file.and_then(|file| file.set_times(FileTimes::new().set_modified(time)));
    set.map_err(|source| StoreError::File { doing: "write", what: CLEANED.into(), source })
}

/// Removes tasks that are kept no longer, and finishes what others have left unfinished. What a
/// queued task waits for is kept.
pub fn keep_tasks(home: &Home, keep: Keep, bounds: Bounds) -> Result<GcResult, StoreError> {
    let past = DiskUsage::take(home)?.past;
    let mut ids = outdated(&past, keep, WallTime::now());
    let awaited = dependencies::awaited(home)?;
    ids.retain(|id| !awaited.contains(id));
    faults::point("gc-chosen");
    let is_more = ids.len() > bounds.tasks;
    let some = &ids[..ids.len().min(bounds.tasks)];
    let Removed { kept, mut freed, is_more: is_left, .. } = removal::remove(home, some, &end_times(&past))?;
    for why in kept {
        match why {
            // It was begun again meanwhile, or somebody else was faster.
            StoreError::NotOver { .. } | StoreError::RunAgain(_) | StoreError::NoTask(_) => {}
            other => return Err(other),
        }
    }
    if is_left {
        let left: Vec<TaskId> = markers::removed(home).into_iter().take(bounds.tasks).collect();
        freed += removed_files::clear(home, &left)?;
    }
    Ok(GcResult { freed, is_more: is_more || is_left, ..GcResult::default() })
}

/// When each of them ended.
pub fn end_times(past: &[Past]) -> EndTimes {
    past.iter().map(|past| (past.id, past.ended)).collect()
}

/// Brings all logs together below `budget` (*units*: bytes): what is over and long is compressed,
/// and only then something dropped. Again, if others wrote more meanwhile than was known.
pub fn keep_logs(home: &Home, budget: u64, bounds: Bounds) -> Result<GcResult, StoreError> {
    let mut came = GcResult::default();
    let mut stock = DiskUsage::take(home)?;
    for _ in 0..MOST_ROUNDS {
        let before = stock.size();
        if before <= budget || came.is_more {
            break;
        }
        let round = shorten(home, &stock, budget, bounds)?;
        stock = DiskUsage::take(home)?;
        let freed = before.saturating_sub(stock.size());
        came.freed += freed;
        came.dropped += round.dropped;
        came.is_more = round.is_more && stock.size() > budget;
        if freed == 0 && round.dropped == 0 {
            break;
        }
    }
    Ok(came)
}

/// Does that as far as the stock tells.
fn shorten(home: &Home, stock: &DiskUsage, budget: u64, bounds: Bounds) -> Result<GcResult, StoreError> {
    if !compress(home, stock, budget, bounds) {
        return Ok(GcResult { is_more: true, ..GcResult::default() });
    }
    let stock = DiskUsage::take(home)?;
    let losses = choose(&stock.holdings(), budget, WallTime::now());
    let (mut dropped, mut trouble) = (0, None);
    for loss in losses.iter().take(bounds.logs) {
        match lose(home, &stock, *loss) {
            Ok(bytes) => dropped += bytes,
            // One log that is damaged does not keep the others.
            Err(why) => trouble = Some(why),
        }
    }
    trouble.map_or(Ok(GcResult { dropped, is_more: losses.len() > bounds.logs, ..GcResult::default() }), Err)
}

/// Compresses what is complete and, of tasks that are over, what is long, the oldest first, until
/// the rest fits. Says whether nothing is left to be compressed, or there is no need.
fn compress(home: &Home, stock: &DiskUsage, budget: u64, bounds: Bounds) -> bool {
    let mut shelves: Vec<(&StoredTask, u64)> = stock.logs.iter().map(|shelf| (shelf, compressible(shelf))).collect();
    shelves.retain(|(_, size)| *size > 0);
    shelves.sort_by_key(|(shelf, _)| match shelf.holding.life {
        Life::Over { ended, .. } => (0, ended, shelf.holding.id),
        Life::Living => (1, WallTime(0), shelf.holding.id),
    });
    let (mut total, mut done) = (stock.size(), 0);
    for (shelf, size) in shelves {
        if total <= budget {
            return true;
        }
        if done > bounds.compressed {
            return false;
        }
        // On a full disk nothing can be compressed; what is too much goes all the same.
        if let Ok(saved) = compress_one(home, shelf) {
            total = total.saturating_sub(saved);
            done += size;
        }
    }
    true
}

/// How much of a log can be compressed. *Units*: bytes.
fn compressible(shelf: &StoredTask) -> u64 {
    let newest = match shelf.holding.life {
        Life::Over { .. } => Some(shelf.holding.newest).filter(|size| *size >= WORTH_IT),
        Life::Living => None,
    };
    shelf.plain + newest.unwrap_or(0)
}

/// Says how much room that made. *Units*: bytes.
fn compress_one(home: &Home, shelf: &StoredTask) -> Result<u64, StoreError> {
    let id = shelf.holding.id;
    let failed = |source| StoreError::File { doing: "compress", what: shelf.log.clone(), source };
    let task = TaskDir::open(home, id)?;
    let tidying = CompactionLock::of(home, &task, shelf.log.clone())?;
    let stored = || compact::stored(&tidying.dir, &tidying.log).map_err(failed);
    let before = stored()?;
    if matches!(shelf.holding.life, Life::Over { .. }) && shelf.holding.newest >= WORTH_IT {
        tidying.while_over(compact::complete).map_err(failed)?;
    }
    tidying.tidy(|_, _| Ok(())).map_err(failed)?;
    Ok(before.saturating_sub(stored()?))
}

/// Drops something, and puts that down. Says how much output it was. *Units*: bytes.
fn lose(home: &Home, stock: &DiskUsage, loss: Eviction) -> Result<u64, StoreError> {
    let (Eviction::Oldest(id, _) | Eviction::Newest(id)) = loss;
    let Some(shelf) = stock.log_of(id) else { return Ok(0) };
    let task = match TaskDir::open(home, id) {
        // It was removed meanwhile.
        Err(StoreError::NoTask(_)) => return Ok(0),
        opened => opened?,
    };
    let tidying = CompactionLock::of(home, &task, shelf.log.clone())?;
    let mut bytes = 0;
    let dropped = tidying.tidy(|dir, log| {
        bytes += match loss {
            Eviction::Oldest(_, count) if bytes == 0 => compact::drop_oldest(dir, log, count)?,
            Eviction::Newest(_) => tidying.while_over(compact::drop_all)?.unwrap_or(0),
            Eviction::Oldest(..) => 0,
        };
        Ok(())
    });
    if bytes > 0 {
        let event = JournalEvent::LogDropped { bytes, budget: Budget::Total };
        Journal::open(&task, last_run(&task)).write(WallTime::now(), event);
    }
    dropped.map(|()| bytes).map_err(|source| StoreError::File {
        doing: "drop",
        what: format!("a part of {}", shelf.log),
        source,
    })
}
