//! A session at a task's terminal: one loop over the user's keys, the task's output and this
//! process's signals.

use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use nix::sys::signalfd::SignalFd;

use super::leave_key::LeaveKey;
use super::raw_terminal::RawTerminal;
use super::{LeaveReason, job_control, replay};
use crate::client::connection::{Connection, Message};
use crate::client::{ClientError, ask};
use crate::screen::picture::with_returns;
use crate::store::layout::Home;
use crate::sys::dispositions;
use crate::sys::polling::wait_for_each;
use crate::task::id::TaskId;
use crate::task::request::Ask;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;
use crate::wire::{Access, AttachRequest, Flow, Query, Reply, Screen};

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 6] = [libc::SIGWINCH, libc::SIGHUP, libc::SIGTERM, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP];
/// A longer gap than this is not filled for somebody who looks in: the end of it is on the screen.
/// *Units*: bytes.
const LONGEST_FILLED: u64 = 256 * 1024;
const BELL: &[u8] = b"\x07";
/// After a gap the next output is waited for so long: nobody reads faster, and the processor is the
/// task's.
const FRAME: Duration = Duration::from_millis(40);

/// How somebody is at a task's terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// From its beginning, as with any command: all output passes over the screen.
    FromBirth,
    /// For a look: the screen as it is, then what comes.
    LookIn(Access),
}

/// What a session is made of.
pub struct AttachSession<'a> {
    /// The state's root.
    pub home: &'a Home,
    /// The task.
    pub id: TaskId,
    /// Its log.
    pub log: PathBuf,
    /// What is typed.
    pub keyboard: LeaveKey,
    /// How it is attended.
    pub stay: Stay,
    /// What is said first: whoever reads it can type already.
    pub greeting: String,
    /// When it is left by itself.
    pub until: Option<Instant>,
}

/// A session under way.
struct AtTerminal<'a> {
    session: &'a AttachSession<'a>,
    connection: Connection,
    own: RawTerminal,
    signals: SignalFd,
    line_feed: LineFeed,
    /// Whether the picture on a screen that was told is on its way.
    is_arriving: bool,
    /// Until when nothing is read, after a gap.
    resting_until: Option<Instant>,
    /// Whether the screen is asked for because of a gap.
    is_behind: bool,
}

/// How this process attaches.
pub fn how(stay: Stay, size: Option<Size>) -> AttachRequest {
    let access = match stay {
        Stay::FromBirth => Access::Full,
        Stay::LookIn(access) => access,
    };
    AttachRequest { size, access, flow: Flow::Screen }
}

impl AttachSession<'_> {
    /// Stays until the task is over or the user leaves. `connection` is attached, or will be by its
    /// supervisor.
    pub fn stay(&self, connection: Connection) -> Result<LeaveReason, ClientError> {
        let own =
            RawTerminal::take().map_err(|source| ClientError::System { doing: "take the terminal".into(), source })?;
        let mut at = AtTerminal {
            session: self,
            connection,
            own,
            signals: dispositions::as_descriptor(&HEARD)?,
            line_feed: LineFeed::Returns,
            is_arriving: false,
            resting_until: None,
            is_behind: false,
        };
        let left = at.greet().and_then(|()| at.stay());
        match (at.own.leave(), left) {
            // Nothing can be put back on a terminal that is gone.
            (Err(_), Ok(LeaveReason::HungUp)) => Ok(LeaveReason::HungUp),
            (given, left) => given.map_err(ClientError::from).and(left),
        }
    }
}

