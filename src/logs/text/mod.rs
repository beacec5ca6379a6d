//! The text of a log: its lines, as a reader would see them, chosen, masked and searched.

pub mod context;
pub mod dedup;
pub mod level;
pub mod line_search;
pub mod line_splitter;
pub mod masked;
pub mod numbered_lines;
pub mod plain;
pub mod redact;
pub mod rendered;
pub mod secret_values;
pub mod severity;
pub mod structured;
pub mod unmasked;
