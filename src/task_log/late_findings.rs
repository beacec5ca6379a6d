//! What a run's output tells, for whoever cannot wait until the worker has read it that does so
//! once the run is over.

use std::io::Read;

use super::diagnosis::{hide, kept, leave_muted};
use super::learned_lines;
use super::log_range::LogRange;
use super::rules;
use crate::diagnose::{Context, diagnose};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::solutions;
use crate::store::task_dir::TaskDir;
use crate::task::run_findings::RunFindings;

/// Of a longer run only the end is read. *Units*: bytes.
const MOST_READ: u64 = 256 << 20;

/// What the run tells that has just ended; `None` where there is nothing to read.
pub fn of(home: &Home, reading: &TaskSnapshot) -> Option<RunFindings> {
    let end = reading.end()?;
    let is_read = |found: &&RunFindings| found.run == end.run && found.is_final;
    if let Some(found) = reading.found.as_ref().filter(is_read) {
        return Some(found.clone());
    }
    let log = LogRange::of(home, reading.spec.id, Some(end.run)).ok()?;
    let secrets = log.secrets();
    let segments = log.open().ok()?;
    let over = log.end.unwrap_or(segments.end()).min(segments.end());
    let start = log.start.max(over.saturating_sub(MOST_READ));
    let exit_code = end.telling_exit_code();
    let context = Context { exit_code, command: Some(reading.spec.command.to_string()) };
    let (rules, _) = rules::of_directory(Some(&home.path), log.spec.cwd.as_path());
    let mut diagnosis = diagnose(&rules, segments.reader(start).until(over).take(MOST_READ), &context).ok()?;
    if let Ok(task) = TaskDir::open(home, reading.spec.id) {
        learned_lines::learn(home, &task, end.run, &log, &mut diagnosis, &context);
    }
    hide(&mut diagnosis, &secrets);
    leave_muted(&mut diagnosis, &solutions::read(home).unwrap_or_default());
    Some(kept(&RunFindings::new(end.run, log.start), &diagnosis, over, true))
}
