//! What was found in a run's output: how many problems, the first of them, tests and build.
//!
//! *Shape*: `tasks/ID/findings.json`. Texts have no secrets in them, and are to be made printable.

use serde::{Deserialize, Serialize};

use super::format::Format;

/// The version of the file.
pub const VERSION: u32 = 1;

/// What was found in one run's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFindings {
    /// The format's version.
    pub version: u32,
    /// Which run.
    pub run: u32,
    /// Whether all of its output was read, after its end.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// How many problems the output tells of; that the exit code tells of one is not counted.
    #[serde(flatten)]
    pub counts: FindingCounts,
    /// The one to be fixed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FoundProblem>,
    /// What became of tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    /// What became of the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<BuildOutcome>,
    /// How far it was read. *Units*: bytes, a logical position in the log.
    pub read_to: u64,
    /// The problems, most important first: the first [`MOST_SEEN`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<SeenFinding>,
}

/// No more problems are kept by their fingerprints.
pub const MOST_SEEN: usize = 200;

impl Format for RunFindings {
    const VERSION: u32 = VERSION;
}

/// How many problems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// How much of the beginning of a very long output nobody has read, once the run was over: it
    /// may tell of more. *Units*: bytes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unread: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    /// Passed; absent where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<u64>,
    /// Failed.
    pub failed: u64,
    /// Skipped.
    pub skipped: u64,
}

/// What became of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildOutcome {
    /// It went well.
    Passed,
    /// It did not.
    Failed,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemSeverity {
    /// It is one.
    Error,
    /// It may become one.
    Warning,
}

/// A problem in a run's output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundProblem {
    /// How bad it is.
    pub severity: ProblemSeverity,
    /// What is wrong.
    pub message: String,
    /// Who says so.
    pub tool: String,
    /// The line of the run's output that says so, from 1.
    pub line: u64,
    /// Where in the user's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_line: Option<u32>,
    /// What is the same for the same problem of another run.
    pub fingerprint: String,
    /// What else hooks are told of it; the journal has none of that.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<ProblemDetails>>,
}

/// What is known of a problem beside what is kept. *Shape*: fields of `aos debug --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// How sure it is that this is a problem of its own.
    pub confidence: String,
    /// What kind of problem it is.
    pub category: String,
    /// The rule that found it.
    pub rule: String,
    /// The tool's code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The column in the user's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The test that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// The first and the last line of the run's output that belong to it.
    pub extent: (u64, u64),
    /// How often it came.
    pub count: u64,
    /// The first lines that belong to it, where patterns of hooks are searched in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// A problem, as far as it is compared with those of other runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFinding {
    /// What is the same in another run.
    pub fingerprint: String,
    /// How bad it is.
    pub severity: ProblemSeverity,
}

impl RunFindings {
    /// Of a run of which nothing was read yet.
    pub fn new(run: u32, read_to: u64) -> RunFindings {
        let counts = FindingCounts::default();
        let (first, tests, build, seen) = (None, None, None, Vec::new());
        RunFindings { version: VERSION, run, is_final: false, counts, first, tests, build, read_to, seen }
    }
}

impl FoundProblem {
    /// The same without what is only for hooks.
    pub fn brief(self) -> FoundProblem {
        FoundProblem { details: None, ..self }
    }

    /// The rule that found it, where that is known.
    pub fn rule(&self) -> Option<&str> {
        self.details.as_ref().map(|details| details.rule.as_str())
    }

    /// What the pattern of a hook is searched in.
    pub fn searched(&self) -> Vec<String> {
        let lines = self.details.iter().flat_map(|details| &details.lines);
        std::iter::once(&self.message).chain(lines).cloned().collect()
    }

    /// What is wrong, and where, in a line.
    pub fn words(&self) -> String {
        let line = self.source_line.map_or_else(String::new, |line| format!(":{line}"));
        let at = self.file.as_ref().map_or_else(String::new, |file| format!(" ({file}{line})"));
        format!("{}{at}", self.message)
    }
}

impl FindingCounts {
    /// All of them in words: `2 errors, 1 warning`.
    pub fn words(self) -> String {
        match (self.errors, self.warnings) {
            (0, 0) => "nothing found".to_owned(),
            (errors, 0) => counted(errors, "error"),
            (0, warnings) => counted(warnings, "warning"),
            (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
        }
    }
}

impl TestCounts {
    /// The same in words.
    pub fn words(self) -> String {
        let passed = self.passed.map_or_else(String::new, |passed| format!("{passed} passed, "));
        format!("{passed}{} failed, {} skipped", self.failed, self.skipped)
    }
}

/// So many of something.
pub fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{FindingCounts, TestCounts};

    #[test]
    fn counts_are_words() {
        assert_eq!(FindingCounts { errors: 2, warnings: 1, unread: 0 }.words(), "2 errors, 1 warning");
        assert_eq!(FindingCounts::default().words(), "nothing found");
        let tests = TestCounts { passed: Some(3), failed: 1, skipped: 0 };
        assert_eq!(tests.words(), "3 passed, 1 failed, 0 skipped");
    }
}
