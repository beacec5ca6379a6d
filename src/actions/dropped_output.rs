//! What of a task's log was dropped to make room, and why.

use serde::Serialize;

use crate::store::journal_file;
use crate::store::task_dir::TaskDir;
use crate::task::journal::{Budget, JournalEvent};
use crate::units::size;

/// How much was dropped, by the budget that it was too much for. *Units*: bytes of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DroppedOutput {
    per_task: u64,
    total: u64,
}

impl DroppedOutput {
    /// What the task's journal says; `None` where nothing was dropped.
    pub fn of(task: &TaskDir) -> Option<DroppedOutput> {
        let mut dropped = DroppedOutput::default();
        for entry in journal_file::read(task) {
            if let JournalEvent::LogDropped { bytes, budget } = entry.event {
                match budget {
                    Budget::Own => dropped.per_task += bytes,
                    Budget::Total => dropped.total += bytes,
                }
            }
        }
        Some(dropped).filter(|dropped| *dropped != DroppedOutput::default())
    }

    /// The same in words: `1.2 MiB, as its log took more than per_task`.
    pub fn words(self) -> String {
        let reasons =
            [(self.per_task, "as its log took more than per_task"), (self.total, "as all logs took more than total")];
        let reasons = reasons.iter().filter(|(bytes, _)| *bytes > 0);
        reasons.map(|(bytes, why)| format!("{}, {why}", size::of_bytes(*bytes))).collect::<Vec<_>>().join("; ")
    }
}
