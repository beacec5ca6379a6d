//! A connection to a task's supervisor: queries and input there, replies and output back.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::Error;
use crate::store::home::Home;
use crate::store::reading::Reading;
use crate::store::task_dir::{CONTROL, TaskDir};
use crate::sys::polling::wait_for_any;
use crate::task::id::TaskId;
use crate::wire::{self, Frame, Kind, LONGEST, Query, Reply};

/// A connection.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    heard: Vec<u8>,
    is_over: bool,
}

/// What the supervisor sent.
#[derive(Debug)]
pub enum Message {
    /// An answer, or news.
    Reply(Reply),
    /// Output, and of which stream: a [`Kind`] that carries output.
    Output(Kind, Vec<u8>),
}

impl Connection {
    /// Connects to a living task. *Errors*: [`Error::NotRunning`] when it is none; [`Error::NoSocket`].
    pub fn open(home: &Home, id: TaskId) -> Result<Connection, Error> {
        let task = TaskDir::open(home, id)?;
        // By the directory's handle, as the whole path may be longer than a socket's name can be.
        match UnixStream::connect(format!("{}/{CONTROL}", task.dir.handle_path())) {
            Ok(stream) => Ok(Connection::new(stream, Vec::new())),
            Err(source) => {
                let status = Reading::of(&task)?.status();
                Err(if status.is_living() { Error::NoSocket { id, source } } else { Error::NotRunning { id, status } })
            }
        }
    }

    /// Takes a connection that is there already, and what was read from it.
    pub fn new(stream: UnixStream, heard: Vec<u8>) -> Connection {
        Connection { stream, heard, is_over: false }
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
    pub fn next_until(&mut self, deadline: Instant) -> Result<Option<Message>, Error> {
        loop {
            if let Some(message) = self.ready()? {
                return Ok(Some(message));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if self.is_over || left.is_zero() {
                return Ok(None);
            }
            if !wait_for_any(&[((), self.stream.as_fd())], Some(left))?.is_empty() {
                self.hear()?;
            }
        }
    }

    /// Reads what has come; for whoever polls the descriptor.
    pub fn hear(&mut self) -> Result<(), Error> {
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
    pub fn ready(&mut self) -> Result<Option<Message>, Error> {
        let garbled = |why: String| Error::Garbled(why);
        let Some(frame) = wire::decode(&mut self.heard).map_err(|e| garbled(e.to_string()))? else { return Ok(None) };
        Ok(Some(match frame.kind {
            Kind::Output | Kind::StandardOutput | Kind::StandardError => Message::Output(frame.kind, frame.body),
            Kind::Reply | Kind::Query | Kind::Input => {
                Message::Reply(serde_json::from_slice(&frame.body).map_err(|e| garbled(e.to_string()))?)
            }
        }))
    }

    /// Whether the supervisor has gone, and nothing more will come.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Sends input, and queries behind it, as one: they are heard together, though what was typed may end the task. What
    /// the supervisor does not hear any more, as it has gone, is dropped.
    pub fn send(&mut self, input: &[u8], queries: &[Query]) -> io::Result<()> {
        let mut bytes = Vec::new();
        input.chunks(LONGEST).for_each(|part| wire::encode_parts(Kind::Input, part, &mut bytes));
        queries.iter().for_each(|query| Frame::query(query).encode(&mut bytes));
        match self.stream.write_all(&bytes) {
            Err(e) if matches!(e.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(()),
            sent => sent,
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
