//! The command lines of `aos run` that are typed most, and that shells write for `&aos`: read
//! without the parser, which lays out sixty options first. Of what begins a task that takes a
//! sixth of the time.

use std::ffi::{OsStr, OsString};

use crate::task::name::Name;

/// A command line without other options than these.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RunLine {
    /// `-b`.
    pub background: bool,
    /// `-n NAME`.
    pub name: Option<Name>,
    /// The command: not empty.
    pub command: Vec<OsString>,
}

impl RunLine {
    /// Reads the words behind `run`; `None` where they are not as simple as that, or wrong: the
    /// parser will know what to say of them.
    pub fn read(words: &[OsString]) -> Option<RunLine> {
        let mut line = RunLine::default();
        let mut rest = words.iter();
        loop {
            let left = rest.as_slice();
            let word = rest.next()?.to_str();
            match word {
                Some("-b" | "--background") if !line.background => line.background = true,
                Some("-n" | "--name") if line.name.is_none() => line.name = Some(name(rest.next()?)?),
                Some("--") => return line.of(rest.as_slice()),
                Some(option) if option.starts_with('-') => return None,
                _ if left.iter().any(|word| word == "--") => return None,
                _ => return line.of(left),
            }
        }
    }

    fn of(mut self, command: &[OsString]) -> Option<RunLine> {
        self.command = command.to_vec();
        (!command.is_empty()).then_some(self)
    }
}

fn name(word: &OsStr) -> Option<Name> {
    word.to_str().filter(|word| !word.starts_with('-'))?.parse().ok()
}
