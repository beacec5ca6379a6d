//! Writing a log: every byte that came, in order; where the disk has no room, a mark that says
//! how much is missing; where somebody removed the file, a new one.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;

use super::fold::Fold;
use crate::sys::dir::{Dir, Open};

/// Whether line ends are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// CR LF becomes LF: the output of a terminal.
    Folded,
    /// Bytes stay as they are: the output of a pipe.
    Kept,
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
}

/// Gives the log's directory, made anew if somebody removed it.
pub type OpenDir = Box<dyn Fn() -> io::Result<Dir>>;

/// A log open for its one writer.
pub struct LogWriter {
    open_dir: OpenDir,
    name: String,
    file: File,
    fold: Option<Fold>,
    /// Bytes lost since the file last took any.
    gap: u64,
    lost: u64,
}

impl LogWriter {
    /// Opens the log `name` to append to it.
    pub fn open(open_dir: OpenDir, name: String, line_ends: LineEnds) -> io::Result<LogWriter> {
        let file = open_dir()?.file(&name, Open::Append)?;
        let fold = match line_ends {
            LineEnds::Folded => Some(Fold::default()),
            LineEnds::Kept => None,
        };
        Ok(LogWriter { open_dir, name, file, fold, gap: 0, lost: 0 })
    }

    /// How long the log is. *Units*: bytes.
    pub fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.size())
    }

    /// How much could not be written so far. *Units*: bytes.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Appends a chunk. Never fails: what goes wrong is told, and counted.
    pub fn write(&mut self, bytes: &[u8]) -> Option<Trouble> {
        let mut fold = self.fold.take();
        let trouble = match &mut fold {
            Some(fold) => self.append(fold.chunk(bytes)),
            None => self.append(bytes),
        };
        self.fold = fold;
        trouble
    }

    /// Ends the log: what the folding held is written.
    pub fn finish(&mut self) -> Option<Trouble> {
        let held = self.fold.as_mut().map_or(&b""[..], Fold::finish);
        self.append(held)
    }

    fn append(&mut self, bytes: &[u8]) -> Option<Trouble> {
        if bytes.is_empty() {
            return None;
        }
        let removed = self.begin_anew_if_removed();
        let recovered = if self.gap > 0 { self.mark_gap() } else { None };
        let is_losing = self.gap > 0;
        let written =
            if is_losing { Err((0, io::ErrorKind::StorageFull.into())) } else { write_all(&mut self.file, bytes) };
        let losing = match written {
            Ok(()) => None,
            Err((taken, error)) => {
                let missing = (bytes.len() - taken) as u64;
                self.gap += missing;
                self.lost += missing;
                (!is_losing).then(|| Trouble::Losing(error.to_string()))
            }
        };
        losing.or(recovered).or(removed)
    }

    /// Says in the log itself what is missing from it. That the mark fits is what shows that there is room again.
    fn mark_gap(&mut self) -> Option<Trouble> {
        let mark = format!("\n[aos: {} bytes of output are missing here: the log could not be written]\n", self.gap);
        match write_all(&mut self.file, mark.as_bytes()) {
            Ok(()) => Some(Trouble::Recovered { lost: std::mem::take(&mut self.gap) }),
            Err(_) => None,
        }
    }

    fn begin_anew_if_removed(&mut self) -> Option<Trouble> {
        if self.file.metadata().is_ok_and(|m| m.nlink() > 0) {
            return None;
        }
        self.file = (self.open_dir)().and_then(|dir| dir.file(&self.name, Open::Append)).ok()?;
        Some(Trouble::Removed)
    }
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
    use super::{LineEnds, LogWriter, Trouble};
    use crate::sys::dir::Dir;

    fn writer(dir: &std::path::Path, line_ends: LineEnds) -> LogWriter {
        let dir = dir.to_owned();
        LogWriter::open(Box::new(move || Dir::open(&dir)), "x.log".into(), line_ends).expect("a log")
    }

    #[test]
    fn a_removed_log_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut log = writer(dir.path(), LineEnds::Folded);
        assert_eq!(log.write(b"one\r\n"), None);
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(log.write(b"two\r\n"), Some(Trouble::Removed));
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
