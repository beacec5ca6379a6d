//! The end of a log: where its last lines begin.

use std::io;

use memchr::{memchr_iter, memrchr};

use crate::logs::store::segment_reader::SegmentReader;
use crate::logs::store::segments::{Segment, Segments};
use crate::logs::store::zstd_reader::FrameAt;

const BLOCK: u64 = 64 * 1024;

/// Where the last `lines` lines of a log begin, looking no further back than `from`. A last line
/// without an end counts as one. Reads backwards, only as far as needed. What is not there has no
/// lines. *Units*: bytes, logical.
pub fn start_of_last(log: &Segments, lines: u64, from: u64) -> io::Result<u64> {
    start_of_last_before(log, lines, from, log.end())
}

/// The same of what stands before `end`.
pub fn start_of_last_before(log: &Segments, lines: u64, from: u64, end: u64) -> io::Result<u64> {
    let end = end.min(log.end());
    if lines == 0 || end <= from {
        return Ok(end.max(from));
    }
    // The line end that closes the last line is not one between lines.
    let mut before = end - 1;
    let mut count = Count { lines, seen: 0, block: vec![0; BLOCK as usize] };
    for segment in log.list().iter().rev() {
        let (low, high) = (segment.start.max(from), segment.end().min(before));
        if low < high {
            let mut source = log.source(segment)?;
            let start = if source.is_streamed() {
                count.forth(segment, &mut source, low, high)?
            } else {
                count.back(segment, &mut source, low, high)?
            };
            if let Some(start) = start {
                return Ok(start);
            }
            before = low;
        }
    }
    Ok(from)
}

struct Count {
    lines: u64,
    seen: u64,
    block: Vec<u8>,
}

impl Count {
    /// Goes backwards through a part of a segment; gives the place where the last of the lines
    /// begins.
    fn back(&mut self, segment: &Segment, source: &mut SegmentReader, low: u64, high: u64) -> io::Result<Option<u64>> {
        let mut high = high;
        while high > low {
            let start = high.saturating_sub(BLOCK).max(low);
            let part = &mut self.block[..(high - start) as usize];
            fill(source, part, start - segment.start)?;
            let mut until = part.len();
            while let Some(at) = memrchr(b'\n', &part[..until]) {
                self.seen += 1;
                if self.seen == self.lines {
                    return Ok(Some(start + at as u64 + 1));
                }
                until = at;
            }
            high = start;
            // What was never written reads as NULs: a sparse file of terabytes is not gone through.
            if part.first() == Some(&0)
                && let Some(hole) = source.hole_before(low - segment.start, start - segment.start)?
            {
                high = segment.start + hole;
            }
        }
        Ok(None)
    }

    /// The same where going backwards would take beginning again and again: once to count line
    /// ends, once to find the one.
    fn forth(&mut self, segment: &Segment, source: &mut SegmentReader, low: u64, high: u64) -> io::Result<Option<u64>> {
        let mut ends = 0;
        self.blocks(segment, source, low, high, |_, block| {
            ends += memchr_iter(b'\n', block).count() as u64;
            None
        })?;
        self.seen += ends;
        // Line ends are counted from the log's end: so many stand before the one in this segment.
        let Some(mut before) = self.seen.checked_sub(self.lines) else { return Ok(None) };
        self.blocks(segment, source, low, high, |start, block| {
            let found = memchr_iter(b'\n', block).nth(usize::try_from(before).unwrap_or(usize::MAX));
            before -= if found.is_none() { memchr_iter(b'\n', block).count() as u64 } else { 0 };
            found.map(|at| start + at as u64 + 1)
        })
    }

    /// Goes forwards through a part of a segment until something is found.
    fn blocks(
        &mut self,
        segment: &Segment,
        source: &mut SegmentReader,
        low: u64,
        high: u64,
        mut look: impl FnMut(u64, &[u8]) -> Option<u64>,
    ) -> io::Result<Option<u64>> {
        let mut start = low;
        while start < high {
            let part = &mut self.block[..(high - start).min(BLOCK) as usize];
            fill(source, part, start - segment.start)?;
            if let Some(found) = look(start, part) {
                return Ok(Some(found));
            }
            start += part.len() as u64;
        }
        Ok(None)
    }
}

/// Fills `part` with what stands at `offset`; what cannot be read with NULs.
fn fill(source: &mut SegmentReader, part: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < part.len() {
        match source.read_at(&mut part[done..], offset + done as u64)? {
            // It was cut meanwhile; NULs end no line, so its lines are not counted.
            FrameAt::Bytes(0) => {
                part[done..].fill(0);
                return Ok(());
            }
            FrameAt::Bytes(count) => done += count,
            FrameAt::Damaged(until) | FrameAt::TooWide(until) => {
                let next = usize::try_from(until - offset).unwrap_or(usize::MAX).min(part.len());
                part[done..next].fill(0);
                done = next;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::start_of_last;
    use crate::logs::store::segments::Segments;
    use proptest::prelude::*;
    use std::fs::File;
    use std::io::Write;

    proptest! {
        #[test]
        fn agrees_with_counting_from_the_front(text in "[a\n]{0,40}", lines in 0u64..6, from in 0usize..10) {
            let dir = tempfile::tempdir().expect("a directory");
            let path = dir.path().join("x.log");
            File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
            let from = from.min(text.len());
            let body = &text[from..];
            let all: Vec<&str> = body.split_inclusive('\n').collect();
            let wanted: usize = all[..all.len().saturating_sub(lines as usize)].iter().map(|l| l.len()).sum();
            let log = Segments::open(&path).expect("a log");
            prop_assert_eq!(start_of_last(&log, lines, from as u64).expect("read"), (from + wanted) as u64);
        }
    }
}
