//! Writing the index beside a segment, as it grows. An index is a help: where it cannot be written
//! the log goes on without.

use std::fs::File;
use std::io::{self, Write};

use crate::logs::store::index::{ALWAYS, ENTRY, HEADER, Index, IndexEntry, IndexHeader, SHARE};
use crate::logs::store::names;
use crate::sys::dir::{Dir, OpenMode};
use crate::units::wall_time::WallTime;

/// Times are told apart that are so far from each other. *Units*: milliseconds.
const APART: i64 = 50;

/// The newest segment's index, open to be appended to.
#[derive(Debug)]
pub struct IndexWriter {
    file: File,
    count: u64,
    /// The time of the newest entry.
    last: Option<WallTime>,
    /// The greatest time so far, and which entry has it.
    greatest: (WallTime, u64),
}

impl IndexWriter {
    /// Puts a new index in the place of whatever is there.
    pub fn begin(dir: &Dir, log: &str, header: IndexHeader) -> io::Result<IndexWriter> {
        let name = names::index(log);
        dir.replace(&name, &header.to_bytes())?;
        let file = dir.file(&name, OpenMode::Append)?;
        Ok(IndexWriter { file, count: 0, last: None, greatest: (WallTime(0), 0) })
    }

    /// Goes on with the index that is there, without what a crash has torn; makes one if none is
    /// this segment's.
    pub fn take_up(dir: &Dir, log: &str, header: IndexHeader, length: u64) -> io::Result<IndexWriter> {
        let found =
            dir.file(&names::index(log), OpenMode::Append).and_then(|file| Index::of(file, length)).ok().flatten();
        let Some(index) =
            // Of the same number, but another start: the index of what was there before a cut.
            found.filter(|index| (index.header.number, index.header.start) == (header.number, header.start))
        else {
            return IndexWriter::begin(dir, log, header);
        };
        let (count, last) = (index.count(), index.last()?);
        let greatest =
            last.map_or((WallTime(0), 0), |last| (last.time, count - 1 - u64::from(last.back).min(count - 1)));
        let greatest = (index.greatest()?.unwrap_or(greatest.0), greatest.1);
        let file = index.into_file();
        file.set_len(HEADER + count * ENTRY)?;
        Ok(IndexWriter { file, count, last: last.map(|last| last.time), greatest })
    }

    /// Puts down that what comes at `offset` comes at `now`, where that says something new and
    /// there is room for it.
    pub fn note(&mut self, offset: u64, now: WallTime) {
        // A clock that was set back is noted at once, by however little.
        let is_near = self.last.is_some_and(|last| (0..APART).contains(&(now.0 - last.0)));
        if is_near || (self.count + 1) * ENTRY > ALWAYS + offset / SHARE {
            return;
        }
        let is_greatest = self.count == 0 || now >= self.greatest.0;
        let greatest = if is_greatest { (now, self.count) } else { self.greatest };
        let back = u32::try_from(self.count - greatest.1).unwrap_or(u32::MAX);
        match self.file.write(&IndexEntry { offset, time: now, back }.to_bytes()) {
            // Only now: later entries point back to this one, which must be there.
            Ok(written) if written as u64 == ENTRY => {
                (self.count, self.last, self.greatest) = (self.count + 1, Some(now), greatest);
            }
            // What comes next must begin where an entry begins.
            Ok(_) | Err(_) => drop(self.file.set_len(HEADER + self.count * ENTRY)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::store::index_writer::{ALWAYS, ENTRY, HEADER, Index, IndexHeader, IndexWriter, SHARE};
    use crate::sys::dir::{Dir, OpenMode};
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    fn written(lines: impl Iterator<Item = (u64, i64)>) -> (Index, u64) {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(place.path()).expect("it");
        let mut index =
            IndexWriter::begin(&dir, "x.log", IndexHeader { number: 1, oldest: 1, start: 0 }).expect("an index");
        let (mut offset, mut now) = (0, 1_000_000);
        for (bytes, pause) in lines {
            index.note(offset, WallTime(now));
            (offset, now) = (offset + bytes, now + pause);
        }
        let file = dir.file("x.log.idx", OpenMode::Read).expect("an index");
        (Index::of(file, offset).expect("read").expect("an index"), offset)
    }

    #[test]
    fn a_line_a_second_is_known_to_ten_seconds() {
        let (index, length) = written((0..100_000).map(|_| (80, 1000)));
        assert!(HEADER + index.count() * ENTRY <= 4096 + length / 50);
        for line in (0..100_000).step_by(997) {
            let (time, _) = index.time_at(line * 80).expect("read").expect("a time");
            let late = 1_000_000 + line as i64 * 1000 - time.0;
            assert!((0..=10_000).contains(&late), "line {line}: {late} ms");
        }
    }

    #[test]
    fn a_time_that_could_not_be_written_is_not_the_greatest() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(place.path()).expect("it");
        let header = IndexHeader { number: 1, oldest: 1, start: 0 };
        let mut index = IndexWriter::begin(&dir, "x.log", header).expect("an index");
        index.note(0, WallTime(5_000));
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
        let file = std::mem::replace(&mut index.file, full);
        index.note(100, WallTime(9_000));
        index.file = file;
        index.note(200, WallTime(3_000));
        let index = Index::of(dir.file("x.log.idx", OpenMode::Read).expect("an index"), 300).expect("read");
        let index = index.expect("an index");
        assert_eq!((index.count(), index.greatest().expect("read")), (2, Some(WallTime(5_000))));
    }

    proptest! {
        #[test]
        fn an_index_takes_a_block_and_a_fiftieth(
            lines in proptest::collection::vec((1u64..3000, 0i64..200), 0..3000),
        ) {
            let (index, length) = written(lines.into_iter());
            prop_assert!(index.count() * ENTRY <= ALWAYS + length / SHARE);
        }

        #[test]
        fn whatever_the_clock_does_nothing_newer_stands_before_what_is_found(
            pauses in proptest::collection::vec(-3000i64..3000, 1..200), stop in 0usize..200, wanted in 0usize..200,
        ) {
            let place = tempfile::tempdir().expect("a directory");
            let dir = Dir::open(place.path()).expect("it");
            let header = IndexHeader { number: 1, oldest: 1, start: 0 };
            let mut index = IndexWriter::begin(&dir, "x.log", header).expect("an index");
            let (mut lines, mut now) = (Vec::new(), 1_000_000);
            for (line, pause) in (0..).zip(&pauses) {
                if line == stop as u64 {
                    index = IndexWriter::take_up(&dir, "x.log", header, line * 100).expect("the index");
                }
                index.note(line * 100, WallTime(now));
                lines.push(now);
                now += pause;
            }
            let file = dir.file("x.log.idx", OpenMode::Read).expect("an index");
            let index = Index::of(file, lines.len() as u64 * 100).expect("read").expect("an index");
            let wanted = WallTime(lines[wanted % lines.len()]);
            let found = index.offset_at(wanted).expect("read").unwrap_or(u64::MAX);
            for line in 0..lines.len() as u64 {
                let (time, _) = index.time_at(line * 100).expect("read").expect("a time");
                prop_assert!(time < wanted || line * 100 >= found, "{time:?} at {line}, {found} for {wanted:?}");
            }
            prop_assert!(found == u64::MAX || found == 0 || index.time_at(found).expect("read").is_some_and(|(time, _)| time >= wanted));
        }
    }
}
