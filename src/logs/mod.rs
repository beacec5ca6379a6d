//! Logs: files of bytes, written by one and read by many. Knows nothing of tasks.

pub mod around;
pub mod fields;
pub mod findings;
pub mod fold;
pub mod follow;
mod frames;
pub mod growing;
pub mod head;
mod index;
mod indexing;
pub mod level;
pub mod lines;
pub mod mask;
mod names;
pub mod numbered;
pub mod reader;
pub mod repeats;
mod rotate;
pub mod search;
pub mod segments;
pub mod severity;
mod source;
pub mod tail;
pub mod tidy;
pub mod times;
pub mod visible;
pub mod writer;
