//! What a run's output tells once the run is over: errors, tests, the build. It is read once.

use super::facts::{RAW_OUTPUT, TaskFacts, visible};
use super::run_analysis::{LoggedError, RunAnalysis};
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::verdict::Outcome;
use crate::diagnose::{EXIT_ONLY, finding_json};
use crate::hooks::runner;
use crate::task_log::diagnosis::problem_in_full;
use crate::task_log::log_range::{LogError, LogRange};
use crate::task_log::run_diagnosis::RunOutput;

/// So much of the beginning tells which runner it is. *Units*: bytes.
const HEAD: usize = 256 << 10;

/// Reads a run's log. `exit_code` is what the run says of its work, if anything; `patterns` are
/// of hooks: a line that one matches is an error, though no rule knows it. *Errors*: why there
/// is nothing to read.
pub fn of(facts: &TaskFacts, run: u32, exit_code: Option<i32>, patterns: &[String]) -> Result<RunAnalysis, LogError> {
    let log = LogRange::of(&facts.home, facts.spec.id, Some(run))?.until_now()?;
    let mut seen = SeenOutput::default();
    let output = RunOutput { home: &facts.home, log: &log, exit_code, patterns, secrets: &facts.secrets };
    let diagnosis = output.diagnose(|bytes| seen.see(bytes))?.diagnosis;
    let command = &facts.spec.command;
    let is_error = |finding: &&Finding| finding.severity == Severity::Error && finding.rule != EXIT_ONLY;
    let errors = diagnosis
        .findings
        .iter()
        .filter(is_error)
        .map(|finding| LoggedError { problem: problem_in_full(finding), told: finding_json::of(finding) });
    let last_output: String = facts.secrets.hide_in(&visible(&seen.tail)).into();
    let mut runners = runner::of_command(command);
    for found in runner::of_output(&(visible(&seen.head) + &last_output)) {
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

/// Output of which the beginning and the end are kept.
#[derive(Default)]
struct SeenOutput {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl SeenOutput {
    fn see(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        self.head.extend_from_slice(&bytes[..length.min(HEAD.saturating_sub(self.head.len()))]);
        let most = RAW_OUTPUT as usize;
        let surplus = (self.tail.len() + length).saturating_sub(most);
        self.tail.drain(..surplus.min(self.tail.len()));
        self.tail.extend_from_slice(&bytes[length.saturating_sub(most)..]);
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, RAW_OUTPUT, SeenOutput};

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
        for size in [1, 1000, 300_000] {
            let mut output = SeenOutput::default();
            bytes.chunks(size).for_each(|part| output.see(part));
            assert!(output.head == bytes[..HEAD], "{size}");
            assert!(output.tail == bytes[bytes.len() - RAW_OUTPUT as usize..], "{size}");
        }
    }
}
