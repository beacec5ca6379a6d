//! Which of the words are tasks, and which is looked for.

use std::cell::OnceCell;

use super::Logs;
use crate::actions::failure::{Failure, NO, NO_TASK, USAGE};
use crate::actions::select::{KnownTasks, Meaning, Selection};
use crate::logs::text::line_search::Search;
use crate::store::layout::Home;

/// What the words come to.
pub struct ParsedWords {
    /// The tasks.
    pub chosen: Selection,
    /// Whether no task was named.
    pub is_bare: bool,
    /// What is looked for in their logs.
    pub search: Option<Search>,
    /// The word that is looked for though nothing said so but that it is no task.
    pub guessed: Option<String>,
}

impl Logs {
    /// What is meant.
    pub(super) fn words(&self, home: &Home) -> Result<ParsedWords, Failure> {
        let registry = OnceCell::new();
        let choice = KnownTasks::new(home, &registry);
        let guessed = self.guessed(&choice)?;
        let (ids, pattern) = match &guessed {
            Some(guessed) => {
                (self.ids.iter().filter(|word| *word != guessed).cloned().collect(), Some(guessed.clone()))
            }
            None => self.in_order(&choice)?,
        };
        let chosen = choice.tasks_or_news(&ids).map_err(|failure| self.or_text(failure))?;
        if pattern.is_none() && self.grep.has_search_options() {
            return Err(Failure::new(USAGE, "-v, -i, -F, -A, -B, -C, -c and -o say how something is looked for")
                .hint("aos logs --grep PATTERN ID"));
        }
        let search = pattern.map(|pattern| self.grep.search(&pattern)).transpose()?;
        Ok(ParsedWords { chosen, is_bare: ids.is_empty(), search, guessed })
    }

    /// Of two words, the one that is looked for in the other's log: it is no task, and none that
    /// was mistyped.
    fn guessed(&self, choice: &KnownTasks<'_>) -> Result<Option<String>, Failure> {
        let (None, [first, second]) = (&self.grep.grep, &self.ids[..]) else { return Ok(None) };
        let guessed = match (choice.meaning(first)?, choice.meaning(second)?) {
            (Meaning::Tasks, Meaning::Other) => Some(second),
            (Meaning::Other, Meaning::Tasks) => Some(first),
            (Meaning::Tasks | Meaning::NoTasks | Meaning::Other, _) => None,
        };
        Ok(guessed.cloned())
    }

    /// The tasks and the pattern. `--grep PATTERN ID` and the older tool's `--grep ID PATTERN` both
    /// mean what they say, as long as only one of the two is a task.
    fn in_order(&self, choice: &KnownTasks<'_>) -> Result<(Vec<String>, Option<String>), Failure> {
        if let (Some(pattern), [other]) = (&self.grep.grep, &self.ids[..])
            && choice.meaning(pattern)? == Meaning::Tasks
            && choice.meaning(other)? != Meaning::Tasks
        {
            return Ok((vec![pattern.clone()], Some(other.clone())));
        }
        Ok((self.ids.clone(), self.grep.grep.clone()))
    }

    /// What was no task may have been meant as something to look for.
    fn or_text(&self, failure: Failure) -> Failure {
        if self.grep.grep.is_some() || failure.code() != NO_TASK {
            return failure;
        }
        failure.or_else("to look for a text: aos logs --grep TEXT ID")
    }
}

impl ParsedWords {
    /// What is said where nothing was found.
    pub fn nothing(&self) -> Option<Failure> {
        let why = |word| format!("no line matches `{word}`, and no task is called that");
        self.guessed.as_ref().map(|word| Failure::new(NO, why(word)))
    }
}
