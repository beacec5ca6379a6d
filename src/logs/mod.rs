//! Logs: files of bytes, written by one and read by many. Knows nothing of tasks.

pub mod around;
pub mod fields;
pub mod findings;
pub mod fold;
pub mod follow;
#[allow(dead_code, reason = "the writer is to use it")]
mod frames;
pub mod growing;
pub mod head;
#[allow(dead_code, reason = "the writer is to use it")]
mod index;
pub mod level;
pub mod lines;
pub mod mask;
#[allow(dead_code, reason = "the writer is to use it")]
mod names;
pub mod numbered;
pub mod reader;
pub mod repeats;
pub mod search;
#[allow(dead_code, reason = "the writer is to use it")]
pub mod segments;
pub mod severity;
mod source;
pub mod tail;
#[allow(dead_code, reason = "the writer is to use it")]
pub mod times;
pub mod visible;
pub mod writer;
