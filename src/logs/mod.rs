//! Logs: files of bytes, written by one and read by many. Knows nothing of tasks.

pub mod findings;
pub mod fold;
pub mod follow;
pub mod growing;
pub mod head;
pub mod lines;
pub mod search;
pub mod severity;
pub mod tail;
pub mod visible;
pub mod writer;
