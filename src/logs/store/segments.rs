//! A log on disk: its segments in order, each at its logical position.
//!
//! A *logical position* counts the bytes since the first byte of the log's first run. It never goes
//! back, whatever becomes of the files: each segment's index says where it begins. Where an index
//! is lost, its neighbours and their lengths tell; where nothing does, the oldest segment begins at
//! 0.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use crate::logs::store::index::{Index, IndexHeader};
use crate::logs::store::names;
use crate::logs::store::segment_reader::SegmentReader;
use crate::logs::store::zstd_reader::ZstdReader;
use crate::sys::dir::{Dir, FileLook, OpenMode};
use crate::sys::regular::NotRegular;
use crate::units::size;
use crate::units::wall_time::WallTime;

/// How a segment is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentForm {
    /// It grows.
    Newest,
    /// It is complete, and not compressed yet.
    Plain,
    /// It is complete and compressed.
    Compressed,
}

/// A part of the log. *Units*: bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Numbers count up in time.
    pub number: u32,
    /// The logical position of its first byte.
    pub start: u64,
    /// What it holds, decompressed; of the newest one, when it was looked at.
    pub length: u64,
    /// What it and its index take on disk.
    pub stored: u64,
    /// How it is kept.
    pub form: SegmentForm,
    /// When it was last written to, as the file system says.
    pub written: WallTime,
}

impl Segment {
    /// The logical position behind its last byte.
    pub fn end(&self) -> u64 {
        self.start + self.length
    }
}

/// Why a part of a log is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// It was dropped, or removed by somebody.
    Gone,
    /// What is there in its place cannot be read.
    Damaged,
    /// Somebody compressed it so that reading it takes too much memory.
    TooWide,
}

/// A part of a log that is not there. *Units*: bytes, logical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it begins.
    pub from: u64,
    /// Where the log goes on.
    pub to: u64,
    /// Why.
    pub lack: GapReason,
    /// The file that is to have it, where it is known which.
    pub file: Option<String>,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how_much = size::of_bytes(self.to - self.from);
        match self.lack {
            GapReason::Gone => write!(f, "{how_much} of the log are no longer kept")?,
            GapReason::Damaged => write!(f, "{how_much} of the log are damaged and left out")?,
            GapReason::TooWide => {
                write!(
                    f,
                    "{how_much} of the log are left out, as they are compressed with a window of more than 8 MiB"
                )?;
            }
        }
        self.file.as_ref().map_or(Ok(()), |file| write!(f, " ({file})"))
    }
}

/// A log's segments, as they were when they were looked at.
#[derive(Clone, Debug)]
pub struct Segments {
    pub(in crate::logs) dir: Arc<Dir>,
    pub(in crate::logs) log: String,
    pub(in crate::logs) list: Vec<Segment>,
    /// The newest segment: by its name alone it might be another one by now.
    pub(in crate::logs) newest: Option<Arc<File>>,
}

impl Segments {
    /// The segments, in order.
    pub fn list(&self) -> &[Segment] {
        &self.list
    }

    /// The segments' files, in order, beside that of the newest.
    pub fn paths(&self, newest: &Path) -> Vec<PathBuf> {
        self.list.iter().map(|segment| newest.with_file_name(self.name_of(segment))).collect()
    }

    /// The logical position of the first byte that is kept.
    #[cfg(test)]
    pub fn start(&self) -> u64 {
        self.list.first().map_or(0, |first| first.start)
    }

    /// The logical position behind the last byte.
    pub fn end(&self) -> u64 {
        self.list.last().map_or(0, Segment::end)
    }

    /// What all of it takes on disk. *Units*: bytes.
    pub fn stored(&self) -> u64 {
        self.list.iter().map(|segment| segment.stored).sum()
    }

