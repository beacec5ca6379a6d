//! What was found, as JSON: the contract that editors and agents read.

use serde_json::{Value, json};

use super::DebugReport;
use super::source::Sources;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::diagnose::finding::Finding;
use crate::diagnose::{finding_json, fingerprint};
use crate::task::solutions::{KnownProblem, Solution};

/// Prints it.
pub fn print(report: &DebugReport) -> Result<(), Failure> {
    let diagnosis = &report.diagnosis;
    let mut sources = report.subject.sources();
    let diagnostics: Vec<Value> = diagnosis.findings.iter().map(|finding| one(report, &mut sources, finding)).collect();
    let mut told = json!({
        "task": report.subject.task(),
        "outcome": diagnosis.verdict.outcome,
        "verdict": diagnosis.verdict,
        "diagnostics": diagnostics,
        "suggestions": report.suggestions,
        "muted": report.muted.len(),
        "unkept": diagnosis.unkept,
    });
    if let Some(totals) = diagnosis.totals {
        told["tests"] = json!(totals);
    }
    if let Some(comparison) = &report.comparison {
        told["compared_with"] = comparison.json(report.has_lines);
    }
    Ok(output::object(told)?)
}

/// A finding, and what is known of it beside.
fn one(report: &DebugReport, sources: &mut Sources, finding: &Finding) -> Value {
    let mut told = finding_json::of(finding);
    if let Some((place, look)) = finding.place.as_ref().and_then(|place| Some((place, sources.look(place)?))) {
        told["source"] = json!({ "state": look.state.word() });
        if let Some(text) = place.line.and_then(|line| look.line(line)) {
            told["source"]["text"] = json!(report.subject.hidden(text));
        }
        if let Some(remark) = look.state.remark() {
            told["source"]["remark"] = json!(remark);
        }
    }
    if let Some(comparison) = &report.comparison {
        told["is_new"] = json!(comparison.new.has(finding.line));
    }
    if let Some(known) = report.known.of(&fingerprint::of(finding)) {
        told["seen_before"] = seen(known);
    }
    told
}

fn seen(known: &KnownProblem) -> Value {
    let solution = |solution: &Solution| json!({ "text": solution.words(), "times": solution.times, "last": solution.last.to_string() });
    json!({
        "first": known.first.to_string(),
        "last": known.last.to_string(),
        "runs": known.runs,
        "solved_by": known.solutions.iter().map(solution).collect::<Vec<_>>(),
    })
}
