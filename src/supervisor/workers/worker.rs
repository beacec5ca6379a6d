//! A worker: a process beside the task, of aos itself, that looks for something which the
//! supervisor is too small to look for (files that change, a server that answers) and says what it
//! found, one word a line, through a pipe. The supervisor stays as small as it is, and polls one
//! more descriptor.

use std::io::{self, PipeWriter, Read, Write};
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::thread;

use nix::errno::Errno;
use nix::unistd::read;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::processes::{own_processes, sweep};
use crate::sys::{fds, own_program, process, proctitle};
use crate::units::signal::Signal;

/// What a worker has said since it was last listened to.
#[derive(Debug)]
pub struct WorkerMessage<W> {
    /// Its words, in order.
    pub words: Vec<W>,
    /// Whether it has ended, and says nothing more.
    pub is_gone: bool,
}

/// A worker at work, which says words of this kind. It ends when this value does, or this process.
#[derive(Debug)]
pub struct Worker<W> {
    pid: i32,
    pipe: OwnedFd,
    line: Vec<u8>,
    /// Held open: its end is the worker's.
    life: PipeWriter,
    word: PhantomData<W>,
}

impl<W: DeserializeOwned> Worker<W> {
    /// Executes `aos VERB DIR`, with nothing of this process's but two pipes. It is collected with
    /// the other children.
    pub fn begin(verb: &str, dir: &Path) -> io::Result<Worker<W>> {
        Worker::begin_as(verb, dir, None)
    }

    /// The same with what is asked for, as JSON: `aos VERB DIR REQUEST`.
    pub fn begin_with(verb: &str, dir: &Path, request: &impl Serialize) -> io::Result<Worker<W>> {
        Worker::begin_as(verb, dir, Some(serde_json::to_string(request)?))
    }

    fn begin_as(verb: &str, dir: &Path, request: Option<String>) -> io::Result<Worker<W>> {
        let (reader, writer) = io::pipe()?;
        // Closed on exec, as all pipes of std's: no other child keeps this worker alive.
        let (until, life) = io::pipe()?;
        let child = own_program::worker(verb).arg(dir).args(request).stdin(until).stdout(writer).spawn()?;
        let pipe = OwnedFd::from(reader);
        // This end alone: the worker waits where its supervisor is slow to listen.
        fds::set_nonblocking(&pipe)?;
        Ok(Worker { pid: child.id().cast_signed(), pipe, line: Vec::new(), life, word: PhantomData })
    }

    /// Its pid.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Has a worker that listens to its standard input say how it stands. *Errors*: when it is
    /// gone.
    pub fn ask(&mut self) -> io::Result<()> {
        self.life.write_all(b"\n")
    }

    /// Reads what there is: JSON, a word a line. What is none is passed over.
    pub fn listen(&mut self) -> WorkerMessage<W> {
        let is_gone = self.fill();
        let mut words = Vec::new();
        while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            words.extend(serde_json::from_slice(&line).ok());
        }
        WorkerMessage { words, is_gone }
    }

    /// Says whether the end has come.
    fn fill(&mut self) -> bool {
        let mut buffer = [0; 1024];
        loop {
            match read(&self.pipe, &mut buffer) {
                Ok(0) => return true,
                Ok(n) => self.line.extend_from_slice(&buffer[..n]),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return false,
                Err(_) => return true,
            }
        }
    }
}

impl<W> AsFd for Worker<W> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

/// Makes this process a worker: called as supervisors are, so that neither it nor what it begins is
/// taken for a part of the task, and ending, with all that it began, with its supervisor, which
/// holds the other end of standard input.
pub fn become_worker(what: &str) -> io::Result<()> {
    take_name(what)?;
    process::become_subreaper()?;
    // A thread, as the worker may be waiting for anything when its supervisor goes.
    let until_let_go = || {
        let _ = io::stdin().read(&mut [0]);
        // Before its own end, with which they would become the supervisor's and count as the
        // task's.
        sweep::signal(Signal::KILL);
        process::leave(0)
    };
    thread::Builder::new().name("life".into()).stack_size(64 * 1024).spawn(until_let_go)?;
    Ok(())
}

/// Gives this process the name of a worker. One that listens to its standard input ends with that
/// by itself.
pub fn take_name(what: &str) -> io::Result<()> {
    proctitle::set_name(&format!("{}{what}", own_processes::NAME))
}

/// Says a word to the supervisor. *Errors*: when that is gone.
pub fn say(word: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}
