//! A task's journal on disk: one JSON object a line, appended in one write each.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::task_dir::{JOURNAL, TaskDir};
use crate::sys::dir::OpenMode;
use crate::sys::line_append::append_lines;
use crate::task::format::{self, BadFormat};
use crate::task::journal::{JournalEntry, JournalEvent, VERSION};
use crate::units::size;
use crate::units::wall_time::WallTime;

/// A journal open for its writer.
#[derive(Debug)]
pub struct Journal {
    file: Option<File>,
    run: u32,
}

impl Journal {
    /// Opens a task's journal for one run. Where it cannot be opened its lines are lost, never the
    /// task.
    pub fn open(task: &TaskDir, run: u32) -> Journal {
        Journal { file: task.dir.file(JOURNAL, OpenMode::Append).ok(), run }
    }

    /// Appends an event. A full disk loses the line: the end record has room of its own.
    pub fn write(&mut self, at: WallTime, event: JournalEvent) {
        let entry = JournalEntry { version: VERSION, at, run: self.run, event };
        let mut line = serde_json::to_vec(&entry).expect("plain data always serialises");
        line.push(b'\n');
        let _ = self.file.as_ref().map(|file| append_lines(file, &line));
    }
}

/// What is read of a journal at most: its end. *Units*: bytes.
const MOST_READ: u64 = 16 << 20;
/// A line that is longer is none. *Units*: bytes.
const LONGEST_LINE: usize = 1 << 20;

/// A task's journal, as far as it can be read.
#[derive(Debug, Default)]
pub struct JournalHistory {
    /// The events, in order.
    pub entries: Vec<JournalEntry>,
    /// What is not read of it, in words.
    pub lack: Option<String>,
}

impl JournalHistory {
    /// Reads a task's journal. A torn line is left out.
    pub fn of(task: &TaskDir) -> JournalHistory {
        match read_end(task) {
            Ok((bytes, skipped)) => JournalHistory::parse(&bytes, skipped),
            Err(e) if e.kind() == io::ErrorKind::NotFound => JournalHistory::default(),
            Err(e) => {
                JournalHistory { lack: Some(format!("{JOURNAL} cannot be read: {e}")), ..JournalHistory::default() }
            }
        }
    }

    fn parse(bytes: &[u8], skipped: u64) -> JournalHistory {
        let (mut entries, mut newer) = (Vec::new(), 0_usize);
        for line in bytes.split(|b| *b == b'\n').filter(|line| line.len() <= LONGEST_LINE) {
            match format::parse(line) {
                Ok(entry) => entries.push(entry),
                Err(BadFormat::Newer(_) | BadFormat::NotUnderstood(_)) => newer += 1,
                // Torn by a crash, or cut in two where the beginning is left out.
                Err(BadFormat::Damaged(_)) => {}
            }
        }
        let skipped = (skipped > 0).then(|| format!("the first {} of {JOURNAL} are left out", size::of_bytes(skipped)));
        let newer = (newer > 0).then(|| {
            format!("{newer} event{} left out: a newer aos wrote them", if newer == 1 { " is" } else { "s are" })
        });
        let lack: Vec<String> = skipped.into_iter().chain(newer).collect();
        JournalHistory { entries, lack: (!lack.is_empty()).then(|| lack.join("; ")) }
    }
}

/// The events of a task's journal, as far as they can be read.
pub fn read(task: &TaskDir) -> Vec<JournalEntry> {
    JournalHistory::of(task).entries
}

/// The whole lines of a task's journal behind a position, as far as they can be read, and where
/// they end. A journal that is shorter than that was begun anew. *Units*: bytes.
pub fn read_from(task: &TaskDir, position: u64) -> (Vec<JournalEntry>, u64) {
    let read = || -> io::Result<(Vec<u8>, u64)> {
        let mut file = task.dir.file(JOURNAL, OpenMode::Read)?;
        let length = file.metadata()?.len();
        let from = if position > length { 0 } else { position.max(length.saturating_sub(MOST_READ)) };
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(MOST_READ).read_to_end(&mut bytes)?;
        // A line that is being written is read the next time.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        Ok((bytes, from))
    };
    match read() {
        Ok((bytes, from)) => (JournalHistory::parse(&bytes, 0).entries, from + bytes.len() as u64),
        Err(_) => (Vec::new(), position),
    }
}

/// The end of the journal, and how much stands before it.
fn read_end(task: &TaskDir) -> io::Result<(Vec<u8>, u64)> {
    let mut file = task.dir.file(JOURNAL, OpenMode::Read)?;
    let skipped = file.metadata()?.len().saturating_sub(MOST_READ);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(MOST_READ).read_to_end(&mut bytes)?;
    Ok((bytes, skipped))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{JOURNAL, Journal, JournalHistory, read, read_from};
    use crate::store::task_dir::TaskDir;
    use crate::sys::dir::{Dir, OpenMode};
    use crate::task::id::TaskId;
    use crate::task::journal::JournalEvent;
    use crate::units::wall_time::WallTime;

    #[test]
    fn a_torn_line_takes_no_other_with_it() {
        let place = tempfile::tempdir().expect("a directory");
        let task = TaskDir { id: TaskId(1), dir: Dir::open(place.path()).expect("it") };
        let mut journal = Journal::open(&task, 1);
        journal.write(WallTime(0), JournalEvent::Launched);
        let torn = br#"{"version":1,"at":"2026-"#;
        task.dir.file(JOURNAL, OpenMode::Append).and_then(|mut file| file.write_all(torn)).expect("torn");
        let (first, position) = read_from(&task, 0);
        journal.write(WallTime(1), JournalEvent::Launched);
        journal.write(WallTime(2), JournalEvent::Launched);
        let times = |entries: Vec<super::JournalEntry>| entries.iter().map(|entry| entry.at.0).collect::<Vec<_>>();
        assert_eq!(times(read(&task)), [0, 1, 2]);
        assert_eq!((times(first), times(read_from(&task, position).0)), (vec![0], vec![1, 2]));
    }

    #[test]
    fn lines_of_a_version_to_come_are_told_and_torn_ones_left_out() {
        let launched = br#"{"version":1,"at":"2026-01-01T00:00:00.000Z","run":1,"event":"launched"}"#;
        let newer = br#"{"version":2,"at":"2026-01-01T00:00:00.000Z","run":1,"event":"launched"}"#;
        let lines = [&launched[..], newer, &launched[..20], launched].join(&b"\n"[..]);
        let read = JournalHistory::parse(&lines, 0);
        assert_eq!(
            (read.entries.len(), read.lack.as_deref()),
            (2, Some("1 event is left out: a newer aos wrote them"))
        );
        assert_eq!(JournalHistory::parse(&lines[..70], 0).lack, None);
    }
}
