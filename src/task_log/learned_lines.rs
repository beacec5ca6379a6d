//! What other runs of the same command and directory tell of one that failed, where no rule does.

use crate::diagnose::learned::{LEAST_FAILED, LEAST_GOOD, MOST_COMPARED};
use crate::diagnose::novelty::KnownLines;
use crate::diagnose::{Context, Diagnosis};
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::task_log::earlier_runs::{EarlierRun, EarlierRuns};
use crate::task_log::log_range::LogRange;

/// Adds to what was found in a run what only other runs tell. Where their output is gone, or there
/// are too few of them, nothing is added.
pub fn learn(home: &Home, task: &TaskDir, run: u32, range: &LogRange, diagnosis: &mut Diagnosis, context: &Context) {
    if diagnosis.is_unexplained() {
        // What cannot be read tells nothing.
        let _ = compare(home, task, run, range, diagnosis, context);
    }
}

fn compare(
    home: &Home,
    task: &TaskDir,
    run: u32,
    range: &LogRange,
    diagnosis: &mut Diagnosis,
    context: &Context,
) -> Option<()> {
    let earlier = EarlierRuns::of(home, task, run).ok()?.like(&range.spec);
    let of_kind = |is_good: bool| earlier.iter().filter(move |other| other.is_good == is_good);
    if of_kind(true).count() < LEAST_GOOD || of_kind(false).count() + 1 < LEAST_FAILED {
        return None;
    }
    let lines = |other: &EarlierRun| -> Option<KnownLines> {
        let log = LogRange::of(home, other.id, Some(other.run)).ok()?;
        KnownLines::of(log.read().ok()?).ok()
    };
    let good: Vec<KnownLines> = of_kind(true).filter_map(lines).take(MOST_COMPARED).collect();
    if good.len() < LEAST_GOOD {
        return None;
    }
    let failed: Vec<KnownLines> = of_kind(false).filter_map(lines).take(MOST_COMPARED).collect();
    let count = good.len();
    let new = KnownLines::all(good).new_in(range.read().ok()?).ok()?;
    diagnosis.learn(&new, &failed, count, context);
    Some(())
}
