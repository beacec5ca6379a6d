//! Where the state lives. Every path is spelled here, once.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, io};

use super::StoreError;
use crate::config::Config;
use crate::sys::ancestors;
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::{account, regular};
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::name::Name;

/// The variable that says where the state lives.
pub const AOS_HOME: &str = "AOS_HOME";
/// The older Agent OS's variable for the same; ours wins.
pub const AGENT_OS_HOME: &str = "AGENT_OS_HOME";

/// The directory of tasks, below the home.
pub const TASKS: &str = "tasks";
/// Markers of what a prompt shows, below the tasks: the living, and failures that nobody has looked
/// at yet.
pub const ACTIVE: &str = "active";
/// Markers of runs that are over and not in the registry yet, below the tasks.
pub const ENDED: &str = "ended";
/// Shells that want to hear of tasks, below the home.
pub const SHELLS: &str = "shells";
/// How far readers have read logs.
pub const READERS: &str = "readers";
/// States of shells that tasks run in, below the tasks.
pub const STATES: &str = ".states";
/// Lines of tasks that wait for a slot, one a group, below the tasks.
pub const LINES: &str = ".queue";
/// What the user has set, below the home.
pub const CONFIG: &str = "config.toml";
/// What the user has set is not longer. *Units*: bytes.
const LONGEST_CONFIG: u64 = 1 << 20;
/// The id counter, below the tasks.
pub const COUNTER: &str = ".next";
/// Tasks that are being removed, below the tasks.
pub const GONE: &str = ".gone";
/// What is held by whoever deletes all that removed tasks have left, below the tasks.
pub const CLEARING: &str = ".gone.lock";
/// The runs of all tasks, kept beyond their tasks, below the tasks.
pub const HISTORY: &str = ".history";
/// What is held by whoever makes that shorter, below the tasks.
pub const HISTORY_LOCK: &str = ".history.lock";
/// Work trees of git of which it is put down what they had when a run began, below the tasks.
pub const TREES: &str = ".trees";
/// When it was last looked whether too much is kept, below the tasks; held by whoever looks.
pub const CLEANED: &str = ".cleaned";
/// What `--once` holds while it looks, below the tasks.
pub const ONCE: &str = ".once";
/// The directory of logs, below the home.
pub const LOGS: &str = "logs";
/// The scripts that shells load, below the home.
pub const SHELL: &str = "shell";
/// The registry, below the logs.
pub const INDEX: &str = "index.json";
/// What a writer of the registry holds, below the logs.
pub const INDEX_LOCK: &str = ".index.lock";

/// What the marker of a failure ends in.
const FAILED: &str = "failed";
/// What the marker of a living task ends in whose output tells of an error.
const ERRORS: &str = "errors";

/// How a living task stands, as far as its marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkerState {
    /// It has not begun.
    Queued,
    /// At work.
    Active,
    /// At work, and it waits for somebody to type.
    Waiting,
}

/// What markers of a state end in; most end in their number.
const STATES_OF_MARKERS: [(MarkerState, &str); 2] =
    [(MarkerState::Queued, ".queued"), (MarkerState::Waiting, ".waiting")];

/// What the marker of a run that is over ends in, once it is known what was found in its output.
const JUDGED: &str = ".judged";

/// The state's root, checked: a real directory of this user's, writable by nobody else.
#[derive(Debug)]
pub struct Home {
    /// Its path, absolute.
    pub path: PathBuf,
    /// The root.
    pub root: Dir,
    /// `tasks/`.
    pub tasks: Dir,
}

impl Home {
    /// Opens the state of this user, making its directories if they are absent.
    /// *Errors*: also where none of it may be read, as within a sandbox.
    pub fn open() -> Result<Home, StoreError> {
        let home = Home::at(&chosen_path()?)?;
        match home.tasks.file(COUNTER, OpenMode::Read) {
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Err(StoreError::Closed(home.path)),
            Ok(_) | Err(_) => Ok(home),
        }
    }

