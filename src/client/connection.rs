//! A connection to a task's supervisor: queries and input there, replies and output back.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use super::ClientError;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::{CONTROL, TaskDir};
use crate::sys::polling::{wait_for_any, wait_for_each};
use crate::sys::socket;
use crate::task::id::TaskId;
use crate::wire::{self, Frame, FrameKind, LONGEST, Query, Reply};

/// A connection.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    heard: Vec<u8>,
    /// What the supervisor has not taken yet.
    unsent: Vec<u8>,
    /// A message that was only looked at.
    put_back: Option<Message>,
    is_over: bool,
}

/// How long a supervisor may leave whoever connects waiting: as many wait already as the kernel
/// lets.
const PATIENCE: Duration = Duration::from_secs(5);
/// It is tried again after so long.
const AGAIN: Duration = Duration::from_millis(10);
/// So much may wait for a supervisor that takes nothing. *Units*: bytes.
const MOST_UNSENT: usize = 64 * 1024;

/// What the supervisor sent.
#[derive(Debug)]
pub enum Message {
    /// An answer, or news.
    Reply(Reply),
    /// Output, and of which stream: a [`FrameKind`] that carries output.
    Output(FrameKind, Vec<u8>),
}

impl Connection {
    /// Connects to a living task. *Errors*: [`ClientError::NotRunning`] when it is none;
    /// [`ClientError::NoSocket`].
    pub fn open(home: &Home, id: TaskId) -> Result<Connection, ClientError> {
        let task = TaskDir::open(home, id)?;
        // By the directory's handle, as the whole path may be longer than a socket's name can be.
        match connect(&format!("{}/{CONTROL}", task.dir.handle_path())) {
            Ok(stream) => Ok(Connection::new(stream, Vec::new())?),
            Err(e) if e.kind() == ErrorKind::WouldBlock => Err(ClientError::NoAnswer(id)),
            Err(source) => {
                let status = TaskSnapshot::of(home, &task)?.status();
                Err(if status.is_living() {
                    ClientError::NoSocket { id, source }
                } else {
                    ClientError::NotRunning { id, status }
                })
            }
        }
    }

    /// Takes a connection that is there already, and what was read from it. Nothing that is said
    /// waits for the supervisor.
    pub fn new(stream: UnixStream, heard: Vec<u8>) -> io::Result<Connection> {
        stream.set_nonblocking(true)?;
        Ok(Connection { stream, heard, unsent: Vec::new(), put_back: None, is_over: false })
    }

    /// Sends a query.
    pub fn ask(&mut self, query: Query) -> io::Result<()> {
        self.send(&[], &[query])
    }

    /// Sends input for the terminal.
    pub fn type_in(&mut self, input: &[u8]) -> io::Result<()> {
        self.send(input, &[])
    }

    /// The next message, waited for until then; `None` at the end, and when the time is up.
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<Message>, ClientError> {
        loop {
            if let Some(message) = self.ready()? {
                return Ok(Some(message));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if self.is_over || left.is_zero() {
                return Ok(None);
            }
            if !wait_for_each(&[((), self.watch())], Some(left))?.is_empty() {
                self.hear()?;
            }
        }
    }

    /// Waits until the supervisor has said something, or has gone; `false` when it is silent until
    /// then.
    pub fn is_answered_by(&mut self, deadline: Instant) -> Result<bool, ClientError> {
        match self.next_until(deadline)? {
            Some(message) => {
                self.put_back = Some(message);
                Ok(true)
            }
            None => Ok(self.is_over),
        }
    }

    /// What is to be waited for by whoever polls; then it is to be [heard](Connection::hear).
    pub fn watch(&self) -> PollFd<'_> {
        let mut flags = PollFlags::POLLIN;
        flags.set(PollFlags::POLLOUT, !self.unsent.is_empty());
        PollFd::new(self.stream.as_fd(), flags)
    }

    /// Whether the supervisor takes so little that nothing more is to be said to it now.
    pub fn is_full(&self) -> bool {
        self.unsent.len() > MOST_UNSENT
    }

    /// Reads what has come, and sends what is still to be sent; for whoever polls.
    pub fn hear(&mut self) -> Result<(), ClientError> {
        self.flush()?;
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.is_over = true,
            Ok(n) => self.heard.extend_from_slice(&buffer[..n]),
            Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            // It was killed with something of ours unread.
            Err(e) if e.kind() == ErrorKind::ConnectionReset => self.is_over = true,
            Err(e) => return Err(e.into()),
        }
        Ok(())
    }

    /// A message that has come already.
    pub fn ready(&mut self) -> Result<Option<Message>, ClientError> {
        if let Some(message) = self.put_back.take() {
            return Ok(Some(message));
        }
        let garbled = |why: String| ClientError::Garbled(why);
        let Some(frame) = wire::decode(&mut self.heard).map_err(|e| garbled(e.to_string()))? else { return Ok(None) };
        Ok(Some(match frame.kind {
            FrameKind::Output | FrameKind::StandardOutput | FrameKind::StandardError => {
                Message::Output(frame.kind, frame.body)
            }
            FrameKind::Reply | FrameKind::Query | FrameKind::Input => {
                Message::Reply(serde_json::from_slice(&frame.body).map_err(|e| garbled(e.to_string()))?)
            }
        }))
    }

    /// Whether the supervisor has gone, and nothing more will come.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Sends input, and queries behind it, as one: they are heard together, though what was typed
    /// may end the task. What the supervisor does not take now is sent while it is waited for; what
    /// it does not hear any more, as it has gone, is dropped.
    pub fn send(&mut self, input: &[u8], queries: &[Query]) -> io::Result<()> {
        input.chunks(LONGEST).for_each(|part| wire::encode_parts(FrameKind::Input, part, &mut self.unsent));
        queries.iter().for_each(|query| Frame::query(query).encode(&mut self.unsent));
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                    self.unsent.clear();
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// *Errors*: WouldBlock, where a supervisor takes nobody in for so long.
fn connect(path: &str) -> io::Result<UnixStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match socket::connect(path) {
            Err(e) if e.kind() == ErrorKind::WouldBlock && Instant::now() < deadline => {
                wait_for_any::<()>(&[], Some(AGAIN))?;
            }
            connected => return connected,
        }
    }
}
