//! That a task is ready, and how that is known.

use serde::{Deserialize, Serialize};

use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// What was seen when that was met which was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How it is known, in words.
    pub how: String,
    /// Where it is reached, if it has said so or was asked there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The ports on which its processes listened then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// The line that matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<MatchedLine>,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedLine {
    /// Which: the log's first is 1.
    pub number: u64,
    /// As it is visible, without its end.
    pub text: String,
}

/// That a run is ready. *Shape*: `ready` in `status.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Since when.
    pub at: WallTime,
    /// How long after its start.
    pub after: Span,
    /// How that is known.
    #[serde(flatten)]
    pub sight: Evidence,
}
