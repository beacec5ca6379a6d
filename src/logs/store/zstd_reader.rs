//! A compressed segment, to be read: as aos makes it, or as another tool did. A small frame is
//! decompressed as a whole, a large one goes by as a stream, so that none takes much memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use zstd::bulk::Decompressor;

use crate::logs::store::seekable::table;
use crate::logs::store::zstd_frames::{FrameHeader, ZstdFrame, walk};
use crate::logs::store::zstd_stream::ZstdStream;

/// What was found at a place.
#[derive(Debug, PartialEq, Eq)]
pub enum FrameAt {
    /// So many bytes; none at the end.
    Bytes(usize),
    /// What stands here cannot be read, up to this offset.
    Damaged(u64),
    /// To read what stands here, up to this offset, would take too much memory.
    TooWide(u64),
}

/// A compressed segment open to be read.
pub struct ZstdReader {
    file: File,
    frames: Vec<ZstdFrame>,
    /// Where in the file the last of them ends.
    end: u64,
    decompressor: Option<Decompressor<'static>>,
    packed: Vec<u8>,
    /// The frame that is decompressed, or the one that goes by.
    piece: Option<(usize, Vec<u8>)>,
    stream: Option<(usize, ZstdStream)>,
}

impl ZstdReader {
    /// Reads the table; where there is none that is whole, goes from frame to frame.
    pub fn open(file: File) -> io::Result<ZstdReader> {
        let (frames, end) = match table(&file) {
            Ok(frames) => (frames, file.metadata()?.len()),
            Err(_) => walk(&file)?,
        };
        Ok(ZstdReader { file, frames, end, decompressor: None, packed: Vec::new(), piece: None, stream: None })
    }

    /// What the segment holds, decompressed. *Units*: bytes.
    pub fn length(&self) -> u64 {
        self.frames.last().map_or(0, ZstdFrame::end)
    }

    /// Whether going back in it means to begin anew.
    pub fn is_streamed(&self) -> bool {
        self.frames.iter().any(ZstdFrame::is_streamed)
    }

    /// Reads what stands at `offset`, up to the end of what is decompressed at once.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<FrameAt> {
        let at = self.frames.partition_point(|frame| frame.end() <= offset);
        let Some(&frame) = self.frames.get(at) else {
            // What stands behind the last frame may be one that could not even be measured.
            let is_too_wide = FrameHeader::at(&self.file, self.end).is_ok_and(|header| header.is_too_wide());
            return Ok(if is_too_wide { FrameAt::TooWide(u64::MAX) } else { FrameAt::Bytes(0) });
        };
        let from = offset - frame.start;
        if from < frame.readable {
            match self.part(at, frame, from) {
                Ok(part) => {
                    let length = buffer.len().min(part.len());
                    buffer[..length].copy_from_slice(&part[..length]);
                    return Ok(FrameAt::Bytes(length));
                }
                // Kept, or every further read would decompress up to the damage again.
                Err(readable) => self.frames[at].readable = readable,
            }
        }
        // Only a stream keeps a window: what is decompressed as a whole is small, whatever it says.
        let is_too_wide =
            frame.is_streamed() && FrameHeader::at(&self.file, frame.place.0).is_ok_and(|h| h.is_too_wide());
        Ok(if is_too_wide { FrameAt::TooWide(frame.end()) } else { FrameAt::Damaged(frame.end()) })
    }

    /// What is decompressed at once of a frame, from a place in it on. *Errors*: how much of the
    /// frame can be read.
    fn part(&mut self, at: usize, frame: ZstdFrame, from: u64) -> Result<&[u8], u64> {
        if frame.is_streamed() {
            self.stream(at, frame, from)
        } else {
            self.unpack(at, frame).map(|piece| &piece[from as usize..]).map_err(|_| 0)
        }
    }

    fn stream(&mut self, at: usize, frame: ZstdFrame, from: u64) -> Result<&[u8], u64> {
        // Only one of the two takes memory at a time.
        (self.piece, self.packed) = (None, Vec::new());
        let (_, unpacking) = match self.stream.take().filter(|(which, _)| *which == at) {
            Some(open) => self.stream.insert(open),
            None => self.stream.insert((at, ZstdStream::new(frame.place).map_err(|_| 0u64)?)),
        };
        if from < unpacking.start() {
            unpacking.begin_anew(frame.place).map_err(|_| 0u64)?;
        }
        // One without a proper end is shown as far as it goes; else the last block waits for the
        // checksum.
        let length = if frame.is_broken { u64::MAX } else { frame.length };
        while unpacking.position() <= from {
            if !unpacking.advance(&self.file, length).unwrap_or(false) {
                return Err(unpacking.position());
            }
        }
        Ok(unpacking.from(from))
    }

    fn unpack(&mut self, at: usize, frame: ZstdFrame) -> io::Result<&[u8]> {
        self.stream = None;
        let is_there = self.piece.as_ref().is_some_and(|(which, _)| *which == at);
        let mut piece = self.piece.take().map(|(_, piece)| piece).unwrap_or_default();
        if !is_there {
            // Neither is long, whatever the file says: what is larger goes by as a stream.
            self.packed.resize(frame.place.1 as usize, 0);
            self.file.read_exact_at(&mut self.packed, frame.place.0)?;
            piece.clear();
            piece.reserve(frame.length as usize);
            let decompressor = match &mut self.decompressor {
                Some(decompressor) => decompressor,
                none => none.insert(Decompressor::new()?),
            };
            decompressor.decompress_to_buffer(&self.packed, &mut piece)?;
            if piece.len() as u64 != frame.length {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(&self.piece.insert((at, piece)).1)
    }
}

#[cfg(test)]
#[path = "zstd_reader_tests.rs"]
mod tests;
