//! One task's directory: what is in it, read and written whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StoreError;
use super::layout::{GONE, Home};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::disk;
use crate::task::format::{self, BadFormat, Format};
use crate::task::id::TaskId;
use crate::task::spec::Spec;
use crate::task::state::State;
use serde::Serialize;

/// No spec is longer: what the system takes as arguments and environment (6 MiB), each byte written
/// in the longest way. *Units*: bytes.
pub(super) const LONGEST_SPEC: u64 = 48 << 20;
/// No state is longer: it names processes and what is waited for. *Units*: bytes.
pub(super) const LONGEST_STATE: u64 = 4 << 20;

/// No state of a shell is longer: what completion and plugins define takes some MiB at most.
/// *Units*: bytes.
pub const LONGEST_SHELL_STATE: u64 = 64 << 20;

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
/// What was found in its output.
pub const FINDINGS: &str = "findings.json";
/// Held by whoever looks for that.
pub const FINDINGS_LOCK: &str = "findings.lock";
/// The run's control group, while there is one.
pub const CGROUP: &str = "cgroup.json";
/// What the work tree had when its newest run began.
pub const START_TREE: &str = "tree.json";
/// How much memory the newest run had now and then.
pub const MEMORY: &str = "memory.json";
/// Requests waiting to be read.
pub const REQUESTS: &str = "requests";

/// So long is waited for a supervisor that has written an end down and not yet given the lock back.
const LONGEST_CLOSING: Duration = Duration::from_secs(5);
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

/// The home and the task that the path of a task's directory says.
pub fn task_of(dir: &Path) -> Option<(&Path, TaskId)> {
    Some((dir.ancestors().nth(2)?, dir.file_name()?.to_str()?.parse().ok()?))
}

impl TaskDir {
    /// Opens a task's directory. *Errors*: [`StoreError::NoTask`] when there is none.
    pub fn open(home: &Home, id: TaskId) -> Result<TaskDir, StoreError> {
        match home.tasks.sub(&id.to_string()) {
            Ok(dir) => Ok(TaskDir { id, dir }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(StoreError::NoTask(id)),
            Err(source) => Err(StoreError::File { doing: "open", what: id.to_string(), source }),
        }
    }

    /// Opens a task's directory and its home by the path that a process of a task is given. A home
    /// that was deleted is not made again for what was in it.
    pub fn at(dir: &Path) -> Result<(Home, TaskDir), StoreError> {
        let failed = |kind: io::ErrorKind| {
            let (what, source) = (dir.display().to_string(), kind.into());
            StoreError::File { doing: "open the task at", what, source }
        };
        let (home, id) = task_of(dir).ok_or_else(|| failed(io::ErrorKind::InvalidInput))?;
        if !dir.is_dir() {
            return Err(failed(io::ErrorKind::NotFound));
        }
        let home = Home::at(home)?;
        let task = TaskDir::open(&home, id)?;
        Ok((home, task))
    }

    /// Reads the spec.
    pub fn spec(&self) -> Result<Spec, StoreError> {
        self.parse(SPEC, &self.spec_as_written()?)
    }

    /// The same for who does not ask for what surrounded its caller.
    pub fn spec_without_surroundings(&self) -> Result<Spec, StoreError> {
        Spec::without_surroundings(&self.spec_as_written()?).map_err(|problem| self.unreadable(SPEC, problem))
    }

    /// The bytes of the spec's file.
    pub fn spec_as_written(&self) -> Result<Vec<u8>, StoreError> {
        let missing = || match self.is_removed() {
            true => StoreError::NoTask(self.id),
            false => StoreError::Damaged { what: self.what(SPEC), why: "it is missing".into() },
        };
        self.bytes(SPEC, LONGEST_SPEC)?.ok_or_else(missing)
    }

    /// Whether somebody has removed the task since this was opened.
    pub fn is_removed(&self) -> bool {
        let is_in = |path: PathBuf| path.parent().and_then(Path::file_name).is_some_and(|above| above == GONE);
        // Of a directory that is there no more the kernel gives the last path, and says so behind
        // it.
        self.dir.own_stat().is_ok_and(|stat| stat.st_nlink == 0) || self.dir.path().is_ok_and(is_in)
    }

    /// Reads the state; `None` before a supervisor has written any.
    pub fn state(&self) -> Result<Option<State>, StoreError> {
        let read = || self.bytes(STATUS, LONGEST_STATE);
        let Some(bytes) = read()? else { return Ok(None) };
        match self.parse(STATUS, &bytes) {
            Ok(state) => Ok(Some(state)),
            // On a full disk it is written over where it is, maybe at this very moment.
            Err(damaged) => match read()? {
                Some(again) if again != bytes => self.parse(STATUS, &again).map(Some),
                Some(_) | None => Err(damaged),
            },
        }
    }

    /// Writes one of the JSON files.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        self.write(name, &encode(value))
    }

