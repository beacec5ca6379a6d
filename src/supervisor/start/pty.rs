//! The task's first process and its terminal. The only place that names portable-pty, which opens
//! the terminal; the process is forked here, as portable-pty would run it in $HOME if its
//! directory were missing, would not say why it could not be executed, and would lose the signal
//! that ended it.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use portable_pty::{PtyPair, PtySize, native_pty_system};

use crate::launch::LaunchFailure;
use crate::launch::apply::{Standard, apply};
use crate::launch::plan::LaunchPlan;
use crate::supervisor::run::output_source::{OutputSource, OutputStream};
use crate::sys::{fds, tty};
use crate::task::spec::{self, Spec};
use crate::task::streams::{Errors, Input, Output, Streams};
use crate::units::size::Size;

/// A leader that was made, and what it is heard through.
#[derive(Debug)]
pub struct Leader {
    /// Its pid.
    pub pid: i32,
    /// Where its output comes from. None blocks.
    pub outputs: Vec<OutputSource>,
    /// Whether the command was executed.
    pub launched: Result<(), LaunchFailure>,
    /// Its terminal's own end: the terminal does not hang up while this is open.
    pub held: Option<OwnedFd>,
}

/// A terminal that nobody uses yet, with its two ends.
pub struct TaskPty {
    pair: PtyPair,
    master: OwnedFd,
    slave: OwnedFd,
}

/// Opens a terminal and sets its modes, before it is known for whom.
pub fn open() -> io::Result<TaskPty> {
    let pair = native_pty_system().openpty(PtySize::default()).map_err(|other| match Errno::last() {
        // The library tells it in the midst of its own words.
        Errno::ENOSPC => io::Error::other("no terminal is left on this system (sysctl kernel.pty.max)"),
        _ => io::Error::other(format!("no terminal can be opened: {other}")),
    })?;
    let name = pair.master.tty_name().ok_or_else(|| io::Error::other("the terminal has no name"))?;
    let fd = pair.master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
    // The library's own descriptor is closed with the pair, once the size is set.
    let master = fds::duplicate(fd)?;
    // The log is what the program wrote, without a CR before each LF.
    tty::pass_output_through(&master)?;
    // By its name: the library gives out no descriptor of this end.
    Ok(TaskPty { pair, master, slave: tty::open(&name)? })
}

/// Makes the leader, and waits until it has become the command. `given` is what it may have been
/// given to read.
pub fn spawn(
    spec: &Spec,
    launch: &Result<LaunchPlan, LaunchFailure>,
    terminal: Option<TaskPty>,
    given: Option<OwnedFd>,
) -> io::Result<Leader> {
    let (master, slave) = match spec.terminal {
        spec::Terminal::Pty(size) => {
            let (master, slave) = terminal.map_or_else(open, Ok)?.of_size(size)?;
            if let Some(modes) = &spec.modes {
                tty::begin_in(&slave, modes)?;
            }
            // The terminal of the run before, if there was one, hung up when its master was closed.
            tty::make_controlling(&slave)?;
            (Some(master), Some(slave))
        }
        spec::Terminal::Pipes => (None, None),
        spec::Terminal::Kept => return Err(io::Error::other("what keeps its terminal runs already")),
    };
    let mut outputs: Vec<OutputSource> =
        master.map(|fd| OutputSource::new(OutputStream::Terminal, fd)).into_iter().collect();
    let mut pipe = |stream| -> io::Result<OwnedFd> {
        let (reader, writer) = io::pipe()?;
        outputs.push(OutputSource::new(stream, reader.into()));
        Ok(writer.into())
    };
    let Streams { input, output, errors } = spec.streams;
    let input = match (input, given, &slave) {
        (Input::Given, Some(given), _) => given,
        (Input::Terminal, _, Some(slave)) => slave.try_clone()?,
        (Input::Given, None, _) | (Input::Terminal, _, None) => File::open("/dev/null")?.into(),
    };
    let output = match (output, &slave) {
        (Output::Terminal, Some(slave)) => slave.try_clone()?,
        (Output::Pipe, _) | (_, None) => pipe(OutputStream::Output)?,
    };
    let errors = match (errors, &slave) {
        (Errors::Terminal, Some(slave)) => slave.try_clone()?,
        (Errors::Pipe, _) => pipe(OutputStream::Errors)?,
        (Errors::WithOutput, _) | (_, None) => output.try_clone()?,
    };
    if let Some(slave) = slave.as_ref().filter(|_| !spec.streams.are_usual()) {
        // Whoever begins it has the line on his own terminal already.
        tty::stop_echo(slave)?;
    }
    for source in &outputs {
        source.set_nonblocking()?;
    }
    let standard = Standard {
        terminal: slave.as_ref().map(AsFd::as_fd),
        input: input.as_fd(),
        output: output.as_fd(),
        errors: errors.as_fd(),
    };
    let (pid, launched) = apply(launch, standard)?;
    // The writing ends of the pipes close here: what is read from them ends with the last process
    // that has one.
    Ok(Leader { pid, outputs, launched, held: slave })
}

impl TaskPty {
    /// Gives it its size; its two ends.
    fn of_size(self, size: Size) -> io::Result<(OwnedFd, OwnedFd)> {
        let size = PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 };
        self.pair.master.resize(size).map_err(io::Error::other)?;
        Ok((self.master, self.slave))
    }
}
