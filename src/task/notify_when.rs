//! When the user is told of a task by the ways of `aos notify`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyWhen {
    /// When it is over.
    Done,
    /// When it has failed.
    Fail,
    /// When it is ready, or has ended without being that.
    Ready,
}

impl fmt::Display for NotifyWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotifyWhen::Done => "when it is over",
            NotifyWhen::Fail => "when it fails",
            NotifyWhen::Ready => "when it is ready",
        })
    }
}
