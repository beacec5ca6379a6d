//! What a run's output tells, for whoever cannot wait until the worker has read it that does so
//! once the run is over.

use super::diagnosis::kept;
use super::log_range::LogRange;
use super::run_diagnosis::RunOutput;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::task::run_findings::RunFindings;

/// What the run tells that has just ended; `None` where there is nothing to read.
pub fn of(home: &Home, reading: &TaskSnapshot) -> Option<RunFindings> {
    let end = reading.end()?;
    let is_read = |found: &&RunFindings| found.run == end.run && found.is_final;
    if let Some(found) = reading.found.as_ref().filter(is_read) {
        return Some(found.clone());
    }
    let log = LogRange::of(home, reading.spec.id, Some(end.run)).ok()?;
    let (exit_code, secrets) = (end.telling_exit_code(), log.secrets());
    let output = RunOutput { home, log: &log, exit_code, patterns: &[], secrets: &secrets };
    let read = output.diagnose(|_| {}).ok()?;
    let mut found = kept(&RunFindings::new(end.run, log.start), &read.diagnosis, read.end, true);
    found.counts.unread = read.unread;
    Some(found)
}
