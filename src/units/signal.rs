//! A signal by name and number; what it does is signal(7)'s business.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A signal number, 1 to 64, real-time ones included. *Shape* in JSON: the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signal(i32);

/// Why a text names no signal.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no signal: use a name such as TERM, INT, HUP, USR1, or a number from 1 to 64")]
pub struct BadSignal(String);

/// The highest signal number on Linux.
pub const HIGHEST: i32 = 64;

impl Signal {
    /// Asks a program to end.
    pub const TERM: Signal = Signal(libc::SIGTERM);
    /// Tells a program that its terminal is gone.
    pub const HUP: Signal = Signal(libc::SIGHUP);
    /// Ends a program; it has no say.
    pub const KILL: Signal = Signal(libc::SIGKILL);
    /// Stops a program where it is.
    pub const STOP: Signal = Signal(libc::SIGSTOP);
    /// Nobody reads a program's output.
    pub const PIPE: Signal = Signal(libc::SIGPIPE);
    /// Lets a stopped program go on.
    pub const CONT: Signal = Signal(libc::SIGCONT);
    /// What asks a supervisor to look at its requests.
    pub const USR1: Signal = Signal(libc::SIGUSR1);

    /// The signal with this number, if there is one.
    pub fn from_number(number: i32) -> Option<Signal> {
        (1..=HIGHEST).contains(&number).then_some(Signal(number))
    }

    /// Every signal that has a name, in the order of numbers.
    pub fn named() -> impl Iterator<Item = Signal> {
        nix::sys::signal::Signal::iterator().map(|known| Signal(known as i32))
    }

    /// The number, as kill(2) takes it.
    pub fn number(self) -> i32 {
        self.0
    }
}

impl FromStr for Signal {
    type Err = BadSignal;

    fn from_str(text: &str) -> Result<Signal, BadSignal> {
        let bad = || BadSignal(text.to_owned());
        // Two have a number and no name: they are shown so.
        if let Ok(number) = text.strip_prefix("signal ").unwrap_or(text).parse() {
            return Signal::from_number(number).ok_or_else(bad);
        }
        let upper = text.to_ascii_uppercase();
        let name = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
        let known: nix::sys::signal::Signal = name.parse().map_err(|_| bad())?;
        Ok(Signal(known as i32))
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match nix::sys::signal::Signal::try_from(self.0) {
            Ok(known) => f.pad(known.as_str()),
            Err(_) => write!(f, "signal {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn names_and_numbers_mean_the_same() {
        for text in ["TERM", "SIGTERM", "term", "15"] {
            assert_eq!(text.parse(), Ok(Signal::TERM), "{text}");
        }
        assert_eq!("34".parse::<Signal>().map(|s| s.to_string()), Ok("signal 34".to_owned()));
        for text in ["", "0", "65", "-9", "NOPE"] {
            assert!(text.parse::<Signal>().is_err(), "{text}");
        }
    }
}
