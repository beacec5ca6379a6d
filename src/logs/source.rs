//! The bytes of one segment, however it is kept.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::frames::{Found, Frames};

/// A segment open to be read.
pub enum Source {
    /// As it was written.
    Plain(Arc<File>),
    /// Compressed.
    Packed(Box<Frames>),
}

impl Source {
    /// Whether going back in it means to begin anew.
    pub fn is_streamed(&self) -> bool {
        match self {
            Source::Plain(_) => false,
            Source::Packed(frames) => frames.is_streamed(),
        }
    }

    /// Reads what stands at `offset`: as many bytes as are there, fewer than fit if it likes, none at the end.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<Found> {
        match self {
            Source::Plain(file) => file.read_at(buffer, offset).map(Found::Bytes),
            Source::Packed(frames) => frames.read_at(buffer, offset),
        }
    }
}
