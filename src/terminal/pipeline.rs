//! A task in the foreground whose streams are not all a terminal: in a pipeline, in a script, with
//! a file to read. Its streams stay apart, and the user's terminal is left in its own mode: others
//! in the pipeline may use it.

use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags};
use nix::sys::signalfd::SignalFd;

use super::{LeaveReason, job_control};
use crate::client::connection::{Connection, Message};
use crate::client::wait_exit::snapshot_after_hang_up;
use crate::client::{ClientError, ask};
use crate::store::layout::Home;
use crate::sys::dispositions;
use crate::sys::polling::wait_for_each;
use crate::task::id::TaskId;
use crate::task::request::Ask;
use crate::units::signal::Signal;
use crate::wire::{Access, AttachRequest, Flow, FrameKind, Reply};

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 5] = [libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGTERM, libc::SIGHUP];
/// What those keys send, which the user's own terminal has turned into signals: ^C, ^\, ^Z.
const KEYS: [(i32, u8); 3] = [(libc::SIGINT, 0x03), (libc::SIGQUIT, 0x1c), (libc::SIGTSTP, 0x1a)];

/// How this process attaches.
pub const HOW: AttachRequest = AttachRequest { size: None, access: Access::Full, flow: Flow::Streams };

/// A pipeline's part that is a task.
pub struct Pipeline<'a> {
    /// The state's root.
    pub home: &'a Home,
    /// The task.
    pub id: TaskId,
    /// When it is left by itself.
    pub until: Option<Instant>,
    /// Whether the task was begun for it: its supervisor is of this version then, and waits for it.
    pub is_from_birth: bool,
}

/// It at work.
struct AtWork<'a> {
    pipeline: &'a Pipeline<'a>,
    connection: Connection,
    signals: SignalFd,
    /// Whether the task wants a line, and our input is a terminal that has one.
    is_asked: bool,
    is_read: bool,
    /// Whether all that the task wrote has come.
    is_complete: bool,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PipelineSource {
    Signals,
    Input,
    Connection,
}

impl Pipeline<'_> {
    /// Passes everything on until the task is over.
    pub fn stay(&self, connection: Connection) -> Result<LeaveReason, ClientError> {
        let signals = dispositions::as_descriptor(&HEARD)?;
        AtWork { pipeline: self, connection, signals, is_asked: false, is_read: true, is_complete: false }.stay()
    }
}

impl AtWork<'_> {
    fn stay(&mut self) -> Result<LeaveReason, ClientError> {
        // Some may have come with the answer that the task began, and nothing need follow that
        // would wake this.
        self.take_in_all()?;
        loop {
            let ready = self.wait()?;
            if ready.contains(&PipelineSource::Signals)
                && let Some(leave) = self.receive_signals()?
            {
                return Ok(leave);
            }
            if ready.contains(&PipelineSource::Input) {
                self.receive_input()?;
            }
            if ready.contains(&PipelineSource::Connection) {
                self.connection.hear()?;
                self.take_in_all()?;
                if self.connection.is_over() {
                    self.tell_missing()?;
                    return Ok(LeaveReason::Over);
                }
            }
            if self.pipeline.until.is_some_and(|until| until <= Instant::now()) {
                return Ok(LeaveReason::TimeUp);
            }
        }
    }

    fn wait(&self) -> io::Result<Vec<PipelineSource>> {
        let stdin = io::stdin();
        let reads = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let signals = reads(self.signals.as_fd());
        let mut sources =
            vec![(PipelineSource::Signals, signals), (PipelineSource::Connection, self.connection.watch())];
        if self.is_asked && !self.connection.is_full() {
            sources.push((PipelineSource::Input, reads(stdin.as_fd())));
        }
        wait_for_each(&sources, self.pipeline.until.map(|at| at.saturating_duration_since(Instant::now())))
    }

    fn receive_signals(&mut self) -> Result<Option<LeaveReason>, ClientError> {
        while let Ok(Some(signal)) = self.signals.read_signal() {
            let number = signal.ssi_signo as i32;
            match KEYS.iter().find(|(known, _)| *known == number) {
                Some((_, key)) => self.connection.type_in(&[*key])?,
                None if number == libc::SIGHUP => return Ok(Some(LeaveReason::HungUp)),
                None => return Ok(Some(LeaveReason::Signalled(number))),
            }
            if number == libc::SIGTSTP {
                job_control::suspend()?;
                ask::ask_if_unchanged(self.pipeline.home, self.pipeline.id, Ask::Resume, "fg")?;
            }
        }
        Ok(None)
    }

    /// A supervisor that lets go of what it still had says so by not saying that this was all. One
    /// that was killed is told of by its task's end.
    fn tell_missing(&self) -> Result<(), ClientError> {
        let Pipeline { home, id, is_from_birth, .. } = self.pipeline;
        let is_ended = snapshot_after_hang_up(home, *id)?.end().is_some();
        match self.is_complete || !is_from_birth || !is_ended {
            true => Ok(()),
            false => Err(ClientError::Unread(*id)),
        }
    }

    /// A line from the terminal, as the task has asked for one.
    fn receive_input(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        let length = io::stdin().read(&mut buffer)?;
        // ^D at the beginning of a line.
        self.connection.type_in(if length == 0 { b"\x04" } else { &buffer[..length] })?;
        self.is_asked = length > 0;
        Ok(())
    }

    fn take_in_all(&mut self) -> Result<(), ClientError> {
        while let Some(message) = self.connection.ready()? {
            self.take_in(message)?;
        }
        Ok(())
    }

    fn take_in(&mut self, message: Message) -> Result<(), ClientError> {
        match message {
            Message::Output(kind, bytes) => self.pass_on(kind, &bytes),
            Message::Reply(Reply::Waiting(is_waiting)) => {
                self.is_asked = is_waiting && io::stdin().is_terminal();
                Ok(())
            }
            Message::Reply(Reply::Complete) => {
                self.is_complete = true;
                Ok(())
            }
            Message::Reply(Reply::Refused(why)) => Err(ClientError::Refused { id: self.pipeline.id, why }),
            Message::Reply(_) => Ok(()),
        }
    }

    /// Nobody reads what the task writes any more: it hears of that as it would from a pipe of its
    /// own.
    fn pass_on(&mut self, kind: FrameKind, bytes: &[u8]) -> Result<(), ClientError> {
        if !self.is_read && kind == FrameKind::StandardOutput {
            return Ok(());
        }
        let written = match kind {
            FrameKind::StandardOutput => write(&mut io::stdout().lock(), bytes),
            FrameKind::Output if io::stdout().is_terminal() => write(&mut io::stdout().lock(), bytes),
            _ => write(&mut io::stderr().lock(), bytes),
        };
        match written {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe && kind == FrameKind::StandardOutput => {
                self.is_read = false;
                let closed = Ask::Signal(Signal::PIPE);
                ask::ask_if_unchanged(self.pipeline.home, self.pipeline.id, closed, "a closed pipe")
            }
            Err(source) if kind == FrameKind::StandardOutput => {
                Err(ClientError::System { doing: "write to standard output".into(), source })
            }
            // What cannot be shown is in the log.
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}
