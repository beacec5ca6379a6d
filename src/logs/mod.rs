//! Logs: files of bytes, written by one and read by many. Knows nothing of tasks.

pub mod read;
pub mod store;
pub mod text;
