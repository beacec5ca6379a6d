//! The user's terminal: taken, written to, given back as it was.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::termios::{cfmakeraw, tcgetattr};
use nix::unistd::read;

use super::taken_terminal::TakenTerminal;
use crate::screen::mode_settings::Settings;
use crate::screen::sequence::Walk;
use crate::sys::tty;
use crate::units::size::Size;

/// The user's terminal, in raw mode while it is taken.
pub struct RawTerminal {
    terminal: TakenTerminal,
    out: File,
    /// What the output has changed.
    settings: Settings,
    walk: Walk,
    undo: Vec<u8>,
    /// Whether the last output ended within a line.
    is_line_begun: bool,
}

impl RawTerminal {
    /// Takes the terminal that this process was started from. *Errors*: when there is none.
    pub fn take() -> io::Result<RawTerminal> {
        let terminal = TakenTerminal::take(cfmakeraw)?;
        let out = File::from(terminal.as_fd().try_clone_to_owned()?);
        let (settings, walk, undo) = (Settings::default(), Walk::default(), Vec::new());
        Ok(RawTerminal { terminal, out, settings, walk, undo, is_line_begun: false })
    }

    /// Takes it again after [`give_back`](RawTerminal::give_back).
    pub fn take_again(&mut self) -> io::Result<()> {
        self.terminal.take_again()
    }

    /// What has another terminal, or this one once it was given back, take keys as the program
    /// wants them.
    pub fn redo(&self) -> Vec<u8> {
        self.settings.redo()
    }

    /// What of it belongs to the usual screen, where a full-screen program has its own.
    pub fn redo_usual(&self) -> Vec<u8> {
        self.settings.redo_usual()
    }

    /// What takes back what was said of keys on the screen that is there now.
    pub fn undo_flags(&self) -> Vec<u8> {
        self.settings.undo_flags()
    }

    /// Puts everything back as it was.
    pub fn give_back(&mut self) -> io::Result<()> {
        if !self.terminal.is_taken() {
            return Ok(());
        }
        let mut last = if self.is_line_begun && !self.is_alternate() { b"\r\n".to_vec() } else { Vec::new() };
        last.extend_from_slice(&self.settings.undo());
        let written = self.out.write_all(&last);
        self.is_line_begun = false;
        (self.settings, self.undo) = (Settings::default(), Vec::new());
        self.terminal.give_back()?;
        written
    }

    /// Whether it cannot be used any more.
    pub fn is_gone(&self) -> bool {
        tcgetattr(&self.terminal).is_err()
    }

    /// Whether this process may use it now: it is in the foreground.
    pub fn is_ours(&self) -> bool {
        tty::is_in_foreground(&self.terminal)
    }

    /// Shows output.
    pub fn show(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.settings.watch(&mut self.walk, bytes);
        self.note_undo();
        self.is_line_begun = bytes.last().map_or(self.is_line_begun, |last| *last != b'\n');
        self.out.write_all(bytes)
    }

    /// Whether a full-screen program has the screen.
    pub fn is_alternate(&self) -> bool {
        self.settings.is_alternate()
    }

    /// What was typed; nothing when the terminal is gone.
    pub fn typed<'a>(&self, buffer: &'a mut [u8]) -> &'a [u8] {
        let length = read(&self.terminal, buffer).unwrap_or(0);
        &buffer[..length]
    }

    /// Its size.
    pub fn size(&self) -> Option<Size> {
        tty::size(&self.terminal)
    }

    fn note_undo(&mut self) {
        let undo = self.settings.undo();
        if undo != self.undo {
            self.terminal.note(&undo);
            self.undo = undo;
        }
    }

    /// Gives it back for good.
    pub fn leave(mut self) -> io::Result<()> {
        let given = self.give_back();
        self.terminal.dismiss_guard();
        given
    }
}

impl AsFd for RawTerminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}
