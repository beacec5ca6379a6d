//! What was found, a line each, as vim's quickfix list and Emacs's compilation mode read it.

use std::io::Write;

use super::subject::Subject;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::Diagnosis;
use crate::diagnose::finding::Severity;

/// Prints it: `FILE:LINE:COLUMN: error: MESSAGE`. What has no place in a source file has one in the
/// log.
pub fn print(subject: &Subject, diagnosis: &Diagnosis) -> Result<(), Failure> {
    let mut out = output::data();
    for finding in &diagnosis.findings {
        let place = finding.place.as_ref().filter(|place| !place.file.is_empty());
        let (file, line, column) = match place {
            Some(place) => (place.file.clone(), u64::from(place.line.unwrap_or(1)), place.column.unwrap_or(1)),
            None => (subject.log.display().to_string(), finding.line.max(1), 1),
        };
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(out, "{}:{line}:{column}: {word}: {}", printable(&file), printable(&finding.message))?;
    }
    Ok(())
}
