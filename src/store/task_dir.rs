//! One task's directory: what is in it, read and written whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Error;
use super::home::{GONE, Home};
use crate::sys::dir::{Dir, Open};
use crate::task::id::TaskId;
use crate::task::spec::{Spec, VERSION_OF_ADOPTED};
use crate::task::state::State;

/// The spec's file.
pub const SPEC: &str = "spec.json";
/// The state's file.
pub const STATUS: &str = "status.json";
/// The proof of life.
pub const LOCK: &str = "lock";
/// The preallocated end record.
pub const END: &str = "exit.rec";
/// The journal.
pub const JOURNAL: &str = "journal.jsonl";
/// The control socket.
pub const CONTROL: &str = "control";
/// The state of the shell that the command is for.
pub const SHELL_STATE: &str = "shell-state";
/// Held by whoever tidies up behind the log's writer.
pub const TIDYING: &str = "tidy.lock";
/// Requests waiting to be read.
pub const REQUESTS: &str = "requests";

/// Files that become the state's, one after the other: for a task's launch, and for its end.
const SPARE_STATUSES: [&str; 2] = [".status.json.1.tmp", ".status.json.2.tmp"];

/// One task's directory, held open.
#[derive(Debug)]
pub struct TaskDir {
    /// Whose it is.
    pub id: TaskId,
    /// The directory.
    pub dir: Dir,
}

impl TaskDir {
    /// Opens a task's directory. *Errors*: [`Error::NoTask`] when there is none.
    pub fn open(home: &Home, id: TaskId) -> Result<TaskDir, Error> {
        match home.tasks.sub(&id.to_string()) {
            Ok(dir) => Ok(TaskDir { id, dir }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(Error::NoTask(id)),
            Err(source) => Err(Error::File { doing: "open", what: id.to_string(), source }),
        }
    }

    /// Reads the spec.
    pub fn spec(&self) -> Result<Spec, Error> {
        self.parse(SPEC, &self.spec_as_written()?)
    }

    /// The bytes of the spec's file.
    pub fn spec_as_written(&self) -> Result<Vec<u8>, Error> {
        let missing = || match self.is_removed() {
            true => Error::NoTask(self.id),
            false => Error::Damaged { what: self.what(SPEC), why: "it is missing".into() },
        };
        self.bytes(SPEC)?.ok_or_else(missing)
    }

    /// Whether somebody has removed the task since this was opened.
    fn is_removed(&self) -> bool {
        let is_in = |path: PathBuf| path.parent().and_then(Path::file_name).is_some_and(|above| above == GONE);
        // Of a directory that is there no more the kernel gives the last path, and says so behind it.
        self.dir.own_stat().is_ok_and(|stat| stat.st_nlink == 0) || self.dir.path().is_ok_and(is_in)
    }

    /// Reads the state; `None` before a supervisor has written any.
    pub fn state(&self) -> Result<Option<State>, Error> {
        self.json(STATUS)
    }

    /// Writes one of the JSON files.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.write(name, &encode(value))
    }

