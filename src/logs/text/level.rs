//! How much a line matters, by whoever wrote it.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A level, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For who looks for something.
    Trace,
    /// For who wrote the program.
    Debug,
    /// What goes on.
    Info,
    /// What may go wrong.
    Warn,
    /// What went wrong.
    Error,
    /// What the program did not live through.
    Fatal,
}

/// Why a text is no level.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no level: use trace, debug, info, warn, error or fatal")]
pub struct BadLevel(String);

/// What programs write for each; the first name is ours.
const NAMES: [(Level, &[&str]); 6] = [
    (Level::Trace, &["trace", "trc", "finest", "silly"]),
    (Level::Debug, &["debug", "dbg", "fine", "verbose"]),
    (Level::Info, &["info", "inf", "information", "informational", "notice", "log"]),
    (Level::Warn, &["warn", "warning", "wrn"]),
    (Level::Error, &["error", "err", "eror", "severe"]),
    (Level::Fatal, &["fatal", "critical", "crit", "panic", "dpanic", "emerg", "emergency", "alert", "ftl"]),
];

impl Level {
    /// The level of a number, as pino and bunyan count: 10, 20, 30 …
    pub fn of_number(number: u64) -> Option<Level> {
        let at = usize::try_from(number / 10).ok()?.checked_sub(1)?;
        // They stand in the order of these numbers.
        NAMES.get(at).map(|(level, _)| *level)
    }

    fn name(self) -> &'static str {
        NAMES.iter().find(|(level, _)| *level == self).and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }
}

impl FromStr for Level {
    type Err = BadLevel;

    fn from_str(text: &str) -> Result<Level, BadLevel> {
        let is_named = |names: &[&str]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
        NAMES
            .iter()
            .find(|(_, names)| is_named(names))
            .map(|(level, _)| *level)
            .ok_or_else(|| BadLevel(text.to_owned()))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::text::level::{Level, NAMES};

    #[test]
    fn levels_have_names_and_numbers() {
        for (level, names) in NAMES {
            names.iter().for_each(|name| assert_eq!(name.to_uppercase().parse(), Ok(level)));
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert_eq!(
            [10, 30, 50, 60].map(Level::of_number),
            [Level::Trace, Level::Info, Level::Error, Level::Fatal].map(Some)
        );
        assert_eq!([0, 9, 70].map(Level::of_number), [None; 3]);
        assert!("loud".parse::<Level>().is_err());
    }
}
