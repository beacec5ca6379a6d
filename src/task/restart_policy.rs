//! Whether a run is followed by another, and when: from what was asked for, how the run ended, and
//! what came before it. Pure; the supervisor waits and begins.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::end::{Cause, End, GaveUp, Outcome};
use crate::units::span::Span;

/// The longest wait between two runs, unless the first was asked to be longer.
const LONGEST_WAIT: Span = Span(60_000);
/// A run that ended sooner was no run to speak of.
const QUICK: Span = Span(1_000);
/// A run that lasted this long, and longer than the wait before it, shows that the trouble is over.
const LASTING: Span = Span(10_000);
/// So many quick runs in a row are a crash loop.
const MOST_QUICK: u32 = 10;
/// So many runs in a row may be ended at once by a change before changes are waited out.
const MOST_HASTY: u32 = 3;

/// After which ends a task is begun again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartOn {
    /// After none.
    #[default]
    No,
    /// When it exited other than with 0, a signal ended it, or its time was up.
    OnFailure,
    /// However it ended, unless it was asked to.
    Always,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartPolicy {
    /// After which ends.
    pub when: RestartOn,
    /// How often at most, in all; without a bound a crash loop is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// The first wait, doubled each time.
    pub backoff: Span,
}

/// What came before, since the task was begun by hand; most of it counts anew when a file changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartHistory {
    /// How many runs have ended.
    runs: u32,
    /// How often it was begun again.
    retries: u32,
    /// How often the wait was doubled since a run that lasted.
    doublings: u32,
    /// How many runs in a row ended as soon as they had begun.
    quick: u32,
    /// How many runs in a row were ended by a change as soon as they had begun.
    hasty: u32,
}

/// What follows a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: its end is the task's.
    End,
    /// Nothing, as going on is of no use.
    GiveUp(GaveUp),
    /// Another run, after this time.
    Again {
        /// How long.
        after: Span,
        /// Which it is, in words: `restart 3 of 5`.
        what: String,
    },
}

impl RestartPolicy {
    /// How long to wait before the next run of this history.
    fn wait(&self, doublings: u32) -> Span {
        let most = LONGEST_WAIT.max(self.backoff);
        let factor = 1u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Span(self.backoff.0.saturating_mul(factor)).min(most)
    }

    /// Whether this end is one after which it is to be begun again.
    fn is_for(&self, end: &End) -> bool {
        match (self.when, &end.cause, &end.outcome) {
            (RestartOn::No, ..) | (_, Cause::Asked(_), _) => false,
            // No retry makes a program executable.
            (RestartOn::OnFailure, _, Outcome::Unlaunched { .. }) => false,
            (RestartOn::OnFailure, ..) => end.is_failure(),
            (RestartOn::Always, ..) => true,
        }
    }
}

impl RestartHistory {
    /// Takes in how a run ended; says what follows.
    pub fn after(&mut self, end: &End, asked: Option<&RestartPolicy>) -> Next {
        self.runs += 1;
        self.quick = if end.wall < QUICK { self.quick + 1 } else { 0 };
        let Some(asked) = asked.filter(|asked| asked.is_for(end)) else { return Next::End };
        if self.is_hopeless(end) {
            return Next::End;
        }
        if end.wall >= LASTING && end.wall > asked.wait(self.doublings) {
            self.doublings = 0;
        }
        match asked.retries {
            Some(most) if self.retries >= most => return Next::GiveUp(GaveUp::Retried(most)),
            None if self.quick >= MOST_QUICK => return Next::GiveUp(GaveUp::CrashLoop(self.quick)),
            Some(_) | None => {}
        }
        let after = asked.wait(self.doublings);
        self.retries += 1;
        self.doublings = self.doublings.saturating_add(1);
        let of_most = asked.retries.map_or_else(String::new, |most| format!(" of {most}"));
        Next::Again { after, what: format!("restart {}{of_most}", self.retries) }
    }

    /// Takes in that a change of files ended a run, or a wait, this long after the run had begun:
    /// what was changed deserves a fresh start. But a task that changes what is watched each time
    /// it begins would go round for ever, so such changes are waited out, longer each time. Says
    /// how long.
    pub fn changed(&mut self, lived: Span) -> Span {
        let hasty = if lived < QUICK { self.hasty + 1 } else { 0 };
        *self = RestartHistory { runs: self.runs, hasty, ..RestartHistory::default() };
        match hasty.checked_sub(MOST_HASTY) {
            None => Span(0),
            Some(more) => Span(1_000u64.checked_shl(more).unwrap_or(u64::MAX)).min(LONGEST_WAIT),
        }
    }

    /// Whether nothing can come of another run: whoever began the task was told that its command
    /// cannot be executed, or processes are left that cannot be ended.
    pub fn is_hopeless(&self, end: &End) -> bool {
        let was_never_launched = self.runs <= 1 && matches!(end.outcome, Outcome::Unlaunched { .. });
        was_never_launched || !end.left.is_empty()
    }

    /// Whether a run has ended.
    pub fn has_run(&self) -> bool {
        self.runs > 0
    }

    /// Whether the last run is the first of its kind: of those that follow in a row, one is told.
    pub fn is_first_in_row(&self) -> bool {
        self.quick <= 1
    }
}

impl fmt::Display for RestartPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = self.retries.map_or_else(String::new, |most| format!(", {most} times at most"));
        write!(f, "{}{most}, first after {}", self.when, self.backoff)
    }
}

/// Why a word is no policy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is none of no, on-failure, always")]
pub struct BadRestartOn(String);

const WORDS: [(RestartOn, &str); 3] =
    [(RestartOn::No, "no"), (RestartOn::OnFailure, "on-failure"), (RestartOn::Always, "always")];

impl RestartOn {
    /// The words there are.
    pub fn words() -> [&'static str; 3] {
        WORDS.map(|(_, word)| word)
    }
}

impl FromStr for RestartOn {
    type Err = BadRestartOn;

    fn from_str(text: &str) -> Result<RestartOn, BadRestartOn> {
        WORDS.iter().find(|(_, word)| *word == text).map(|(when, _)| *when).ok_or_else(|| BadRestartOn(text.to_owned()))
    }
}

impl fmt::Display for RestartOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(WORDS.iter().find(|(when, _)| when == self).map_or("", |(_, word)| word))
    }
}

#[cfg(test)]
#[path = "restart_policy_tests.rs"]
mod tests;
