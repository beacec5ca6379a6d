//! One thing that was looked at.

use std::fmt;

use serde::Serialize;

use crate::ansi::printable;

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// It works, and could work better.
    Warn,
    /// Something does not work.
    Bad,
    /// Nobody could tell.
    Unknown,
}

/// What was found of one thing. *Shape* in JSON: `{"name","state","message","hint"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, in a word for programs.
    pub name: &'static str,
    /// How it stands.
    pub state: CheckStatus,
    /// The same for people; safe to print.
    pub message: String,
    /// What to do about it; safe to print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Check {
    /// A finding. The message may hold anything that was found.
    pub fn new(name: &'static str, state: CheckStatus, message: impl AsRef<str>) -> Check {
        Check { name, state, message: printable(message.as_ref()), hint: None }
    }

    /// The same with what to do about it.
    pub fn hint(mut self, hint: impl AsRef<str>) -> Check {
        self.hint = Some(printable(hint.as_ref()));
        self
    }
}

impl fmt::Display for CheckStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Warn => "warn",
            CheckStatus::Bad => "bad",
            CheckStatus::Unknown => "unknown",
        })
    }
}
