//! A compressed segment: zstd frames of a piece each, with a table of them at the end, so that any place is reached by
//! decompressing one piece. Ordinary tools (`zstd -dc`, `zstdgrep`) read it as any other.
//!
//! *Source*: `contrib/seekable_format/zstd_seekable_compression_format.md` of zstd; the frames carry checksums of their own.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{CParameter, find_frame_compressed_size, get_frame_content_size};

/// What a frame holds, decompressed: little, as who wants the last lines decompresses one. *Units*: bytes.
pub const PIECE: usize = 1 << 17;
/// No frame of another's making is decompressed that claims more.
const LARGEST: u64 = 1 << 24;
const LEVEL: i32 = 3;

const SKIPPABLE: u32 = 0x184D_2A5E;
const SEEKABLE: u32 = 0x8F92_EAB1;
/// The table's end: how many frames, flags, the magic. *Units*: bytes.
const FOOTER: u64 = 9;
const ROW: u64 = 8;

/// One frame. *Units*: bytes.
#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Where it stands in the file, and how long it is there.
    place: (u64, u64),
    /// Which part of the segment it holds.
    start: u64,
    length: u64,
}

/// What was found at a place.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// So many bytes; none at the end.
    Bytes(usize),
    /// What stands here cannot be read, up to this offset.
    Damaged(u64),
}

/// A compressed segment open to be read.
pub struct Frames {
    file: File,
    frames: Vec<Frame>,
    decompressor: Option<Decompressor<'static>>,
    packed: Vec<u8>,
    /// The frame that is decompressed.
    piece: Option<(usize, Vec<u8>)>,
}

impl Frames {
    /// Reads the table; where that is damaged, frame by frame as far as they are whole.
    pub fn open(file: File) -> io::Result<Frames> {
        let frames = match table(&file) {
            Ok(frames) => frames,
            Err(_) => walk(&file)?,
        };
        Ok(Frames { file, frames, decompressor: None, packed: Vec::new(), piece: None })
    }

    /// What the segment holds, decompressed. *Units*: bytes.
    pub fn length(&self) -> u64 {
        self.frames.last().map_or(0, |last| last.start + last.length)
    }

    /// Reads what stands at `offset`, up to the end of its frame at most.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<Found> {
        let at = self.frames.partition_point(|frame| frame.start + frame.length <= offset);
        let Some(&frame) = self.frames.get(at) else { return Ok(Found::Bytes(0)) };
        if self.unpack(at, frame).is_err() {
            return Ok(Found::Damaged(frame.start + frame.length));
        }
        let piece = self.piece.as_ref().map_or(&[][..], |(_, piece)| piece);
        let from = (offset - frame.start) as usize;
        let length = buffer.len().min(piece.len() - from);
        buffer[..length].copy_from_slice(&piece[from..from + length]);
        Ok(Found::Bytes(length))
    }

    fn unpack(&mut self, at: usize, frame: Frame) -> io::Result<()> {
        if self.piece.as_ref().is_some_and(|(which, _)| *which == at) {
            return Ok(());
        }
        let mut piece = self.piece.take().map(|(_, piece)| piece).unwrap_or_default();
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
        self.piece = Some((at, piece));
        Ok(())
    }
}

/// Compresses all that `from` holds into `to`; gives how much that was. *Units*: bytes.
pub fn compress(mut from: impl Read, to: &mut impl Write) -> io::Result<u64> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    let (mut piece, mut rows, mut total) = (Vec::with_capacity(PIECE), Vec::new(), 0);
    loop {
        piece.clear();
        from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        if piece.is_empty() {
            to.write_all(&table_of(&rows))?;
            return Ok(total);
        }
        let packed = compressor.compress(&piece)?;
        to.write_all(&packed)?;
        rows.push((packed.len() as u32, piece.len() as u32));
        total += piece.len() as u64;
    }
}

fn table_of(rows: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut word = |word: u32| bytes.extend_from_slice(&word.to_le_bytes());
    word(SKIPPABLE);
    word(rows.len() as u32 * ROW as u32 + FOOTER as u32);
    rows.iter().for_each(|(packed, plain)| {
        word(*packed);
        word(*plain);
    });
    word(rows.len() as u32);
    bytes.push(0);
    bytes.extend_from_slice(&SEEKABLE.to_le_bytes());
    bytes
}

