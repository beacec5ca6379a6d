//! What was found, for a person to read: what it came to in one sentence, and then each finding.

use std::io::Write;
use std::path::PathBuf;

use super::source::Sources;
use super::subject::Subject;
use super::{DebugReport, history, source, uri};
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::printable;
use crate::diagnose::Diagnosis;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::suggest::Suggestion;
use crate::diagnose::verdict::{Outcome, Verdict};
use crate::task::run_findings::FindingCounts;
use crate::ui::style::{ERROR, FAINT, HINT, WARNING};

/// A token of a language model is about so long. *Units*: bytes.
const TOKEN: usize = 4;

/// Prints it; of a budget of tokens the most important comes first, and what is left out is
/// counted.
pub fn print(report: &DebugReport, budget: Option<usize>) -> Result<(), Failure> {
    let DebugReport { subject, diagnosis, suggestions, .. } = report;
    let mut out = output::with_links();
    let mut left = budget.map_or(usize::MAX, |tokens| tokens.saturating_mul(TOKEN));
    let mut parts = Vec::new();
    let mut sentence = format!("{} {}", printable(&subject.name), printable(&sentence(subject, diagnosis)));
    if !report.muted.is_empty() {
        sentence += &format!("; {} muted", report.muted.len());
    }
    if diagnosis.unkept > 0 {
        sentence += &format!("; {} later ones are not told apart", diagnosis.unkept);
    }
    parts.push((sentence + "\n").into_bytes());
    let mut sources = subject.sources();
    // The first finding, what helps, and then the others.
    for (at, finding) in diagnosis.findings.iter().enumerate() {
        let mut part = Vec::new();
        one(&mut part, subject, &mut sources, finding)?;
        history::tell(&mut part, report, finding)?;
        parts.push(part);
        if at == 0 && budget.is_some() {
            parts.extend(helps(suggestions)?);
        }
    }
    parts.extend(history::comparison(report)?);
    if budget.is_none() {
        parts.extend(helps(suggestions)?);
    }
    let all = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        if part.len() > left && at > 0 {
            writeln!(out, "\n{FAINT}… {} more{FAINT:#}", all - at)?;
            break;
        }
        left = left.saturating_sub(part.len());
        out.write_all(&part)?;
    }
    Ok(())
}

fn helps(suggestions: &[Suggestion]) -> Result<Option<Vec<u8>>, Failure> {
    if suggestions.is_empty() {
        return Ok(None);
    }
    let mut part = Vec::new();
    writeln!(part, "\nWhat may help:")?;
    for suggestion in suggestions {
        let title = printable(&suggestion.title);
        match &suggestion.command {
            Some(command) => writeln!(part, "  {title}\n    {HINT}{}{HINT:#}", printable(command))?,
            None => writeln!(part, "  {title}")?,
        }
    }
    Ok(Some(part))
}

fn sentence(subject: &Subject, diagnosis: &Diagnosis) -> String {
    let standing = subject.run.as_ref().and_then(|run| run.standing.clone());
    let mut said = standing.unwrap_or_else(|| came_to(&diagnosis.verdict));
    let count = |severity| diagnosis.findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    let counts = FindingCounts { errors: count(Severity::Error), warnings: count(Severity::Warning), unread: 0 };
    said += &format!("; {}", counts.words());
    if let Some(tests) = diagnosis.totals {
        let passed = tests.passed.map_or_else(String::new, |passed| format!("{passed} passed, "));
        said += &format!("; tests: {passed}{} failed, {} skipped", tests.failed, tests.skipped);
    }
    said
}

/// What it came to, as exit code and output tell.
fn came_to(verdict: &Verdict) -> String {
    let said = match (verdict.outcome, verdict.exit_code) {
        (Outcome::Succeeded, Some(_)) => "succeeded".to_owned(),
        (Outcome::Succeeded, None) => "went well, as it says".to_owned(),
        (Outcome::Failed, Some(code)) => format!("failed (exit {code})"),
        (Outcome::Failed, None) => "failed".to_owned(),
        (Outcome::Unknown, _) => "does not say how it went".to_owned(),
    };
    match (&verdict.signal, verdict.explanation) {
        (Some(signal), Some(why)) => format!("{said}, by {signal}: {why}"),
        (None, Some(why)) => format!("{said}: {why}"),
        (_, None) => said,
    }
}

fn one(out: &mut impl Write, subject: &Subject, sources: &mut Sources, finding: &Finding) -> Result<(), Failure> {
    let (style, word) = match finding.severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
    };
    let code = finding.code.as_ref().map_or_else(String::new, |code| format!("[{}]", printable(code)));
    let times = if finding.count > 1 { format!(", {} times", finding.count) } else { String::new() };
    writeln!(out)?;
    // What is known by the run alone, as its exit code, stands in no line.
    let line = if finding.line == 0 || finding.lines.is_empty() {
        String::new()
    } else {
        format!(", log line {}", finding.line)
    };
    writeln!(
        out,
        "{style}{word}{code}{style:#}: {}  {FAINT}({}{line}{times}){FAINT:#}",
        printable(&finding.message),
        printable(&finding.tool),
    )?;
    if let Some(test) = &finding.test {
        writeln!(out, "  {FAINT}test{FAINT:#} {}", printable(test))?;
    }
    if let Some(place) = finding.place.as_ref().filter(|place| !place.file.is_empty()) {
        let numbers = [place.line, place.column].into_iter().flatten().map(|number| format!(":{number}"));
        let shown = format!("{}{}", printable(&place.file), numbers.collect::<String>());
        let look = sources.look(place);
        let remark = look.as_ref().and_then(|look| look.state.remark());
        let remark = remark.map_or_else(String::new, |remark| format!(" {FAINT}({}){FAINT:#}", printable(&remark)));
        writeln!(out, "  {FAINT}at{FAINT:#} {}{remark}", linked(source::path_of(&subject.directory, place), &shown))?;
        for (number, text) in look.into_iter().flat_map(|look| look.lines) {
            let mark = if Some(number) == place.line { '>' } else { ' ' };
            writeln!(out, "  {mark} {FAINT}{number:>5} |{FAINT:#} {}", printable(&subject.hidden(&text)))?;
        }
    }
    for note in finding.notes.iter().take(4) {
        writeln!(out, "  {FAINT}{}{FAINT:#}", printable(note))?;
    }
    for hint in finding.hints.iter().take(3) {
        writeln!(out, "  {HINT}hint:{HINT:#} {}", printable(hint))?;
    }
    Ok(())
}

/// A text that leads to a file, where a terminal can do that.
fn linked(path: Option<PathBuf>, text: &str) -> String {
    let path = path.filter(|_| output::is_seen() && !output::is_dumb()).and_then(|path| path.canonicalize().ok());
    let Some(path) = path else { return text.to_owned() };
    let escaped = uri::escaped(path.as_os_str().as_encoded_bytes());
    format!("\x1b]8;;file://{escaped}\x1b\\{text}\x1b]8;;\x1b\\")
}
