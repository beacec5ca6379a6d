//! What was found, as JSON: the contract that editors and agents read.

use serde_json::{Map, Value, json};

use super::Report;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::diagnose::finding::Finding;
use crate::diagnose::fingerprint;
use crate::task::solutions::{KnownProblem, Solution};

/// Prints it.
pub fn print(report: &Report) -> Result<(), Failure> {
    let diagnosis = &report.diagnosis;
    let diagnostics: Vec<Value> = diagnosis.findings.iter().map(|finding| one(report, finding)).collect();
    let mut told = json!({
        "task": report.subject.task(),
        "outcome": diagnosis.verdict.outcome,
        "verdict": diagnosis.verdict,
        "diagnostics": diagnostics,
        "suggestions": report.suggestions,
        "muted": report.muted.len(),
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
fn one(report: &Report, finding: &Finding) -> Value {
    let mut told = of(finding);
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

fn of(finding: &Finding) -> Value {
    let mut told = Map::new();
    let mut put = |name: &str, value: Value| {
        told.insert(name.to_owned(), value);
    };
    put("line", json!(finding.line));
    put("severity", json!(finding.severity));
    put("confidence", json!(finding.confidence));
    put("tool", json!(finding.tool));
    put("category", json!(finding.category));
    put("rule", json!(finding.rule));
    if let Some(code) = &finding.code {
        put("code", json!(code));
    }
    if let Some(place) = finding.place.as_ref().filter(|place| !place.file.is_empty()) {
        put("file", json!(place.file));
        if let Some(line) = place.line {
            put("source_line", json!(line));
        }
        if let Some(column) = place.column {
            put("column", json!(column));
        }
    }
    put("message", json!(finding.message));
    if let Some(test) = &finding.test {
        put("test", json!(test));
    }
    if !finding.notes.is_empty() {
        put("notes", json!(finding.notes));
    }
    if !finding.hints.is_empty() {
        put("hints", json!(finding.hints));
    }
    if finding.frames.len() > 1 {
        put("frames", json!(finding.frames));
    }
    put("extent", json!([finding.extent.0, finding.extent.1]));
    put("count", json!(finding.count));
    put("fingerprint", json!(fingerprint::of(finding)));
    Value::Object(told)
}
