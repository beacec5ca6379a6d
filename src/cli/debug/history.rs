//! What is known of problems from other runs, for a person to read.

use std::io::Write;

use super::DebugReport;
use super::comparison::Comparison;
use crate::actions::failure::Failure;
use crate::ansi::printable;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::{EXIT_ONLY, fingerprint};
use crate::ui::style::{FAINT, HINT};
use crate::units::wall_time::WallTime;

/// So many names are told where all are not asked for.
const FEW: usize = 5;
/// So many new lines are shown where nothing else says what is wrong.
const UNEXPLAINED: usize = 10;

/// When a problem came first, and what helped then.
pub fn tell(out: &mut impl Write, report: &DebugReport, finding: &Finding) -> Result<(), Failure> {
    let Some(known) = report.known.of(&fingerprint::of(finding)) else { return Ok(()) };
    if known.runs > 1 {
        let ago = WallTime::now().since(known.first);
        writeln!(out, "  {FAINT}came first {ago} ago; in {} runs{FAINT:#}", known.runs)?;
    }
    for solution in known.solutions.iter().take(2) {
        writeln!(out, "  {HINT}helped before:{HINT:#} {}", printable(&solution.words()))?;
    }
    Ok(())
}

/// Whether only the exit code says that something is wrong.
fn is_unexplained(report: &DebugReport) -> bool {
    report.diagnosis.findings.iter().all(|finding| finding.severity == Severity::Warning || finding.rule == EXIT_ONLY)
}

/// What is new against a run that went well.
pub fn comparison(report: &DebugReport) -> Result<Option<Vec<u8>>, Failure> {
    let mut part = Vec::new();
    let Some(comparison) = &report.comparison else {
        if !report.has_lines {
            return Ok(None);
        }
        writeln!(part, "\nNo earlier run of the same command and directory went well.")?;
        return Ok(Some(part));
    };
    let Comparison { with, new, changes, environment } = comparison;
    writeln!(part, "\nSince {}#{} went well, {} ago:", with.id, with.run, comparison.age())?;
    let lines = if new.count == 1 { "line is" } else { "lines are" };
    // Where no rule knows what is wrong, what is new says most.
    let most = match (report.has_lines, is_unexplained(report)) {
        (true, _) => usize::MAX,
        (false, true) => UNEXPLAINED,
        (false, false) => 0,
    };
    let how = if new.count <= most { "" } else { ": aos debug --diff" };
    writeln!(part, "  {} {lines} new{FAINT}{how}{FAINT:#}", new.count)?;
    if most > 0 {
        for (number, text) in new.lines.iter().take(most) {
            writeln!(part, "  {FAINT}{number:>6}{FAINT:#} {}", printable(text))?;
        }
    }
    let most = if report.has_lines { usize::MAX } else { FEW };
    list(&mut part, "changed", &changes.files, changes.more, most)?;
    list(&mut part, "commits", &changes.commits, 0, most)?;
    list(&mut part, "environment", environment, 0, most)?;
    Ok(Some(part))
}

fn list(out: &mut impl Write, what: &str, names: &[String], more: usize, most: usize) -> Result<(), Failure> {
    if names.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = names.iter().take(most).map(|name| printable(name)).collect();
    let left = more + names.len() - shown.len();
    let left = if left > 0 { format!(" and {left} more") } else { String::new() };
    writeln!(out, "  {what}: {}{left}", shown.join(", "))?;
    Ok(())
}
