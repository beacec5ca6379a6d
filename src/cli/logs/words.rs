//! Which of the words are tasks, and which is looked for.

use super::super::choose;
use super::super::failure::Failure;
use super::Logs;
use crate::logs::search::Search;
use crate::store::home::Home;

impl Logs {
    /// The search, if one is asked for. `--grep PATTERN ID` and the older tool's `--grep ID PATTERN` both
    /// mean what they say, as long as only one of the two is a task.
    pub(super) fn search(&mut self, home: &Home) -> Result<Option<Search>, Failure> {
        let Some(pattern) = self.grep.grep.clone() else { return Ok(None) };
        let pattern = match &self.ids[..] {
            [other] if is_task(home, &pattern) && !is_task(home, other) => std::mem::replace(&mut self.ids[0], pattern),
            _ => pattern,
        };
        self.grep.search(&pattern).map(Some)
    }
}

/// Whether a word points at a task: an id that is there, or a name that somebody has.
fn is_task(home: &Home, word: &str) -> bool {
    choose::tasks(home, &[word.to_owned()]).is_ok()
}