    /// Writes one of the JSON files from its bytes.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if self.put(name, bytes)? {
            self.dir.finish_replacing(name);
        }
        Ok(())
    }

    /// Writes the state where somebody waits for it; [`finish_state`](TaskDir::finish_state) is to
    /// follow. Until then it may be left empty when the machine goes down.
    pub fn write_state_at_once(&self, state: &State) -> Result<(), StoreError> {
        self.put(STATUS, &encode(state)).map(drop)
    }

    /// Sends to disk what was written at once.
    pub fn finish_state(&self) {
        self.dir.finish_replacing(STATUS);
    }

    /// Says whether it has to be finished.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let put = |spare: &&str| self.dir.replace_by(spare, name, bytes).ok();
        if name == STATUS
            && let Some(is_open) = SPARE_STATUSES.iter().find_map(put)
        {
            return Ok(is_open);
        }
        let written = match self.dir.replace_at_once(name, bytes) {
            // A state that does not hold any more would be told.
            Err(e) if name == STATUS && disk::is_full(&e) => self.dir.write_over(name, bytes).map_err(|_| e),
            written => written,
        };
        written.map(|()| false).map_err(|source| StoreError::File { doing: "write", what: self.what(name), source })
    }

    /// Has what a task begins with outlast a machine that goes down, once nobody waits for it.
    pub fn begin_write_out(&self) {
        [SPEC, STATUS, SHELL_STATE, CGROUP].iter().for_each(|name| self.dir.begin_write_out(name));
    }

    /// Opens the lock file; made if absent.
    pub fn lock_file(&self) -> Result<File, StoreError> {
        self.dir.file(LOCK, OpenMode::Make).map_err(|source| StoreError::File {
            doing: "open",
            what: self.what(LOCK),
            source,
        })
    }

    /// Opens the lock file to ask about it or to wait for it, which writes nothing.
    pub fn lock_for_reading(&self) -> Result<File, StoreError> {
        match self.dir.file(LOCK, OpenMode::Read) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => self.lock_file(),
            opened => opened.map_err(|source| StoreError::File { doing: "open", what: self.what(LOCK), source }),
        }
    }

    /// The same as [`lock_file`](TaskDir::lock_file) of a task that is over: what stands in its
    /// place and is no file is moved aside.
    pub fn own_lock_file(&self) -> Result<File, StoreError> {
        let opened = self.dir.own_file(LOCK, OpenMode::Make);
        opened.map_err(|source| StoreError::File { doing: "open", what: self.what(LOCK), source })
    }

    /// Makes the files that a supervisor will write to, if they are not there: while the command is
    /// being executed there is time for it, until that is over. It makes those itself that are
    /// still missing.
    pub fn make_room(&self, is_over: impl Fn() -> bool) {
        for name in [END, JOURNAL].into_iter().chain(SPARE_STATUSES).take_while(|_| !is_over()) {
            let _ = self.dir.file(name, OpenMode::Make);
        }
    }

    /// Whether a supervisor lives. A missing lock file is a task nobody was ever born for. Nothing
    /// is written, so that it can be asked on a file system that is mounted read-only.
    pub fn is_alive(&self) -> Result<bool, StoreError> {
        let asked = match self.dir.file(LOCK, OpenMode::Read) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.and_then(|file| crate::sys::lock::is_held(&file)),
        };
        asked.map_err(|source| StoreError::File { doing: "ask", what: self.what(LOCK), source })
    }

    /// Waits until whoever supervised it has given the lock back, for one whose end is written
    /// down: that is the last thing that a supervisor does. Says whether it has.
    pub fn is_closed(&self, lock: &File) -> Result<bool, StoreError> {
        let free = crate::sys::lock::is_free_within(lock, LONGEST_CLOSING);
        free.map_err(|source| StoreError::File { doing: "ask", what: self.what(LOCK), source })
    }

    /// How a message names a file of this task.
    pub fn what(&self, name: &str) -> String {
        format!("{name} of {}", self.id)
    }

    /// That one of the JSON files cannot be used.
    pub fn unreadable(&self, name: &str, problem: BadFormat) -> StoreError {
        StoreError::of_format(self.what(name), problem)
    }

    /// Reads one of the JSON files; `None` where it is not there.
    pub fn parsed<T: Format>(&self, name: &str, most: u64) -> Result<Option<T>, StoreError> {
        self.bytes(name, most)?.map(|bytes| self.parse(name, &bytes)).transpose()
    }

    fn bytes(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.dir.read(name, most) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| StoreError::File { doing: "read", what: self.what(name), source }),
        }
    }

    fn parse<T: Format>(&self, name: &str, bytes: &[u8]) -> Result<T, StoreError> {
        format::parse(bytes).map_err(|problem| self.unreadable(name, problem))
    }
}

/// The bytes of one of the JSON files.
pub fn encode(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("plain data with string keys always serialises");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::{STATUS, TaskDir};
    use crate::store::StoreError;
    use crate::store::layout::Home;
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
        assert!(matches!(task.spec(), Err(StoreError::Damaged { .. })), "it is there, without its spec");
        let gone = home.gone().expect("a directory");
        home.tasks.rename_into("task-001", &gone, "task-001").expect("moved");
        assert!(matches!(task.spec(), Err(StoreError::NoTask(TaskId(1)))), "it is being removed");
        gone.remove_tree("task-001").expect("removed");
        assert!(matches!(task.spec(), Err(StoreError::NoTask(TaskId(1)))), "it is removed");
    }

    #[test]
    fn a_state_for_which_no_file_can_be_made_is_written_over_the_last() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Dir::open(place.path()).expect("opened");
        let path = place.path().join("state");
        dir.replace("state", br#"{"phase":"stopping"}"#).expect("written");
        dir.write_over("state", br#"{"phase":"over"}"#).expect("written");
        assert_eq!(fs::read(&path).expect("read"), br#"{"phase":"over"}    "#);
        dir.write_over("state", br#"{"phase":"stopping again"}"#).expect("written");
        assert_eq!(fs::read(&path).expect("read"), br#"{"phase":"stopping again"}"#);
        assert!(dir.write_over("state", &[b'x'; 100_000]).is_err(), "that takes room");
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
