//! What readers see: colours with a meaning, columns that fit.

pub mod monitor;
pub mod moving;

pub mod segment;
#[cfg(test)]
pub mod snapshot;
pub mod style;
pub mod table;
pub mod tasks;
pub mod text;
pub mod window;
