//! What `aos debug` found in the chosen task's output.

use serde::Deserialize;

use crate::ansi::printable;

/// It, as far as it is known.
#[derive(Debug, Default)]
pub enum FindingsPage {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// It is being looked for.
    Asked,
    /// It was found.
    Known(KnownFindings),
    /// It could not be looked for.
    Failed(String),
}

/// What was found.
#[derive(Debug, Default, Deserialize)]
pub struct KnownFindings {
    /// The problems, the most important first.
    pub diagnostics: Vec<ListedFinding>,
    /// What may help.
    #[serde(default)]
    pub suggestions: Vec<ListedSuggestion>,
}

/// One problem. *Shape*: docs/json.md, `debug`.
#[derive(Debug, Deserialize)]
pub struct ListedFinding {
    /// The line of the run's output that says so.
    pub line: u64,
    /// How bad it is.
    pub severity: String,
    /// Who says so.
    pub tool: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(default)]
    pub file: Option<String>,
    /// The line there.
    #[serde(default)]
    pub source_line: Option<u32>,
    /// What the tool proposes.
    #[serde(default)]
    pub hints: Vec<String>,
    /// How often it came.
    #[serde(default)]
    pub count: u64,
    /// What stands there in the source.
    #[serde(default)]
    pub source: Option<ListedSource>,
}

/// A place in the source.
#[derive(Debug, Deserialize)]
pub struct ListedSource {
    /// The line.
    #[serde(default)]
    pub text: Option<String>,
    /// What a reader has to know of it.
    #[serde(default)]
    pub remark: Option<String>,
}

impl ListedSource {
    /// What is shown of it, a row each.
    pub fn rows(&self) -> impl Iterator<Item = String> {
        let text = self.text.iter().map(|text| printable(text.trim_end()));
        text.chain(self.remark.iter().map(|remark| format!("({})", printable(remark))))
    }
}

/// What may help. *Shape*: docs/json.md, `debug`.
#[derive(Debug, Deserialize)]
pub struct ListedSuggestion {
    /// What to do, in a sentence.
    pub title: String,
    /// The command.
    #[serde(default)]
    pub command: Option<String>,
}

impl KnownFindings {
    /// From what `aos debug --json` printed.
    pub fn of(json: &[u8]) -> Result<KnownFindings, String> {
        serde_json::from_slice(json).map_err(|e| format!("aos debug is not understood: {e}"))
    }
}

impl ListedFinding {
    /// Where it is, in short.
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        let line = self.source_line.map_or_else(String::new, |line| format!(":{line}"));
        Some(format!("{}{line}", printable(file)))
    }

    /// What is wrong, on one line.
    pub fn words(&self) -> String {
        printable(&self.message.replace('\n', " "))
    }
}
