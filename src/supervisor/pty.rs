//! The task's first process and its terminal. The only place that names portable-pty, which opens
//! the terminal; the process is forked here, as portable-pty would run it in $HOME if its
//! directory were missing, would not say why it could not be executed, and would lose the signal
//! that ended it.

use std::fs::File;
use std::io::{self, PipeReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use portable_pty::{PtyPair, PtySize, native_pty_system};

use crate::launch::exec::{Standard, become_command};
use crate::sys::{fds, process, tty};
use crate::task::spec::{self, Spec};
use crate::units::size::Size;

/// A leader that was made, and what it is heard through.
#[derive(Debug)]
pub struct Leader {
    /// Its pid.
    pub pid: i32,
    /// Where its output comes from. Does not block.
    pub output: OwnedFd,
    /// Where its launch reports: closed when the command was executed, else the reason why not. Does not block.
    pub launch: OwnedFd,
}

/// A terminal that nobody uses yet.
pub struct Terminal(PtyPair);

/// Opens a terminal, before it is known for whom.
pub fn open() -> io::Result<Terminal> {
    let pair = native_pty_system().openpty(PtySize::default()).map_err(io::Error::other)?;
    Ok(Terminal(pair))
}

/// Makes the leader, which goes on to become the command.
pub fn spawn(spec: &Spec, run: u32, dir: &Path, terminal: Option<Terminal>) -> io::Result<Leader> {
    match spec.terminal {
        spec::Terminal::Pty(size) => {
            let (master, slave) = terminal.map_or_else(open, Ok)?.ready(size)?;
            let (pid, launch) = fork_leader(spec, run, dir, Standard::Terminal(slave.as_fd()))?;
            leader(pid, master, launch)
        }
        spec::Terminal::Pipes => {
            drop(terminal);
            let (reader, writer) = io::pipe()?;
            let null = File::open("/dev/null")?;
            let (pid, launch) = fork_leader(spec, run, dir, Standard::Pipes(null.as_fd(), writer.as_fd()))?;
            leader(pid, reader.into(), launch)
        }
        spec::Terminal::Kept => Err(io::Error::other("what keeps its terminal runs already")),
    }
}

fn leader(pid: i32, output: OwnedFd, launch: PipeReader) -> io::Result<Leader> {
    let launch = OwnedFd::from(launch);
    fds::set_nonblocking(&output)?;
    fds::set_nonblocking(&launch)?;
    Ok(Leader { pid, output, launch })
}

impl Terminal {
    /// Gives it its size and its modes; its two ends.
    fn ready(self, size: Size) -> io::Result<(OwnedFd, OwnedFd)> {
        let master = self.0.master;
        let size = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
        master.resize(size).map_err(io::Error::other)?;
        let name = master.tty_name().ok_or_else(|| io::Error::other("the terminal has no name"))?;
        let fd = master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
        let fd = fds::duplicate(fd)?;
        tty::pass_output_through(&fd)?;
        Ok((fd, tty::open(&name)?))
    }
}

/// All descriptors here close on exec, the launch pipe among them: its end says that the command was executed.
fn fork_leader(spec: &Spec, run: u32, dir: &Path, standard: Standard<'_>) -> io::Result<(i32, PipeReader)> {
    let (reader, mut writer) = io::pipe()?;
    match process::fork_single_threaded()? {
        Some(pid) => Ok((pid, reader)),
        None => {
            drop(reader);
            let failure = become_command(spec, run, dir, standard);
            let _ = writer.write_all(&serde_json::to_vec(&failure).unwrap_or_default());
            process::leave(failure.code)
        }
    }
}
