//! What is wrong in a file of hooks.

use std::fmt;
use std::path::PathBuf;

use super::json_tree::Position;

/// What is wrong, and where. What is right in the file works all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookProblem {
    /// The file.
    pub path: PathBuf,
    /// Where in it, if it is one place.
    pub at: Option<Position>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether something that is configured does not work for it.
    pub is_error: bool,
}

impl fmt::Display for HookProblem {
    /// `file:line:column: what is wrong`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(Position { line, column }) = self.at {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.what)
    }
}
