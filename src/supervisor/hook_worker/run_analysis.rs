//! What a run's output tells once the run is over, for hooks.

use serde_json::Value;

use crate::diagnose::counts::Totals;
use crate::task::run_findings::FoundProblem;

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
}
