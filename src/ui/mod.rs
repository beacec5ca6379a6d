//! What readers see: colours with a meaning, columns that fit.

pub mod style;
pub mod table;
pub mod tasks;
