//! The worker that tidies up behind a log: `aos __tidy DIR`. It compresses complete segments, drops
//! the oldest where the log takes more room than it may, and ends. One at a time does it for each
//! task.

use std::path::Path;

use crate::logs::store::compact;
use crate::store::compaction_lock::CompactionLock;
use crate::store::gc::{ASIDE, keep_logs, unless_busy};
use crate::store::journal_file::Journal;
use crate::store::layout::{Home, log_name};
use crate::store::task_dir::TaskDir;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::detached_worker::{DetachedWorker, send, settings, tell};
use crate::task::journal::{Budget, JournalEvent};
use crate::units::wall_time::WallTime;

/// The worker's verb.
pub const TIDY: &str = "__tidy";

type CompressError = Box<dyn std::error::Error>;

/// Has the log tidied up, while the task goes on.
pub fn begin(supervisor: &mut Supervisor) {
    match send(TIDY, &supervisor.task.path) {
        Ok(child) => supervisor.task.rerun.add_own(child.id().cast_signed()),
        Err(why) => supervisor.note(JournalEvent::Problem { what: format!("the log is not compressed: {why}") }),
    }
}

/// Tidies up; gives the exit code.
pub fn tidy(dir: &Path) -> i32 {
    let Some(DetachedWorker { home, task, mut journal }) = DetachedWorker::become_one("tidy", dir) else { return 1 };
    let logs = settings(&home, &mut journal);
    let tidied = tidy_log(&home, &task, &mut journal, logs.per_task.0);
    // This log has grown, so all together may be too long by now.
    let kept = unless_busy(&home, || keep_logs(&home, logs.total.0, ASIDE)).map_err(CompressError::from);
    let problems = [tidied, kept.map(drop)].into_iter().filter_map(Result::err);
    let told = problems.map(|why| tell(&mut journal, format!("the log is not tidied up: {why}")));
    i32::from(told.count() > 0)
}

/// Compresses what is complete; what is too much goes, compressed or not.
fn tidy_log(home: &Home, task: &TaskDir, journal: &mut Journal, budget: u64) -> Result<(), CompressError> {
    let tidying = CompactionLock::of(home, task, log_name(task.id, &task.spec()?.name))?;
    let mut bytes = 0;
    let tidied = tidying.tidy(|dir, log| {
        bytes += compact::drop_beyond(dir, log, budget)?;
        Ok(())
    });
    // Also where a later step failed: so much is gone.
    if bytes > 0 {
        journal.write(WallTime::now(), JournalEvent::LogDropped { bytes, budget: Budget::Own });
    }
    Ok(tidied?)
}
