//! What was typed for the task and its terminal has not taken yet.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::unistd::write;

use crate::sys::tty::{LONGEST_LINE, LineKeys};

/// With so much waiting, nobody is listened to who types. *Units*: bytes.
const FULL: usize = 64 * 1024;

/// Input on its way into the terminal, in the order in which it came.
#[derive(Debug, Default)]
pub struct InputBuffer {
    waiting: Vec<u8>,
    /// How long the line is that the terminal has not given to anybody yet, where it reads lines.
    /// *Units*: bytes.
    line: u64,
    /// What the terminal dropped of lines that are too long. *Units*: bytes.
    lost: u64,
}

impl InputBuffer {
    /// Takes input in.
    pub fn take(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Gives the terminal what it takes. *Errors*: when it takes nothing ever again; what waited is
    /// dropped.
    pub fn flush(&mut self, terminal: impl AsFd) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match write(&terminal, &self.waiting) {
                Ok(taken) => {
                    // Asked at each write: the program changes its modes when it likes.
                    self.count(taken, LineKeys::of(&terminal));
                    self.waiting.drain(..taken);
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(()),
                Err(gone) => {
                    // Whoever waits until all is typed would wait for ever.
                    self.waiting = Vec::new();
                    return Err(gone.into());
                }
            }
        }
        Ok(())
    }

    /// How much the terminal has dropped since this was last asked. *Units*: bytes.
    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// Notes what the terminal does with so many bytes of what waits.
    fn count(&mut self, taken: usize, keys: Option<LineKeys>) {
        let Some(keys) = keys else {
            self.line = 0;
            return;
        };
        for &byte in &self.waiting[..taken] {
            if keys.has(byte) {
                self.line = 0;
            } else if self.line == LONGEST_LINE {
                self.lost += 1;
            } else {
                self.line += 1;
            }
        }
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
