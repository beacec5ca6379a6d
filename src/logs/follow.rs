//! Following a log as it grows.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A place in a growing log.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    position: u64,
}

/// What a step found.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// This many bytes were read.
    Read(usize),
    /// There is nothing new.
    Nothing,
    /// The log was removed, replaced or cut from outside; the next step reads the new one.
    Renewed,
}

impl Follower {
    /// Stands at `position` in `file`, which was opened from `path`.
    pub fn new(path: &Path, file: File, position: u64) -> Follower {
        Follower { path: path.to_owned(), file, position }
    }

    /// Where the next step reads. *Units*: bytes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How much there is to read. *Units*: bytes.
    pub fn pending(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len().saturating_sub(self.position))
    }

    /// Goes on at another place.
    pub fn go_to(&mut self, position: u64) {
        self.position = position;
    }

    /// Reads on into `buffer`.
    pub fn step(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        match self.file.read_at(buffer, self.position)? {
            0 => self.look_for_new_file(),
            n => {
                self.position += n as u64;
                Ok(Step::Read(n))
            }
        }
    }

    fn look_for_new_file(&mut self) -> io::Result<Step> {
        let ours = self.file.metadata()?;
        if ours.len() < self.position {
            self.position = 0;
            return Ok(Step::Renewed);
        }
        let Ok(file) = File::open(&self.path) else { return Ok(Step::Nothing) };
        let theirs = file.metadata()?;
        if (ours.dev(), ours.ino()) == (theirs.dev(), theirs.ino()) {
            return Ok(Step::Nothing);
        }
        (self.file, self.position) = (file, 0);
        Ok(Step::Renewed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Follower, Step};
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn a_log_cut_or_replaced_is_followed_into_the_new_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut buffer = [0; 16];
        File::create(&path).and_then(|mut f| f.write_all(b"one\n")).expect("written");
        let mut follower = Follower::new(&path, File::open(&path).expect("open"), 0);
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
