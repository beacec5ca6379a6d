//! The task's first process and its terminal. The only place that names portable-pty, and what
//! it must be kept from: its directory falls back to $HOME, its shell to the user database. The
//! process made here is `aos __exec`, which does the rest itself.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::sys::{fds, tty};
use crate::task::spec::{Spec, Terminal};
use crate::units::size::Size;

const SELF: &str = "/proc/self/exe";

/// Starts `aos __exec` in the task's directory; gives the end from which its output is read,
/// non-blocking, and its pid.
pub fn spawn(spec: &Spec, dir: &str, run: u32, mark: &str) -> io::Result<(OwnedFd, i32)> {
    let words = ["__exec".to_owned(), run.to_string(), mark.to_owned()];
    let (fd, pid) = match spec.terminal {
        Terminal::Pty(size) => on_terminal(size, dir, &words)?,
        Terminal::Pipes => on_pipes(dir, &words)?,
    };
    fds::set_nonblocking(&fd)?;
    Ok((fd, pid))
}

fn on_terminal(size: Size, dir: &str, words: &[String]) -> io::Result<(OwnedFd, i32)> {
    let size = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).map_err(io::Error::other)?;
    let master = pair.master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
    let master = fds::duplicate(master)?;
    tty::pass_output_through(&master)?;
    let mut command = CommandBuilder::new(SELF);
    command.args(words);
    command.cwd(dir);
    let child = pair.slave.spawn_command(command).map_err(io::Error::other)?;
    let pid = child.process_id().ok_or_else(|| io::Error::other("the leader has no pid"))?;
    Ok((master, pid as i32))
}

fn on_pipes(dir: &str, words: &[String]) -> io::Result<(OwnedFd, i32)> {
    let (reader, writer) = io::pipe()?;
    let child = Command::new(SELF)
        .args(words)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?;
    // Collected by the loop, like every other child.
    Ok((reader.into(), child.id() as i32))
}
