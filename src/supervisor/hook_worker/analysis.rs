//! What a run's output tells once the run is over: errors, tests, the build.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

use regex::Regex;
use serde_json::{Value, json};

use super::facts::{TaskFacts, visible};
use crate::diagnose::counts::Totals;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Context, EXIT_ONLY, diagnose, finding_json, fingerprint};
use crate::hooks::runner;
use crate::store::solutions;
use crate::task_log::diagnosis::{hide, leave_muted};
use crate::task_log::log_range::{LogError, LogRange};
use crate::task_log::rules;

/// Of a longer run no more is read. *Units*: bytes.
const MOST_READ: u64 = 256 << 20;
/// So much of the beginning tells which runner it is. *Units*: bytes.
const HEAD: u64 = 256 << 10;
/// No more lines that only a hook's own pattern knows are told.
const MOST_LINES: usize = 20;
/// A line is no longer. *Units*: bytes.
const LONGEST_LINE: u64 = 64 << 10;

/// What a run's output tells.
#[derive(Debug, Default)]
pub struct RunAnalysis {
    /// What is wrong, as `aos debug --json` tells it.
    pub findings: Vec<Value>,
    /// The errors among it, with what the pattern of a hook is searched in.
    pub errors: Vec<LoggedError>,
    /// What became of tests.
    pub totals: Option<Totals>,
    /// Whether the build succeeded, if it was one.
    pub build: Option<bool>,
    /// The runners of tests that were at work.
    pub runners: Vec<String>,
}

/// An error in a log.
#[derive(Debug)]
pub struct LoggedError {
    /// What is the same of the same error.
    pub fingerprint: String,
    /// The line of the log.
    pub line: u64,
    /// What a pattern is searched in.
    pub texts: Vec<String>,
    /// As `aos debug --json` tells it.
    pub told: Value,
}

impl RunAnalysis {
    /// Whether a run was a test.
    pub fn is_test(&self) -> bool {
        self.totals.is_some() || !self.runners.is_empty()
    }

    /// Reads a run's log. `patterns` are of hooks: a line that one matches is an error, though no
    /// rule knows it. *Errors*: why there is nothing to read.
    pub fn of(
        facts: &TaskFacts,
        run: u32,
        exit_code: Option<i32>,
        patterns: &[Regex],
    ) -> Result<RunAnalysis, LogError> {
        let log = LogRange::of(&facts.home, facts.spec.id, Some(run))?.until_now()?;
        let command = &facts.spec.command;
        let context = Context { exit_code, command: Some(command.to_string()) };
        let (rules, _) = rules::of_home(Some(&facts.home.path), Vec::new());
        let read = diagnose(&rules, log.read()?.take(MOST_READ), &context);
        let Ok(mut diagnosis) = read else { return Ok(RunAnalysis::default()) };
        hide(&mut diagnosis, &facts.secrets);
        leave_muted(&mut diagnosis, &solutions::read(&facts.home).unwrap_or_default());
        let said = diagnosis.findings.iter().filter(|finding| finding.rule != EXIT_ONLY);
        let mut errors: Vec<LoggedError> = said
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| LoggedError {
                fingerprint: fingerprint::of(finding),
                line: finding.line,
                texts: std::iter::once(&finding.message).chain(&finding.lines).cloned().collect(),
                told: finding_json::of(finding),
            })
            .collect();
        let lines = log_lines(&log, &errors.iter().map(|error| error.line).collect());
        for error in &mut errors {
            error.texts.extend(lines.get(&error.line).map(|line| String::from(facts.secrets.hide_in(line))));
        }
        let is_error = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != EXIT_ONLY;
        let known: Vec<(u64, u64)> = diagnosis.findings.iter().filter(is_error).map(|finding| finding.extent).collect();
        errors.extend(matched_lines(facts, &log, patterns, &known)?);
        let mut runners = runner::of_command(command);
        let mut head = Vec::new();
        let _ = log.read()?.take(HEAD).read_to_end(&mut head);
        let tail = facts.last_output(run).unwrap_or_default();
        for found in runner::of_output(&(visible(&head) + &tail)) {
            if !runners.contains(&found) {
                runners.push(found);
            }
        }
        let by_code = exit_code.map(|code| code == 0);
        let build = match diagnosis.verdict.build {
            Some(Outcome::Succeeded) => Some(exit_code.is_none_or(|code| code == 0)),
            Some(Outcome::Failed) => Some(false),
            Some(Outcome::Unknown) | None if runner::is_build(command) && diagnosis.totals.is_none() => by_code,
            Some(Outcome::Unknown) | None => None,
        };
        let findings = diagnosis.findings.iter().map(finding_json::of).collect();
        Ok(RunAnalysis { findings, errors, totals: diagnosis.totals, build, runners })
    }
}

/// Lines of a run by their numbers, as a reader sees them.
fn log_lines(log: &LogRange, wanted: &BTreeSet<u64>) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    let (Some(last), Ok(reader)) = (wanted.last(), log.read()) else { return found };
    let mut reader = BufReader::new(reader.take(MOST_READ));
    let mut bytes = Vec::new();
    for number in 1..=*last {
        bytes.clear();
        match reader.read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(_) if wanted.contains(&number) => {
                bytes.truncate(LONGEST_LINE as usize);
                found.insert(number, visible(&bytes).trim_end().to_owned());
            }
            Ok(_) => {}
        }
    }
    found
}

impl TaskFacts {
    /// A line of a run's output, as a reader sees it, without secrets.
    pub fn log_line(&self, run: u32, number: u64) -> Option<String> {
        let log = LogRange::of(&self.home, self.spec.id, Some(run)).ok()?.until_now().ok()?;
        let line = log_lines(&log, &BTreeSet::from([number])).remove(&number)?;
        Some(self.secrets.hide_in(&line).into())
    }
}

/// Lines that only a hook's pattern knows, each kind once.
fn matched_lines(
    facts: &TaskFacts,
    log: &LogRange,
    patterns: &[Regex],
    known: &[(u64, u64)],
) -> Result<Vec<LoggedError>, LogError> {
    let mut found: Vec<LoggedError> = Vec::new();
    if patterns.is_empty() {
        return Ok(found);
    }
    let mut reader = BufReader::new(log.read()?.take(MOST_READ));
    let mut bytes = Vec::new();
    let mut number = 0;
    while found.len() < MOST_LINES {
        bytes.clear();
        match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(_) => number += 1,
        }
        if known.iter().any(|(from, to)| (*from..=*to).contains(&number)) {
            continue;
        }
        let text = visible(&bytes);
        let text = text.trim();
        if !patterns.iter().any(|pattern| pattern.is_match(text)) {
            continue;
        }
        let message: String = facts.secrets.hide_in(text).into();
        let fingerprint = format!("pattern:{}", fingerprint::masked(&message));
        if found.iter().all(|other| other.fingerprint != fingerprint) {
            let told = json!({
                "line": number, "severity": "error", "confidence": "low", "tool": "hook", "category": "log",
                "rule": "hook/pattern", "message": message, "count": 1, "fingerprint": fingerprint,
            });
            found.push(LoggedError { fingerprint, line: number, texts: vec![message], told });
        }
    }
    Ok(found)
}
