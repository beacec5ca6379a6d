//! Looking which segments a log has on disk, and where each begins.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::logs::store::index::IndexHeader;
use crate::logs::store::names::{self, LogFile};
use crate::logs::store::segments::{Segment, SegmentForm, Segments, fit, found};
use crate::logs::store::zstd_reader::ZstdReader;
use crate::sys::dir::{Dir, OpenMode};

/// The writer moves on while it is looked, at most so often.
const MOST_LOOKS: usize = 20;
/// So many numbers of segments are tried one by one.
const MOST_TRIED: u32 = 1000;

impl Segments {
    /// Looks at the log whose newest segment is at `path`. *Errors*: not found, where there is none
    /// of it.
    pub fn open(path: &Path) -> io::Result<Segments> {
        let none = || io::Error::from(io::ErrorKind::NotFound);
        let dir = Dir::open(path.parent().ok_or_else(none)?)?;
        let log = path.file_name().and_then(|name| name.to_str()).ok_or_else(none)?;
        Segments::of(Arc::new(dir), log)
    }

    /// The same of the log `log` in `dir`.
    pub fn of(dir: Arc<Dir>, log: &str) -> io::Result<Segments> {
        let mut segments = Segments { dir, log: log.to_owned(), list: Vec::new(), newest: None };
        for look in 1..=MOST_LOOKS {
            let header = segments.header(&names::index(log))?;
            // What is no file is an error here, and not passed over as in an older segment's place:
            // the log would seem to be over.
            segments.newest = found(segments.dir.file(log, OpenMode::Read))?.map(Arc::new);
            // The last look goes by names alone: after some crashes index and files never agree,
            // until somebody writes.
            let (oldest, number) = match header.filter(|_| look < MOST_LOOKS) {
                Some(header) => (header.oldest, header.number),
                None => segments.numbers()?,
            };
            // The index names the segment before the file of it is opened: if it names another one
            // by now, that may be another file.
            if look < MOST_LOOKS && segments.header(&names::index(log))? != header {
                continue;
            }
            // Between the two renamings of a rotation the index still speaks of the last segment.
            match (segments.find(number)?.is_some(), &segments.newest) {
                (false, _) => segments.fill(oldest, number)?,
                (true, None) => segments.fill(oldest, number.saturating_add(1))?,
                (true, Some(_)) => continue,
            }
            break;
        }
        if segments.list.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(segments) }
    }

    /// Looks again, in the same place.
    pub(in crate::logs) fn again(&self) -> io::Result<Segments> {
        Segments::of(Arc::clone(&self.dir), &self.log)
    }

    /// The head of a segment's index, and what that takes on disk. *Units*: bytes.
    fn head_of(&self, number: u32, form: SegmentForm) -> io::Result<Option<(IndexHeader, u64)>> {
        for name in self.index_names(number, form) {
            let Some(file) = fit(self.dir.file(&name, OpenMode::Read))? else { continue };
            if let Some(header) = IndexHeader::read(&file)?.filter(|header| header.number == number) {
                return Ok(Some((header, file.metadata()?.len())));
            }
        }
        Ok(None)
    }

    /// An older segment.
    fn find(&self, number: u32) -> io::Result<Option<(SegmentForm, File)>> {
        if let Some(file) = fit(self.dir.file(&names::segment(&self.log, number), OpenMode::Read))? {
            return Ok(Some((SegmentForm::Plain, file)));
        }
        let packed = fit(self.dir.file(&names::compressed(&self.log, number), OpenMode::Read))?;
        Ok(packed.map(|file| (SegmentForm::Compressed, file)))
    }

    /// The oldest segment's number and the newest one's, from the names that are there. A log that
    /// nothing was written to has no index yet, and no other segments: then the names of all tasks'
    /// logs are not gone through.
    fn numbers(&self) -> io::Result<(u32, u32)> {
        let is_empty = self.newest()?.is_some_and(|newest| newest.len() == 0);
        let has = |name: String| self.dir.look_at(&name).is_some();
        let has_index = || has(names::index(&self.log)) || has(names::segment_index(&self.log, 1));
        if is_empty && !has_index() && self.find(1)?.is_none() {
            return Ok((1, 1));
        }
        let (mut newest, mut oldest) = (1, u32::MAX);
        for name in self.dir.names()? {
            match names::part(&self.log, &name) {
                Some(LogFile::Segment(number) | LogFile::Compressed(number)) => {
                    (newest, oldest) = (newest.max(number.saturating_add(1)), oldest.min(number));
                }
                Some(LogFile::Newest | LogFile::NewestIndex | LogFile::Index(_) | LogFile::Rest) | None => {}
            }
        }
        Ok((oldest.min(newest), newest))
    }

    /// The numbers of older segments that may be there. What an index and names say may be far
    /// apart, and wrong.
    fn between(&self, oldest: u32, newest: u32) -> io::Result<Vec<u32>> {
        if newest.saturating_sub(oldest) <= MOST_TRIED {
            return Ok((oldest..newest).collect());
        }
        let names = self.dir.names()?;
        let numbers: BTreeSet<u32> = names
            .iter()
            .filter_map(|name| match names::part(&self.log, name)? {
                LogFile::Segment(number) | LogFile::Compressed(number) => Some(number),
                LogFile::Newest | LogFile::NewestIndex | LogFile::Index(_) | LogFile::Rest => None,
            })
            .collect();
        Ok(numbers.range(oldest..newest).copied().collect())
    }

    fn fill(&mut self, oldest: u32, newest: u32) -> io::Result<()> {
        let mut list = Vec::new();
        for number in self.between(oldest, newest)? {
            if let Some((form, file)) = self.find(number)? {
                list.push(self.looked(number, form, &file)?);
            }
        }
        if let Some(file) = &self.newest {
            list.push(self.looked(newest, SegmentForm::Newest, file)?);
        }
        for at in 0..list.len() {
            if list[at].segment.form == SegmentForm::Compressed {
                list[at].segment.length = match unpacked(&list[at..]) {
                    Some(length) => length,
                    None => self.measured(list[at].segment.number)?,
                };
            }
        }
        self.list = placed(list);
        Ok(())
    }

    fn looked(&self, number: u32, form: SegmentForm, file: &File) -> io::Result<SegmentScan> {
        let meta = file.metadata()?;
        let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
        let (start, index) = self.head_of(number, form)?.map_or((None, 0), |(head, size)| (Some(head.start), size));
        let segment = Segment { number, start: 0, length: meta.len(), stored: meta.len() + index, form, written };
        Ok(SegmentScan { segment, start })
    }

    /// What a compressed segment holds, by its own account. *Units*: bytes.
    fn measured(&self, number: u32) -> io::Result<u64> {
        let file = fit(self.dir.file(&names::compressed(&self.log, number), OpenMode::Read))?;
        file.map_or(Ok(0), |file| Ok(ZstdReader::open(file)?.length()))
    }
}

