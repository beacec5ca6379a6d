//! What readers see: colours with a meaning, columns that fit.

pub mod live_region;
pub mod locale;

pub mod plot;
pub mod prompt_segment;
#[cfg(test)]
pub mod snapshot;
pub mod style;
pub mod table;
pub mod task_table;
pub mod text;
