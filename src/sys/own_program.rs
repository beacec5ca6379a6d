//! This very program, executed anew: also where its file was replaced meanwhile.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// `aos VERB`, with this process's variables, directory and streams.
pub fn verb(verb: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("aos").arg(verb);
    command
}

/// The same as a worker: without variables, and with nothing to read, write and say.
///
/// It begins where this process is: with a directory of its own, the standard library would copy
/// this process's memory map first (fork), which takes ten times as long as to lend it (vfork). A
/// worker that must not hold a directory goes to `/` by itself.
pub fn worker(name: &str) -> Command {
    let mut command = verb(name);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
