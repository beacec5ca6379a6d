//! Writing a log: every byte that came, in order; where the disk has no room, a mark that says
//! how much is missing; where somebody removed the file, a new one.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use memchr::memchr;

use crate::logs::store::crlf::CrlfFolder;
use crate::logs::store::index::IndexHeader;
use crate::logs::store::index_writer::IndexWriter;
use crate::logs::store::names;
use crate::logs::store::rotate::rotate;
use crate::logs::store::segments::{SegmentForm, Segments};
use crate::sys::dir::{Dir, OpenMode};
use crate::units::wall_time::WallTime;

/// Whether line ends are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// CR LF becomes LF: the output of a terminal.
    Folded,
    /// Bytes stay as they are: the output of a pipe.
    Kept,
}

/// Whether a log may have been written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogAge {
    /// Only if its newest files or its first segment are there.
    New,
    /// Also if none of these is: others may be.
    Old,
}

/// What a write ran into, for the journal.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file could not take more; bytes are being lost from here on.
    Losing(String),
    /// The file can be written again.
    Recovered {
        /// What was lost meanwhile. *Units*: bytes.
        lost: u64,
    },
    /// Somebody removed the file. A new one was begun.
    Removed,
    /// Somebody cut the file short. It goes on with what comes.
    Cut,
    /// A segment is complete, and a new one was begun.
    Rotated,
    /// A segment is full, and no new one could be begun: it grows on.
    NotRotated(String),
}

/// Gives the log's directory, made anew if somebody removed it.
pub type OpenDir = Box<dyn Fn() -> io::Result<Dir>>;

/// How large the newest segment may grow. *Units*: bytes. Asked for only when that begins to
/// matter.
pub type SegmentSize = Box<dyn Fn() -> u64>;

/// No segment is smaller, as far as the user is asked. *Units*: bytes.
const LEAST_SEGMENT: u64 = 64 * 1024;
/// So much further a line's end is looked for to rotate at. *Units*: bytes.
const LINE_SLACK: u64 = 1 << 20;

/// A log open for its one writer.
pub struct LogWriter {
    open_dir: OpenDir,
    segment_size: SegmentSize,
    name: String,
    file: File,
    /// Where the newest segment stands in the log.
    place: IndexHeader,
    /// How long it is.
    size: u64,
    /// Beyond this it is rotated.
    full_at: u64,
    /// Whether `full_at` is what the user wants.
    is_asked: bool,
    index: Option<IndexWriter>,
    fold: Option<CrlfFolder>,
    /// Bytes lost since the file last took any.
    gap: u64,
    lost: u64,
}

impl LogWriter {
    /// Opens the log `name` in this directory to append to it. Should that be removed, `open_dir`
    /// opens what is in its place.
    pub fn open(
        dir: &Dir,
        open_dir: OpenDir,
        name: String,
        age: LogAge,
        line_ends: LineEnds,
        segment_size: SegmentSize,
    ) -> io::Result<LogWriter> {
        // Before the file is made: that none is there yet is what tells a new log.
        let place = place_of(dir, &name, age)?;
        let file = dir.file(&name, OpenMode::Append)?;
        let size = file.metadata()?.size();
        let fold = match line_ends {
            LineEnds::Folded => Some(CrlfFolder::default()),
            LineEnds::Kept => None,
        };
        // The index comes with the first write: a task that prints nothing has none.
        let (full_at, is_asked, index) = (LEAST_SEGMENT, false, None);
        Ok(LogWriter {
            open_dir,
            segment_size,
            name,
            file,
            place,
            size,
            full_at,
            is_asked,
            index,
            fold,
            gap: 0,
            lost: 0,
        })
    }

    /// The logical position behind the last byte.
    pub fn len(&self) -> u64 {
        self.place.start + self.size
    }

    /// How much could not be written so far. *Units*: bytes.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Appends a chunk. Never fails: what goes wrong is told, and counted.
    pub fn write(&mut self, bytes: &[u8]) -> Vec<Trouble> {
        // Taken out, as what it gives is borrowed from it while the rest of the log is written to.
        let mut fold = self.fold.take();
        let trouble = match &mut fold {
            Some(fold) => self.append(fold.chunk(bytes)),
            None => self.append(bytes),
        };
        self.fold = fold;
        trouble
    }

