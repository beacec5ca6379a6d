//! The control socket: clients that ask what is live. Nothing a client does or leaves undone
//! holds up the task: all is non-blocking, and what a client does not read is left out for it.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};

use nix::poll::{PollFd, PollFlags};

use crate::store::task_dir::{CONTROL, TaskDir};
use crate::wire::{self, Frame, Kind, LONGEST, Query, Reply};

/// More clients than this are turned away.
const MOST_CLIENTS: usize = 64;
/// What may wait for one client. *Units*: bytes.
const MOST_WAITING: usize = 256 * 1024;

/// The socket and its clients.
#[derive(Debug)]
pub struct Control {
    listener: Option<UnixListener>,
    clients: Vec<Client>,
}

#[derive(Debug)]
struct Client {
    stream: UnixStream,
    heard: Vec<u8>,
    waiting: Vec<u8>,
    skipped: u64,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Has not asked for anything yet.
    Asking,
    /// Gets the task's output.
    Watching,
    /// Gets what waits for it, and is cut off.
    Leaving,
    Gone,
}

impl Control {
    /// Makes the socket in the task's directory, and that the working directory: its path may be longer than
    /// a socket's name can be.
    pub fn open(task: &TaskDir) -> io::Result<Control> {
        task.dir.enter()?;
        let _ = task.dir.remove(CONTROL);
        let listener = UnixListener::bind(CONTROL)?;
        listener.set_nonblocking(true)?;
        Ok(Control { listener: Some(listener), clients: Vec::new() })
    }

    /// No socket, where none can be made: the task does without.
    pub fn closed() -> Control {
        Control { listener: None, clients: Vec::new() }
    }

    /// Adds what is to be waited for.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        fds.extend(self.listener.as_ref().map(|l| PollFd::new(l.as_fd(), PollFlags::POLLIN)));
        for client in &self.clients {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, matches!(client.mode, Mode::Asking | Mode::Watching));
            flags.set(PollFlags::POLLOUT, !client.waiting.is_empty());
            fds.push(PollFd::new(client.stream.as_fd(), flags));
        }
    }

    /// Takes in new clients, hears and answers those there are.
    pub fn attend(&mut self, mut info: impl FnMut() -> Reply) {
        while let Some(Ok((stream, _))) = self.listener.as_ref().map(UnixListener::accept) {
            self.admit(stream);
        }
        for client in &mut self.clients {
            client.listen(&mut info);
            client.flush();
        }
        self.clients.retain(|client| client.mode != Mode::Gone);
    }

    /// Passes output on to whoever watches.
    pub fn broadcast(&mut self, output: &[u8]) {
        for client in self.clients.iter_mut().filter(|c| c.mode == Mode::Watching) {
            client.show(output);
        }
    }

    /// Lets everybody have what waits for them, as far as they take it at once.
    pub fn finish(mut self) {
        for client in &mut self.clients {
            client.flush();
        }
    }

    fn admit(&mut self, stream: UnixStream) {
        if stream.set_nonblocking(true).is_err() {
            return;
        }
        let mut client = Client { stream, heard: Vec::new(), waiting: Vec::new(), skipped: 0, mode: Mode::Asking };
        if self.clients.len() >= MOST_CLIENTS {
            client.refuse("too many clients".into());
            client.flush();
            return;
        }
        self.clients.push(client);
    }
}

impl Client {
    fn listen(&mut self, info: &mut impl FnMut() -> Reply) {
        let mut buffer = [0; 4096];
        while matches!(self.mode, Mode::Asking | Mode::Watching) {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.mode = Mode::Gone,
                Ok(n) => {
                    self.heard.extend_from_slice(&buffer[..n]);
                    self.answer_all(info);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.mode = Mode::Gone,
            }
        }
    }

    fn answer_all(&mut self, info: &mut impl FnMut() -> Reply) {
        while matches!(self.mode, Mode::Asking | Mode::Watching) {
            match wire::decode(&mut self.heard) {
                Ok(None) => return,
                Ok(Some(Frame { kind: Kind::Query, body })) => match serde_json::from_slice(&body) {
                    Ok(Query::Info) => self.put(&Frame::reply(&info())),
                    Ok(Query::Watch) => self.mode = Mode::Watching,
                    Err(e) => self.refuse(format!("not a query: {e}")),
                },
                Ok(Some(Frame { kind: Kind::Reply | Kind::Output, .. })) => {
                    self.refuse("clients send queries only".into())
                }
                Err(e) => self.refuse(e.to_string()),
            }
        }
    }

    fn show(&mut self, output: &[u8]) {
        if self.waiting.len() + output.len() > MOST_WAITING {
            self.skipped += output.len() as u64;
            return;
        }
        if self.skipped > 0 {
            let skipped = std::mem::take(&mut self.skipped);
            self.put(&Frame::reply(&Reply::Skipped(skipped)));
        }
        for part in output.chunks(LONGEST) {
            wire::encode_parts(Kind::Output, part, &mut self.waiting);
        }
        self.flush();
    }

    fn refuse(&mut self, why: String) {
        self.put(&Frame::reply(&Reply::Refused(why)));
        self.mode = Mode::Leaving;
    }

    /// A client that asks and asks and never reads is cut off.
    fn put(&mut self, frame: &Frame) {
        if self.waiting.len() > MOST_WAITING {
            self.mode = Mode::Gone;
        }
        frame.encode(&mut self.waiting);
    }

    fn flush(&mut self) {
        while !self.waiting.is_empty() && self.mode != Mode::Gone {
            match self.stream.write(&self.waiting) {
                Ok(0) => self.mode = Mode::Gone,
                Ok(n) => drop(self.waiting.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.mode = Mode::Gone,
            }
        }
        if self.mode == Mode::Leaving && self.waiting.is_empty() {
            self.mode = Mode::Gone;
        }
    }
}