/// A segment, and where it begins if its index says so.
struct SegmentScan {
    segment: Segment,
    start: Option<u64>,
}

/// What the first of these holds, decompressed, where indexes tell: then it need not be opened.
/// *Units*: bytes.
fn unpacked(looked: &[SegmentScan]) -> Option<u64> {
    let [this, next, ..] = looked else { return None };
    let is_next = next.segment.number == this.segment.number + 1;
    // With one missing between them their distance is not what the first holds.
    next.start.filter(|_| is_next)?.checked_sub(this.start?)
}

/// Gives each segment its place: what its index says; else behind the one before, or before the one
/// behind.
fn placed(mut looked: Vec<SegmentScan>) -> Vec<Segment> {
    for at in (0..looked.len().saturating_sub(1)).rev() {
        // Only by the very next one: how much a missing one held is not known.
        if looked[at].start.is_none()
            && looked[at + 1].segment.number == looked[at].segment.number + 1
            && let Some(next) = looked[at + 1].start
        {
            looked[at].start = Some(next.saturating_sub(looked[at].segment.length));
        }
    }
    let mut end = 0;
    let place = |SegmentScan { mut segment, start }| {
        // Somebody may have appended to the one before: no position stands in two segments.
        segment.start = start.unwrap_or(end).max(end);
        end = segment.end();
        segment
    };
    looked.into_iter().map(place).collect()
}
