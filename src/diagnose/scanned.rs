//! What the rules found in a log, before it is made findings of.

use super::counts::Counts;
use super::finding::Finding;
use super::matched::PatternLines;
use super::pack::Role;
use super::regions::Regions;

/// Something that a rule found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// What it is.
    pub finding: Finding,
    /// What the rule's start means.
    pub role: Role,
    /// Among summaries: the lowest tells most.
    pub rank: u32,
    /// Whether it counts only where the exit code says that something failed.
    pub is_loose: bool,
    /// Whether it is a problem wherever it stands.
    pub is_certain: bool,
    /// Whether it is one of many rows, each a problem of its own.
    pub is_row: bool,
}

/// What was found in a whole log.
#[derive(Clone, Debug, Default)]
pub struct Scanned {
    /// In the log's order.
    pub hits: Vec<Hit>,
    /// How often something was found that is none of them, as they are too many.
    pub unkept: u64,
    /// How many tests did what.
    pub counts: Counts,
    /// Where tests ran that all passed.
    pub regions: Regions,
    /// What the last build came to, if one said so.
    pub build: Option<bool>,
    /// The last lines that say anything.
    pub last: Vec<(u64, String)>,
    /// How many lines there are.
    pub lines: u64,
    /// Lines that match a pattern of somebody's own.
    pub matched: PatternLines,
}
