//! When lines were written, for whoever goes through a log in order.

use std::io;
use std::ops::Range;

use crate::logs::store::index::Index;
use crate::logs::store::segments::{SegmentForm, Segments};
use crate::units::wall_time::WallTime;

/// Answers for one place after another; near the last one it need not look.
#[derive(Debug)]
pub struct Times {
    segments: Segments,
    /// The index of the segment in which was looked last, by the segment's number.
    open: Option<(u32, Option<Index>)>,
    /// What was found last, and for which logical positions that holds.
    last: Option<(Range<u64>, WallTime)>,
}

impl Times {
    /// The times of a log.
    pub fn of(segments: Segments) -> Times {
        Times { segments, open: None, last: None }
    }

    /// When what stands at a logical position was written, as the clock said then. What no entry of
    /// an index speaks of has the time of its file. `None` where there is no log.
    pub fn at(&mut self, position: u64) -> io::Result<Option<WallTime>> {
        if let Some((range, time)) = &self.last
            && range.contains(&position)
        {
            return Ok(Some(*time));
        }
        self.last = self.look(position)?;
        Ok(self.last.as_ref().map(|(_, time)| *time))
    }

    fn look(&mut self, position: u64) -> io::Result<Option<(Range<u64>, WallTime)>> {
        if position >= self.segments.end() {
            // It has grown. Its length is taken before its index is read: entries are written
            // before their bytes.
            (self.segments, self.open) = (self.segments.again()?, None);
        }
        let Some(segment) = self.segments.at(position).or(self.segments.list().last()) else { return Ok(None) };
        let offset = position.saturating_sub(segment.start);
        let (_, index) = match self.open.take().filter(|(number, _)| *number == segment.number) {
            Some(open) => self.open.insert(open),
            None => self.open.insert((segment.number, self.segments.index_of(segment)?)),
        };
        let found = index.as_ref().map_or(Ok(None), |index| index.time_at(offset))?;
        // The file's time holds for no further place: it moves on as the file grows.
        let (time, until) = found.unwrap_or((segment.written, 0));
        let until = match segment.form {
            // What comes behind may get an entry of its own.
            SegmentForm::Newest if until == u64::MAX => segment.length,
            SegmentForm::Newest | SegmentForm::Plain | SegmentForm::Compressed => until.min(segment.length),
        };
        Ok(Some((position..(segment.start + until).max(position), time)))
    }
}
