//! The sessions that a verb is called from: a shell's, a coding agent's.

use std::env;

use crate::task::session::Session;

/// Names the shell that wants a notice of a task's end; set for the one call.
pub const SHELL: &str = "AOS_SESSION";
const AGENT: &str = "CLAUDE_CODE_SESSION_ID";

/// The shell that wants a notice.
pub fn of_shell() -> Option<Session> {
    env::var(SHELL).ok()?.parse().ok()
}

/// The agent's.
pub fn of_agent() -> Option<String> {
    env::var(AGENT).ok()
}