    /// Ends the log: what the folding held is written.
    pub fn finish(&mut self) -> Vec<Trouble> {
        let held = self.fold.as_mut().map_or(&b""[..], CrlfFolder::finish);
        self.append(held)
    }

    fn append(&mut self, bytes: &[u8]) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        if bytes.is_empty() {
            return troubles;
        }
        troubles.extend(self.look_after_file());
        // Before what comes now, so that the mark stands where something is missing.
        if self.gap > 0 {
            troubles.extend(self.mark_gap());
        }
        let mut rest = bytes;
        while let Some(cut) = self.rotates_after(rest) {
            troubles.extend(self.put(&rest[..cut]));
            troubles.push(self.rotate());
            rest = &rest[cut..];
        }
        if !rest.is_empty() {
            troubles.extend(self.put(rest));
        }
        troubles
    }

    /// Writes to the newest segment, or counts what is lost.
    fn put(&mut self, bytes: &[u8]) -> Option<Trouble> {
        let is_losing = self.gap > 0;
        // Until a mark fits nothing is tried: what fits by chance would stand behind no mark.
        let written = if is_losing { Err((0, io::ErrorKind::StorageFull.into())) } else { self.write_all(bytes) };
        let Err((taken, error)) = written else { return None };
        let missing = (bytes.len() - taken) as u64;
        self.gap += missing;
        self.lost += missing;
        (!is_losing).then(|| Trouble::Losing(error.to_string()))
    }

    /// After how many of these bytes the newest segment is full, at a line's end if one is near.
    fn rotates_after(&mut self, bytes: &[u8]) -> Option<usize> {
        let size = self.size + bytes.len() as u64;
        if size <= self.full_at || self.gap > 0 {
            return None;
        }
        // Only now: most tasks print less than the least segment, and read no configuration for it.
        if !self.is_asked {
            self.full_at = (self.segment_size)();
            self.is_asked = true;
            return self.rotates_after(bytes);
        }
        let from = usize::try_from(self.full_at.saturating_sub(self.size)).unwrap_or(0).min(bytes.len());
        // A segment begins with a line where it can; one without an end must not make it grow on.
        let end = memchr(b'\n', &bytes[from..]).map(|at| from + at + 1);
        end.or((size > self.full_at + LINE_SLACK).then_some(bytes.len()))
    }

    fn rotate(&mut self) -> Trouble {
        let rotated = (self.open_dir)().and_then(|dir| {
            let rotated = rotate(&dir, &self.name, self.place.number, self.place.oldest)?;
            let place = IndexHeader {
                number: rotated.completed + 1,
                oldest: rotated.oldest,
                start: self.place.start + self.size,
            };
            // Without an index the log goes on; the next write tries to make it again.
            (self.index, self.file) = (IndexWriter::begin(&dir, &self.name, place).ok(), rotated.file);
            (self.place, self.size) = (place, 0);
            Ok(())
        });
        // Where it failed it is tried again a segment later, and not with each chunk.
        self.full_at = self.size + (self.segment_size)();
        match rotated {
            Ok(()) => Trouble::Rotated,
            Err(why) => Trouble::NotRotated(why.to_string()),
        }
    }

    /// Says in the log itself what is missing from it.
    fn mark_gap(&mut self) -> Option<Trouble> {
        let mark = format!("\n[aos: {} bytes of output are missing here: the log could not be written]\n", self.gap);
        match self.write_all(mark.as_bytes()) {
            // That the mark fits is what shows that there is room again.
            Ok(()) => Some(Trouble::Recovered { lost: std::mem::take(&mut self.gap) }),
            // A part of the mark may be there by now; the next try writes a whole one behind it.
            Err(_) => None,
        }
    }

    /// Goes on at the same logical position where somebody removed the file or cut it.
    fn look_after_file(&mut self) -> Option<Trouble> {
        let meta = self.file.metadata().ok()?;
        if meta.nlink() > 0 && meta.size() >= self.size {
            // Longer than what was written here: somebody else has appended to it.
            self.size = meta.size();
            return None;
        }
        // Without it what comes goes to the file that is open; the next chunk tries again.
        let dir = (self.open_dir)().ok()?;
        let place = IndexHeader { start: self.place.start + self.size, ..self.place };
        let trouble = if meta.nlink() > 0 { Trouble::Cut } else { Trouble::Removed };
        // Before the file, so that no reader takes what comes for what was there.
        self.index = IndexWriter::begin(&dir, &self.name, place).ok();
        self.file = dir.file(&self.name, OpenMode::Append).ok()?;
        (self.place, self.size) = (place, self.file.metadata().map_or(0, |meta| meta.size()));
        // What somebody put in its place may be longer than a segment: it is not rotated at once.
        self.full_at = self.full_at.max(self.size + LEAST_SEGMENT);
        Some(trouble)
    }

    /// Writes everything, or says how much was taken before the error.
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
        if self.index.is_none() {
            self.index =
                (self.open_dir)().and_then(|dir| IndexWriter::take_up(&dir, &self.name, self.place, self.size)).ok();
        }
        if let Some(index) = &mut self.index {
            // Before what it is of, so that a reader who sees the bytes can know their time.
            index.note(self.size, WallTime::now());
        }
        let written = write_all(&mut self.file, bytes);
        self.size += match &written {
            Ok(()) => bytes.len(),
            Err((taken, _)) => *taken,
        } as u64;
        written
    }
}

