//! What a log's command came to: one record, apart from what was found.

use serde::Serialize;

use super::counts::Totals;
use super::finding::{Finding, Severity};
use super::group::Exit;

/// What it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All went well.
    Succeeded,
    /// Something failed.
    Failed,
    /// Nothing says.
    Unknown,
}

/// The verdict.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// What it came to.
    pub outcome: Outcome,
    /// The exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// What the exit code means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<&'static str>,
    /// What the build came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Outcome>,
    /// What the tests came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<Outcome>,
}

/// How an exit code reads.
pub fn exit_of(code: Option<i32>) -> Exit {
    match code {
        None => Exit::Unknown,
        Some(0) => Exit::Success,
        Some(_) => Exit::Failure,
    }
}

/// From all that is known.
pub fn of(code: Option<i32>, totals: Option<Totals>, build: Option<bool>, findings: &[Finding]) -> Verdict {
    let tests = totals.map(|totals| if totals.failed > 0 { Outcome::Failed } else { Outcome::Succeeded });
    let has_errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    let has_compile_errors =
        findings.iter().any(|finding| finding.severity == Severity::Error && finding.category == "compile");
    let build = match (build, has_compile_errors) {
        (_, true) | (Some(false), _) => Some(Outcome::Failed),
        (Some(true), false) => Some(Outcome::Succeeded),
        (None, false) => None,
    };
    let outcome = match code {
        Some(0) => Outcome::Succeeded,
        Some(_) => Outcome::Failed,
        None if has_errors || tests == Some(Outcome::Failed) || build == Some(Outcome::Failed) => Outcome::Failed,
        None if tests.is_some() || build.is_some() => Outcome::Succeeded,
        None => Outcome::Unknown,
    };
    let (signal, explanation) = code.map_or((None, None), explain);
    Verdict { outcome, exit_code: code, signal, explanation, build, tests }
}

/// What an exit code says beside that something failed.
fn explain(code: i32) -> (Option<String>, Option<&'static str>) {
    let signal = match code {
        129..=192 => code - 128,
        i32::MIN..0 => -code,
        _ => 0,
    };
    let (name, explanation) = match signal {
        1 => ("SIGHUP", "its terminal was closed"),
        2 => ("SIGINT", "it was interrupted, as Ctrl-C does"),
        3 => ("SIGQUIT", "it was ended by Ctrl-\\"),
        4 => ("SIGILL", "it executed an instruction that this processor does not have"),
        5 => ("SIGTRAP", "it ran into a trap: an assertion, or a debugger's break point"),
        6 => ("SIGABRT", "it ended itself: an assertion failed, or an exception was not caught"),
        7 => ("SIGBUS", "it used memory that is not there, as of a file that was cut"),
        8 => ("SIGFPE", "it divided an integer by zero"),
        9 => ("SIGKILL", "it was killed: by the kernel when memory ran out, by a time limit, or by somebody"),
        11 => ("SIGSEGV", "it used memory that is not its own: a null or dangling pointer, or a stack that is full"),
        13 => ("SIGPIPE", "whoever read its output had gone"),
        14 => ("SIGALRM", "its own alarm went off"),
        15 => ("SIGTERM", "it was asked to end"),
        24 => ("SIGXCPU", "it used more processor time than it may"),
        25 => ("SIGXFSZ", "it wrote a larger file than it may"),
        31 => ("SIGSYS", "it made a system call that is not allowed here"),
        _ => ("", ""),
    };
    if !name.is_empty() {
        return (Some(name.to_owned()), Some(explanation));
    }
    let explanation = match code {
        124 => "a time limit ended it, as of timeout(1)",
        125 => "the tool that was to run it could not",
        126 => "the command was found, and may not be executed",
        127 => "the command was not found",
        _ => return (None, None),
    };
    (None, Some(explanation))
}