    /// The same, if there is any yet: nothing is made but what is missing of it.
    pub fn open_if_there() -> Result<Option<Home>, StoreError> {
        let path = chosen_path()?;
        if path.join(TASKS).is_dir() { Home::at(&path).map(Some) } else { Ok(None) }
    }

    /// Opens the state at `path`.
    pub fn at(path: &Path) -> Result<Home, StoreError> {
        let root = open_root(path)?;
        check_root(&root, path)?;
        let tasks = below(&root, path, TASKS)?;
        Ok(Home { path: path.to_owned(), root, tasks })
    }

    /// `logs/`, made if absent.
    pub fn logs(&self) -> Result<Dir, StoreError> {
        below(&self.root, &self.path, LOGS)
    }

    /// `logs/tasks/`, made if absent.
    pub fn task_logs(&self) -> Result<Dir, StoreError> {
        below(&self.logs()?, &self.path.join(LOGS), TASKS)
    }

    /// `tasks/active/`, made if absent.
    pub fn active(&self) -> Result<Dir, StoreError> {
        below(&self.tasks, &self.path.join(TASKS), ACTIVE)
    }

    /// `tasks/ended/`, made if absent.
    pub fn ended(&self) -> Result<Dir, StoreError> {
        below(&self.tasks, &self.path.join(TASKS), ENDED)
    }

    /// `tasks/.states/`, made if absent.
    pub fn shell_states(&self) -> Result<Dir, StoreError> {
        below(&self.tasks, &self.path.join(TASKS), STATES)
    }

    /// `tasks/.trees/`, made if absent.
    pub fn trees(&self) -> Result<Dir, StoreError> {
        below(&self.tasks, &self.path.join(TASKS), TREES)
    }

    /// `tasks/.gone/`, made if absent.
    pub fn gone(&self) -> Result<Dir, StoreError> {
        below(&self.tasks, &self.path.join(TASKS), GONE)
    }

    /// `tasks/.queue/GROUP/`, made if absent.
    pub fn line(&self, group: &Group) -> Result<Dir, StoreError> {
        let path = self.path.join(TASKS);
        below(&below(&self.tasks, &path, LINES)?, &path.join(LINES), group.as_str())
    }

    /// The names of groups that ever had a line.
    pub fn lines(&self) -> Vec<Group> {
        let names = self.tasks.sub(LINES).and_then(|lines| lines.names()).unwrap_or_default();
        names.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// The path of what the user has set.
    pub fn config_path(&self) -> PathBuf {
        self.path.join(CONFIG)
    }

    /// What the user has set; nothing, where there is no such file. It is the user's own, and may
    /// be a link. What it names is executed: the very file that is read has to be one that nobody
    /// else can have put there, or change.
    pub fn config(&self) -> Result<Config, StoreError> {
        let failed = |source| StoreError::File { doing: "read", what: CONFIG.into(), source };
        let path = self.config_path();
        let file = match ancestors::open_own(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
            opened => opened.map_err(failed)?.map_err(|exposed| StoreError::Exposed { path, exposed })?,
        };
        let bytes = regular::read_whole(file, LONGEST_CONFIG).map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|e| failed(io::Error::new(io::ErrorKind::InvalidData, e)))?;
        Config::parse(&text).map_err(|bad| StoreError::Config { path: self.config_path(), bad })
    }

    /// Whether what the user has set has this word in it, whatever it means there: for one that
    /// cannot be understood.
    pub fn config_names(&self, word: &str) -> bool {
        let text = regular::read(&self.config_path(), LONGEST_CONFIG).unwrap_or_default();
        String::from_utf8_lossy(&text).contains(word)
    }

    /// `readers/`, made if absent.
    pub fn readers(&self) -> Result<Dir, StoreError> {
        below(&self.root, &self.path, READERS)
    }

    /// `shells/`, made if absent.
    pub fn shells(&self) -> Result<Dir, StoreError> {
        below(&self.root, &self.path, SHELLS)
    }

