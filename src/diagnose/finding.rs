//! What was found wrong: one problem, one finding.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It may become a problem.
    Warning,
    /// It is one.
    Error,
}

/// How sure it is that this is a problem of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It only looks like one.
    Low,
    /// The program says so, in words of its own.
    Medium,
    /// A rule knows what it is.
    High,
}

impl Confidence {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

impl Finding {
    /// An error that a line of the log tells of, of which no rule of a tool knows more.
    pub fn of_line(line: u64, rule: &str, message: String, lines: Vec<String>) -> Finding {
        Finding {
            line,
            extent: (line, line),
            severity: Severity::Error,
            confidence: Confidence::Low,
            tool: String::new(),
            category: String::new(),
            rule: rule.to_owned(),
            code: None,
            message,
            test: None,
            place: None,
            frames: Vec::new(),
            notes: Vec::new(),
            hints: Vec::new(),
            lines,
            count: 1,
            stream: String::new(),
        }
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The file, as the log names it.
    pub file: String,
    /// The line, the first being 1.
    pub line: Option<u32>,
    /// The column, as the tool counts it.
    pub column: Option<u32>,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line of the log that says what it is, the first being 1.
    pub line: u64,
    /// The first and the last line of the log that belong to it.
    pub extent: (u64, u64),
    /// How bad it is.
    pub severity: Severity,
    /// How sure that is.
    pub confidence: Confidence,
    /// Who says so.
    pub tool: String,
    /// What kind of problem it is: compile, test, runtime, …
    pub category: String,
    /// The rule that found it, as `pack/rule`.
    pub rule: String,
    /// The tool's code for it.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The test that found it.
    pub test: Option<String>,
    /// Where in the user's own code.
    pub place: Option<Place>,
    /// Other places that lead there, in the log's order.
    pub frames: Vec<Place>,
    /// What caused it, and what the tool has to say beside it.
    pub notes: Vec<String>,
    /// What the tool proposes.
    pub hints: Vec<String>,
    /// The first lines that belong to it, without what stands before them.
    pub lines: Vec<String>,
    /// How often it came.
    pub count: u64,
    /// The stream of the log that it came on.
    pub stream: String,
}

impl Finding {
    /// Every text in it that the log's author had a say in.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let places = self.place.iter_mut().chain(&mut self.frames).map(|place| &mut place.file);
        let one_each = [&mut self.message, &mut self.stream].into_iter().chain(&mut self.code).chain(&mut self.test);
        one_each.chain(places).chain(&mut self.notes).chain(&mut self.hints).chain(&mut self.lines)
    }
}
