//! What is on disk: every path once, every file with one writer, every write whole. Knows
//! what the files mean, not who is alive behind them or how anything is shown.

pub mod asked;
pub mod cgroup_record;
pub mod compaction_lock;
pub mod counter;
pub mod dependencies;
pub mod disk_usage;
pub mod end_record;
pub mod findings;
pub mod gc;
pub mod group_queue;
pub mod history;
pub mod host;
pub mod journal_file;
pub mod layout;
pub mod markers;
pub mod memory_samples;
pub mod notification;
mod over_files;
pub mod read_positions;
pub mod registry;
pub mod registry_file;
pub mod removal;
pub mod removed_files;
pub mod requests;
mod row;
pub mod shell_states;
pub mod shells;
pub mod sketch;
pub mod snapshot;
pub mod solutions;
pub mod start_trees;
pub mod task_dir;

use std::io;
use std::path::PathBuf;

use crate::config::BadConfig;
use crate::sys::ancestors::Exposed;
use crate::task::format::BadFormat;

/// What can go wrong with the files.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No place for the state.
    #[error("no home directory: neither $AOS_HOME, $AGENT_OS_HOME nor $HOME is set, and /etc/passwd has none")]
    NoHome,
    /// The state's directory cannot be used.
    #[error("cannot use {path}: {source}")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A symbolic link stands where a directory of ours should be.
    #[error("{0} is a symbolic link, and aos does not write through links it did not make")]
    Link(PathBuf),
    /// Somebody else's directory.
    #[error("{path} belongs to user {owner}, not to you")]
    Foreign {
        /// Which.
        path: PathBuf,
        /// Whose.
        owner: u32,
    },
    /// What is in it may not be read.
    #[error("the state of aos in {0} cannot be read here: permission denied")]
    Closed(PathBuf),
    /// Others may write into it.
    #[error("{path} can be written by others (mode {mode:04o})")]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others can put something else in the place of what it leads to.
    #[error("{path} is not used, as others can exchange it: {exposed}")]
    Exposed {
        /// The directory or file that was to be used.
        path: PathBuf,
        /// What of the way to it is open to others.
        exposed: Exposed,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {what}: {source}")]
    File {
        /// `read`, `write`, …
        doing: &'static str,
        /// Which file.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A file is not what aos wrote.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which file.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file was written by a newer aos.
    #[error("{what} has version {version}, which is newer than this aos")]
    Newer {
        /// Which file.
        what: String,
        /// Its version.
        version: u32,
    },
    /// A file has a field that must be understood, and is not known here.
    #[error("{what} cannot be used without `{field}`, which this aos does not know")]
    NotUnderstood {
        /// Which file.
        what: String,
        /// Which field.
        field: String,
    },
    /// The user's configuration cannot be used.
    #[error("{path}, {bad}")]
    Config {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and where.
        bad: BadConfig,
    },
    /// It lives, or is just beginning.
    #[error("{id} is not removed: it is {status}")]
    NotOver {
        /// Which.
        id: crate::task::id::TaskId,
        /// How it stands.
        status: crate::task::status::Status,
    },
    /// It has run again since it was chosen, and is over again.
    #[error("{0} is not removed: it has run again meanwhile")]
    RunAgain(crate::task::id::TaskId),
    /// There is no such task.
    #[error("there is no {0}")]
    NoTask(crate::task::id::TaskId),
}

impl StoreError {
    /// That a file's content cannot be used.
    pub fn of_format(what: String, problem: BadFormat) -> StoreError {
        match problem {
            BadFormat::Newer(version) => StoreError::Newer { what, version },
            BadFormat::NotUnderstood(field) => StoreError::NotUnderstood { what, field },
            BadFormat::Damaged(why) => StoreError::Damaged { what, why },
        }
    }
}