    /// `shell/`, made if absent.
    pub fn shell(&self) -> Result<Dir, StoreError> {
        below(&self.root, &self.path, SHELL)
    }

    /// The path of a task's directory.
    pub fn task_path(&self, id: TaskId) -> PathBuf {
        self.path.join(TASKS).join(id.to_string())
    }

    /// The path of a task's log.
    pub fn log_path(&self, id: TaskId, name: &Name) -> PathBuf {
        self.path.join(LOGS).join(TASKS).join(log_name(id, name))
    }

    /// The name of a task's log where it is not known what the task is called: the newest
    /// segment's, as others are longer.
    pub fn log_of(&self, id: TaskId) -> Option<String> {
        let start = format!("{id}-");
        let mut names = self.task_logs().ok()?.names().ok()?;
        names.retain(|name| name.starts_with(&start) && name.ends_with(".log"));
        names.into_iter().min_by_key(String::len)
    }
}

/// What a task is called whose log has this name.
pub fn name_in(log: &str, id: TaskId) -> Option<&str> {
    log.strip_prefix(&format!("{id}-"))?.strip_suffix(".log")
}

/// The name of a task's log: `task-001-npm-dev.log`.
pub fn log_name(id: TaskId, name: &Name) -> String {
    format!("{id}-{name}.log")
}

/// A marker: the task, and a number: `task-007.2`.
pub fn marker(id: TaskId, number: u32) -> String {
    format!("{id}.{number}")
}

/// The marker of a task that failed since somebody last looked: `task-007.failed`.
pub fn failed_marker(id: TaskId) -> String {
    format!("{id}.{FAILED}")
}

/// The task that such a marker stands for.
pub fn read_failed_marker(marker: &str) -> Option<TaskId> {
    let id = marker.strip_suffix(FAILED)?.strip_suffix('.')?;
    read_marker(id).map(|(id, _)| id)
}

/// The marker of a living task whose output tells of an error: `task-007.errors`.
pub fn errors_marker(id: TaskId) -> String {
    format!("{id}.{ERRORS}")
}

/// The task that such a marker stands for.
pub fn read_errors_marker(marker: &str) -> Option<TaskId> {
    let id = marker.strip_suffix(ERRORS)?.strip_suffix('.')?;
    read_marker(id).map(|(id, _)| id)
}

/// The marker of a living task that stands like this: `task-007.4242.queued`.
pub fn marker_of(id: TaskId, number: u32, state: MarkerState) -> String {
    let end = STATES_OF_MARKERS.iter().find(|(other, _)| *other == state).map_or("", |(_, end)| end);
    marker(id, number) + end
}

/// The marker of a run that is over, of which it is known now what was found: `task-007.2.judged`.
pub fn judged_marker(id: TaskId, run: u32) -> String {
    marker(id, run) + JUDGED
}

/// How a task stands by its marker.
pub fn state_of_marker(marker: &str) -> MarkerState {
    STATES_OF_MARKERS.iter().find(|(_, end)| marker.ends_with(end)).map_or(MarkerState::Active, |(state, _)| *state)
}

/// The task a marker stands for, and its number where it has one.
pub fn read_marker(marker: &str) -> Option<(TaskId, Option<u32>)> {
    let ends = STATES_OF_MARKERS.iter().map(|(_, end)| *end).chain([JUDGED]);
    let marker = ends.into_iter().find_map(|end| marker.strip_suffix(end)).unwrap_or(marker);
    let (id, number) = match marker.split_once('.') {
        Some((id, number)) => (id, Some(number.parse().ok()?)),
        None => (marker, None),
    };
    if !id.starts_with("task-") {
        return None;
    }
    Some((id.parse().ok()?, number))
}

