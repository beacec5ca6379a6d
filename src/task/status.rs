//! The one word that a reader gives a task.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::end::{Cause, End, GaveUp, Outcome};
use super::phase::Phase;

/// How a task stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Has not begun, and waits.
    Queued,
    /// Not known yet whether the command could be executed.
    Starting,
    /// At work.
    Running,
    /// Stopped where it is.
    Paused,
    /// Being ended.
    Stopping,
    /// Exited with 0 by itself.
    Succeeded,
    /// Exited otherwise, was killed by somebody else or for memory, or never ran.
    Failed,
    /// Ended because it was asked to.
    Stopped,
    /// Ended because its time was up.
    TimedOut,
    /// Never began, as what it waited for will not come.
    Cancelled,
    /// Its supervisor is gone and wrote no end.
    Lost,
    /// Nobody here can tell: its processes are in another pid namespace or on another machine, or
    /// it was adopted, and how it ended is known only to the process that had started it.
    Unknown,
}

/// Every status with its word.
pub const ALL: [(Status, &str); 12] = [
    (Status::Queued, "queued"),
    (Status::Starting, "starting"),
    (Status::Running, "running"),
    (Status::Paused, "paused"),
    (Status::Stopping, "stopping"),
    (Status::Succeeded, "succeeded"),
    (Status::Failed, "failed"),
    (Status::Stopped, "stopped"),
    (Status::TimedOut, "timed-out"),
    (Status::Cancelled, "cancelled"),
    (Status::Lost, "lost"),
    (Status::Unknown, "unknown"),
];

/// Why a word is no status.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no status: one of queued, starting, running, paused, stopping, succeeded, failed, stopped, timed-out, cancelled, lost, unknown"
)]
pub struct BadStatus(String);

impl Status {
    /// The status of a run that is over.
    pub fn of(end: &End) -> Status {
        match (&end.cause, &end.outcome) {
            (Cause::Asked(_), _) => Status::Stopped,
            (Cause::Cancelled(_), _) => Status::Cancelled,
            (Cause::Itself, _) if matches!(end.gave_up, Some(GaveUp::CrashLoop(_))) => Status::Failed,
            (Cause::TimedOut(_) | Cause::Idle(_), _) => Status::TimedOut,
            (Cause::Itself, Outcome::Exited(0)) => Status::Succeeded,
            (Cause::Itself, Outcome::Unseen) => Status::Unknown,
            (Cause::Itself | Cause::OutOfMemory(_) | Cause::Unhealthy(_), _) => Status::Failed,
        }
    }

    /// The status of a run whose supervisor lives.
    pub fn living(phase: Phase) -> Status {
        match phase {
            Phase::Queued => Status::Queued,
            Phase::Starting => Status::Starting,
            Phase::Running => Status::Running,
            Phase::Paused => Status::Paused,
            Phase::Stopping | Phase::Over => Status::Stopping,
        }
    }

    /// Whether somebody is home.
    pub fn is_living(self) -> bool {
        matches!(self, Status::Queued | Status::Starting | Status::Running | Status::Paused | Status::Stopping)
    }

    /// Whether it ended as nobody wanted, but for what was not needed (`End::is_failure`).
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut | Status::Cancelled | Status::Lost)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        ALL.iter().find(|(status, _)| *status == self).map_or("unknown", |(_, word)| word)
    }
}

impl End {
    /// Whether it ended as nobody wanted. What was cancelled as it was not needed did not.
    pub fn is_failure(&self) -> bool {
        Status::of(self).is_failure() && !self.unneeded
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Status {
    type Err = BadStatus;

    fn from_str(text: &str) -> Result<Status, BadStatus> {
        ALL.iter().find(|(_, word)| *word == text).map(|(status, _)| *status).ok_or_else(|| BadStatus(text.to_owned()))
    }
}
