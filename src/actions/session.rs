//! The sessions that a verb is called from: a shell's, a coding agent's.

use std::env;

use nix::unistd::getsid;

use crate::sys::proc;
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

/// Whoever reads: by the name that was given, else the agent's session, else that of the terminal.
pub fn reader(name: &str) -> String {
    if !name.is_empty() {
        return name.to_owned();
    }
    of_agent().unwrap_or_else(|| {
        let leader = getsid(None).map_or(0, |pid| pid.as_raw());
        format!("{leader}-{}", proc::stat(leader).map_or(0, |process| process.start))
    })
}