impl AtTerminal<'_> {
    fn greet(&mut self) -> Result<(), ClientError> {
        Ok(self.own.show(format!("{}\r\n", self.session.greeting).as_bytes())?)
    }

    fn stay(&mut self) -> Result<LeaveReason, ClientError> {
        // Some may have come with the answer that the task began, and nothing need follow that
        // would wake this.
        if let Some(leave) = self.take_in_all()? {
            return Ok(leave);
        }
        loop {
            let ready = self.wait()?;
            if ready.contains(&SessionSource::Signals)
                && let Some(leave) = self.receive_signals()?
            {
                return Ok(leave);
            }
            if ready.contains(&SessionSource::Keys)
                && let Some(leave) = self.receive_keys()?
            {
                return Ok(leave);
            }
            if ready.contains(&SessionSource::Connection) {
                self.connection.hear()?;
                if let Some(leave) = self.take_in_all()? {
                    return Ok(leave);
                }
                if self.connection.is_over() {
                    return Ok(LeaveReason::Over);
                }
            }
            if self.session.until.is_some_and(|until| until <= Instant::now()) {
                return Ok(LeaveReason::TimeUp);
            }
        }
    }

    fn wait(&mut self) -> io::Result<Vec<SessionSource>> {
        let now = Instant::now();
        self.resting_until = self.resting_until.filter(|until| *until > now);
        let next = [self.resting_until, self.session.until].into_iter().flatten().min();
        let mut sources: Vec<_> =
            [(SessionSource::Signals, self.signals.as_fd()), (SessionSource::Keys, self.own.as_fd())]
                .map(|(source, fd)| (source, PollFd::new(fd, PollFlags::POLLIN)))
                .into();
        if self.resting_until.is_none() {
            sources.push((SessionSource::Connection, self.connection.watch()));
        }
        wait_for_each(&sources, next.map(|at| at.saturating_duration_since(now)))
    }

    fn receive_signals(&mut self) -> Result<Option<LeaveReason>, ClientError> {
        while let Ok(Some(signal)) = self.signals.read_signal() {
            match signal.ssi_signo as i32 {
                libc::SIGWINCH => {
                    if let Some(size) = self.own.size() {
                        self.connection.ask(Query::Resize(size))?;
                    }
                }
                libc::SIGTSTP => return self.suspend(),
                libc::SIGHUP => return Ok(Some(LeaveReason::HungUp)),
                number => return Ok(Some(LeaveReason::Signalled(number))),
            }
        }
        Ok(None)
    }

    fn receive_keys(&mut self) -> Result<Option<LeaveReason>, ClientError> {
        let mut buffer = [0; 4096];
        let typed = self.own.typed(&mut buffer);
        if typed.is_empty() {
            return Ok(Some(LeaveReason::HungUp));
        }
        let typed = self.session.keyboard.read(typed);
        if self.may_type() && !typed.passed.is_empty() {
            match self.connection.is_full() {
                // As a terminal does whose task does not read.
                true => self.own.show(BELL)?,
                false => self.connection.type_in(typed.passed)?,
            }
        }
        Ok(typed.is_leaving.then_some(LeaveReason::Detached))
    }

    fn may_type(&self) -> bool {
        self.session.stay != Stay::LookIn(Access::ReadOnly)
    }

    /// Takes in all that has come.
    fn take_in_all(&mut self) -> Result<Option<LeaveReason>, ClientError> {
        while let Some(message) = self.connection.ready()? {
            match self.take_in(message) {
                Ok(None) => {}
                Err(_) if self.own.is_gone() => return Ok(Some(LeaveReason::HungUp)),
                left => return left,
            }
        }
        Ok(None)
    }

    fn take_in(&mut self, message: Message) -> Result<Option<LeaveReason>, ClientError> {
        match message {
            Message::Output(_, bytes) if self.is_arriving => self.own.show(&bytes)?,
            Message::Output(_, bytes) => self.show(&bytes)?,
            Message::Reply(Reply::Screen(screen)) => self.arrive(screen)?,
            Message::Reply(Reply::Live) => (self.is_arriving, self.is_behind) = (false, false),
            Message::Reply(Reply::LineFeed(line_feed)) => self.line_feed = line_feed,
            Message::Reply(Reply::Gap { from, to }) => self.bridge(from, to)?,
            Message::Reply(Reply::Suspended) => return self.suspend(),
            Message::Reply(Reply::Refused(why)) => return Err(ClientError::Refused { id: self.session.id, why }),
            Message::Reply(
                Reply::Phase(_)
                | Reply::Waiting(_)
                | Reply::Typed
                | Reply::Dropped(_)
                | Reply::Info { .. }
                | Reply::Skipped(_)
                | Reply::Answer(_)
                | Reply::Complete,
            ) => {}
        }
        Ok(None)
    }

    fn show(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.line_feed {
            LineFeed::Keeps => self.own.show(bytes),
            LineFeed::Returns => self.own.show(&with_returns(bytes)),
        }
    }

    /// The lower screen from the log, the upper one by what follows.
    fn arrive(&mut self, screen: Screen) -> io::Result<()> {
        self.line_feed = screen.line_feed;
        self.is_arriving = true;
        let is_there_already = self.own.is_alternate();
        if !is_there_already {
            let lower = match self.session.stay {
                Stay::FromBirth => replay::part(&self.session.log, screen.log_start, screen.log_end)?,
                Stay::LookIn(_) => {
                    let size = self.own.size().unwrap_or(screen.size);
                    // Who has just fallen behind sees what runs over the screen.
                    let depth = if self.is_behind { replay::SHALLOW } else { replay::DEEP };
                    replay::below(&self.session.log, &screen, size, depth)?
                }
            };
            self.own.show(&lower)?;
        }
        match (is_there_already, screen.is_alternate) {
            (false, true) => self.own.show(b"\x1b[?1049h")?,
            (true, false) => self.own.show(b"\x1b[?1049l")?,
            (true, true) | (false, false) => {}
        }
        // What is said of keys now takes the place of what was said before.
        let undo = self.own.undo_flags();
        self.own.show(&undo)
    }

    /// A part of the output was not sent, as this process was slow: it is read from the log, or
    /// what it has made of the screen.
    fn bridge(&mut self, from: u64, to: u64) -> io::Result<()> {
        let is_long = to.saturating_sub(from) > LONGEST_FILLED;
        if self.own.is_alternate() || (is_long && self.session.stay != Stay::FromBirth) {
            self.resting_until = Some(Instant::now() + FRAME);
            self.is_behind = true;
            return self.connection.ask(Query::Screen);
        }
        let mut at = from;
        while at < to {
            let end = to.min(at + LONGEST_FILLED);
            self.own.show(&replay::part(&self.session.log, at, end)?)?;
            at = end;
        }
        Ok(())
    }

    /// As ^Z does with any command: the shell has its terminal back until it lets the task go on.
    fn suspend(&mut self) -> Result<Option<LeaveReason>, ClientError> {
        let (was_alternate, redo, redo_usual) = (self.own.is_alternate(), self.own.redo(), self.own.redo_usual());
        self.own.give_back()?;
        job_control::suspend()?;
        let is_in_foreground = self.own.is_ours();
        if is_in_foreground {
            self.own.take_again()?;
        }
        let with = if is_in_foreground { "fg" } else { "bg" };
        ask::ask_if_unchanged(self.session.home, self.session.id, Ask::Resume, with)?;
        if !is_in_foreground {
            return Ok(Some(LeaveReason::SentToBackground));
        }
        if let Some(size) = self.own.size() {
            self.connection.ask(Query::Resize(size))?;
        }
        match was_alternate {
            true => {
                self.own.show(&redo_usual)?;
                self.connection.ask(Query::Screen)?;
            }
            false => self.own.show(&redo)?,
        }
        Ok(None)
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SessionSource {
    Signals,
    Keys,
    Connection,
}
