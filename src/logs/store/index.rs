//! The index beside a segment: where the segment stands in its log, and when what in it was
//! written.
//!
//! *Shape*, all numbers little-endian. A header of 32 bytes: the magic `aosidx 1`, the segment's
//! number (u32), the number of the oldest segment that was there when it began (u32), the logical
//! position at which it begins (u64), the CRC-32 of these 24 bytes (u32), four zeros. Then entries
//! of 16 bytes, appended as the segment grows: an offset in the segment (6 bytes), the time at
//! which what stands there was written (6 bytes, ms since 1970), how many entries back the greatest
//! time so far stands (3 bytes; not 0 only after the clock was set back), and a check over these 15
//! (1 byte).

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::units::wall_time::WallTime;

/// *Units*: bytes.
pub const HEADER: u64 = 32;
/// *Units*: bytes.
pub const ENTRY: u64 = 16;

/// An index takes at most one part of so many of its segment,
pub const SHARE: u64 = 50;
/// and so much that short logs have every time: what a file takes on disk at the least. *Units*:
/// bytes.
pub const ALWAYS: u64 = 4096 - HEADER;

const MAGIC: &[u8; 8] = b"aosidx 1";
/// So many entries are read at once.
const BLOCK: u64 = 256;

const FURTHEST_BACK: u32 = (1 << 24) - 1;

/// Where a segment stands in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexHeader {
    /// Its number.
    pub number: u32,
    /// The number of the oldest segment that was there when this one began.
    pub oldest: u32,
    /// The logical position of its first byte. *Units*: bytes.
    pub start: u64,
}

impl IndexHeader {
    /// As it stands in a file.
    pub fn to_bytes(self) -> [u8; HEADER as usize] {
        let mut bytes = [0; HEADER as usize];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&self.number.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.oldest.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.start.to_le_bytes());
        let check = crc32fast::hash(&bytes[..24]);
        bytes[24..28].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads the head of an index; `None` where the file is none.
    pub fn read(file: &File) -> io::Result<Option<IndexHeader>> {
        let mut bytes = [0; HEADER as usize];
        match file.read_exact_at(&mut bytes, 0) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            read => read.map(|()| IndexHeader::from_bytes(&bytes)),
        }
    }

    /// `None` where these are the bytes of no header.
    fn from_bytes(bytes: &[u8; HEADER as usize]) -> Option<IndexHeader> {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let is_whole = &bytes[..8] == MAGIC && word(24) == crc32fast::hash(&bytes[..24]);
        let start = u64::from(word(16)) | u64::from(word(20)) << 32;
        is_whole.then(|| IndexHeader { number: word(8), oldest: word(12), start })
    }
}

/// When what stands at a place of a segment was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// Where. *Units*: bytes from the segment's beginning.
    pub offset: u64,
    /// When, as the clock said.
    pub time: WallTime,
    /// How many entries back the greatest time so far stands.
    pub back: u32,
}

impl IndexEntry {
    /// As it stands in a file.
    pub fn to_bytes(self) -> [u8; ENTRY as usize] {
        let mut bytes = [0; ENTRY as usize];
        bytes[..6].copy_from_slice(&self.offset.to_le_bytes()[..6]);
        // A time before 1970 would lose its sign, and read as one far ahead.
        bytes[6..12].copy_from_slice(&self.time.0.max(0).to_le_bytes()[..6]);
        bytes[12..15].copy_from_slice(&self.back.min(FURTHEST_BACK).to_le_bytes()[..3]);
        bytes[15] = check(&bytes);
        bytes
    }

    fn from_bytes(bytes: &[u8; ENTRY as usize]) -> Option<IndexEntry> {
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
        };
        (bytes[15] == check(bytes)).then(|| IndexEntry {
            offset: number(0, 6),
            time: WallTime(number(6, 12).cast_signed()),
            back: number(12, 15) as u32,
        })
    }
}

fn check(bytes: &[u8; ENTRY as usize]) -> u8 {
    // Never 0, so that a hole in a file is no entry.
    (crc32fast::hash(&bytes[..15]) as u8) | 1
}

