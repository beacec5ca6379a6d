//! Which errors of a task hooks have heard of: each once in a run, whoever found it.

use std::collections::BTreeSet;

use crate::diagnose::matched::PATTERN;
use crate::task::run_findings::FoundProblem;

/// Errors that were told.
#[derive(Debug, Default)]
pub struct ToldErrors {
    fingerprints: BTreeSet<(u32, String)>,
    lines: BTreeSet<(u32, u64)>,
}

impl ToldErrors {
    /// Whether this one is new, which it is not any more. A line of which a rule has told is not
    /// told once more as a pattern matches it, too.
    pub fn is_new(&mut self, run: u32, problem: &FoundProblem) -> bool {
        let is_new_line = self.lines.insert((run, problem.line));
        let is_new = self.fingerprints.insert((run, problem.fingerprint.clone()));
        is_new && (is_new_line || problem.rule() != Some(PATTERN))
    }
}
