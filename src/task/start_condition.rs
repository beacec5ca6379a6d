//! What a task waits for before it begins, and when what it waits for lets it go.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::group::Group;
use super::id::TaskId;
use super::queue_order::Priority;
use super::status::Status;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// When a task begins. *Shape*: `begins` in `spec.json`, absent where it begins at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Not before this time has passed since it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
    /// Not before these tasks let it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Dependency>,
    /// Then not before this group has a slot for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// How urgent it is among those of its group.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub priority: Priority,
}

/// Another task, and what must come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The other task.
    pub id: TaskId,
    /// What must come of it.
    pub when: DependencyOn,
}

/// What must come of a task, so that another begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DependencyOn {
    /// It succeeded.
    #[default]
    Ok,
    /// It is over, however it ended.
    Any,
    /// It ended as nobody wanted.
    Fail,
    /// It is ready for others.
    Ready,
}

/// Every condition with its word.
pub const CONDITIONS: [(DependencyOn, &str); 4] = [
    (DependencyOn::Ok, "ok"),
    (DependencyOn::Any, "any"),
    (DependencyOn::Fail, "fail"),
    (DependencyOn::Ready, "ready"),
];

/// One thing that a queued task waits for. *Shape*: an element of `holds` in `status.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartCondition {
    /// A time.
    Until {
        /// When.
        at: WallTime,
        /// What happens then, if that is more than that it begins: `restart 3 of 5`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<String>,
    },
    /// A change of the files that it watches.
    Change {
        /// What came of the run before: `exit 1`.
        after: String,
    },
    /// Another task.
    After(Dependency),
    /// A slot of a group.
    Slot(Group),
}

/// Why a word is no condition.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is nothing that can be waited for: one of ok, any, fail, ready")]
pub struct BadDependency(String);

/// What another task's standing means for one that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may come yet.
    Wait,
    /// It has come.
    Go,
    /// It will not come any more.
    Never(String),
    /// The same, as all went well: what waits for it was for a failure, or for what was not needed
    /// either.
    Unneeded(String),
}

/// How another task stands, as far as it matters to those that wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyState {
    /// In a word.
    pub status: Status,
    /// Whether it is over, or as good as.
    pub is_over: bool,
    /// Whether it is ready for others.
    pub is_ready: bool,
    /// Whether it was cancelled as it was not needed.
    pub is_unneeded: bool,
    /// The exit code it ended with, if it did.
    pub exit_code: Option<i32>,
}

impl Schedule {
    /// Whether nothing holds it.
    pub fn is_at_once(&self) -> bool {
        self.delay.is_none() && self.after.is_empty() && self.group.is_none()
    }

    /// What a run waits for before it stands in its group's line. What a delay was for is over when
    /// a task is run again.
    pub fn holds(&self, run: u32, asked: WallTime) -> Vec<StartCondition> {
        let delay = self.delay.filter(|_| run == 1);
        let until = delay.map(|delay| StartCondition::Until { at: asked.after(delay), what: None });
        until.into_iter().chain(self.after.iter().copied().map(StartCondition::After)).collect()
    }
}

impl Dependency {
    /// What the other task's standing means.
    pub fn judge(self, other: &DependencyState) -> Verdict {
        let has_come = match self.when {
            DependencyOn::Ok => other.is_over && other.status == Status::Succeeded,
            DependencyOn::Any => other.is_over,
            DependencyOn::Fail => other.is_over && other.status.is_failure() && !other.is_unneeded,
            DependencyOn::Ready => other.is_ready && !other.is_over,
        };
        match (has_come, other.is_over) {
            (true, _) => Verdict::Go,
            (false, false) => Verdict::Wait,
            (false, true) if other.is_unneeded || self.is_spared_by(other) => Verdict::Unneeded(self.why_never(other)),
            (false, true) => Verdict::Never(self.why_never(other)),
        }
    }

    /// Whether it was for a failure that did not come.
    fn is_spared_by(self, other: &DependencyState) -> bool {
        self.when == DependencyOn::Fail && matches!(other.status, Status::Succeeded | Status::Stopped)
    }

    fn why_never(self, other: &DependencyState) -> String {
        let id = self.id;
        let how = match (other.status, other.exit_code) {
            (Status::Failed, Some(code)) => format!("failed (exit {code})"),
            (Status::Failed, None) => "failed".to_owned(),
            (Status::Succeeded, _) => "succeeded".to_owned(),
            (Status::Stopped, _) => "was stopped".to_owned(),
            (Status::Cancelled, _) => "was cancelled".to_owned(),
            (Status::TimedOut, _) => "timed out".to_owned(),
            (Status::Lost, _) => "was lost".to_owned(),
            (status, _) => format!("is {status}: how it ended cannot be told"),
        };
        match self.when {
            DependencyOn::Ready => format!("{id} {how} before it was ready"),
            DependencyOn::Ok | DependencyOn::Any | DependencyOn::Fail => format!("{id} {how}"),
        }
    }
}