    /// Writes one of the JSON files from its bytes.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let is_put = |spare: &&str| self.dir.replace_by(spare, name, bytes).is_ok();
        if name == STATUS && SPARE_STATUSES.iter().any(is_put) {
            return Ok(());
        }
        self.dir.replace(name, bytes).map_err(|source| Error::File { doing: "write", what: self.what(name), source })
    }

    /// Opens the lock file; made if absent.
    pub fn lock_file(&self) -> Result<File, Error> {
        self.dir.file(LOCK, Open::Make).map_err(|source| Error::File { doing: "open", what: self.what(LOCK), source })
    }

    /// Makes the files that a supervisor will write to, if they are not there: while the command is being executed there
    /// is time for it, until that is over. It makes those itself that are still missing.
    pub fn make_room(&self, is_over: impl Fn() -> bool) {
        for name in [END, JOURNAL].into_iter().chain(SPARE_STATUSES).take_while(|_| !is_over()) {
            let _ = self.dir.file(name, Open::Make);
        }
    }

    /// Whether a supervisor lives. A missing lock file is a task nobody was ever born for.
    pub fn is_alive(&self) -> Result<bool, Error> {
        let asked = match self.dir.file(LOCK, Open::Write) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.and_then(|file| crate::sys::lock::is_held(&file)),
        };
        asked.map_err(|source| Error::File { doing: "ask", what: self.what(LOCK), source })
    }

    /// How a message names a file of this task.
    pub fn what(&self, name: &str) -> String {
        format!("{name} of {}", self.id)
    }

    /// That one of the JSON files cannot be used.
    pub fn unreadable(&self, name: &str, problem: BadJson) -> Error {
        match problem {
            BadJson::Newer(version) => Error::Newer { what: self.what(name), version },
            BadJson::Damaged(why) => Error::Damaged { what: self.what(name), why },
        }
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        self.bytes(name)?.map(|bytes| self.parse(name, &bytes)).transpose()
    }

    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.dir.read(name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| Error::File { doing: "read", what: self.what(name), source }),
        }
    }

    fn parse<T: DeserializeOwned>(&self, name: &str, bytes: &[u8]) -> Result<T, Error> {
        parse_versioned(bytes).map_err(|problem| self.unreadable(name, problem))
    }
}

/// The bytes of one of the JSON files.
pub fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("plain data with string keys always serialises");
    bytes.push(b'\n');
    bytes
}

/// Why a file's JSON cannot be used.
#[derive(Debug)]
pub enum BadJson {
    /// It is of a version to come.
    Newer(u32),
    /// It does not parse.
    Damaged(String),
}

/// Parses JSON that carries a version; fields that are not known are passed over.
pub fn parse_versioned<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BadJson> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    serde_json::from_slice(bytes).map_err(|e| match serde_json::from_slice::<Versioned>(bytes) {
        Ok(Versioned { version }) if version > VERSION_OF_ADOPTED => BadJson::Newer(version),
        Ok(_) | Err(_) => BadJson::Damaged(e.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::{STATUS, TaskDir};
    use crate::store::Error;
    use crate::store::home::Home;
    use crate::sys::dir::Dir;
    use crate::task::id::TaskId;
    use std::collections::BTreeSet;
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn what_is_removed_while_it_is_read_is_not_called_damaged() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        home.tasks.make("task-001").expect("a task");
        let task = TaskDir::open(&home, TaskId(1)).expect("open");
        assert!(matches!(task.spec(), Err(Error::Damaged { .. })), "it is there, without its spec");
        let gone = home.gone().expect("a directory");
        home.tasks.rename_into("task-001", &gone, "task-001").expect("moved");
        assert!(matches!(task.spec(), Err(Error::NoTask(TaskId(1)))), "it is being removed");
        gone.remove_tree("task-001").expect("removed");
        assert!(matches!(task.spec(), Err(Error::NoTask(TaskId(1)))), "it is removed");
    }

    #[test]
    fn two_states_are_put_into_files_that_were_made_before_and_others_into_new_ones() {
        let place = tempfile::tempdir().expect("a directory");
        let task = TaskDir { id: TaskId(1), dir: Dir::open(place.path()).expect("opened") };
        let inodes = || -> BTreeSet<u64> {
            fs::read_dir(place.path())
                .expect("a list")
                .map(|file| file.expect("a file").metadata().expect("its").ino())
                .collect()
        };
        task.make_room(|| false);
        let made = inodes();
        // Whatever an interrupted write has left there.
        let left = fs::File::create(place.path().join(".status.json.2.tmp"));
        left.and_then(|mut file| file.write_all(&[b'x'; 100])).expect("written");
        for text in ["one", "two", "three", "four"] {
            task.write(STATUS, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(place.path().join(STATUS)).expect("read"), text);
            if text == "two" {
                assert!(inodes().is_subset(&made), "no file was made");
            }
        }
        let names = task.dir.names().expect("a list");
        assert!(!names.iter().any(|name| name.ends_with("tmp")), "{names:?}");
        task.make_room(|| true);
        assert_eq!(task.dir.names().expect("a list").len(), names.len(), "there is no time for more");
    }
}
