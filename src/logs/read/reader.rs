//! Reading a log in order, from segment to segment.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::logs::store::segment_reader::SegmentReader;
use crate::logs::store::segments::{Gap, GapReason, Segment, SegmentForm, Segments};
use crate::logs::store::zstd_reader::FrameAt;
use crate::logs::text::numbered_lines::LineOrigin;

/// A place in a log.
pub struct LogReader {
    segments: Segments,
    position: u64,
    end: u64,
    open: Option<(Segment, SegmentReader)>,
    gaps: Vec<Gap>,
    /// Where it pauses, in order.
    pauses: VecDeque<u64>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Chunk {
    /// So many bytes.
    Bytes(usize),
    /// A part that is not there: the position is behind it.
    Gap(Gap),
    /// Nothing, for now.
    End,
}

impl Segments {
    /// A reader that begins at a logical position.
    pub fn reader(&self, from: u64) -> LogReader {
        LogReader::new(self.clone(), from)
    }
}

impl LogReader {
    /// Stands at a logical position.
    pub fn new(segments: Segments, position: u64) -> LogReader {
        LogReader { segments, position, end: u64::MAX, open: None, gaps: Vec::new(), pauses: VecDeque::new() }
    }

    /// The same reader, which reads no further than this logical position.
    pub fn until(mut self, end: u64) -> LogReader {
        self.end = end;
        self
    }

    /// The same reader, which says once at each of these logical positions that there is nothing
    /// more, and then goes on: what follows has nothing to do with what was before.
    pub fn pausing_at(mut self, positions: impl Iterator<Item = u64>) -> LogReader {
        self.pauses = positions.filter(|position| *position > self.position).collect();
        self
    }

    /// The logical position of what comes next.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What was missing so far from what was read by way of [`Read`].
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The segments that it reads from.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Goes on at another place.
    pub fn go_to(&mut self, position: u64) {
        self.position = position;
    }

    /// Goes on in these segments.
    pub(in crate::logs) fn go_on_in(&mut self, segments: Segments) {
        (self.segments, self.open) = (segments, None);
    }

    /// Reads on into `buffer`. The newest segment is read as far as it has grown meanwhile.
    pub fn next(&mut self, buffer: &mut [u8]) -> io::Result<Chunk> {
        if self.position >= self.end || buffer.is_empty() {
            return Ok(Chunk::End);
        }
        if self.pauses.front().is_some_and(|pause| *pause <= self.position) {
            self.pauses.pop_front();
            return Ok(Chunk::End);
        }
        let end = self.pauses.front().map_or(self.end, |pause| self.end.min(*pause));
        let Some(segment) = self.segment() else { return Ok(Chunk::End) };
        if self.position < segment.start {
            let gap = self.segments.gap_before(&segment, self.position);
            self.position = gap.to;
            return Ok(Chunk::Gap(gap));
        }
        // One that is open stays so: renamed or compressed meanwhile, it holds the same.
        if !self.is_open(&segment) {
            match self.segments.source(&segment) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    // It was dropped after the look: the log goes on behind it.
                    return Ok(self.gap(&segment, segment.end(), GapReason::Gone));
                }
                opened => self.open = Some((segment.clone(), opened?)),
            }
        }
        let Some((_, source)) = &mut self.open else { return Ok(Chunk::End) };
        let most = buffer.len().min(usize::try_from(end - self.position).unwrap_or(usize::MAX));
        match source.read_at(&mut buffer[..most], self.position - segment.start)? {
            FrameAt::Bytes(0) if self.is_last(&segment) => Ok(Chunk::End),
            // It was cut while it was read.
            FrameAt::Bytes(0) => Ok(self.gap(&segment, segment.end(), GapReason::Damaged)),
            FrameAt::Bytes(count) => {
                self.position += count as u64;
                Ok(Chunk::Bytes(count))
            }
            FrameAt::Damaged(until) => Ok(self.gap_until(&segment, until, GapReason::Damaged)),
            FrameAt::TooWide(until) => Ok(self.gap_until(&segment, until, GapReason::TooWide)),
        }
    }

    fn segment(&self) -> Option<Segment> {
        // Behind the end, as it was found, the newest one may have grown.
        self.segments.at(self.position).or(self.segments.list().last()).cloned()
    }

    fn is_open(&self, segment: &Segment) -> bool {
        self.open.as_ref().is_some_and(|(open, _)| open.number == segment.number)
    }

    fn is_last(&self, segment: &Segment) -> bool {
        self.segments.list().last().is_some_and(|last| last.number == segment.number)
    }

    fn gap_until(&mut self, segment: &Segment, until: u64, lack: GapReason) -> Chunk {
        // What a segment says of its end may be as wrong as the rest of it, but for the newest one,
        // which is plain, and longer by now.
        let end = if segment.form == SegmentForm::Newest { u64::MAX } else { segment.end() };
        self.gap(segment, segment.start.saturating_add(until).min(end), lack)
    }

    fn gap(&mut self, segment: &Segment, to: u64, lack: GapReason) -> Chunk {
        let gap = Gap { from: self.position, to, lack, file: Some(self.segments.name_of(segment)) };
        self.position = to;
        Chunk::Gap(gap)
    }
}

impl LineOrigin for LogReader {
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
        let count = self.read(buffer)?;
        // Not from where it stood before: gaps may have been passed on the way.
        Ok((self.position - count as u64, count))
    }

    fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
}

/// What is not there is left out, and told by [`LogReader::gaps`].
impl Read for LogReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.next(buffer)? {
                Chunk::Bytes(count) => return Ok(count),
                Chunk::Gap(gap) => self.gaps.push(gap),
                Chunk::End => return Ok(0),
            }
        }
    }
}
