//! What the shell says of itself. A program cannot see its shell's functions, traps and keys, so
//! the shell function `aos` puts them into a variable for `aos doctor`.
//!
//! *Shape*: lines of `key=value`. Keys that are not known here are passed over; a key that is
//! absent, or has a value that is not known here, leaves that fact open.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::shell::Shell;

/// The variable.
pub const VARIABLE: &str = "AOS_SHELL_FACTS";

/// Everything a shell may say; `None` is what it did not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `shell`: which it is.
    pub shell: Option<Shell>,
    /// `version`: as the shell tells it, `5.2.15(1)-release`.
    pub version: Option<String>,
    /// `script`: the version of the script that is loaded.
    pub script: Option<String>,
    /// `sourced`: how often it was loaded.
    pub sourced: Option<u32>,
    /// `alias`: the text of an alias called aos. Absent or empty: there is none.
    pub alias: Option<String>,
    /// `enter`: what takes `cmd &aos`.
    pub enter: Option<Enter>,
    /// `prompt`: the hook before each prompt.
    pub prompt: Option<PromptHook>,
    /// `segment`: whether the prompt shows tasks.
    pub segment: Option<PromptSegment>,
    /// `debug_trap`: somebody's DEBUG trap.
    pub debug_trap: Option<DebugTrap>,
    /// `blesh`: whether ble.sh reads the keys.
    pub blesh: Option<YesNo>,
    /// `live`: whether the prompt changes by itself.
    pub live: Option<YesNo>,
    /// `completion`: whose Tab is.
    pub completion: Option<Completion>,
}

/// Whether Enter, in zsh the hook before a command, is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enter {
    /// Ours.
    Ours,
    /// Bound to, or reset by, something else.
    Other,
    /// The shell is too old for it.
    Unsupported,
    /// Switched off.
    Off,
}

/// Whether the hook before each prompt is in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptHook {
    /// In place.
    Ours,
    /// Reset by something else.
    Missing,
}

/// Whether the prompt refers to `AOS_PROMPT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptSegment {
    /// It does.
    Shown,
    /// It does not.
    Absent,
}

/// Whether somebody else has set a DEBUG trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DebugTrap {
    /// Nobody has.
    None,
    /// Somebody has.
    Other,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Whose completion of aos it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Completion {
    /// Ours.
    Ours,
    /// Somebody else's.
    Other,
    /// There is none.
    None,
}

impl Facts {
    /// Reads what the shell said.
    pub fn parse(text: &str) -> Facts {
        let pairs: HashMap<&str, &str> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let said = |key: &str| pairs.get(key).map(|value| (*value).to_owned()).filter(|value| !value.is_empty());
        Facts {
            shell: said("shell").and_then(|name| name.parse().ok()),
            version: said("version"),
            script: said("script"),
            sourced: said("sourced").and_then(|times| times.parse().ok()),
            alias: said("alias"),
            enter: word(&pairs, "enter"),
            prompt: word(&pairs, "prompt"),
            segment: word(&pairs, "segment"),
            debug_trap: word(&pairs, "debug_trap"),
            blesh: word(&pairs, "blesh"),
            live: word(&pairs, "live"),
            completion: word(&pairs, "completion"),
        }
    }
}

fn word<'a, T: Deserialize<'a>>(pairs: &HashMap<&str, &'a str>, key: &str) -> Option<T> {
    let value: StrDeserializer<'a, Error> = pairs.get(key)?.into_deserializer();
    T::deserialize(value).ok()
}

#[cfg(test)]
mod tests {
    use super::{Completion, DebugTrap, Enter, Facts, PromptHook, PromptSegment, YesNo};
    use crate::shell::Shell;

    #[test]
    fn every_key_is_read() {
        let text = "shell=bash\nversion=5.2.15(1)-release\nscript=0.1.0\nsourced=2\nalias=a=b\nenter=ours\nprompt=missing\n\
                    segment=shown\ndebug_trap=none\nblesh=no\nlive=yes\ncompletion=other\n";
        let wanted = Facts {
            shell: Some(Shell::Bash),
            version: Some("5.2.15(1)-release".into()),
            script: Some("0.1.0".into()),
            sourced: Some(2),
            alias: Some("a=b".into()),
            enter: Some(Enter::Ours),
            prompt: Some(PromptHook::Missing),
            segment: Some(PromptSegment::Shown),
            debug_trap: Some(DebugTrap::None),
            blesh: Some(YesNo::No),
            live: Some(YesNo::Yes),
            completion: Some(Completion::Other),
        };
        assert_eq!(Facts::parse(text), wanted);
    }

    #[test]
    fn what_is_not_known_is_left_open() {
        assert_eq!(
            Facts::parse("colour=blue\nenter=perhaps\nno sign\nsourced=many\nshell=fish\nalias=\n"),
            Facts::default()
        );
    }
}
