//! Following a log as it grows, from segment to segment.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::logs::read::reader::{Chunk, LogReader};
use crate::logs::store::segments::{Gap, SegmentForm, Segments};

/// A place in a growing log.
pub struct Follower {
    path: PathBuf,
    reader: LogReader,
    /// Which file was the newest when its segments were looked at.
    newest: Option<u64>,
    /// The index beside it that says that it begins where it did. It is held, so that no other file
    /// is taken for it.
    index: Option<(u64, File)>,
}

/// What a step found.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// This many bytes were read.
    Read(usize),
    /// There is nothing new.
    Nothing,
    /// A part is not there, or no longer; the next step reads what follows it.
    Gap(Gap),
    /// The log was removed, replaced or cut from outside; the next step reads the new one.
    Renewed,
}

impl Follower {
    /// Stands at a logical position of the log at `path`.
    pub fn new(path: &Path, position: u64) -> io::Result<Follower> {
        let segments = Segments::open(path)?;
        let newest = identity(&segments)?;
        Ok(Follower { path: path.to_owned(), reader: LogReader::new(segments, position), newest, index: None })
    }

    /// The logical position of what the next step reads.
    pub fn position(&self) -> u64 {
        self.reader.position()
    }

    /// The segments as they were last looked at.
    pub fn segments(&self) -> &Segments {
        self.reader.segments()
    }

    /// How much there is to read. *Units*: bytes.
    pub fn pending(&self) -> io::Result<u64> {
        let found = self.segments().newest_now();
        let end = match found.filter(|found| self.newest == Some(found.inode)) {
            Some(found) => self.newest_start() + found.size,
            None => self.segments().again().map_or(0, |segments| segments.end()),
        };
        Ok(end.saturating_sub(self.position()))
    }

    /// Goes on at another place.
    pub fn go_to(&mut self, position: u64) {
        self.reader.go_to(position);
    }

    /// Reads on into `buffer`. Whoever writes to a log that was cut says before where it goes on,
    /// so what was read counts only if nobody has said so by then.
    pub fn step(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        loop {
            let at = self.position();
            let step = self.next(buffer)?;
            if !matches!(step, Step::Read(_) | Step::Nothing) || !self.has_moved()? {
                return Ok(step);
            }
            let Some(segments) = self.look_again()? else { return Ok(step) };
            self.newest = identity(&segments)?;
            self.reader.go_on_in(segments);
            // What is in the buffer may be what came after the cut: it is read where it stands now.
            self.reader.go_to(at);
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        match self.reader.next(buffer)? {
            Chunk::Bytes(count) => Ok(Step::Read(count)),
            Chunk::Gap(gap) => Ok(Step::Gap(gap)),
            Chunk::End => self.look_further(buffer),
        }
    }

    /// The end of what is known: whether more was written elsewhere.
    fn look_further(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        let found = self.segments().newest_now();
        let is_same = found.as_ref().is_some_and(|found| self.newest == Some(found.inode));
        let start = self.newest_start();
        let size = found.map_or(0, |found| found.size);
        // Shorter than what was read of it, it was cut.
        if is_same && start + size >= self.position() {
            return Ok(Step::Nothing);
        }
        // What was written before the newest segment got its new name is still to be read from it.
        match self.reader.next(buffer)? {
            Chunk::Bytes(count) => return Ok(Step::Read(count)),
            Chunk::Gap(gap) => return Ok(Step::Gap(gap)),
            Chunk::End => {}
        }
        let Some(segments) = self.look_again()? else { return Ok(Step::Nothing) };
        let number = self.segments().list().last().map(|newest| newest.number);
        self.newest = identity(&segments)?;
        self.reader.go_on_in(segments);
        let Some(newest) = self.segments().list().last().cloned() else { return Ok(Step::Nothing) };
        // A rotation counts on, and a writer whose file was removed begins behind what it wrote:
        // this file is somebody else's.
        let is_replaced = Some(newest.number) == number && newest.start == start && !is_same;
        // Its writer moves the beginning of what it writes to; where there is none, the log begins
        // anew.
        let is_cut = is_same && self.segments().index_of(&newest)?.is_none();
        if is_replaced || is_cut {
            self.reader.go_to(newest.start);
            return Ok(Step::Renewed);
        }
        // It was cut, and its writer has not written since: with its next write it says where it
        // goes on.
        if is_same && newest.start == start {
            return Ok(Step::Nothing);
        }
        match self.reader.next(buffer)? {
            Chunk::Bytes(count) => Ok(Step::Read(count)),
            Chunk::Gap(gap) => Ok(Step::Gap(gap)),
            Chunk::End => Ok(Step::Nothing),
        }
    }

    fn look_again(&self) -> io::Result<Option<Segments>> {
        // By its path: the directory may have been removed and made anew.
        match Segments::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            looked => looked.map(Some),
        }
    }

