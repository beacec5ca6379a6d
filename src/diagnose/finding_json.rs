//! A finding as JSON: the contract that editors, agents and hooks read.

use serde_json::{Map, Value, json};

use super::finding::Finding;
use super::fingerprint;
use crate::task::run_findings::FoundProblem;

/// A finding as JSON, as `aos debug --json` has it.
pub fn of(finding: &Finding) -> Value {
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

/// The same of what is kept of a finding.
pub fn of_problem(problem: &FoundProblem) -> Value {
    let mut told = serde_json::to_value(problem).unwrap_or_default();
    told.as_object_mut().map(|fields| fields.remove("lines"));
    told
}
