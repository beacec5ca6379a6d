//! A task that is between two of its runs: one is over, and the next waits for a change of files or
//! for a time.

use serde::{Deserialize, Serialize};

use super::end::{End, Outcome};
use super::start_condition::StartCondition;
use super::status::Status;
use crate::units::signal::Signal;

/// How the run before ended. *Shape*: `last_run` in `status.json`, while the next run has not
/// begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// In a word.
    pub status: Status,
    /// The exit code that stands for it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

/// What the next run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaits {
    /// A change of the files that the task watches.
    Change,
    /// A time, as the task is begun again after a while.
    Time,
}

/// A task between two runs. *Shape*: `between_runs` of a task's row in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// What the next run waits for.
    pub awaits: Awaits,
    /// How the one before ended.
    #[serde(flatten)]
    pub last: LastRun,
}

impl LastRun {
    /// That of a run that has just ended.
    pub fn of(end: &End) -> LastRun {
        let signal = match &end.outcome {
            Outcome::Killed { signal, .. } => Some(signal.number()),
            Outcome::Exited(_) | Outcome::Unlaunched { .. } | Outcome::Unbegun | Outcome::Unseen => None,
        };
        LastRun { status: Status::of(end), exit_code: end.outcome.exit_code(), signal }
    }
}

impl Between {
    /// Of a task that waits for this; `None` where it stands in a queue: for others to end, or for
    /// its turn.
    pub fn of(last: Option<LastRun>, holds: &[StartCondition]) -> Option<Between> {
        let awaits = |hold: &StartCondition| match hold {
            StartCondition::Change { .. } => Some(Awaits::Change),
            StartCondition::Until { .. } => Some(Awaits::Time),
            StartCondition::After(_) | StartCondition::Slot(_) => None,
        };
        let all: Vec<Awaits> = holds.iter().map(awaits).collect::<Option<_>>()?;
        Some(Between { awaits: *all.first()?, last: last? })
    }

    /// In words: `watching`, `watching, failed (1)`, `restarting, failed (SIGSEGV)`.
    pub fn words(&self) -> String {
        let LastRun { status, exit_code, signal } = self.last;
        let signal = signal.and_then(Signal::from_number).map(|signal| signal.to_string());
        let how = signal.or(exit_code.map(|code| code.to_string()));
        match how.filter(|_| status.is_failure()) {
            Some(how) => format!("{}, {status} ({how})", self.word()),
            None if status.is_failure() => format!("{}, {status}", self.word()),
            None => self.word().to_owned(),
        }
    }

    /// In a few cells: `watching (1)` after a run that failed.
    pub fn short(&self) -> String {
        match (self.last.status.is_failure(), self.last.exit_code) {
            (true, Some(code)) => format!("{} ({code})", self.word()),
            (true, None) => format!("{} (!)", self.word()),
            (false, _) => self.word().to_owned(),
        }
    }

    /// In one word.
    pub fn word(&self) -> &'static str {
        match self.awaits {
            Awaits::Change => "watching",
            Awaits::Time => "restarting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Awaits, Between, LastRun};
    use crate::task::group::Group;
    use crate::task::start_condition::StartCondition;
    use crate::task::status::Status;
    use crate::units::wall_time::WallTime;

    fn last(status: Status, exit_code: Option<i32>, signal: Option<i32>) -> LastRun {
        LastRun { status, exit_code, signal }
    }

    #[test]
    fn only_a_failed_run_is_told() {
        let words = |awaits, last| Between { awaits, last }.words();
        assert_eq!(words(Awaits::Change, last(Status::Succeeded, Some(0), None)), "watching");
        assert_eq!(words(Awaits::Change, last(Status::Stopped, Some(143), Some(15))), "watching");
        assert_eq!(words(Awaits::Change, last(Status::Failed, Some(1), None)), "watching, failed (1)");
        assert_eq!(words(Awaits::Time, last(Status::Failed, Some(139), Some(11))), "restarting, failed (SIGSEGV)");
        assert_eq!(words(Awaits::Change, last(Status::Lost, None, None)), "watching, lost");
    }

    #[test]
    fn who_stands_in_a_queue_is_not_between_runs() {
        let failed = Some(last(Status::Failed, Some(1), None));
        let change = StartCondition::Change { after: "exit 1".into() };
        let time = StartCondition::Until { at: WallTime(0), what: None };
        let slot = StartCondition::Slot("build".parse::<Group>().expect("a group"));
        let awaits = |last, holds: &[StartCondition]| Between::of(last, holds).map(|between| between.awaits);
        assert_eq!(awaits(failed, std::slice::from_ref(&change)), Some(Awaits::Change));
        assert_eq!(awaits(failed, std::slice::from_ref(&time)), Some(Awaits::Time));
        assert_eq!(awaits(failed, &[slot]), None);
        assert_eq!(awaits(failed, &[]), None);
        assert_eq!(awaits(None, &[time]), None, "one that is delayed");
    }
}