    /// The parts that are known not to be there.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut end = 0;
        let mut gaps = Vec::new();
        for segment in &self.list {
            if segment.start > end {
                gaps.push(self.gap_before(segment, end));
            }
            end = end.max(segment.end());
        }
        gaps
    }

    /// The part from `from` on that is not there before a segment: the file between that and the
    /// one before is gone, or the one before is not whole.
    pub(in crate::logs) fn gap_before(&self, segment: &Segment, from: u64) -> Gap {
        let before = self.list.iter().rev().find(|other| other.number < segment.number);
        let (lack, file) = match before {
            Some(before) if before.number + 1 < segment.number => {
                (GapReason::Gone, Some(names::segment(&self.log, before.number + 1)))
            }
            // Before the newest one nothing need be damaged: its beginning moves on when somebody
            // cuts it.
            Some(before) if segment.form != SegmentForm::Newest => (GapReason::Damaged, Some(self.name_of(before))),
            Some(_) | None => (GapReason::Gone, None),
        };
        Gap { from, to: segment.start, lack, file }
    }

    /// The name of a segment's file, as it was when it was looked at.
    pub(in crate::logs) fn name_of(&self, segment: &Segment) -> String {
        match segment.form {
            SegmentForm::Newest => self.log.clone(),
            SegmentForm::Plain => names::segment(&self.log, segment.number),
            SegmentForm::Compressed => names::compressed(&self.log, segment.number),
        }
    }

    /// The logical position of what was written first at `time` or later, as far as is known: the
    /// end if nothing was.
    pub fn position_at(&self, time: WallTime) -> io::Result<u64> {
        for segment in &self.list {
            let index = self.index_of(segment)?;
            // Not the last time: where the clock was set back, a later one stands before it.
            let greatest = index.as_ref().map_or(Ok(None), Index::greatest)?;
            if greatest.unwrap_or(segment.written) < time {
                continue;
            }
            let offset = index.map_or(Ok(None), |index| index.offset_at(time))?;
            // Without an index all of the segment: rather too much is shown than too little.
            return Ok(segment.start + offset.unwrap_or(0));
        }
        Ok(self.end())
    }

    /// Where the part begins that is missing before a logical position; the position, where nothing
    /// is.
    pub fn before_gap(&self, position: u64) -> u64 {
        let before = self.list.iter().rev().find(|segment| segment.start < position);
        let is_begin = self.list.iter().any(|segment| segment.start == position);
        if is_begin { before.map_or(0, Segment::end).min(position) } else { position }
    }

    /// When what stands at a logical position was written.
    #[cfg(test)]
    pub fn time_at(&self, position: u64) -> io::Result<Option<WallTime>> {
        crate::logs::read::times::Times::of(self.clone()).at(position)
    }

    /// The segment in which a logical position lies, or the next one after it.
    pub(in crate::logs) fn at(&self, position: u64) -> Option<&Segment> {
        self.list.get(self.list.partition_point(|segment| segment.end() <= position))
    }

    /// Opens a segment to be read.
    pub(in crate::logs) fn source(&self, segment: &Segment) -> io::Result<SegmentReader> {
        let newest = self.newest.as_ref().filter(|_| segment.form == SegmentForm::Newest);
        if let Some(newest) = newest {
            return Ok(SegmentReader::Plain(Arc::clone(newest)));
        }
        // By now it may have been compressed.
        match fit(self.dir.file(&names::segment(&self.log, segment.number), OpenMode::Read))? {
            Some(file) => Ok(SegmentReader::Plain(Arc::new(file))),
            None => {
                let file = self.dir.file(&names::compressed(&self.log, segment.number), OpenMode::Read)?;
                Ok(SegmentReader::Packed(Box::new(ZstdReader::open(file)?)))
            }
        }
    }

    /// The index beside a segment.
    pub(in crate::logs) fn index_of(&self, segment: &Segment) -> io::Result<Option<Index>> {
        for name in self.index_names(segment.number, segment.form) {
            // During a rotation either name may be that of another segment's index.
            let index = self.index(&name, segment.length)?;
            if index.as_ref().is_some_and(|index| index.header.number == segment.number) {
                return Ok(index);
            }
        }
        Ok(None)
    }

    /// Where the newest segment begins, as the file beside it says by now, and that file: it is
    /// never written anew, but replaced.
    pub(in crate::logs) fn newest_header(&self) -> io::Result<Option<(IndexHeader, File)>> {
        let Some(file) = fit(self.dir.file(&names::index(&self.log), OpenMode::Read))? else { return Ok(None) };
        Ok(IndexHeader::read(&file)?.map(|header| (header, file)))
    }

    /// What the file system says of the file that is the newest index by now.
    pub(in crate::logs) fn newest_index_now(&self) -> Option<FileLook> {
        self.dir.look_at(&names::index(&self.log))
    }

    /// What the file system says of the file that was the newest segment.
    pub(in crate::logs) fn newest(&self) -> io::Result<Option<Metadata>> {
        self.newest.as_ref().map(|file| file.metadata()).transpose()
    }

    /// What it says of the file that is it by now.
    pub(in crate::logs) fn newest_now(&self) -> Option<FileLook> {
        self.dir.look_at(&self.log)
    }

    pub(in crate::logs) fn index(&self, name: &str, length: u64) -> io::Result<Option<Index>> {
        fit(self.dir.file(name, OpenMode::Read))?.map_or(Ok(None), |file| Index::of(file, length))
    }

    /// The head of an index.
    pub(in crate::logs) fn header(&self, name: &str) -> io::Result<Option<IndexHeader>> {
        fit(self.dir.file(name, OpenMode::Read))?.map_or(Ok(None), |file| IndexHeader::read(&file))
    }

    /// What the index beside a segment may be called: a rotation may just have renamed it, or not
    /// yet.
    pub(in crate::logs) fn index_names(&self, number: u32, form: SegmentForm) -> [String; 2] {
        let mut names = [names::segment_index(&self.log, number), names::index(&self.log)];
        if form == SegmentForm::Newest {
            names.reverse();
        }
        names
    }
}

/// A file, or none where there is none, or something else has its name.
pub(in crate::logs) fn fit(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(e) if NotRegular::of(&e).is_some() => Ok(None),
        opened => found(opened),
    }
}

/// A file, or none where there is none.
pub(in crate::logs) fn found(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

#[cfg(test)]
#[path = "segments_tests.rs"]
mod tests;
