//! What was found, as JSON: the contract that editors and agents read.

use serde_json::{Map, Value, json};

use super::Subject;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::diagnose::finding::Finding;
use crate::diagnose::suggest::Suggestion;
use crate::diagnose::{Diagnosis, fingerprint};

/// The version of what is printed.
const VERSION: u32 = 1;

/// Prints it.
pub fn print(subject: &Subject, diagnosis: &Diagnosis, suggestions: &[Suggestion]) -> Result<(), Failure> {
    let all: Vec<Value> = diagnosis.findings.iter().map(|finding| of(subject, finding)).collect();
    let mut told = json!({
        "version": VERSION,
        "task": subject.task,
        "outcome": diagnosis.verdict.outcome,
        "verdict": diagnosis.verdict,
        "diagnostics": all,
        "suggestions": suggestions,
    });
    if let Some(totals) = diagnosis.totals {
        told["tests"] = json!(totals);
    }
    Ok(output::json(&told)?)
}

fn of(subject: &Subject, finding: &Finding) -> Value {
    let shown = |text: &str| subject.secrets.hide_in(text);
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
    put("message", json!(shown(&finding.message)));
    if let Some(test) = &finding.test {
        put("test", json!(test));
    }
    let texts = |texts: &[String]| json!(texts.iter().map(|text| shown(text)).collect::<Vec<_>>());
    if !finding.notes.is_empty() {
        put("notes", texts(&finding.notes));
    }
    if !finding.hints.is_empty() {
        put("hints", texts(&finding.hints));
    }
    if finding.frames.len() > 1 {
        put("frames", json!(finding.frames));
    }
    put("extent", json!([finding.extent.0, finding.extent.1]));
    put("count", json!(finding.count));
    put("fingerprint", json!(fingerprint::of(finding)));
    Value::Object(told)
}