fn table(file: &File) -> io::Result<Vec<Frame>> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let size = file.metadata()?.len();
    let mut footer = [0; FOOTER as usize];
    let footer_at = size.checked_sub(FOOTER).ok_or_else(damaged)?;
    file.read_exact_at(&mut footer, footer_at)?;
    let count = u64::from(word(&footer));
    let rows_at = footer_at.checked_sub(count * ROW).filter(|_| word(&footer[5..]) == SEEKABLE).ok_or_else(damaged)?;
    let mut rows = vec![0; (count * ROW) as usize];
    file.read_exact_at(&mut rows, rows_at)?;
    let (mut frames, mut place, mut start) = (Vec::new(), 0, 0);
    for row in rows.chunks_exact(ROW as usize) {
        let (packed, length) = (u64::from(word(row)), u64::from(word(&row[4..])));
        if length > LARGEST || packed > LARGEST {
            return Err(damaged());
        }
        frames.push(Frame { place: (place, packed), start, length });
        (place, start) = (place + packed, start + length);
    }
    // What stands before the rows is the table's own head.
    if place + 8 == rows_at { Ok(frames) } else { Err(damaged()) }
}

/// Goes from frame to frame without a table, up to the first that cannot be passed over.
fn walk(file: &File) -> io::Result<Vec<Frame>> {
    let size = file.metadata()?.len();
    let (mut frames, mut place, mut start) = (Vec::new(), 0, 0);
    let mut packed = Vec::new();
    while place < size {
        packed.resize((size - place).min(LARGEST) as usize, 0);
        file.read_exact_at(&mut packed, place)?;
        let (Ok(length), Ok(Some(content))) = (find_frame_compressed_size(&packed), get_frame_content_size(&packed))
        else {
            break;
        };
        if content > LARGEST {
            break;
        }
        frames.push(Frame { place: (place, length as u64), start, length: content });
        (place, start) = (place + length as u64, start + content);
    }
    Ok(frames)
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

#[cfg(test)]
mod tests {
    use super::{Found, Frames, PIECE, compress};
    use std::fs::File;
    use std::io::Write;
    use std::os::unix::fs::FileExt;

    fn bytes() -> Vec<u8> {
        (0..3 * PIECE as u64 + 1000).map(|at| (at.wrapping_mul(2_654_435_761) >> 29) as u8).collect()
    }

    fn packed() -> File {
        let mut file = tempfile::tempfile().expect("a file");
        let mut packed = Vec::new();
        assert_eq!(compress(&bytes()[..], &mut packed).expect("compressed"), bytes().len() as u64);
        file.write_all(&packed).expect("written");
        file
    }

    fn all(mut frames: Frames) -> (Vec<u8>, Vec<(u64, u64)>) {
        let (mut read, mut damaged, mut at, mut buffer) = (Vec::new(), Vec::new(), 0, vec![0; 70_000]);
        loop {
            match frames.read_at(&mut buffer, at).expect("read") {
                Found::Bytes(0) => return (read, damaged),
                Found::Bytes(n) => {
                    read.extend_from_slice(&buffer[..n]);
                    at += n as u64;
                }
                Found::Damaged(until) => {
                    damaged.push((at, until));
                    at = until;
                }
            }
        }
    }

    #[test]
    fn what_was_compressed_comes_back_from_any_place() {
        let mut frames = Frames::open(packed()).expect("open");
        assert_eq!(frames.length(), bytes().len() as u64);
        let mut buffer = [0; 10];
        for at in [2 * PIECE + 5, 7, bytes().len() - 10] {
            assert_eq!(frames.read_at(&mut buffer, at as u64).expect("read"), Found::Bytes(10));
            assert_eq!(buffer, bytes()[at..at + 10]);
        }
        assert!(all(frames) == (bytes(), vec![]));
    }

    #[test]
    fn a_damaged_frame_is_passed_over_and_a_lost_table_made_again() {
        let file = packed();
        let size = file.metadata().expect("a size").len();
        file.set_len(size - 3).expect("cut");
        let frames = Frames::open(file.try_clone().expect("again")).expect("open");
        assert!(all(frames) == (bytes(), vec![]));
        let file = packed();
        file.write_all_at(&[0xff; 64], size / 2).expect("damaged");
        let (read, damaged) = all(Frames::open(file).expect("open"));
        assert_eq!(damaged.iter().map(|(from, to)| to - from).sum::<u64>() + read.len() as u64, bytes().len() as u64);
        assert_eq!(damaged.len(), 1);
    }
}
