//! One client of the control socket. Nothing it does or leaves undone holds up the task: all is
//! non-blocking, and what it does not read in time is left out for it, and told.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::SndBuf;

use crate::supervisor::run::output_source::OutputStream;
use crate::units::size::Size;
use crate::wire::{self, Access, AttachRequest, Flow, Frame, FrameKind, LONGEST, Query, Reply};

/// What may wait for one client. *Units*: bytes.
const MOST_WAITING: usize = 256 * 1024;
/// With more than this waiting for it, an attached client gets what follows from the log. *Units*:
/// bytes.
const MOST_BEHIND: usize = 32 * 1024;
/// What the kernel keeps for an attached client that does not read. *Units*: bytes.
const MOST_UNREAD: usize = 64 * 1024;
/// What the kernel may keep at the end for an attached client that does not read, so that nobody
/// need wait for it; the system's own bound (net.core.wmem_max) may be lower. *Units*: bytes.
const MOST_LEFT_UNREAD: usize = 4 << 20;

/// A client.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    heard: Vec<u8>,
    waiting: Vec<u8>,
    skipped: u64,
    mode: ClientMode,
    /// The size of its terminal, if it has told.
    pub size: Option<Size>,
    /// Whether it is the one that typed last.
    pub is_typist: bool,
    /// Whether it has typed more than the terminal takes, and is not listened to until that has
    /// taken some.
    pub is_held: bool,
    /// Whether it wants to hear when the terminal has all that was typed.
    pub wants_typed: bool,
}

/// How the client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientMode {
    /// Has not asked for anything that lasts.
    Asking,
    /// Gets the task's output.
    Watching,
    /// Types, and sees nothing.
    Typing,
    /// Is at the task's terminal. `behind` is from where on in the log it has not seen what came.
    Attached {
        how: AttachRequest,
        behind: Option<u64>,
    },
    /// Gets what waits for it, and is cut off.
    Leaving,
    Gone,
}

/// What a client wants done.
#[derive(Debug)]
pub enum Demand {
    /// A query.
    Query(Query),
    /// Input for the terminal.
    Input(Vec<u8>),
}

impl Client {
    /// Takes a connection, which does not block.
    pub fn new(stream: UnixStream) -> Client {
        let (heard, waiting) = (Vec::new(), Vec::new());
        Client {
            stream,
            heard,
            waiting,
            skipped: 0,
            mode: ClientMode::Asking,
            size: None,
            is_typist: false,
            is_held: false,
            wants_typed: false,
        }
    }

