//! Problems of a run which no line of its output tells of: that it was not healthy, that it is out
//! of the ordinary.

use crate::diagnose::finding::{Confidence, Finding, Severity};
use crate::store::journal_file;
use crate::store::task_dir::TaskDir;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::run_findings::{FoundProblem, ProblemSeverity};
use crate::task::{health, usual};

/// What was told of a run, in the order in which it was.
pub fn told(task: &TaskDir, run: u32) -> Vec<FoundProblem> {
    let of_run = |entry: JournalEntry| match entry.event {
        JournalEvent::Finding(problem) if entry.run == run && is_one(&problem) => Some(problem),
        _ => None,
    };
    journal_file::read(task).into_iter().filter_map(of_run).collect()
}

/// The same as a finding, which belongs to no line.
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
        ..Finding::of_line(0, &problem.tool, problem.message.clone(), Vec::new())
    }
}

fn is_one(problem: &FoundProblem) -> bool {
    problem.line == 0 && [health::TOOL, usual::TOOL].contains(&problem.tool.as_str())
}
