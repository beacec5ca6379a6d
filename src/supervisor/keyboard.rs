//! What was typed for the task and its terminal has not taken yet.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::unistd::write;

/// With so much waiting, nobody is listened to who types. *Units*: bytes.
const FULL: usize = 64 * 1024;

/// Input on its way into the terminal, in the order in which it came.
#[derive(Debug, Default)]
pub struct Keyboard {
    waiting: Vec<u8>,
}

impl Keyboard {
    /// Takes input in.
    pub fn take(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Gives the terminal what it takes. *Errors*: when it takes nothing ever again; what waited is dropped.
    pub fn flush(&mut self, terminal: impl AsFd) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match write(&terminal, &self.waiting) {
                Ok(taken) => drop(self.waiting.drain(..taken)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(()),
                Err(gone) => {
                    self.waiting = Vec::new();
                    return Err(gone.into());
                }
            }
        }
        Ok(())
    }

    /// Whether the terminal has it all.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether no more is to be taken in.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= FULL
    }
}