/// An index open to be read: its whole entries that speak of bytes that are there.
#[derive(Debug)]
pub struct Index {
    /// Where the segment stands.
    pub header: IndexHeader,
    file: File,
    count: u64,
    /// Entries as they stand in the file, from which on.
    block: RefCell<(u64, Vec<u8>)>,
    /// Behind the entry that was looked for last.
    near: Cell<u64>,
}

impl Index {
    /// Reads an index beside a segment of this length; `None` where the file is none.
    pub fn of(file: File, length: u64) -> io::Result<Option<Index>> {
        let Some(header) = IndexHeader::read(&file)? else { return Ok(None) };
        let size = file.metadata()?.len();
        // A writer makes no more: what somebody has made longer costs no more to go through.
        let count = (size.saturating_sub(HEADER) / ENTRY).min(1 + (ALWAYS + length / SHARE) / ENTRY);
        let mut index = Index { header, file, count, block: RefCell::default(), near: Cell::new(0) };
        // Entries are written before their bytes: the last may speak of bytes that never came.
        while index.count > 0 && index.entry(index.count - 1)?.is_none_or(|last| last.offset > length) {
            let (first, block) = &*index.block.borrow();
            // A hole is gone through by blocks.
            index.count = if block.iter().all(|byte| *byte == 0) { *first } else { index.count - 1 };
        }
        Ok(Some(index))
    }

    /// How many entries there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The file, to be written on.
    pub fn into_file(self) -> File {
        self.file
    }

    /// The newest entry.
    pub fn last(&self) -> io::Result<Option<IndexEntry>> {
        self.count.checked_sub(1).map_or(Ok(None), |last| self.entry(last))
    }

    /// The greatest time of all.
    pub fn greatest(&self) -> io::Result<Option<WallTime>> {
        self.count.checked_sub(1).map_or(Ok(None), |last| self.greatest_until(last).map(Some))
    }

    /// The offset of the first thing that was written at `time` or later, as far as entries tell.
    pub fn offset_at(&self, time: WallTime) -> io::Result<Option<u64>> {
        match self.first_with(|at, _| Ok(self.greatest_until(at)? >= time))? {
            first if first == self.count => Ok(None),
            // What stands before the first entry may be of that time, too, where an
            // earlier index was lost.
            0 => Ok(Some(0)),
            first => Ok(self.entry(first)?.map(|entry| entry.offset)),
        }
    }

    /// When what stands at `offset` was written, and up to which offset that holds: `u64::MAX` at
    /// the last entry. Of what stands before the first entry, as an earlier index was lost, it is
    /// known that it was there by then.
    pub fn time_at(&self, offset: u64) -> io::Result<Option<(WallTime, u64)>> {
        let next = self.first_with(|_, entry| Ok(entry.offset > offset))?;
        self.near.set(next);
        let until = if next < self.count { self.entry(next)?.map_or(u64::MAX, |e| e.offset) } else { u64::MAX };
        let entry = if self.count > 0 { self.entry(next.saturating_sub(1))? } else { None };
        Ok(entry.map(|entry| (entry.time, until)))
    }

