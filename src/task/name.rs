//! What a task is called: by its user, or after its command.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::command::Command;

/// A task's name: letters, digits, `.`, `_` and `-`, and no number, so that it is never taken for
/// an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot be a task's name: use letters, digits, `.`, `_` and `-`, 64 at most (192 bytes), beginning with a letter, and not like an id"
)]
pub struct BadName(String);

const LONGEST: usize = 64;
/// A file system counts bytes: the name of a log's part, which has up to 50 more, fits into 255.
/// *Units*: bytes.
const LONGEST_BYTES: usize = 192;
const LONGEST_DERIVED: usize = 24;
/// First words that say only how something is run.
const CARRIERS: &[&str] = &["sudo", "env", "nohup", "exec", "time", "nice", "command", "npx", "bunx", "uvx"];
/// Second words that say only that it is run.
const RUNNERS: &[&str] = &["run", "exec", "start", "x"];

impl Name {
    /// Names a task after its command: program and first telling word, `npm run dev` → `npm-dev`.
    pub fn of(command: &Command) -> Name {
        let words = command.words();
        let telling: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|w| !w.starts_with('-') && !w.contains('='))
            .skip_while(|w| CARRIERS.contains(w))
            .collect();
        let program = telling.first().map_or("task", |w| w.rsplit('/').next().unwrap_or(w));
        let second =
            telling.iter().skip(1).find(|w| !RUNNERS.contains(w)).map_or("", |w| w.rsplit('/').next().unwrap_or(w));
        let mut derived = String::new();
        for c in format!("{program}-{second}").chars().take(LONGEST_DERIVED) {
            match c {
                c if c.is_ascii_alphanumeric() => derived.push(c.to_ascii_lowercase()),
                _ if !derived.is_empty() && !derived.ends_with('-') => derived.push('-'),
                _ => {}
            }
        }
        let derived = derived.trim_matches('-');
        // It may begin with a digit (`7z`), or have nothing left of it.
        let is_name = derived.parse::<Name>().is_ok();
        Name(if is_name { derived.to_owned() } else { format!("run-{derived}").trim_end_matches('-').to_owned() })
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Name, BadName> {
        let is_like_an_id = text.strip_prefix("task-").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
        let is_name = text.starts_with(|c: char| c.is_alphabetic())
            && text.len() <= LONGEST_BYTES
            && text.chars().count() <= LONGEST
            && text.chars().all(|c| c.is_alphanumeric() || "._-".contains(c))
            && !is_like_an_id;
        if is_name { Ok(Name(text.to_owned())) } else { Err(BadName(text.to_owned())) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;
    use crate::task::command::{Command, UseShell};
    use crate::task::os_bytes::OsBytes;
    use proptest::prelude::*;

    fn derived(line: &str) -> String {
        let command =
            Command::new(vec![OsBytes::from(line)], OsBytes::from("/bin/sh"), UseShell::AsNeeded).expect("a command");
        Name::of(&command).to_string()
    }

    #[test]
    fn a_command_names_its_task() {
        for (line, name) in [
            ("npm run dev", "npm-dev"),
            ("cargo test --all", "cargo-test"),
            ("./build.sh", "build-sh"),
            ("/usr/bin/python3 -m http.server", "python3-http-server"),
            ("FOO=1 make -j4 all", "make-all"),
            ("sleep 100", "sleep-100"),
            ("7z x a.7z", "run-7z-a-7z"),
            ("!!!", "run"),
            ("echo \"hi\"", "echo-hi"),
        ] {
            assert_eq!(derived(line), name, "{line}");
        }
    }

    #[test]
    fn what_could_be_an_id_is_no_name() {
        for text in ["", "7", "task-7", "task-007-web", "a b", "-x", "@all", "a*", "a/b", "\u{1b}[31m"] {
            assert!(text.parse::<Name>().is_err(), "{text:?}");
        }
        for text in ["web", "a.b-c_d", "überall", "task-force"] {
            assert!(text.parse::<Name>().is_ok(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_command_the_name_is_one(line in "\\PC{1,60}") {
            if let Ok(command) = Command::new(vec![OsBytes::from(line.as_str())], OsBytes::from("/bin/sh"), UseShell::AsNeeded) {
                let name = Name::of(&command).to_string();
                prop_assert!(name.parse::<Name>().is_ok(), "{}", name);
            }
        }
    }
}
