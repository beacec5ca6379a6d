//! What verbs need of living tasks: to begin one, to ask something of one, to wait for one's end,
//! to clear up after one whose supervisor is gone, to look at processes that are to become one.
//! Knows files, locks and processes; nothing of options and output.

pub mod adoption;
pub mod ask;
mod ask_by_socket;
pub mod connection;
pub mod fs_events;
pub mod reconcile;
pub mod start;
pub mod stop;
pub mod task_watch;
pub mod wait;
pub mod wait_exit;
pub mod work;

use std::io;

use crate::store;
use crate::task::id::TaskId;

/// What can go wrong between a verb and a task.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The files.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// No supervisor could be started, or it gave up before the command.
    #[error("cannot start the task: {0}")]
    NotStarted(String),
    /// The command itself could not be executed. The task is recorded.
    #[error("{why}")]
    Unlaunched {
        /// The task.
        id: TaskId,
        /// Why.
        why: String,
        /// What a shell would report.
        code: i32,
    },
    /// It is already running.
    #[error("{0} is already running")]
    AlreadyRunning(TaskId),
    /// It is not running.
    #[error("{id} is not running ({status})")]
    NotRunning {
        /// The task.
        id: TaskId,
        /// What it is.
        status: crate::task::status::Status,
    },
    /// The request was understood and not carried out.
    #[error("{id}: {why}")]
    Refused {
        /// The task.
        id: TaskId,
        /// Why.
        why: String,
    },
    /// It was tried, and given up.
    #[error("{id} goes on: {why}")]
    Unstoppable {
        /// The task.
        id: TaskId,
        /// Who could not be ended, and why.
        why: String,
    },
    /// The supervisor is there and says nothing.
    #[error("the supervisor of {0} does not answer")]
    NoAnswer(TaskId),
    /// Its output was not read for so long after its end that its supervisor did not wait.
    #[error("the end of the output of {0} may be missing here: it was not read in time")]
    Unread(TaskId),
    /// Its supervisor lives and has no socket.
    #[error("the control socket of {id} cannot be reached: {source}")]
    NoSocket {
        /// The task.
        id: TaskId,
        /// Why not.
        source: io::Error,
    },
    /// The supervisor says what nobody here understands.
    #[error("the supervisor is not understood: {0}")]
    Garbled(String),
    /// Its processes are in another pid namespace.
    #[error("{0} was started in another container or on another machine, and cannot be reached from here")]
    Elsewhere(TaskId),
    /// Nothing that it prints is seen.
    #[error("{0} was adopted and keeps its terminal: nobody sees what it prints")]
    Unlogged(TaskId),
    /// There is no such process, or it has ended.
    #[error("there is no process {0}")]
    NoProcess(i32),
    /// A process cannot be adopted.
    #[error("{pid} is not adopted: {why}")]
    NotAdopted {
        /// The process.
        pid: i32,
        /// Why not.
        why: adoption::NotAdoptable,
    },
    /// The system refused something.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was being done.
        doing: String,
        /// Why not.
        source: io::Error,
    },
}