    /// The first entry of which this is so, which must be so of all after it.
    fn first_with(&self, is_so: impl Fn(u64, IndexEntry) -> io::Result<bool>) -> io::Result<u64> {
        // An entry that cannot be read is taken for one of which it is not so: the search goes on
        // behind.
        let holds = |at: u64| self.entry(at)?.map_or(Ok(false), |entry| is_so(at, entry));
        let (mut low, mut high) = self.around(self.near.get(), holds)?;
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(middle)? { high = middle } else { low = middle + 1 }
        }
        Ok(low)
    }

    /// Between which entries to search: who goes through a log in order finds what comes next near
    /// the last one.
    fn around(&self, near: u64, holds: impl Fn(u64) -> io::Result<bool>) -> io::Result<(u64, u64)> {
        // Somebody went back: where the last look ended tells nothing.
        if near == 0 || holds(near - 1)? {
            return Ok((0, self.count));
        }
        let (mut low, mut step) = (near, 1);
        while low + step <= self.count {
            if holds(low + step - 1)? {
                return Ok((low, low + step - 1));
            }
            (low, step) = (low + step, step * 2);
        }
        Ok((low, self.count))
    }

    /// The greatest time of the entries up to this one.
    fn greatest_until(&self, at: u64) -> io::Result<WallTime> {
        let Some(entry) = self.entry(at)? else { return Ok(WallTime(0)) };
        let greatest = match entry.back {
            0 => Some(entry),
            back => self.entry(at.saturating_sub(back.into()))?,
        };
        // How far back it stands has a bound, and what stands there may be damaged.
        Ok(greatest.map_or(entry.time, |greatest| greatest.time.max(entry.time)))
    }

    fn entry(&self, at: u64) -> io::Result<Option<IndexEntry>> {
        let (first, bytes) = &mut *self.block.borrow_mut();
        if !(*first..*first + bytes.len() as u64 / ENTRY).contains(&at) {
            *first = at - at % BLOCK;
            bytes.resize((BLOCK.min(self.count - *first) * ENTRY) as usize, 0);
            let read = self.file.read_exact_at(bytes, HEADER + *first * ENTRY);
            // Or half a block would be found here the next time.
            read.inspect_err(|_| bytes.clear())?;
        }
        let from = ((at - *first) * ENTRY) as usize;
        let entry = bytes.get(from..from + ENTRY as usize).and_then(|entry| entry.try_into().ok());
        Ok(entry.and_then(IndexEntry::from_bytes))
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::store::index::{Index, IndexEntry, IndexHeader};
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;
    use std::io::Write;

    const HEAD: IndexHeader = IndexHeader { number: 3, oldest: 1, start: 1 << 40 };

    fn index(entries: &[(u64, i64)], torn: &[u8], length: u64) -> Index {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&HEAD.to_bytes()).expect("written");
        let mut greatest = 0;
        for (at, (offset, time)) in entries.iter().enumerate() {
            if *time >= entries[greatest].1 {
                greatest = at;
            }
            let entry = IndexEntry { offset: *offset, time: WallTime(*time), back: (at - greatest) as u32 };
            file.write_all(&entry.to_bytes()).expect("written");
        }
        file.write_all(torn).expect("written");
        Index::of(file, length).expect("read").expect("an index")
    }

    #[test]
    fn a_torn_tail_and_what_speaks_of_lost_bytes_are_left_out() {
        let index = index(&[(0, 10), (100, 20), (300, 30)], &[7; 21], 200);
        assert_eq!((index.count(), index.header), (2, HEAD));
        assert_eq!(index.time_at(150).expect("read"), Some((WallTime(20), u64::MAX)));
    }

    #[test]
    fn other_bytes_are_no_index() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&[0; 64]).expect("written");
        assert!(Index::of(file, 100).expect("read").is_none());
    }

    proptest! {
        #[test]
        fn searching_agrees_with_going_through_all(
            steps in proptest::collection::vec((1u64..50, -30i64..50), 0..40),
            places in proptest::collection::vec(0u64..1500, 1..20),
            time in 900i64..2000,
            lead in prop_oneof![Just(0u64), 1u64..100],
        ) {
            let (mut entries, mut at) = (Vec::new(), (lead, 1000));
            for (bytes, ms) in steps {
                entries.push(at);
                at = (at.0 + bytes, at.1 + ms);
            }
            let index = index(&entries, &[], u64::MAX);
            let mut greatest = i64::MIN;
            let first = entries.iter().find(|entry| { greatest = greatest.max(entry.1); greatest >= time });
            prop_assert_eq!(index.offset_at(WallTime(time)).expect("read"), first.map(|entry| if *entry == entries[0] { 0 } else { entry.0 }));
            for place in places {
                let here = entries.iter().rfind(|entry| entry.0 <= place).or(entries.first());
                let found = index.time_at(place).expect("read").map(|found| found.0);
                prop_assert_eq!(found, here.map(|entry| WallTime(entry.1)));
            }
        }
    }
}
