//! The frames of a file that somebody else compressed: found one behind the other, by the headers
//! of frames and blocks.
//!
//! *Source*: RFC 8878, sections 3.1.1 and 3.1.2.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::logs::store::zstd_stream::{WIDEST, measure};

/// What is decompressed as a whole; what is larger is read as a stream. *Units*: bytes.
const WHOLE: u64 = 1 << 20;
/// No frame holds more, whatever it claims. *Units*: bytes.
const LARGEST: u64 = 1 << 40;

const FRAME: u32 = 0xFD2F_B528;
const SKIPPABLE: u32 = 0x184D_2A50;
const LONGEST_HEADER: usize = 18;

/// One frame. *Units*: bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZstdFrame {
    /// Where it stands in the file, and how long it is there.
    pub place: (u64, u64),
    /// Which part of the segment it holds.
    pub start: u64,
    /// How much that is.
    pub length: u64,
    /// How much of it can be read, as far as is known.
    pub readable: u64,
    /// Whether it is known to have no proper end.
    pub is_broken: bool,
}

impl ZstdFrame {
    /// One of which nothing bad is known.
    pub fn new(place: (u64, u64), start: u64, length: u64) -> ZstdFrame {
        ZstdFrame { place, start, length, readable: length, is_broken: false }
    }

    /// Where the next one begins in the segment.
    pub fn end(&self) -> u64 {
        self.start + self.length
    }

    /// Whether it cannot be decompressed as a whole, or is too large for that.
    pub fn is_streamed(&self) -> bool {
        // What it claims to hold and what it takes are both others' numbers: either asks for
        // memory.
        self.is_broken || self.length.max(self.place.1) > WHOLE
    }
}

/// What a frame says of itself. *Units*: bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    size: u64,
    window: u64,
    content: Option<u64>,
    has_checksum: bool,
}

impl FrameHeader {
    /// That of the frame at a place.
    pub fn at(file: &File, place: u64) -> io::Result<FrameHeader> {
        match FrameStart::at(file, place)? {
            FrameStart::Frame(header) => Ok(header),
            FrameStart::Skippable(_) => Err(invalid()),
        }
    }

    /// Whether it takes too much memory to read as a stream.
    pub fn is_too_wide(&self) -> bool {
        self.window > WIDEST
    }

    fn read(bytes: &[u8]) -> Option<FrameHeader> {
        let descriptor = *bytes.get(4)?;
        let is_single = descriptor & 0x20 != 0;
        let window_size = u64::from(!is_single);
        let names_size = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let content_size = [u64::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        let content_at = 5 + window_size + names_size;
        let size = content_at + content_size;
        let content = bytes.get(content_at as usize..size as usize)?;
        let content = content.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        // A size of two bytes counts from 256. *Source*: RFC 8878, 3.1.1.1.4.
        let content = content + if content_size == 2 { 256 } else { 0 };
        // A single segment has no window of its own: it may look back at all of its content.
        let window = if is_single { content } else { window(bytes[5]) };
        let content = (content_size > 0).then_some(content);
        Some(FrameHeader { size, window, content, has_checksum: descriptor & 4 != 0 })
    }
}

fn window(descriptor: u8) -> u64 {
    let base = 1 << (10 + (descriptor >> 3));
    base + base / 8 * u64::from(descriptor & 7)
}

/// What begins at a place.
enum FrameStart {
    Frame(FrameHeader),
    /// Something else of so many bytes.
    Skippable(u64),
}

impl FrameStart {
    fn at(file: &File, place: u64) -> io::Result<FrameStart> {
        let mut bytes = [0; LONGEST_HEADER];
        let length = file.read_at(&mut bytes, place)?;
        let bytes = &bytes[..length];
        match bytes.get(..4).map(word) {
            Some(FRAME) => FrameHeader::read(bytes).map(FrameStart::Frame).ok_or_else(invalid),
            // Any of sixteen magic numbers; `pzstd` puts such a frame before each of its own.
            Some(magic) if magic & !0xf == SKIPPABLE && length >= 8 => {
                Ok(FrameStart::Skippable(8 + u64::from(word(&bytes[4..]))))
            }
            _ => Err(invalid()),
        }
    }
}

/// Goes from frame to frame as far as can be; says where in the file that is. One whose end is not
/// to be found is the last, and one that does not say what it holds is decompressed once.
pub fn walk(file: &File) -> io::Result<(Vec<ZstdFrame>, u64)> {
    let size = file.metadata()?.len();
    let (mut frames, mut place, mut start) = (Vec::new(), 0, 0);
    while let Ok(head) = FrameStart::at(file, place) {
        let header = match head {
            FrameStart::Skippable(length) => {
                place += length;
                continue;
            }
            FrameStart::Frame(header) => header,
        };
        // A block only claims its size: the last one may reach beyond what is there.
        let end = end_of_blocks(file, place + header.size, header.has_checksum).ok().filter(|end| *end <= size);
        let packed = end.unwrap_or(size) - place;
        let (length, is_whole) = match header.content {
            Some(content) => (content, true),
            // To know what it holds it would have to be decompressed; the reader finds it behind
            // the last frame, and says so.
            None if header.is_too_wide() => break,
            None => measure(file, (place, packed))?,
        };
        if length > LARGEST {
            break;
        }
        let is_broken = end.is_none() || !is_whole;
        frames.push(ZstdFrame { is_broken, ..ZstdFrame::new((place, packed), start, length) });
        (place, start) = (place + packed, start + length);
        if is_broken {
            break;
        }
    }
    Ok((frames, place))
}

/// Where a frame ends whose blocks begin at a place.
fn end_of_blocks(file: &File, mut place: u64, has_checksum: bool) -> io::Result<u64> {
    let mut header = [0; 4];
    loop {
        file.read_exact_at(&mut header[..3], place)?;
        let block = word(&header);
        let (is_last, kind, size) = (block & 1 == 1, block >> 1 & 3, u64::from(block >> 3));
        place += 3;
        place += match kind {
            // One byte, again and again.
            1 => 1,
            0 | 2 => size,
            _ => return Err(invalid()),
        };
        if is_last {
            return Ok(place + if has_checksum { 4 } else { 0 });
        }
    }
}

/// A number as zstd writes it.
pub fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn invalid() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
