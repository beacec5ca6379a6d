//! What a run's output tells once the run is over: errors, tests, the build. It is read once.

use std::io::{self, Read};

use serde_json::Value;

use super::facts::{RAW_OUTPUT, TaskFacts, visible};
use crate::diagnose::counts::Totals;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{Context, EXIT_ONLY, diagnose_from, finding_json};
use crate::hooks::runner;
use crate::logs::text::numbered_lines;
use crate::store::solutions;
use crate::task::run_findings::FoundProblem;
use crate::task_log::diagnosis::{hide, leave_muted, problem_in_full};
use crate::task_log::log_range::{LogError, LogRange};
use crate::task_log::rules;

/// Of a longer run only the end is read. *Units*: bytes.
const MOST_READ: u64 = 256 << 20;
/// So much of the beginning tells which runner it is. *Units*: bytes.
const HEAD: usize = 256 << 10;

/// What a run's output tells.
#[derive(Debug, Default)]
pub struct RunAnalysis {
    /// What is wrong, as `aos debug --json` tells it.
    pub findings: Vec<Value>,
    /// The errors among it.
    pub errors: Vec<LoggedError>,
    /// What became of tests.
    pub totals: Option<Totals>,
    /// Whether the build succeeded, if it was one.
    pub build: Option<bool>,
    /// The runners of tests that were at work.
    pub runners: Vec<String>,
    /// The end of it, as a reader sees it.
    pub last_output: String,
}

/// An error in a log.
#[derive(Debug)]
pub struct LoggedError {
    /// What is kept of it, with its lines.
    pub problem: FoundProblem,
    /// As `aos debug --json` tells it.
    pub told: Value,
}

impl RunAnalysis {
    /// Whether a run was a test.
    pub fn is_test(&self) -> bool {
        self.totals.is_some() || !self.runners.is_empty()
    }

    /// Reads a run's log. `exit_code` is what the run says of its work, if anything; `patterns` are
    /// of hooks: a line that one matches is an error, though no rule knows it. *Errors*: why there
    /// is nothing to read.
    pub fn of(
        facts: &TaskFacts,
        run: u32,
        exit_code: Option<i32>,
        patterns: &[String],
    ) -> Result<RunAnalysis, LogError> {
        let log = LogRange::of(&facts.home, facts.spec.id, Some(run))?.until_now()?;
        let segments = log.open()?;
        let end = log.end.unwrap_or(segments.end()).min(segments.end());
        let start = log.start.max(end.saturating_sub(MOST_READ));
        let before = numbered_lines::count(segments.reader(log.start).until(start)).unwrap_or(0);
        let command = &facts.spec.command;
        let context = Context { exit_code, command: Some(command.to_string()) };
        let (rules, _) = rules::of_directory(Some(&facts.home.path), facts.spec.cwd.as_path());
        let rules = rules.and_lines(patterns);
        let mut output = SeenOutput::of(segments.reader(start).until(end));
        let read = diagnose_from(before + 1, &rules, &mut output, &context);
        let Ok(mut diagnosis) = read else { return Ok(RunAnalysis::default()) };
        hide(&mut diagnosis, &facts.secrets);
        leave_muted(&mut diagnosis, &solutions::read(&facts.home).unwrap_or_default());
        let is_error = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != EXIT_ONLY;
        let errors = diagnosis
            .findings
            .iter()
            .filter(is_error)
            .map(|finding| LoggedError { problem: problem_in_full(finding), told: finding_json::of(finding) });
        let last_output: String = facts.secrets.hide_in(&visible(&output.tail)).into();
        let mut runners = runner::of_command(command);
        for found in runner::of_output(&(visible(&output.head) + &last_output)) {
            if !runners.contains(&found) {
                runners.push(found);
            }
        }
        let by_code = exit_code.map(|code| code == 0);
        // Tests that fail after it make no bad build.
        let are_tests_bad = diagnosis.totals.is_some_and(|totals| totals.failed > 0);
        let build = match diagnosis.verdict.build {
            Some(Outcome::Succeeded) => Some(are_tests_bad || exit_code.is_none_or(|code| code == 0)),
            Some(Outcome::Failed) => Some(false),
            Some(Outcome::Unknown) | None if runner::is_build(command) && diagnosis.totals.is_none() => by_code,
            Some(Outcome::Unknown) | None => None,
        };
        let findings = diagnosis.findings.iter().map(finding_json::of).collect();
        Ok(RunAnalysis { findings, errors: errors.collect(), totals: diagnosis.totals, build, runners, last_output })
    }
}

/// Output that goes through here, whose beginning and end are kept.
struct SeenOutput<R> {
    log: R,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl<R> SeenOutput<R> {
    fn of(log: R) -> SeenOutput<R> {
        SeenOutput { log, head: Vec::new(), tail: Vec::new() }
    }
}

impl<R: Read> Read for SeenOutput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.log.read(buffer)?;
        let bytes = &buffer[..length];
        self.head.extend_from_slice(&bytes[..length.min(HEAD.saturating_sub(self.head.len()))]);
        let most = RAW_OUTPUT as usize;
        let surplus = (self.tail.len() + length).saturating_sub(most);
        self.tail.drain(..surplus.min(self.tail.len()));
        self.tail.extend_from_slice(&bytes[length.saturating_sub(most)..]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, RAW_OUTPUT, SeenOutput};
    use std::io::Read;

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
        for size in [1, 1000, 300_000] {
            let mut output = SeenOutput::of(&bytes[..]);
            let mut buffer = vec![0; size];
            while output.read(&mut buffer).expect("read") > 0 {}
            assert!(output.head == bytes[..HEAD], "{size}");
            assert!(output.tail == bytes[bytes.len() - RAW_OUTPUT as usize..], "{size}");
        }
    }
}
