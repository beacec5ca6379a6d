//! Which tasks fit a place on the command line.

use std::fmt;
use std::str::FromStr;

use super::selector::Class;
use super::status::Status;
use super::summary::Summary;

/// The tasks that a verb can do something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskFilter {
    /// Those that live.
    Living,
    /// Those that have begun, and live.
    Begun,
    /// Those that are at work, and could be paused.
    Running,
    /// Those that are paused.
    Paused,
    /// Those that are over.
    Over,
    /// Those that are over; a living one only when it is asked for.
    OverFirst,
    /// Every one.
    Any,
}

/// Every fit with its word.
const ALL: [(TaskFilter, &str); 7] = [
    (TaskFilter::Living, "living"),
    (TaskFilter::Begun, "begun"),
    (TaskFilter::Running, "running"),
    (TaskFilter::Paused, "paused"),
    (TaskFilter::Over, "over"),
    (TaskFilter::OverFirst, "over-first"),
    (TaskFilter::Any, "any"),
];

/// Why a word is no fit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` says nothing of which tasks fit")]
pub struct BadTaskFilter(String);

impl TaskFilter {
    /// Whether a task that stands so fits; `is_asked` where the reader has begun to name it.
    pub fn takes(self, row: &Summary<'_>, is_asked: bool) -> bool {
        match self {
            TaskFilter::OverFirst if !is_asked => row.is_over(),
            fit => fit.has(row.status, row.is_over()),
        }
    }

    /// Whether the verb can do something with a task that stands so; `is_over` where it is known to
    /// be.
    pub fn has(self, status: Status, is_over: bool) -> bool {
        match self {
            TaskFilter::Living => status.is_living(),
            TaskFilter::Begun => status.is_living() && status != Status::Queued,
            TaskFilter::Running => matches!(status, Status::Starting | Status::Running),
            TaskFilter::Paused => status == Status::Paused,
            TaskFilter::Over => is_over,
            TaskFilter::OverFirst => is_over || status.is_living(),
            TaskFilter::Any => true,
        }
    }

    /// What such a task is called: `no living task matches 'web*'`.
    pub fn adjective(self) -> &'static str {
        match self {
            TaskFilter::Living => "living ",
            TaskFilter::Begun => "begun ",
            TaskFilter::Running => "running ",
            TaskFilter::Paused => "paused ",
            TaskFilter::Over => "finished ",
            TaskFilter::OverFirst | TaskFilter::Any => "",
        }
    }

    /// Whether what is over never fits.
    pub fn needs_only_living(self) -> bool {
        match self {
            TaskFilter::Living | TaskFilter::Begun | TaskFilter::Running | TaskFilter::Paused => true,
            TaskFilter::Over | TaskFilter::OverFirst | TaskFilter::Any => false,
        }
    }

    /// The classes that have tasks which fit.
    pub fn classes(self) -> &'static [Class] {
        match self {
            TaskFilter::Living | TaskFilter::Begun | TaskFilter::Running | TaskFilter::Paused => {
                &[Class::Running, Class::Here, Class::All]
            }
            TaskFilter::Over => &[Class::Failed, Class::Done, Class::Here, Class::All],
            TaskFilter::OverFirst | TaskFilter::Any => {
                &[Class::Running, Class::Failed, Class::Done, Class::Here, Class::All]
            }
        }
    }
}

impl fmt::Display for TaskFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ALL.iter().find(|(fit, _)| fit == self).map_or("any", |(_, word)| word))
    }
}

impl FromStr for TaskFilter {
    type Err = BadTaskFilter;

    fn from_str(text: &str) -> Result<TaskFilter, BadTaskFilter> {
        ALL.iter().find(|(_, word)| *word == text).map(|(fit, _)| *fit).ok_or_else(|| BadTaskFilter(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, TaskFilter};
    use crate::task::status::Status;
    use crate::task::summary::Summary;

    fn takes(fit: TaskFilter, status: Status, is_asked: bool) -> bool {
        fit.takes(&Summary { status, ..Summary::blank() }, is_asked)
    }

    #[test]
    fn words_come_back() {
        for (fit, word) in ALL {
            assert_eq!((word.parse(), fit.to_string()), (Ok(fit), word.to_owned()));
        }
        assert!("sideways".parse::<TaskFilter>().is_err());
    }

    #[test]
    fn what_cannot_be_stopped_is_not_offered_to_stop() {
        assert!(takes(TaskFilter::Living, Status::Paused, false) && !takes(TaskFilter::Living, Status::Lost, true));
        assert!(
            takes(TaskFilter::Running, Status::Running, false) && !takes(TaskFilter::Running, Status::Paused, false)
        );
        assert!(takes(TaskFilter::Begun, Status::Paused, false) && !takes(TaskFilter::Begun, Status::Queued, true));
        assert!(takes(TaskFilter::Over, Status::Lost, false) && !takes(TaskFilter::Over, Status::Unknown, false));
        let ended = Summary { status: Status::Unknown, ended: Some("2026".into()), ..Summary::blank() };
        assert!(TaskFilter::Over.takes(&ended, false), "it was adopted, and only its exit code is not known");
    }

    #[test]
    fn a_living_task_is_offered_to_restart_once_it_is_asked_for() {
        assert!(!takes(TaskFilter::OverFirst, Status::Running, false));
        assert!(takes(TaskFilter::OverFirst, Status::Running, true));
        assert!(takes(TaskFilter::OverFirst, Status::Failed, false));
    }
}
