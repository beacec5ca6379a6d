//! Problems of a run which no line of its output tells of: that it was not healthy, that it is out
//! of the ordinary.

use crate::diagnose::finding::{Confidence, Finding, Severity};
use crate::store::journal_file;
use crate::store::task_dir::TaskDir;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::run_findings::{FoundProblem, ProblemSeverity, RunFindings};
use crate::task::{health, usual};

/// What was told of a run, in the order in which it was.
pub fn told(task: &TaskDir, run: u32) -> Vec<FoundProblem> {
    let of_run = |entry: JournalEntry| match entry.event {
        JournalEvent::Finding(problem) if entry.run == run && is_one(&problem) => Some(problem),
        _ => None,
    };
    let mut all = Vec::new();
    journal_file::read(task).into_iter().filter_map(of_run).for_each(|problem| add(problem, &mut all));
    all
}

/// Adds a problem to others of its run: each is told once, and in the place of what it replaces.
pub fn add(problem: FoundProblem, all: &mut Vec<FoundProblem>) {
    let is_said = |known: &FoundProblem| known.fingerprint == problem.fingerprint || usual::replaces(known, &problem);
    if !all.iter().any(is_said) {
        all.retain(|known| !usual::replaces(&problem, known));
        all.push(problem);
    }
}

/// Counts them among what was found in the output, behind which they come.
pub fn count(problems: Vec<FoundProblem>, found: &mut RunFindings) {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == ProblemSeverity::Error);
    found.counts.errors += errors.len() as u64;
    found.counts.warnings += warnings.len() as u64;
    found.first = found.first.take().or_else(|| errors.into_iter().chain(warnings).next());
}

/// The same as a finding, which belongs to no line, and is known by its fingerprint.
pub fn finding(problem: &FoundProblem) -> Finding {
    let severity = match problem.severity {
        ProblemSeverity::Error => Severity::Error,
        ProblemSeverity::Warning => Severity::Warning,
    };
    Finding {
        severity,
        confidence: Confidence::High,
        tool: problem.tool.clone(),
        category: "run".into(),
        ..Finding::of_line(0, &problem.fingerprint, problem.message.clone(), Vec::new())
    }
}

fn is_one(problem: &FoundProblem) -> bool {
    problem.line == 0 && [health::TOOL, usual::TOOL].contains(&problem.tool.as_str())
}