/// Where the newest segment stands, which need not be there yet. A new log costs one look; of an
/// old one segments may be there under any number.
fn place_of(dir: &Dir, name: &str, age: LogAge) -> io::Result<IndexHeader> {
    let first = IndexHeader { number: 1, oldest: 1, start: 0 };
    let signs = [names::index(name), name.to_owned(), names::segment(name, 1), names::compressed(name, 1)];
    let is_missing = |name: &String| dir.file(name, OpenMode::Read).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
    if age == LogAge::New && signs.iter().all(is_missing) {
        return Ok(first);
    }
    let segments = match Segments::of(Arc::new(dir.again()?), name) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(first),
        looked => looked?,
    };
    let Some(last) = segments.list().last() else { return Ok(first) };
    let oldest = segments.list().first().map_or(last.number, |first| first.number);
    Ok(match last.form {
        SegmentForm::Newest => IndexHeader { number: last.number, oldest, start: last.start },
        SegmentForm::Plain | SegmentForm::Compressed => {
            // A rotation was interrupted: the last one has its number, and the next one is not made
            // yet.
            IndexHeader { number: last.number.saturating_add(1), oldest, start: last.end() }
        }
    })
}

/// Writes everything, or says how much was taken before the error.
fn write_all(file: &mut File, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut taken = 0;
    while taken < bytes.len() {
        match file.write(&bytes[taken..]) {
            Ok(0) => return Err((taken, io::ErrorKind::WriteZero.into())),
            Ok(n) => taken += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err((taken, e)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::logs::store::writer::{LineEnds, LogAge, LogWriter, Trouble};
    use crate::sys::dir::Dir;

    fn writer(dir: &std::path::Path, line_ends: LineEnds) -> LogWriter {
        let dir = dir.to_owned();
        let opened = Dir::open(&dir).expect("a directory");
        let open_dir = Box::new(move || Dir::open(&dir));
        LogWriter::open(&opened, open_dir, "x.log".into(), LogAge::New, line_ends, Box::new(|| 1 << 20)).expect("a log")
    }

    #[test]
    fn a_removed_log_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut log = writer(dir.path(), LineEnds::Folded);
        assert_eq!(log.write(b"one\r\n"), []);
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(log.write(b"two\r\n"), [Trouble::Removed]);
        assert_eq!(std::fs::read(&path).expect("the new log"), b"two\n");
    }

    #[test]
    fn a_pipe_keeps_its_bytes() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut log = writer(dir.path(), LineEnds::Kept);
        log.write(b"a\r\nb\r");
        log.finish();
        assert_eq!(std::fs::read(dir.path().join("x.log")).expect("the log"), b"a\r\nb\r");
        assert_eq!(log.len(), 5);
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod store_tests;
