//! `aos limits`: what a task may use at most, and other limits for one that runs.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::limit_args::LimitArgs;
use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::ask::ask;
use crate::launch::limits::RunLimits;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::enforcement::{GroupCounts, LimitReport};
use crate::task::limits::ResourceLimits;
use crate::task::request::Ask;
use crate::units::size;

/// Show what a task may use at most, or change it while it runs
///
/// With options the limits of the running tasks change at once; the others stay as they are. They
/// hold until the task is over, also when it is run again by itself; `aos restart` begins it as
/// `aos run` was asked to.
#[derive(Args)]
pub struct LimitsOf {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten, next_help_heading = "New limits")]
    limits: LimitArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos limits web                what web may use, what enforces it, what it has used
  aos limits web --mem 2G       let it have more memory from now on
  aos limits @running --cpu 1   no running task uses more than one processor";

impl Verb for LimitsOf {
    const NAME: &'static str = "limits";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, caller: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let found = select::readings(&home, &self.ids)?;
        let mut rows = Vec::new();
        let code = found.each(self.json, |task, reading| {
            let newer = self.limits.given(&caller.rlimits, &in_force(reading))?;
            let changed;
            let reading = if newer.is_none() {
                reading
            } else {
                ask(&home, task.id, Ask::Limit(newer), "aos limits")?;
                changed = TaskSnapshot::of(&home, task)?;
                &changed
            };
            if self.json {
                rows.push(as_json(task, reading));
            } else {
                print(task, reading)?;
            }
            Ok(())
        })?;
        if self.json {
            output::json(&rows)?;
        }
        Ok(code)
    }
}

/// What holds now, or will when it begins.
fn in_force(reading: &TaskSnapshot) -> ResourceLimits {
    reading.state.as_ref().map_or(reading.spec.resource_limits, |state| state.resource_limits)
}

/// What its control group has counted so far, or had in the end.
fn counts(task: &TaskDir, reading: &TaskSnapshot) -> Option<GroupCounts> {
    match (reading.end(), &reading.state) {
        (Some(end), _) => end.counts.as_deref().copied(),
        (None, Some(state)) => RunLimits::of_running(state.resource_limits, state.enforced.clone(), task).counts(),
        (None, None) => None,
    }
}

fn as_json(task: &TaskDir, reading: &TaskSnapshot) -> serde_json::Value {
    let mut row = json!({ "id": task.id, "limits": reading.limits() });
    if let Some(counts) = counts(task, reading) {
        row["counts"] = json!(counts);
    }
    row
}

fn print(task: &TaskDir, reading: &TaskSnapshot) -> Result<(), Failure> {
    let mut out = output::data();
    let limits = reading.limits();
    writeln!(out, "{} ({}){}", task.id, reading.spec.name, if limits.is_empty() { ": no limits" } else { "" })?;
    for LimitReport { limit, asked, enforced, why } in limits {
        let by = enforced.map_or("not begun", |by| by.words());
        let why = why.map_or_else(String::new, |why| format!(" ({why})"));
        writeln!(out, "  {limit:<8}{asked:<12}{by}{why}")?;
    }
    let Some(counts) = counts(task, reading) else { return Ok(()) };
    if let Some(peak) = counts.peak_memory {
        writeln!(out, "  {:<8}{} of memory", "peak", size::rounded(peak))?;
    }
    if let Some(waited) = counts.throttled_ms.filter(|span| span.0 > 0) {
        writeln!(out, "  {:<8}{waited} for the processor", "waited")?;
    }
    for word in counts.words(&in_force(reading)) {
        writeln!(out, "  {:<8}{word}", "hit")?;
    }
    Ok(())
}
