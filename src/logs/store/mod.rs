//! A log on disk: segments, compressed or not, with an index beside each. One process writes,
//! another compresses.

pub mod compact;
pub mod crlf;
pub mod index;
pub mod index_writer;
pub mod names;
pub mod rotate;
pub mod scan;
pub mod seekable;
pub mod segment_reader;
pub mod segments;
pub mod usage;
pub mod writer;
pub mod zstd_frames;
pub mod zstd_reader;
pub mod zstd_stream;
