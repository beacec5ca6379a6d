//! What a supervisor reads from: the task's terminal and pipes.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::unistd::read;

use crate::sys::fds;

/// Which of the task's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Its terminal.
    Terminal,
    /// A standard output that is not the terminal.
    Output,
    /// The same of standard error.
    Errors,
}

/// The end of a terminal, or pipe, from which a task's output comes.
#[derive(Debug)]
pub struct OutputSource {
    /// Which of its outputs.
    pub stream: OutputStream,
    fd: OwnedFd,
}

/// A terminal says its end by an error, and may say it too early: what was written last can be on
/// its way from one queue of the kernel's to the next, and a read that finds nothing has it arrive
/// for the next read. An end that is said this often in a row is believed. *Source*: the kernel's
/// drivers/tty/n_tty.c, `n_tty_read` and `n_tty_kick_worker`.
const BELIEVED: u32 = 3;

/// What a read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadResult {
    /// More may come.
    All,
    /// The buffer is full; there is more.
    More,
    /// Nobody holds the other end.
    HangUp,
}

impl OutputSource {
    /// Takes the descriptor.
    pub fn new(stream: OutputStream, fd: OwnedFd) -> OutputSource {
        OutputSource { stream, fd }
    }

    /// Has reads and writes return at once.
    pub fn set_nonblocking(&self) -> io::Result<()> {
        fds::set_nonblocking(&self.fd)
    }

    /// Fills `buffer` from `filled` on with what is there, in as many reads as it takes: a terminal
    /// hands out 4 KiB at most each time.
    pub fn fill(&self, buffer: &mut [u8], filled: &mut usize) -> ReadResult {
        let mut ends = 0;
        while *filled < buffer.len() {
            match read(&self.fd, &mut buffer[*filled..]) {
                // A pipe says its end with 0, a terminal with EIO.
                Err(Errno::EIO) if ends + 1 < BELIEVED => ends += 1,
                Ok(0) | Err(Errno::EIO) => return ReadResult::HangUp,
                Ok(n) => (*filled, ends) = (*filled + n, 0),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return ReadResult::All,
                // Kept, it would end each poll at once and give nothing.
                Err(_) => return ReadResult::HangUp,
            }
        }
        ReadResult::More
    }
}

impl AsFd for OutputSource {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
