//! A terminal that has other modes for a while, and gets back its own however this process ends.
//! Attaching and the live views stand on it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use super::guard::Guard;
use crate::sys::tty;

/// The terminal that this process was started from.
pub struct TakenTerminal {
    fd: OwnedFd,
    before: Termios,
    meanwhile: Termios,
    /// Gives it back where this process cannot: killed, or panicking, as nothing unwinds here.
    guard: Guard,
    is_taken: bool,
}

impl TakenTerminal {
    /// Takes it, with its modes changed so. *Errors*: when there is none.
    pub fn take(change: impl FnOnce(&mut Termios)) -> io::Result<TakenTerminal> {
        let fd = tty::open("/dev/tty".as_ref())?;
        let before = tcgetattr(&fd)?;
        let mut meanwhile = before.clone();
        change(&mut meanwhile);
        let guard = Guard::set(&fd, &before, &meanwhile)?;
        let mut taken = TakenTerminal { fd, before, meanwhile, guard, is_taken: false };
        taken.take_again()?;
        Ok(taken)
    }

    /// Takes it again after [`give_back`](TakenTerminal::give_back), or where somebody else has
    /// changed it: who lets a stopped program go on says nothing of it. From the background it
    /// stops this process (SIGTTOU): the terminal is somebody else's then.
    pub fn take_again(&mut self) -> io::Result<()> {
        tcsetattr(&self.fd, SetArg::TCSANOW, &self.meanwhile)?;
        self.is_taken = true;
        Ok(())
    }

    /// Gives it its modes back. What was output is shown first, and what was typed and not read is
    /// for the next reader.
    pub fn give_back(&mut self) -> io::Result<()> {
        self.is_taken = false;
        tcsetattr(&self.fd, SetArg::TCSADRAIN, &self.before)?;
        self.guard.note(b"");
        Ok(())
    }

    /// Whether it is taken now.
    pub fn is_taken(&self) -> bool {
        self.is_taken
    }

    /// From now on, these bytes undo what was written to it.
    pub fn note(&mut self, undo: &[u8]) {
        self.guard.note(undo);
    }

    /// Nothing is left to be given back.
    pub fn dismiss_guard(&mut self) {
        self.guard.dismiss();
    }
}

impl AsFd for TakenTerminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
