//! What readers see: colours with a meaning, columns that fit.

pub mod monitor;
pub mod moving;

pub mod segment;
pub mod style;
pub mod table;
pub mod tasks;
pub mod text;
pub mod window;
