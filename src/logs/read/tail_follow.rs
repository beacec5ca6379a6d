//! A log that is read as it grows, also one that is not there yet.

use std::io;
use std::path::{Path, PathBuf};

use crate::logs::read::follower::{Follower, Step};
use crate::logs::read::last_lines::start_of_last;
use crate::logs::store::segments::{Gap, Segments};
use crate::logs::text::numbered_lines::LineOrigin;

/// A place in such a log.
pub struct TailFollow {
    path: PathBuf,
    position: u64,
    /// Where it ends, once that is known.
    end: u64,
    follower: Option<Follower>,
    gaps: Vec<Gap>,
}

/// No further back than this is looked for where the last lines begin. *Units*: bytes.
const FURTHEST: u64 = 16 << 20;

impl TailFollow {
    /// Stands at the logical position `position` of the log at `path`.
    pub fn new(path: &Path, position: u64) -> TailFollow {
        TailFollow { path: path.to_owned(), position, end: u64::MAX, follower: None, gaps: Vec::new() }
    }

    /// Under which name it is looked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stands at this logical position and behind it is none of it.
    pub fn end_at(&mut self, end: u64) {
        self.end = end;
    }

    /// The next bytes and the logical position at which they stand, at most a buffer of them;
    /// `None` when there are no more for now.
    pub fn read<'b>(&mut self, buffer: &'b mut [u8]) -> io::Result<Option<(u64, &'b [u8])>> {
        if self.follower()?.is_none() {
            return Ok(None);
        }
        let Some(follower) = &mut self.follower else { return Ok(None) };
        loop {
            let at = follower.position();
            let most = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
            if most == 0 {
                return Ok(None);
            }
            match follower.step(&mut buffer[..most])? {
                Step::Read(length) => return Ok(Some((at, &buffer[..length]))),
                Step::Renewed => {}
                Step::Gap(gap) => self.gaps.push(gap),
                Step::Nothing => return Ok(None),
            }
        }
    }

    /// Where it stands. *Units*: bytes, a logical position.
    pub fn position(&self) -> u64 {
        self.follower.as_ref().map_or(self.position, Follower::position)
    }

    /// How much there is to read. *Units*: bytes.
    pub fn pending(&mut self) -> io::Result<u64> {
        self.follower()?.map_or(Ok(0), |follower| follower.pending())
    }

    /// Goes on at the last `lines` lines, if they are further on; says how much is passed over.
    /// *Units*: bytes.
    pub fn skip_to_last(&mut self, lines: u64) -> io::Result<u64> {
        let path = self.path.clone();
        let Some(follower) = self.follower()? else { return Ok(0) };
        // The follower's own look may be old: what has come since counts among the last lines.
        let (log, from) = (Segments::open(&path)?, follower.position());
        let nearest = log.end().saturating_sub(FURTHEST);
        let start = start_of_last(&log, lines, from.max(nearest))?;
        follower.go_to(start);
        // It is looked for no further back than `from`.
        Ok(start - from)
    }

    fn follower(&mut self) -> io::Result<Option<&mut Follower>> {
        if self.follower.is_none() {
            match Follower::new(&self.path, self.position) {
                Ok(follower) => self.follower = Some(follower),
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        Ok(self.follower.as_mut())
    }
}

impl LineOrigin for TailFollow {
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
        Ok(self.read(buffer)?.map_or((0, 0), |(at, bytes)| (at, bytes.len())))
    }

    fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
}

#[cfg(test)]
mod tests {
    use super::TailFollow;
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn a_log_may_come_later_and_parts_may_be_passed_over() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut buffer = [0; 16];
        let mut log = TailFollow::new(&path, 0);
        assert_eq!(log.read(&mut buffer).expect("nothing yet"), None);
        File::create(&path).and_then(|mut f| f.write_all(b"one\ntwo\nthree\n")).expect("written");
        assert_eq!(log.pending().expect("known"), 14);
        assert_eq!(log.skip_to_last(2).expect("skipped"), 4);
        assert_eq!(log.read(&mut buffer).expect("read"), Some((4, &b"two\nthree\n"[..])));
        assert_eq!((log.read(&mut buffer).expect("read"), log.skip_to_last(2).expect("not back")), (None, 0));
    }
}
