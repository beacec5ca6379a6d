//! What was found, as SARIF 2.1.0: for editors and for code scanning.

use serde_json::{Value, json};

use super::source::Sources;
use super::subject::Subject;
use super::uri;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::{Diagnosis, fingerprint};

/// Prints it.
pub fn print(subject: &Subject, diagnosis: &Diagnosis) -> Result<(), Failure> {
    let mut sources = subject.sources();
    let results: Vec<Value> = diagnosis.findings.iter().map(|finding| result(&mut sources, finding)).collect();
    Ok(output::json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "aos", "version": env!("CARGO_PKG_VERSION") } },
            "invocations": [{
                "executionSuccessful": !diagnosis.has_errors(),
                "exitCode": diagnosis.verdict.exit_code,
            }],
            "results": results,
        }],
    }))?)
}

fn result(sources: &mut Sources, finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut told = json!({
        "ruleId": finding.code.clone().unwrap_or_else(|| finding.rule.clone()),
        "level": level,
        "message": { "text": finding.message },
        "occurrenceCount": finding.count,
        "partialFingerprints": { "aos/v1": fingerprint::of(finding) },
        "properties": { "tool": finding.tool, "category": finding.category, "logLine": finding.line },
    });
    if let Some(place) = finding.place.as_ref().filter(|place| !place.file.is_empty()) {
        let mut region = json!({});
        if let Some(line) = place.line.filter(|line| *line > 0) {
            region["startLine"] = json!(line);
            if let Some(column) = place.column.filter(|column| *column > 0) {
                region["startColumn"] = json!(column);
            }
        }
        let mut location = json!({ "artifactLocation": { "uri": uri::reference(&place.file) } });
        if region != json!({}) {
            location["region"] = region;
        }
        if let Some(look) = sources.look(place) {
            told["properties"]["sourceState"] = json!(look.state.word());
        }
        told["locations"] = json!([{ "physicalLocation": location }]);
    }
    told
}
