//! What a living task can be asked to do, by anybody who may write into its directory.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::format::Format;
use super::limits::ResourceLimits;
use crate::units::signal::Signal;
use crate::units::span::Span;

/// The version of a request's format.
pub const VERSION: u32 = 1;
/// The version of an answer's format.
pub const VERSION_OF_ANSWER: u32 = 1;

/// A request. *Shape*: one JSON file in the task's `requests/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The format's version.
    pub version: u32,
    /// What is asked.
    pub ask: Ask,
    /// Who asks.
    pub by: Asker,
}

impl Format for Request {
    const VERSION: u32 = VERSION;
}

impl Format for RequestAnswer {
    const VERSION: u32 = VERSION_OF_ANSWER;
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// End: this signal to every descendant, and after the grace KILL. Asked a second time, KILL at
    /// once.
    Stop {
        /// The first signal; the spec's if absent.
        signal: Option<Signal>,
        /// Until KILL; the spec's if absent.
        grace: Option<Span>,
    },
    /// This signal to the leader's process group, as a terminal would send it.
    Signal(Signal),
    /// Stop every descendant where it is.
    Pause,
    /// Let them go on.
    Resume,
    /// Limit the run that goes on so, too.
    Limit(ResourceLimits),
    /// Say how long the end may still take. Nothing is done, and nothing is noted.
    Progress,
}

/// Who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asker {
    /// What was used: `aos stop`, or `signal TERM`.
    pub with: String,
    /// The process that asked; 0 when not known.
    pub pid: i32,
}

/// Where the answer to a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerTo {
    /// Beside the file of this request, which has this name.
    File(String),
    /// To the client of the control socket that has this number now.
    Client(usize),
}

/// The answer. *Shape*: JSON, beside the request, under its name with `.done`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestAnswer {
    /// The format's version.
    pub version: u32,
    /// Why it was not done; absent when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// How long the end may take from now on, if the task is ending and nothing holds the
    /// supervisor up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_within: Option<Span>,
    /// After how long the task's processes get KILL, if they are being ended and have not got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub killed_after: Option<Span>,
}

/// What a restart asks with: the end that it brings about is none for anybody who waits or is told.
pub const RESTART: &str = "aos restart";

impl Asker {
    /// Whether the end that was asked for makes way for the next run.
    pub fn is_restart(&self) -> bool {
        self.with == RESTART
    }
}

impl RequestAnswer {
    /// The answer of this version of aos: done, or refused with the reason.
    pub fn new(refused: Option<String>, ends_within: Option<Span>) -> RequestAnswer {
        RequestAnswer { version: VERSION_OF_ANSWER, refused, ends_within, killed_after: None }
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            0 => f.write_str(&self.with),
            pid => write!(f, "{} (pid {pid})", self.with),
        }
    }
}
