//! The runs of a task, from its journal.

use crate::task::journal::{JournalEntry, JournalEvent};
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
    let mut runs: Vec<RunLine> = Vec::new();
    for entry in entries {
        if runs.last().is_none_or(|last| last.number != entry.run) {
            let (number, began) = (entry.run, entry.at);
            runs.push(RunLine { number, began, ended: None, is_good: false, wall: None, findings: 0 });
        }
        let Some(run) = runs.last_mut() else { continue };
        match &entry.event {
            JournalEvent::Born { .. } | JournalEvent::Launched => run.began = entry.at,
            JournalEvent::Finding(_) => run.findings += 1,
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
