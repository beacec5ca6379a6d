//! What is out of the ordinary about tasks, by the runs that came before.

use std::collections::HashMap;

use crate::store::history::RunHistory;
use crate::store::layout::Home;
use crate::task::run_record::RunRecord;
use crate::task::summary::Summary;
use crate::task::usual::{Remark, Usual};
use crate::units::wall_time::WallTime;

/// Adds to each row what is remarkable about its newest run. What is remembered of other runs is
/// read once, and only if there are rows.
pub fn add(home: &Home, rows: &mut [&mut Summary<'_>], now: WallTime) {
    if rows.is_empty() {
        return;
    }
    // Without it nothing is remarked.
    let history = RunHistory::open(home).unwrap_or_default();
    let mut like: HashMap<(String, String), Vec<RunRecord>> = HashMap::new();
    for run in history.of_commands(rows.iter().map(|row| &*row.command)) {
        like.entry((run.command.clone(), run.cwd.clone())).or_default().push(run);
    }
    for row in rows {
        let runs = like.get(&(row.command.to_string(), row.cwd.to_string()));
        row.remarks = runs.map_or_else(Vec::new, |runs| of_row(runs, row, now));
    }
}

/// The same of one row, for who shows one.
pub fn of(home: &Home, row: &Summary<'_>) -> Vec<Remark> {
    let history = RunHistory::open(home).unwrap_or_default();
    of_row(&history.like(&row.command, &row.cwd), row, WallTime::now())
}

/// What is remarkable about a task's newest run, beside runs like it.
fn of_row(runs: &[RunRecord], row: &Summary<'_>, now: WallTime) -> Vec<Remark> {
    let Ok(started) = row.started.parse::<WallTime>() else { return Vec::new() };
    if row.status.is_living() {
        let wall = u64::try_from(now.0.saturating_sub(started.0)).unwrap_or(0);
        return Usual::of(runs.iter()).overdue(wall).into_iter().collect();
    }
    match runs.iter().rposition(|run| (run.id, run.run, run.started) == (row.id, row.run, started)) {
        Some(at) => Usual::of(runs[..at].iter()).remarks(&runs[at]),
        None => Vec::new(),
    }
}
