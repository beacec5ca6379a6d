//! The user's own terminal, while it stands for a task's: in raw mode and put back whatever
//! happens, keys passed on, output shown, or the plain streams of a pipeline. Knows nothing of
//! options and exit codes.

pub mod attach_session;
mod guard;
mod job_control;
pub mod leave_key;
pub mod pipeline;
mod raw_terminal;
pub mod replay;
pub mod taken_terminal;

/// How somebody came to leave a task's terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// The task is over, or its supervisor is gone: its files say which.
    Over,
    /// By the key for it.
    Detached,
    /// This signal asked this process to end.
    Signalled(i32),
    /// After ^Z the shell had it go on in the background.
    SentToBackground,
    /// The time in the foreground was up.
    TimeUp,
    /// The terminal is gone.
    HungUp,
}
