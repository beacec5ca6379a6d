//! What readers see: colours with a meaning, columns that fit.

pub mod segment;
pub mod style;
pub mod table;
pub mod tasks;
