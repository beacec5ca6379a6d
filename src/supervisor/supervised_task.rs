//! What a supervisor has of its task as long as it lives: a run comes and goes, this is handed on.

use std::fs::File;
use std::path::PathBuf;

use nix::sys::signalfd::SignalFd;

use crate::store::group_queue::Slot;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::supervisor::rerun::decision::Rerun;
use crate::task::process_id::ProcessId;

/// A task that this process supervises.
pub struct SupervisedTask {
    /// The state's root.
    pub home: Home,
    /// The path of the task's directory.
    pub path: PathBuf,
    /// The task's directory.
    pub dir: TaskDir,
    /// Signals, as bytes.
    pub signals: SignalFd,
    /// The supervisor.
    pub supervisor: ProcessId,
    /// How nice its command is.
    pub niceness: i32,
    /// The proof of life.
    pub lock: File,
    /// Its group's slot, if it is in a group and has one: kept from run to run, and free for the
    /// next task when this process ends, however it does.
    pub slot: Option<Slot>,
    /// What came of the runs so far, and what is to follow.
    pub rerun: Rerun,
}