impl StartCondition {
    /// How it reads to whoever knows nothing of others.
    pub fn words(&self, now: WallTime) -> String {
        match self {
            StartCondition::Until { at, what: None } => format!("begins at {}", at.local_near(now)),
            StartCondition::Until { at, what: Some(what) } => format!("{what} at {}", at.local_near(now)),
            StartCondition::After(Dependency { id, when }) => match when {
                DependencyOn::Ok => format!("after {id}"),
                DependencyOn::Any => format!("after {id} has ended"),
                DependencyOn::Fail => format!("after {id} has failed"),
                DependencyOn::Ready => format!("after {id} is ready"),
            },
            StartCondition::Slot(group) => format!("in group {group}"),
            StartCondition::Change { after } => format!("waits for a change of files after {after}"),
        }
    }
}

fn is_usual(priority: &Priority) -> bool {
    *priority == Priority::default()
}

impl fmt::Display for DependencyOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CONDITIONS.iter().find(|(when, _)| when == self).map_or("ok", |(_, word)| word))
    }
}

impl FromStr for DependencyOn {
    type Err = BadDependency;

    fn from_str(text: &str) -> Result<DependencyOn, BadDependency> {
        CONDITIONS
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(when, _)| *when)
            .ok_or_else(|| BadDependency(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{CONDITIONS, Dependency, DependencyOn, DependencyState, Schedule, StartCondition, Verdict};
    use crate::task::id::TaskId;
    use crate::task::status::{self, Status};
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;

    fn judged(when: DependencyOn, status: Status, is_ready: bool) -> Verdict {
        let is_over = !status.is_living();
        Dependency { id: TaskId(3), when }.judge(&DependencyState {
            status,
            is_over,
            is_ready,
            is_unneeded: false,
            exit_code: None,
        })
    }

    #[test]
    fn words_come_back() {
        for (when, word) in CONDITIONS {
            assert_eq!((word.parse(), when.to_string()), (Ok(when), word.to_owned()));
        }
        assert!("done".parse::<DependencyOn>().is_err());
    }

    #[test]
    fn every_end_lets_go_or_never_will() {
        for (status, _) in status::ALL {
            for (when, _) in CONDITIONS {
                let verdict = judged(when, status, false);
                assert_eq!(verdict == Verdict::Wait, status.is_living(), "{when} {status}");
            }
            assert_ne!(judged(DependencyOn::Ok, status, false), judged(DependencyOn::Fail, status, true).into_go());
        }
    }

    impl Verdict {
        /// Of two that exclude each other one may go at most.
        fn into_go(self) -> Verdict {
            if self == Verdict::Go { Verdict::Go } else { Verdict::Never("so".into()) }
        }
    }

    #[test]
    fn each_condition_waits_for_its_own() {
        let never = |text: &str| Verdict::Never(text.to_owned());
        assert_eq!(judged(DependencyOn::Ok, Status::Succeeded, false), Verdict::Go);
        assert_eq!(judged(DependencyOn::Ok, Status::Stopped, false), never("task-003 was stopped"));
        assert_eq!(judged(DependencyOn::Fail, Status::Cancelled, false), Verdict::Go);
        let unneeded = |text: &str| Verdict::Unneeded(text.to_owned());
        assert_eq!(judged(DependencyOn::Fail, Status::Succeeded, false), unneeded("task-003 succeeded"));
        assert_eq!(judged(DependencyOn::Fail, Status::Stopped, false), unneeded("task-003 was stopped"));
        let not_needed = DependencyState {
            status: Status::Cancelled,
            is_over: true,
            is_ready: false,
            is_unneeded: true,
            exit_code: None,
        };
        for when in [DependencyOn::Ok, DependencyOn::Fail] {
            let judged = Dependency { id: TaskId(3), when }.judge(&not_needed);
            assert_eq!(judged, unneeded("task-003 was cancelled"), "{when}");
        }
        assert_eq!(judged(DependencyOn::Any, Status::Lost, false), Verdict::Go);
        assert_eq!(judged(DependencyOn::Ready, Status::Running, true), Verdict::Go);
        assert_eq!(judged(DependencyOn::Ready, Status::Running, false), Verdict::Wait);
        assert_eq!(
            judged(DependencyOn::Ready, Status::Succeeded, true),
            never("task-003 succeeded before it was ready")
        );
    }

    #[test]
    fn a_delay_is_for_the_first_run() {
        let after = vec![Dependency { id: TaskId(3), when: DependencyOn::Ok }];
        let begins = Schedule { delay: Some(Span(500)), after: after.clone(), ..Schedule::default() };
        let until = StartCondition::Until { at: WallTime(1500), what: None };
        assert_eq!(begins.holds(1, WallTime(1000)), [until, StartCondition::After(after[0])]);
        assert_eq!(begins.holds(2, WallTime(1000)), [StartCondition::After(after[0])]);
        assert!(Schedule::default().is_at_once() && !begins.is_at_once());
    }

    #[test]
    fn holds_read_as_people_say_it() {
        let after = |when| StartCondition::After(Dependency { id: TaskId(3), when }).words(WallTime(0));
        assert_eq!(after(DependencyOn::Ok), "after task-003");
        assert_eq!(after(DependencyOn::Ready), "after task-003 is ready");
        let again = StartCondition::Until { at: WallTime(0), what: Some("restart 3 of 5".into()) };
        assert!(again.words(WallTime(0)).starts_with("restart 3 of 5 at "));
    }
}
