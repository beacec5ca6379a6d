//! The bytes of one segment, however it is kept.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::frames::{Found, Frames};
use crate::sys::regular::hole_from;

/// What was never written of a file is left out from this length on. *Units*: bytes.
const HOLE: u64 = 1 << 20;

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

    /// Where the hole begins that ends at an offset or behind it, not before `from`.
    pub fn hole_before(&self, from: u64, offset: u64) -> io::Result<Option<u64>> {
        let Source::Plain(file) = self else { return Ok(None) };
        let mut at = from;
        while let Some((start, end)) = hole_from(file, at)?.filter(|(start, end)| *start < offset && start < end) {
            if end >= offset {
                return Ok(Some(start));
            }
            at = end;
        }
        Ok(None)
    }

    /// Reads what stands at `offset`: as many bytes as are there, fewer than fit if it likes, none at the end.
    pub fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<Found> {
        match self {
            Source::Plain(file) => read_plain(file, buffer, offset),
            Source::Packed(frames) => frames.read_at(buffer, offset),
        }
    }
}

/// What was never written reads as NULs, for ever so long.
fn read_plain(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<Found> {
    let count = file.read_at(buffer, offset)?;
    if buffer[..count].last() != Some(&0) {
        return Ok(Found::Bytes(count));
    }
    Ok(match hole_from(file, offset)? {
        Some((from, to)) if from < offset + count as u64 && to - from >= HOLE => match from - offset {
            0 => Found::Damaged(to),
            before => Found::Bytes(before as usize),
        },
        Some(_) | None => Found::Bytes(count),
    })
}

#[cfg(test)]
mod tests {
    use super::{HOLE, Source};
    use crate::logs::frames::Found;
    use std::os::unix::fs::FileExt;
    use std::sync::Arc;

    #[test]
    fn a_hole_is_left_out_and_nuls_are_not() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(b"one\n\0\0\0", 0).expect("written");
        let mut source = Source::Plain(Arc::new(file.try_clone().expect("a file")));
        let mut buffer = [1; 4096];
        assert_eq!(source.read_at(&mut buffer, 0).expect("read"), Found::Bytes(7));
        file.write_all_at(b"two\n", 64 * HOLE).expect("written");
        file.set_len(1 << 40).expect("grown");
        assert_eq!(source.read_at(&mut buffer, 0).expect("read"), Found::Bytes(4096));
        let Found::Damaged(to) = source.read_at(&mut buffer, 4096).expect("read") else { panic!("a hole") };
        assert_eq!(to, 64 * HOLE);
        assert_eq!(source.read_at(&mut buffer, 65 * HOLE).expect("read"), Found::Damaged(1 << 40));
        assert_eq!(source.hole_before(0, 1 << 39).expect("looked").map(|at| at / HOLE), Some(64));
        assert_eq!(source.hole_before(0, 64 * HOLE + 1).expect("looked"), None);
    }
}
