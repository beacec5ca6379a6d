//! The modes of a terminal, so that they can be changed and put back. *Source*: termios(3).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Modes as they were found.
#[derive(Clone, Copy, Debug)]
pub struct Modes(libc::termios);

impl Modes {
    /// Reads them. *Errors*: ENOTTY where there is no terminal.
    pub fn of(terminal: impl AsFd) -> io::Result<Modes> {
        let mut modes = std::mem::MaybeUninit::uninit();
        // SAFETY: tcgetattr fills the structure in, or says that it did not.
        let read = unsafe { libc::tcgetattr(terminal.as_fd().as_raw_fd(), modes.as_mut_ptr()) };
        if read < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was filled in.
        Ok(Modes(unsafe { modes.assume_init() }))
    }

    /// The same with keys coming as they are pressed, unseen; those that make signals still do.
    pub fn key_by_key(mut self) -> Modes {
        self.0.c_lflag &= !(libc::ICANON | libc::ECHO);
        self.0.c_iflag &= !libc::IXON;
        self.0.c_cc[libc::VMIN] = 1;
        self.0.c_cc[libc::VTIME] = 0;
        self
    }

    /// Puts them in force once what was written before is out. From the background it stops this process, as the
    /// terminal is somebody else's then (SIGTTOU).
    pub fn put(&self, terminal: impl AsFd) -> io::Result<()> {
        // SAFETY: a descriptor and a structure that tcgetattr had filled in.
        let put = unsafe { libc::tcsetattr(terminal.as_fd().as_raw_fd(), libc::TCSADRAIN, &self.0) };
        if put < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
