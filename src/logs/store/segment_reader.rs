//! The bytes of one segment, however it is kept.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::logs::store::zstd_reader::{FrameAt, ZstdReader};
use crate::sys::regular::hole_from;

/// What was never written of a file is left out from this length on. *Units*: bytes.
const HOLE: u64 = 1 << 20;

/// A segment open to be read.
pub enum SegmentReader {
    /// As it was written.
    Plain(Arc<File>),
    /// Compressed.
    Packed(Box<ZstdReader>),
}

impl SegmentReader {
    /// Whether going back in it means to begin anew.
    pub fn is_streamed(&self) -> bool {
        match self {
            SegmentReader::Plain(_) => false,
            SegmentReader::Packed(frames) => frames.is_streamed(),
        }
    }

    /// Where the hole begins that ends at an offset or behind it, not before `from`.
    pub fn hole_before(&self, from: u64, offset: u64) -> io::Result<Option<u64>> {
        let SegmentReader::Plain(file) = self else { return Ok(None) };
        let mut at = from;
        // The kernel finds holes forwards only (lseek(2)): up to the one that is wanted.
        while let Some((start, end)) = hole_from(file, at)?.filter(|(start, end)| *start < offset && start < end) {
            if end >= offset {
                return Ok(Some(start));
            }
            at = end;
        }
        Ok(None)
    }

    /// Reads what stands at `offset`: as many bytes as are there, fewer than fit if it likes, none
    /// at the end.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<FrameAt> {
        match self {
            SegmentReader::Plain(file) => read_plain(file, buffer, offset),
            SegmentReader::Packed(frames) => frames.read_at(buffer, offset),
        }
    }
}

/// What was never written reads as NULs, for ever so long.
fn read_plain(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<FrameAt> {
    let count = file.read_at(buffer, offset)?;
    // A hole that is long enough reaches the buffer's end: text costs no further call.
    if buffer[..count].last() != Some(&0) {
        return Ok(FrameAt::Bytes(count));
    }
    Ok(match hole_from(file, offset)? {
        Some((from, to)) if from < offset + count as u64 && to - from >= HOLE => match from - offset {
            0 => FrameAt::Damaged(to),
            before => FrameAt::Bytes(before as usize),
        },
        Some(_) | None => FrameAt::Bytes(count),
    })
}

#[cfg(test)]
mod tests {
    use crate::logs::store::segment_reader::{HOLE, SegmentReader};
    use crate::logs::store::zstd_reader::FrameAt;
    use std::os::unix::fs::FileExt;
    use std::sync::Arc;

    #[test]
    fn a_hole_is_left_out_and_nuls_are_not() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(b"one\n\0\0\0", 0).expect("written");
        let mut source = SegmentReader::Plain(Arc::new(file.try_clone().expect("a file")));
        let mut buffer = [1; 4096];
        assert_eq!(source.read_at(&mut buffer, 0).expect("read"), FrameAt::Bytes(7));
        file.write_all_at(b"two\n", 64 * HOLE).expect("written");
        file.set_len(1 << 40).expect("grown");
        assert_eq!(source.read_at(&mut buffer, 0).expect("read"), FrameAt::Bytes(4096));
        let FrameAt::Damaged(to) = source.read_at(&mut buffer, 4096).expect("read") else { panic!("a hole") };
        assert_eq!(to, 64 * HOLE);
        assert_eq!(source.read_at(&mut buffer, 65 * HOLE).expect("read"), FrameAt::Damaged(1 << 40));
        assert_eq!(source.hole_before(0, 1 << 39).expect("looked").map(|at| at / HOLE), Some(64));
        assert_eq!(source.hole_before(0, 64 * HOLE + 1).expect("looked"), None);
    }
}
