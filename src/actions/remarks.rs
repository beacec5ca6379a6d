//! What is out of the ordinary about tasks, and how far they are likely to be, by the runs that
//! came before.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::store::history::RunHistory;
use crate::store::layout::Home;
use crate::store::solutions;
use crate::task::run_record::RunRecord;
use crate::task::solutions::Solutions;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::task::usual::{Remark, Usual};
use crate::units::wall_time::WallTime;

/// The runs of some commands that are remembered, by command and directory.
#[derive(Debug, Default)]
pub struct KnownRuns {
    of: HashMap<(String, String), LikeRuns>,
    /// What is remembered of problems, read when something is remarked.
    solutions: OnceCell<Solutions>,
}

/// Those of one command in one directory, and what is usual for the next of them.
#[derive(Debug, Default)]
struct LikeRuns {
    runs: Vec<RunRecord>,
    usual: Usual,
}

impl KnownRuns {
    /// Those of these commands. What is remembered is read once.
    pub fn of<'c>(home: &Home, commands: impl IntoIterator<Item = &'c str>) -> KnownRuns {
        // Without it nothing is remarked.
        let history = RunHistory::open(home).unwrap_or_default();
        let mut like: HashMap<(String, String), LikeRuns> = HashMap::new();
        for run in history.of_commands(commands) {
            like.entry((run.command.clone(), run.cwd.clone())).or_default().runs.push(run);
        }
        like.values_mut().for_each(|like| like.usual = Usual::of(like.runs.iter()));
        KnownRuns { of: like, solutions: OnceCell::new() }
    }

    /// What is muted may be another thing by now.
    pub fn forget_muted(&mut self) {
        self.solutions = OnceCell::new();
    }

    /// Adds to a row what is remarkable about its newest run beside others, but for what is muted,
    /// and how far that is by now, as a rule, where it does not show how far it is.
    pub fn tell(&self, home: &Home, row: &mut Summary<'_>, now: WallTime) {
        let Some(LikeRuns { runs, usual }) = self.of_row(row) else { return };
        let Ok(started) = row.started.parse::<WallTime>() else { return };
        if row.status.is_living() {
            let wall = u64::try_from(now.0.saturating_sub(started.0)).unwrap_or(0);
            let overdue = usual.overdue(wall).filter(|_| row.status != Status::Queued);
            row.remarks.extend(overdue.filter(|remark| !self.is_muted(home, remark)));
            let is_running = row.status == Status::Running;
            row.progress = row.progress.or_else(|| usual.progress(wall).filter(|_| is_running));
        } else if let Some(at) =
            runs.iter().rposition(|run| (run.id, run.run, run.started) == (row.id, row.run, started))
        {
            let remarks = Usual::of(runs[..at].iter()).remarks(&runs[at]);
            row.remarks.extend(remarks.into_iter().filter(|remark| !self.is_muted(home, remark)));
        }
    }

    fn is_muted(&self, home: &Home, remark: &Remark) -> bool {
        let known = self.solutions.get_or_init(|| solutions::read(home).unwrap_or_default());
        known.is_muted(&remark.fingerprint())
    }

    fn of_row(&self, row: &Summary<'_>) -> Option<&LikeRuns> {
        if self.of.is_empty() { None } else { self.of.get(&(row.command.to_string(), row.cwd.to_string())) }
    }
}

/// The same for one row, whether it is muted or not.
pub fn add_any(home: &Home, row: &mut Summary<'_>, now: WallTime) {
    let known = KnownRuns { solutions: OnceCell::from(Solutions::default()), ..KnownRuns::of(home, [&*row.command]) };
    known.tell(home, row, now);
}

/// The same for rows, of which there may be none.
pub fn add(home: &Home, rows: &mut [&mut Summary<'_>], now: WallTime) {
    if rows.is_empty() {
        return;
    }
    let known = KnownRuns::of(home, rows.iter().map(|row| &*row.command));
    rows.iter_mut().for_each(|row| known.tell(home, row, now));
}
