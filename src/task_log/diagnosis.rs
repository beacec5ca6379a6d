//! What the output of a run tells, with secrets hidden, and what of that is kept.

use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Diagnosis, EXIT_ONLY, fingerprint};
use crate::logs::text::redact::Secrets;
use crate::task::run_findings::{
    BuildOutcome, FindingCounts, FoundProblem, MOST_SEEN, ProblemDetails, ProblemSeverity, RunFindings, SeenFinding,
    TestCounts,
};
use crate::task::solutions::Solutions;

/// Hides secrets in all that comes from the log, before anything is made of it or printed.
pub fn hide(diagnosis: &mut Diagnosis, secrets: &Secrets) {
    diagnosis.texts_mut().for_each(|text| *text = secrets.hide_in(text).into());
}

/// Leaves out what is no problem to its user, and gives that.
pub fn leave_muted(diagnosis: &mut Diagnosis, known: &Solutions) -> Vec<Finding> {
    let is_muted = |finding: &mut Finding| known.is_muted(&fingerprint::of(finding));
    diagnosis.findings.extract_if(.., is_muted).collect()
}

/// What is kept of a diagnosis, after what is known of the run.
pub fn kept(known: &RunFindings, diagnosis: &Diagnosis, read_to: u64, is_final: bool) -> RunFindings {
    let said: Vec<&Finding> = diagnosis.findings.iter().filter(|finding| finding.rule != EXIT_ONLY).collect();
    let count = |severity| said.iter().filter(|finding| finding.severity == severity).count() as u64;
    let counts = FindingCounts { errors: count(Severity::Error), warnings: count(Severity::Warning), unread: 0 };
    let tests = diagnosis.totals.map(|totals| TestCounts {
        passed: totals.passed,
        failed: totals.failed,
        skipped: totals.skipped,
    });
    let build = diagnosis.verdict.build.and_then(|build| match build {
        Outcome::Succeeded => Some(BuildOutcome::Passed),
        Outcome::Failed => Some(BuildOutcome::Failed),
        Outcome::Unknown => None,
    });
    let seen = said.iter().take(MOST_SEEN).map(|finding| seen(finding)).collect();
    let first = said.first().map(|finding| problem(finding));
    RunFindings { is_final, counts, first, tests, build, read_to, seen, ..RunFindings::new(known.run, read_to) }
}

fn seen(finding: &Finding) -> SeenFinding {
    SeenFinding { fingerprint: fingerprint::of(finding), severity: severity(finding) }
}

/// A finding, as far as it is kept and told.
pub fn problem(finding: &Finding) -> FoundProblem {
    let place = finding.place.as_ref().filter(|place| !place.file.is_empty());
    FoundProblem {
        severity: severity(finding),
        message: finding.message.clone(),
        tool: finding.tool.clone(),
        line: finding.line,
        file: place.map(|place| place.file.clone()),
        source_line: place.and_then(|place| place.line),
        fingerprint: fingerprint::of(finding),
        details: None,
    }
}

/// The same with what hooks are told.
pub fn problem_in_full(finding: &Finding) -> FoundProblem {
    let details = ProblemDetails {
        confidence: finding.confidence.word().to_owned(),
        category: finding.category.clone(),
        rule: finding.rule.clone(),
        code: finding.code.clone(),
        column: finding.place.as_ref().filter(|place| !place.file.is_empty()).and_then(|place| place.column),
        test: finding.test.clone(),
        extent: finding.extent,
        count: finding.count,
        lines: finding.lines.clone(),
    };
    FoundProblem { details: Some(Box::new(details)), ..problem(finding) }
}

fn severity(finding: &Finding) -> ProblemSeverity {
    match finding.severity {
        Severity::Error => ProblemSeverity::Error,
        Severity::Warning => ProblemSeverity::Warning,
    }
}
