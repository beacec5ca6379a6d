//! What is remembered of problems: when they came, and what preceded the run in which they were
//! gone.
//!
//! *Shape*: `solutions.json` in the home. Texts have no secrets in them, and are to be made
//! printable.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::format::Format;
use crate::units::wall_time::WallTime;

/// The version of the file.
pub const VERSION: u32 = 1;
/// No more problems are remembered, and of each no more solutions.
const MOST_PROBLEMS: usize = 500;
const MOST_SOLUTIONS: usize = 6;
/// No text is longer. *Units*: characters.
const LONGEST: usize = 300;

/// All that is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solutions {
    version: u32,
    problems: Vec<KnownProblem>,
}

impl Format for Solutions {
    const VERSION: u32 = VERSION;
}

/// A problem that came before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownProblem {
    /// What is the same for the same problem of another run.
    pub fingerprint: String,
    /// What is wrong, as it was said first.
    pub message: String,
    /// When it came first.
    pub first: WallTime,
    /// When it came last.
    pub last: WallTime,
    /// In how many runs.
    pub runs: u64,
    /// Whether it is none to its user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// What helped, the most promising first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub solutions: Vec<Solution>,
}

/// What happened between a run with a problem and the next one, which went well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// What its user says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The commands that were run in the same directory, and went well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// The files that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// How often that was so.
    pub times: u64,
    /// When it was last.
    pub last: WallTime,
}

impl Default for Solutions {
    fn default() -> Solutions {
        Solutions { version: VERSION, problems: Vec::new() }
    }
}

impl Solutions {
    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// What is remembered of a problem.
    pub fn of(&self, fingerprint: &str) -> Option<&KnownProblem> {
        self.problems.iter().find(|problem| problem.fingerprint == fingerprint)
    }

    /// Whether a problem is none to its user.
    pub fn is_muted(&self, fingerprint: &str) -> bool {
        self.of(fingerprint).is_some_and(|problem| problem.muted)
    }

    /// The fingerprints of all that are none.
    pub fn muted(&self) -> BTreeSet<&str> {
        self.problems.iter().filter(|problem| problem.muted).map(|problem| &*problem.fingerprint).collect()
    }

    /// A run has this problem.
    pub fn came(&mut self, fingerprint: &str, message: &str, now: WallTime) {
        let problem = self.known(fingerprint, message, now);
        (problem.last, problem.runs) = (now, problem.runs + 1);
        self.forget_oldest();
    }

    /// This is what preceded the run without it.
    pub fn solved(&mut self, fingerprint: &str, message: &str, solution: Solution) {
        let problem = self.known(fingerprint, message, solution.last);
        let is_same = |known: &&mut Solution| {
            known.said == solution.said && known.commands == solution.commands && known.files == solution.files
        };
        match problem.solutions.iter_mut().find(is_same) {
            Some(known) => (known.times, known.last) = (known.times + solution.times, solution.last),
            None => problem.solutions.push(solution.cut()),
        }
        problem.solutions.sort_by_key(|known| std::cmp::Reverse((known.said.is_some(), known.times, known.last)));
        problem.solutions.truncate(MOST_SOLUTIONS);
        self.forget_oldest();
    }

    /// Whether it is one to its user, from now on.
    pub fn mute(&mut self, fingerprint: &str, message: &str, is_muted: bool, now: WallTime) {
        self.known(fingerprint, message, now).muted = is_muted;
        self.forget_oldest();
    }

    fn known(&mut self, fingerprint: &str, message: &str, now: WallTime) -> &mut KnownProblem {
        let at = self.problems.iter().position(|problem| problem.fingerprint == fingerprint);
        let at = at.unwrap_or_else(|| {
            let (fingerprint, message) = (fingerprint.to_owned(), cut(message));
            let (muted, solutions) = (false, Vec::new());
            self.problems.push(KnownProblem { fingerprint, message, first: now, last: now, runs: 0, muted, solutions });
            self.problems.len() - 1
        });
        &mut self.problems[at]
    }

    /// What its user has said of is forgotten last.
    fn forget_oldest(&mut self) {
        while self.problems.len() > MOST_PROBLEMS {
            let is_told = |known: &KnownProblem| known.muted || known.solutions.iter().any(|it| it.said.is_some());
            let oldest = (0..self.problems.len()).min_by_key(|at| {
                let known = &self.problems[*at];
                (is_told(known), known.last)
            });
            self.problems.remove(oldest.unwrap_or(0));
        }
    }
}

impl Solution {
    /// In a line: what was said, else what was done.
    pub fn words(&self) -> String {
        let times = if self.times > 1 { format!(" ({} times)", self.times) } else { String::new() };
        let done = match (&self.said, self.commands.is_empty(), self.files.is_empty()) {
            (Some(said), ..) => said.clone(),
            (None, false, true) => self.commands.join("; "),
            (None, true, _) => format!("a change of {}", self.files.join(", ")),
            (None, false, false) => format!("{}, and a change of {}", self.commands.join("; "), self.files.join(", ")),
        };
        done + &times
    }

    fn cut(mut self) -> Solution {
        self.said = self.said.map(|said| cut(&said));
        self.commands.iter_mut().chain(&mut self.files).for_each(|text| *text = cut(text));
        self
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_PROBLEMS, Solution, Solutions};
    use crate::units::wall_time::WallTime;

    fn ran(command: &str, at: i64) -> Solution {
        Solution { said: None, commands: vec![command.into()], files: Vec::new(), times: 1, last: WallTime(at) }
    }

    #[test]
    fn what_helped_more_often_comes_first_and_what_was_said_before_all() {
        let mut all = Solutions::default();
        all.came("1-a", "no module x", WallTime(1));
        all.solved("1-a", "", ran("touch x", 2));
        all.solved("1-a", "", ran("npm ci", 3));
        all.solved("1-a", "", ran("npm ci", 4));
        let first = |all: &Solutions| all.of("1-a").expect("known").solutions[0].words();
        assert_eq!(first(&all), "npm ci (2 times)");
        all.solved("1-a", "", Solution { said: Some("turn it off and on".into()), ..ran("", 5) });
        assert_eq!(first(&all), "turn it off and on");
        assert_eq!(all.of("1-a").map(|known| (known.first, known.runs)), Some((WallTime(1), 1)));
    }

    #[test]
    fn of_too_many_the_oldest_go_that_nobody_spoke_of() {
        let mut all = Solutions::default();
        all.mute("muted", "", true, WallTime(0));
        (1..1000).for_each(|at| all.came(&format!("1-{at}"), "x", WallTime(at)));
        assert!(all.is_muted("muted") && all.of("1-999").is_some() && all.of("1-1").is_none());
        assert_eq!(all.problems.len(), MOST_PROBLEMS);
    }
}