    /// Whether the newest segment begins elsewhere by now: its writer found it cut short, and
    /// counts on from there.
    fn has_moved(&mut self) -> io::Result<bool> {
        let now = self.segments().newest_index_now().map(|found| found.inode);
        if now.is_none() || now == self.index.as_ref().map(|(inode, _)| *inode) {
            return Ok(false);
        }
        let Some(newest) = self.segments().list().last().filter(|last| last.form == SegmentForm::Newest) else {
            return Ok(false);
        };
        let Some((header, file)) = self.segments().newest_header()? else { return Ok(false) };
        // Another number is a rotation's, before which this segment is read to its end.
        let has_moved = header.number == newest.number && header.start != newest.start;
        // Each is asked once: where the one before it is longer than it says, the newest segment
        // begins behind that.
        self.index = Some((file.metadata()?.ino(), file));
        Ok(has_moved)
    }

    fn newest_start(&self) -> u64 {
        self.segments().list().last().filter(|last| last.form == SegmentForm::Newest).map_or(0, |last| last.start)
    }
}

fn identity(segments: &Segments) -> io::Result<Option<u64>> {
    // Of the file that is held open: no other one has its number as long as it is.
    Ok(segments.newest()?.map(|found| found.ino()))
}

#[cfg(test)]
mod tests {
    use crate::logs::read::follower::{Follower, Step};
    use crate::logs::store::index::IndexHeader;
    use crate::logs::store::index_writer::IndexWriter;
    use crate::logs::store::segments::{Gap, GapReason};
    use crate::sys::dir::Dir;
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn what_is_written_after_a_cut_is_not_taken_for_what_was_there() {
        let place = tempfile::tempdir().expect("a directory");
        let (dir, path) = (Dir::open(place.path()).expect("opened"), place.path().join("x.log"));
        let begin =
            |start| IndexWriter::begin(&dir, "x.log", IndexHeader { number: 1, oldest: 1, start }).expect("an index");
        let mut buffer = [0; 4];
        begin(0);
        File::create(&path).and_then(|mut f| f.write_all(b"one\ntwo\n")).expect("written");
        let mut follower = Follower::new(&path, 0).expect("open");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Read(4));
        begin(8);
        File::create(&path).and_then(|mut f| f.write_all(b"three\nfour\n")).expect("cut, and written on");
        let gap = Gap { from: 4, to: 8, lack: GapReason::Gone, file: None };
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Gap(gap));
        assert_eq!((follower.step(&mut buffer).expect("read"), &buffer), (Step::Read(4), b"thre"));
    }

    #[test]
    fn a_segment_that_is_longer_than_the_next_one_says_is_followed_into_it() {
        let place = tempfile::tempdir().expect("a directory");
        let (dir, path) = (Dir::open(place.path()).expect("opened"), place.path().join("x.log"));
        let mut buffer = [0; 16];
        IndexWriter::begin(&dir, "x.log", IndexHeader { number: 2, oldest: 1, start: 4 }).expect("an index");
        for (name, bytes) in [("x.log.1", "one\nmore"), ("x.log", "two\n")] {
            File::create(path.with_file_name(name)).and_then(|mut f| f.write_all(bytes.as_bytes())).expect("written");
        }
        let mut follower = Follower::new(&path, 0).expect("open");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Read(8));
        assert_eq!((follower.step(&mut buffer).expect("read"), &buffer[..4]), (Step::Read(4), &b"two\n"[..]));
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Nothing);
    }

    #[test]
    fn a_log_cut_or_replaced_is_followed_into_the_new_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut buffer = [0; 16];
        File::create(&path).and_then(|mut f| f.write_all(b"one\n")).expect("written");
        let mut follower = Follower::new(&path, 0).expect("open");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Read(4));
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Nothing);
        File::create(&path).expect("cut");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Renewed);
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Nothing);
        File::create(&path).and_then(|mut f| f.write_all(b"two\n")).expect("written");
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Renewed);
        assert_eq!(follower.step(&mut buffer).expect("read"), Step::Read(4));
        assert_eq!(&buffer[..4], b"two\n");
    }
}
