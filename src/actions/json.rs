//! The version of all that is printed as JSON. *Source*: docs/json.md.

/// The version.
pub const VERSION: u32 = 1;
