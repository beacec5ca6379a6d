//! The runs of a task, from its journal.

use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::run_findings::FoundProblem;
use crate::task::usual;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// Which.
    pub number: u32,
    /// When it began, as far as the journal tells.
    pub began: WallTime,
    /// How it ended, in words that are safe to print; `None` while it has not.
    pub ended: Option<String>,
    /// Whether it ended well.
    pub is_good: bool,
    /// How long it took.
    pub wall: Option<Span>,
    /// How many problems it told of.
    pub findings: usize,
}

/// The runs, the newest first.
pub fn of(entries: &[JournalEntry]) -> Vec<RunLine> {
    let (mut runs, mut told): (Vec<RunLine>, Vec<&FoundProblem>) = (Vec::new(), Vec::new());
    for entry in entries {
        if runs.last().is_none_or(|last| last.number != entry.run) {
            let (number, began) = (entry.run, entry.at);
            runs.push(RunLine { number, began, ended: None, is_good: false, wall: None, findings: 0 });
            told.clear();
        }
        let Some(run) = runs.last_mut() else { continue };
        match &entry.event {
            JournalEvent::Born { .. } | JournalEvent::Launched => run.began = entry.at,
            JournalEvent::Finding(problem) => {
                told.retain(|earlier| !usual::replaces(problem, earlier));
                told.push(problem);
                run.findings = told.len();
            }
            JournalEvent::Over { outcome, wall } => {
                run.ended = Some(crate::ansi::printable(&outcome.to_string()));
                run.is_good = outcome.exit_code() == Some(0);
                run.wall = Some(*wall);
            }
            JournalEvent::SupervisorGone { .. } => run.ended = Some("lost".into()),
            JournalEvent::Cancelled { .. } => run.ended = Some("cancelled".into()),
            _ => {}
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::task::journal::{JournalEntry, JournalEvent, VERSION};
    use crate::task::usual::Remark;
    use crate::units::wall_time::WallTime;

    #[test]
    fn a_warning_that_replaces_another_is_no_second_one() {
        let overdue = Remark::Overdue { longest: 1000, runs: 6 };
        let slower = Remark::Slower { value: 20_000, median: 900, runs: 6 };
        let larger = Remark::Larger { value: 2 << 30, median: 1 << 20, runs: 6 };
        let entry = |(run, remark): (u32, Remark)| JournalEntry {
            version: VERSION,
            at: WallTime(i64::from(run)),
            run,
            event: JournalEvent::Finding(remark.problem()),
        };
        let told = |remarks: &[(u32, Remark)]| {
            let runs = of(&remarks.iter().copied().map(entry).collect::<Vec<_>>());
            runs.iter().map(|run| run.findings).collect::<Vec<_>>()
        };
        assert_eq!(told(&[(1, overdue), (1, slower)]), [1]);
        assert_eq!(told(&[(1, overdue), (1, larger), (1, slower)]), [2]);
        assert_eq!(told(&[(1, overdue), (2, slower)]), [1, 1], "each run has its own");
    }
}
