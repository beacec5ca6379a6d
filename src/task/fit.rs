//! Which tasks fit a place on the command line.

use std::fmt;
use std::str::FromStr;

use super::selector::Class;
use super::status::Status;
use super::summary::Summary;

/// The tasks that a verb can do something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
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
const ALL: [(Fit, &str); 7] = [
    (Fit::Living, "living"),
    (Fit::Begun, "begun"),
    (Fit::Running, "running"),
    (Fit::Paused, "paused"),
    (Fit::Over, "over"),
    (Fit::OverFirst, "over-first"),
    (Fit::Any, "any"),
];

/// Why a word is no fit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` says nothing of which tasks fit")]
pub struct BadFit(String);

impl Fit {
    /// Whether a task that stands so fits; `is_asked` where the reader has begun to name it.
    pub fn takes(self, row: &Summary<'_>, is_asked: bool) -> bool {
        match self {
            Fit::OverFirst if !is_asked => row.is_over(),
            fit => fit.has(row.status, row.is_over()),
        }
    }

    /// Whether the verb can do something with a task that stands so; `is_over` where it is known to be.
    pub fn has(self, status: Status, is_over: bool) -> bool {
        match self {
            Fit::Living => status.is_living(),
            Fit::Begun => status.is_living() && status != Status::Queued,
            Fit::Running => matches!(status, Status::Starting | Status::Running),
            Fit::Paused => status == Status::Paused,
            Fit::Over => is_over,
            Fit::OverFirst => is_over || status.is_living(),
            Fit::Any => true,
        }
    }

    /// What such a task is called: `no living task matches 'web*'`.
    pub fn adjective(self) -> &'static str {
        match self {
            Fit::Living => "living ",
            Fit::Begun => "begun ",
            Fit::Running => "running ",
            Fit::Paused => "paused ",
            Fit::Over => "finished ",
            Fit::OverFirst | Fit::Any => "",
        }
    }

    /// Whether what is over never fits.
    pub fn needs_only_living(self) -> bool {
        match self {
            Fit::Living | Fit::Begun | Fit::Running | Fit::Paused => true,
            Fit::Over | Fit::OverFirst | Fit::Any => false,
        }
    }

    /// The classes that have tasks which fit.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Fit::Living | Fit::Begun | Fit::Running | Fit::Paused => &[Class::Running, Class::Here, Class::All],
            Fit::Over => &[Class::Failed, Class::Done, Class::Here, Class::All],
            Fit::OverFirst | Fit::Any => &[Class::Running, Class::Failed, Class::Done, Class::Here, Class::All],
        }
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(ALL.iter().find(|(fit, _)| fit == self).map_or("any", |(_, word)| word))
    }
}

impl FromStr for Fit {
    type Err = BadFit;

    fn from_str(text: &str) -> Result<Fit, BadFit> {
        ALL.iter().find(|(_, word)| *word == text).map(|(fit, _)| *fit).ok_or_else(|| BadFit(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Fit};
    use crate::task::status::Status;
    use crate::task::summary::Summary;

    fn takes(fit: Fit, status: Status, is_asked: bool) -> bool {
        fit.takes(&Summary { status, ..Summary::blank() }, is_asked)
    }

    #[test]
    fn words_come_back() {
        for (fit, word) in ALL {
            assert_eq!((word.parse(), fit.to_string()), (Ok(fit), word.to_owned()));
        }
        assert!("sideways".parse::<Fit>().is_err());
    }

    #[test]
    fn what_cannot_be_stopped_is_not_offered_to_stop() {
        assert!(takes(Fit::Living, Status::Paused, false) && !takes(Fit::Living, Status::Lost, true));
        assert!(takes(Fit::Running, Status::Running, false) && !takes(Fit::Running, Status::Paused, false));
        assert!(takes(Fit::Begun, Status::Paused, false) && !takes(Fit::Begun, Status::Queued, true));
        assert!(takes(Fit::Over, Status::Lost, false) && !takes(Fit::Over, Status::Unknown, false));
        let ended = Summary { status: Status::Unknown, ended: Some("2026".into()), ..Summary::blank() };
        assert!(Fit::Over.takes(&ended, false), "it was adopted, and only its exit code is not known");
    }

    #[test]
    fn a_living_task_is_offered_to_restart_once_it_is_asked_for() {
        assert!(!takes(Fit::OverFirst, Status::Running, false));
        assert!(takes(Fit::OverFirst, Status::Running, true));
        assert!(takes(Fit::OverFirst, Status::Failed, false));
    }
}
