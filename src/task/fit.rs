//! Which tasks fit a place on the command line.

use std::fmt;
use std::str::FromStr;

use super::selector::Class;
use super::status::Status;

/// The tasks that a verb can do something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Those that live.
    Living,
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
const ALL: [(Fit, &str); 6] = [
    (Fit::Living, "living"),
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
    pub fn takes(self, status: Status, is_asked: bool) -> bool {
        let is_over = !status.is_living() && status != Status::Unknown;
        match self {
            Fit::Living => status.is_living(),
            Fit::Running => matches!(status, Status::Starting | Status::Running),
            Fit::Paused => status == Status::Paused,
            Fit::Over => is_over,
            Fit::OverFirst => is_over || is_asked && status.is_living(),
            Fit::Any => true,
        }
    }

    /// Whether what is over never fits.
    pub fn needs_only_living(self) -> bool {
        match self {
            Fit::Living | Fit::Running | Fit::Paused => true,
            Fit::Over | Fit::OverFirst | Fit::Any => false,
        }
    }

    /// The classes that have tasks which fit.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Fit::Living | Fit::Running | Fit::Paused => &[Class::Running, Class::Here, Class::All],
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

    #[test]
    fn words_come_back() {
        for (fit, word) in ALL {
            assert_eq!((word.parse(), fit.to_string()), (Ok(fit), word.to_owned()));
        }
        assert!("sideways".parse::<Fit>().is_err());
    }

    #[test]
    fn what_cannot_be_stopped_is_not_offered_to_stop() {
        assert!(Fit::Living.takes(Status::Paused, false) && !Fit::Living.takes(Status::Lost, true));
        assert!(Fit::Running.takes(Status::Running, false) && !Fit::Running.takes(Status::Paused, false));
        assert!(Fit::Over.takes(Status::Lost, false) && !Fit::Over.takes(Status::Unknown, false));
    }

    #[test]
    fn a_living_task_is_offered_to_restart_once_it_is_asked_for() {
        assert!(!Fit::OverFirst.takes(Status::Running, false));
        assert!(Fit::OverFirst.takes(Status::Running, true));
        assert!(Fit::OverFirst.takes(Status::Failed, false));
    }
}
