//! What a git work tree had when a run began in it.
//!
//! *Shape*: `tree.json` of a task: `{"version":1,"run":2,"root":"/src/app","tree":"4b825d…"}`, with
//! `"changed":["src/a.c"]` where files changed between the start and the look.

use serde::{Deserialize, Serialize};

use super::format::Format;
use super::os_bytes::OsBytes;

/// The version of the file.
pub const VERSION: u32 = 1;
/// No more changed files are named.
pub const MOST_NAMED: usize = 20;

/// What a work tree had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartTree {
    /// The format's version.
    pub version: u32,
    /// Which run it was.
    pub run: u32,
    /// The top of the work tree.
    pub root: OsBytes,
    /// The hash of what was tracked; absent where it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Files of which it is not known what they had when the run began: [`MOST_NAMED`] at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<OsBytes>,
    /// Why it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Format for StartTree {
    const VERSION: u32 = VERSION;
}
