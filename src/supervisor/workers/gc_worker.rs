//! The worker that sees to it that not too much is kept: `aos __clean DIR`. It removes tasks that
//! ended long ago, brings all logs together within their budget, and ends. One is begun by a task
//! that ends when nobody has looked for an hour; no task is needed for that, and none waits for it.

use std::path::Path;

use crate::store::StoreError;
use crate::store::gc::{ASIDE, GcResult, is_due, keep_logs, keep_tasks, put_off, unless_busy};
use crate::store::journal_file::Journal;
use crate::store::layout::Home;
use crate::supervisor::workers::detached_worker::{DetachedWorker, send, settings, tell};

/// The worker's verb.
pub const CLEAN: &str = "__clean";

/// Has it looked whether too much is kept, if it is time for that, for a task that has written so
/// much (*units*: bytes). The last thing that a supervisor does: nobody waits for it, and it is
/// none of the task's own processes.
pub fn begin_if_due(home: &Home, dir: &Path, wrote: u64) {
    if is_due(home, wrote) {
        // What cannot be begun now is due at the next task's end as well.
        let _ = send(CLEAN, dir);
    }
}

/// Looks whether too much is kept; gives the exit code.
pub fn clean(dir: &Path) -> i32 {
    let Some(DetachedWorker { home, mut journal, .. }) = DetachedWorker::become_one("clean", dir) else { return 1 };
    match unless_busy(&home, || clean_up(&home, &mut journal)) {
        Ok(_) => 0,
        Err(why) => {
            tell(&mut journal, format!("old tasks and logs are not cleaned up: {why}"));
            1
        }
    }
}

fn clean_up(home: &Home, journal: &mut Journal) -> Result<GcResult, StoreError> {
    // First: whatever becomes of this pass, it is not begun anew at the end of each task.
    put_off(home, false)?;
    // How long tasks are to be kept must be known for certain.
    let removed = home.config().map_or(Ok(GcResult::default()), |config| keep_tasks(home, config.logs.keep(), ASIDE));
    let logs = settings(home, journal);
    let shortened = keep_logs(home, logs.total.0, ASIDE);
    if [&removed, &shortened].into_iter().flatten().any(|came| came.is_more) {
        put_off(home, true)?;
    }
    removed.and(shortened)
}