    /// What is to be waited for. That it has left comes in any case.
    pub fn watch(&self) -> PollFd<'_> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::POLLIN, !self.is_held && self.is_here());
        flags.set(PollFlags::POLLOUT, !self.waiting.is_empty());
        PollFd::new(self.stream.as_fd(), flags)
    }

    /// Whether it is connected, and not on its way out.
    pub fn is_here(&self) -> bool {
        !matches!(self.mode, ClientMode::Leaving | ClientMode::Gone)
    }

    /// Whether nothing is left of it.
    pub fn is_gone(&self) -> bool {
        self.mode == ClientMode::Gone
    }

    /// Whether it is at the task's terminal.
    pub fn is_attached(&self) -> bool {
        matches!(self.mode, ClientMode::Attached { .. })
    }

    /// Whether it may type.
    pub fn may_type(&self) -> bool {
        match self.mode {
            ClientMode::Typing => true,
            ClientMode::Attached { how, .. } => how.access == Access::Full,
            ClientMode::Asking | ClientMode::Watching | ClientMode::Leaving | ClientMode::Gone => false,
        }
    }

    /// Whether it is to get everything, and is behind: the task waits for it.
    pub fn holds_up(&self) -> bool {
        self.gets_streams() && self.waiting.len() > MOST_BEHIND
    }

    /// The next thing it wants, as far as it has said. One that types is held where the terminal
    /// takes no more.
    pub fn demand(&mut self, takes_input: bool) -> Option<Demand> {
        self.is_held = false;
        while self.is_here() {
            if !takes_input && wire::is_input(&self.heard) {
                self.hold();
                return None;
            }
            match wire::decode(&mut self.heard) {
                Ok(None) => {
                    if !self.hear() {
                        return None;
                    }
                }
                Ok(Some(Frame { kind: FrameKind::Input, body })) => return Some(Demand::Input(body)),
                Ok(Some(Frame { kind: FrameKind::Query, body })) => match serde_json::from_slice(&body) {
                    Ok(query) => return Some(Demand::Query(query)),
                    Err(e) => self.refuse(format!("not a query: {e}")),
                },
                Ok(Some(Frame {
                    kind: FrameKind::Reply | FrameKind::Output | FrameKind::StandardOutput | FrameKind::StandardError,
                    ..
                })) => self.refuse("clients send queries only".into()),
                Err(e) => self.refuse(e.to_string()),
            }
        }
        None
    }

    /// What one that has left still had to type goes with it.
    fn hold(&mut self) {
        self.is_held = true;
        // It is not read from, and a hang-up is told in any case: kept, it would end each poll of
        // the loop at once.
        let mut left = [PollFd::new(self.stream.as_fd(), PollFlags::empty())];
        if poll(&mut left, PollTimeout::ZERO).is_ok() && left[0].any() == Some(true) {
            self.mode = ClientMode::Gone;
        }
    }

    /// From now on it gets the output.
    pub fn begin_to_watch(&mut self) {
        self.mode = ClientMode::Watching;
    }

    /// From now on it may type.
    pub fn begin_to_type(&mut self) {
        self.mode = ClientMode::Typing;
    }

    /// From now on it is at the terminal.
    pub fn attach(&mut self, how: AttachRequest) {
        // Who only looks does not set the terminal's size.
        self.size = how.size.filter(|_| how.access == Access::Full);
        if how.flow == Flow::Screen {
            // What is behind by more is better shown the end of it.
            let _ = setsockopt(&self.stream, SndBuf, &MOST_UNREAD);
        }
        self.mode = ClientMode::Attached { how, behind: None };
    }

    /// Shows it output, before which the log was so long.
    pub fn show(&mut self, stream: OutputStream, output: &[u8], log_before: u64) {
        match self.mode {
            ClientMode::Watching => self.show_or_skip(output),
            // It is to have all: the task is held up before this becomes too much (`holds_up`).
            ClientMode::Attached { how: AttachRequest { flow: Flow::Streams, .. }, .. } => {
                self.pass(kind_of(stream), output)
            }
            // It reads this in the log, once it is told of the gap.
            ClientMode::Attached { behind: Some(_), .. } => {}
            ClientMode::Attached { how, behind: None } if self.waiting.len() > MOST_BEHIND => {
                self.mode = ClientMode::Attached { how, behind: Some(log_before) };
            }
            ClientMode::Attached { .. } => self.pass(FrameKind::Output, output),
            ClientMode::Asking | ClientMode::Typing | ClientMode::Leaving | ClientMode::Gone => {}
        }
    }

    /// Passes bytes on, whatever waits already.
    pub fn pass(&mut self, kind: FrameKind, output: &[u8]) {
        for part in output.chunks(LONGEST) {
            wire::encode_parts(kind, part, &mut self.waiting);
        }
        self.flush();
    }

    /// Tells it something. A client that asks and asks and never reads is cut off.
    pub fn tell(&mut self, reply: &Reply) {
        if self.waiting.len() > MOST_WAITING && !self.gets_streams() {
            self.mode = ClientMode::Gone;
        }
        Frame::reply(reply).encode(&mut self.waiting);
    }

    /// Says why it gets nothing more.
    pub fn refuse(&mut self, why: String) {
        self.tell(&Reply::Refused(why));
        self.mode = ClientMode::Leaving;
    }

    /// Sends what waits for it, as far as it takes that. `log_end` tells how far the log has grown.
    pub fn send(&mut self, log_end: u64) {
        self.flush();
        if let ClientMode::Attached { how, behind: Some(from) } = self.mode
            && self.waiting.is_empty()
        {
            self.mode = ClientMode::Attached { how, behind: None };
            self.tell(&Reply::Gap { from, to: log_end });
            self.flush();
        }
    }

    /// Sends it the rest, as far as the kernel takes that; one that gets streams is told that it
    /// has them whole. Says whether something is left that it is to have.
    pub fn print_end(&mut self, log_end: u64) -> bool {
        if self.gets_streams() {
            self.tell(&Reply::Complete);
        }
        if self.is_attached() {
            let _ = setsockopt(&self.stream, SndBuf, &MOST_LEFT_UNREAD);
        }
        self.send(log_end);
        self.is_attached() && !self.waiting.is_empty()
    }

    /// Sends it more of the rest; says whether something is left.
    pub fn is_left_behind(&mut self, log_end: u64) -> bool {
        // What it says is for nobody any more, but its end is seen by reading.
        self.hear();
        self.heard.clear();
        self.send(log_end);
        !self.is_gone() && !self.waiting.is_empty()
    }

    fn gets_streams(&self) -> bool {
        matches!(self.mode, ClientMode::Attached { how: AttachRequest { flow: Flow::Streams, .. }, .. })
    }

    /// Reads on; says whether there was anything.
    fn hear(&mut self) -> bool {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.mode = ClientMode::Gone,
                Ok(n) => self.heard.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return false,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(_) => self.mode = ClientMode::Gone,
            }
            return self.is_here();
        }
    }

    fn show_or_skip(&mut self, output: &[u8]) {
        if self.waiting.len() + output.len() > MOST_WAITING {
            self.skipped += output.len() as u64;
            return;
        }
        if self.skipped > 0 {
            let skipped = std::mem::take(&mut self.skipped);
            self.tell(&Reply::Skipped(skipped));
        }
        self.pass(FrameKind::Output, output);
    }

    fn flush(&mut self) {
        while !self.waiting.is_empty() && self.mode != ClientMode::Gone {
            match self.stream.write(&self.waiting) {
                Ok(0) => self.mode = ClientMode::Gone,
                Ok(n) => drop(self.waiting.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.mode = ClientMode::Gone,
            }
        }
        if self.mode == ClientMode::Leaving && self.waiting.is_empty() {
            self.mode = ClientMode::Gone;
        }
    }
}

fn kind_of(stream: OutputStream) -> FrameKind {
    match stream {
        OutputStream::Terminal => FrameKind::Output,
        OutputStream::Output => FrameKind::StandardOutput,
        OutputStream::Errors => FrameKind::StandardError,
    }
}