/// `$AOS_HOME`, else `$AGENT_OS_HOME`, else `~/.agent-os`; made absolute. `~` is `$HOME`, else what
/// the password file says.
pub fn chosen_path() -> Result<PathBuf, StoreError> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = set(AOS_HOME)
        .or_else(|| set(AGENT_OS_HOME))
        .or_else(|| account::home().map(|home| home.join(".agent-os")))
        .ok_or(StoreError::NoHome)?;
    let absolute = std::path::absolute(&path).map_err(|source| StoreError::Unusable { path, source })?;
    // Of `LINK/` and `LINK/.` the kernel would open what the link leads to.
    Ok(absolute.components().collect())
}

/// Opens a root that is there, making nothing: `None` where nothing is.
pub fn look(path: &Path) -> Result<Option<Dir>, StoreError> {
    let root = match Dir::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|e| refused(path, e))?,
    };
    check_root(&root, path)?;
    Ok(Some(root))
}

fn open_root(path: &Path) -> Result<Dir, StoreError> {
    match Dir::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            make_private(path).and_then(|()| Dir::open(path)).map_err(|e| refused(path, e))
        }
        opened => opened.map_err(|e| refused(path, e)),
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn below(parent: &Dir, parent_path: &Path, name: &str) -> Result<Dir, StoreError> {
    let path = parent_path.join(name);
    let dir = parent.sub_or_make(name).map_err(|e| refused(&path, e))?;
    check(&dir, &path)?;
    Ok(dir)
}

fn check(dir: &Dir, path: &Path) -> Result<(), StoreError> {
    let stat = dir.own_stat().map_err(|source| StoreError::Unusable { path: path.to_owned(), source })?;
    if stat.st_uid != nix::unistd::geteuid().as_raw() {
        return Err(StoreError::Foreign { path: path.to_owned(), owner: stat.st_uid });
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(StoreError::Open { path: path.to_owned(), mode: stat.st_mode & 0o7777 });
    }
    Ok(())
}

/// Who may rename above it could exchange it while it is used, and has what stands in it be
/// executed.
fn check_root(root: &Dir, path: &Path) -> Result<(), StoreError> {
    check(root, path)?;
    let unusable = |source| StoreError::Unusable { path: path.to_owned(), source };
    let found = ancestors::way_to(path)
        .map_err(unusable)?
        .map_err(|exposed| StoreError::Exposed { path: path.to_owned(), exposed })?;
    let opened = root.own_stat().map_err(unusable)?;
    match (found.dev(), found.ino()) == (opened.st_dev, opened.st_ino) {
        true => Ok(()),
        false => Err(unusable(io::Error::other("it was exchanged meanwhile"))),
    }
}

/// O_NOFOLLOW on a directory says "not a directory" of a link; the reader is told which it is.
fn refused(path: &Path, source: io::Error) -> StoreError {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => StoreError::Link(path.to_owned()),
        _ => StoreError::Unusable { path: path.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::{MarkerState, failed_marker, marker, marker_of, read_failed_marker, read_marker, state_of_marker};
    use crate::task::id::TaskId;

    #[test]
    fn markers_name_task_and_number() {
        assert_eq!(read_marker(&marker(TaskId(7), 2)), Some((TaskId(7), Some(2))));
        assert_eq!(read_marker("task-007"), Some((TaskId(7), None)));
        assert_eq!(read_failed_marker(&failed_marker(TaskId(7))), Some(TaskId(7)));
        for state in [MarkerState::Queued, MarkerState::Active, MarkerState::Waiting] {
            let marker = marker_of(TaskId(7), 4242, state);
            assert_eq!((read_marker(&marker), state_of_marker(&marker)), (Some((TaskId(7), Some(4242))), state));
        }
        assert_eq!(marker_of(TaskId(7), 4242, MarkerState::Waiting), "task-007.4242.waiting");
        assert_eq!((read_marker("task-007.failed"), read_failed_marker("task-007.2")), (None, None));
        for other in ["registry.json", "7", "task-", ".next", "task-7.x"] {
            assert_eq!(read_marker(other), None, "{other}");
        }
    }
}
