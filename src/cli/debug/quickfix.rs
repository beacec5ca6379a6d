//! What was found, a line each, as vim's quickfix list and Emacs's compilation mode read it.

use std::io::Write;

use super::source::SourceState;
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
    let mut sources = subject.sources();
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
        // An editor goes to the line: whether another one may stand there now is said behind.
        let state = place.and_then(|place| sources.look(place)).map(|look| look.state);
        let state = state.filter(|state| matches!(state, SourceState::Changed | SourceState::Short(_)));
        let remark = state.and_then(|state| state.remark()).map_or_else(String::new, |why| format!(" ({file} {why})"));
        writeln!(
            out,
            "{}:{line}:{column}: {word}: {}",
            printable(&file),
            printable(&(finding.message.clone() + &remark))
        )?;
    }
    Ok(())
}
