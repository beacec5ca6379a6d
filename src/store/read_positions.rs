//! How far readers have read logs: for each reader a small file, which it alone writes.
//!
//! *Shape*: `readers/4242-1234567.json`, named by the session's leader and when that began, or as
//! the reader calls itself: `{"version":1,"seen":{"task-001":4096}}`. *Units*: bytes of the log.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::layout::Home;
use crate::sys::proc;
use crate::task::format::{self, BadFormat, Format};
use crate::task::id::TaskId;

/// What is kept of readers that did not come back, at most.
const MOST: usize = 200;

/// The version of its format.
const VERSION: u32 = 1;
/// No reader's file is longer. *Units*: bytes.
const LONGEST: u64 = 16 << 20;

/// A reader's file.
#[derive(Debug, Serialize, Deserialize)]
struct Marks {
    version: u32,
    seen: BTreeMap<String, u64>,
}

impl Format for Marks {
    const VERSION: u32 = VERSION;
}

/// How far a reader has read each log.
#[derive(Debug)]
pub struct ReadPositions {
    name: String,
    marks: Marks,
}

impl ReadPositions {
    /// What this reader has seen so far: nothing, if it never came, or if what is there is damaged.
    /// *Errors*: it is of a newer aos, or no file.
    pub fn by(home: &Home, reader: &str) -> Result<ReadPositions, StoreError> {
        let name = format!("{}.json", file_name(reader));
        let bytes = match home.readers()?.read(&name, LONGEST) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(|source| StoreError::File { doing: "read", what: name.clone(), source })?,
        };
        let marks = match format::parse(&bytes) {
            Ok(marks) => marks,
            Err(BadFormat::Damaged(_)) => Marks { version: VERSION, seen: BTreeMap::new() },
            Err(newer) => return Err(StoreError::of_format(format!("readers/{name}"), newer)),
        };
        Ok(ReadPositions { name, marks })
    }

    /// How far.
    pub fn position(&self, id: TaskId) -> u64 {
        self.marks.seen.get(&id.to_string()).copied().unwrap_or(0)
    }

    /// It has read so far now.
    pub fn read(&mut self, id: TaskId, position: u64) {
        self.marks.seen.insert(id.to_string(), position);
    }

    /// Writes it down, and forgets tasks that are gone.
    pub fn keep(mut self, home: &Home) -> Result<(), StoreError> {
        self.marks.seen.retain(|id, _| id.parse().is_ok_and(|id: TaskId| home.task_path(id).exists()));
        let readers = home.readers()?;
        let failed = |source| StoreError::File { doing: "write", what: self.name.clone(), source };
        let others = readers.names().map_err(failed)?;
        if !others.contains(&self.name) && others.len() >= MOST {
            others.iter().filter(|name| is_gone(name)).for_each(|name| drop(readers.remove(name)));
        }
        let bytes = serde_json::to_vec(&self.marks).expect("plain data with string keys always serialises");
        readers.replace(&self.name, &bytes).map_err(failed)
    }
}

/// Whether a file is that of a session which has ended.
fn is_gone(name: &str) -> bool {
    let leader = name.strip_suffix(".json").and_then(|name| name.split_once('-'));
    let Some((pid, start)) = leader.and_then(|(pid, start)| Some((pid.parse().ok()?, start.parse::<u64>().ok()?)))
    else {
        return false;
    };
    !proc::stat(pid).is_ok_and(|process| process.start == start)
}

/// A name that is safe in a directory, and still another for another reader.
fn file_name(reader: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !reader.is_empty() && reader.len() <= 64 && reader.chars().all(is_plain) {
        return reader.to_owned();
    }
    let plain: String = reader.chars().filter(|c| is_plain(*c)).take(40).collect();
    format!("{plain}.{:08x}", crc32fast::hash(reader.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{ReadPositions, file_name};
    use crate::store::layout::Home;
    use crate::task::id::TaskId;

    #[test]
    fn each_reader_has_marks_of_its_own() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        home.tasks.make("task-001").expect("a task");
        let mut seen = ReadPositions::by(&home, "one").expect("nothing yet");
        seen.read(TaskId(1), 7);
        seen.read(TaskId(2), 7);
        seen.keep(&home).expect("written");
        let position = |reader: &str, id| ReadPositions::by(&home, reader).expect("read").position(TaskId(id));
        assert_eq!((position("one", 1), position("one", 2), position("two", 1)), (7, 0, 0));
    }

    #[test]
    fn no_reader_leaves_the_directory() {
        for reader in ["", "../x", "a/b", ".", "é"] {
            let name = file_name(reader);
            assert!(!name.contains('/') && !name.starts_with(".."), "{name}");
        }
        assert_eq!(file_name("4242-17"), "4242-17");
    }
}
