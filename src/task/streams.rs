//! Which of a command's standard streams are not its terminal: those that whoever began it in the
//! foreground had redirected, so that it behaves in a pipeline as it would without aos.

use serde::{Deserialize, Serialize};

/// Where the standard streams lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streams {
    /// Standard input.
    #[serde(default)]
    pub input: Input,
    /// Standard output.
    #[serde(default)]
    pub output: Output,
    /// Standard error.
    #[serde(default)]
    pub errors: Errors,
}

/// Where standard input comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The task's terminal.
    #[default]
    Terminal,
    /// What whoever began the task had there. In later runs, nothing: /dev/null.
    Given,
}

/// Where standard output goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// To the task's terminal.
    #[default]
    Terminal,
    /// Into a pipe.
    Pipe,
}

/// Where standard error goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Errors {
    /// To the task's terminal.
    #[default]
    Terminal,
    /// Into a pipe of its own.
    Pipe,
    /// Where standard output goes.
    WithOutput,
}

impl Streams {
    /// Whether all are the terminal.
    pub fn are_usual(&self) -> bool {
        *self == Streams::default()
    }
}
