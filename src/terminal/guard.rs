//! Restoring a terminal whose user's process was killed outright: a second process, in a session of
//! its own so that nothing meets both, waits for the first one's end and puts the terminal back if
//! that did not.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

use crate::sys::{dispositions, fds, process, proctitle};

/// How the other process looks in `ps`.
const NAME: &str = "aos-guard";
/// The end of the terminal is the other process's own affair.
const UNHEARD: [i32; 6] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP, libc::SIGTTOU];

/// The living process's end.
#[derive(Debug)]
pub struct Guard {
    tell: PipeWriter,
}

impl Guard {
    /// Sets a guard over a terminal, whose modes were `saved` before and are `raw` while it is
    /// used.
    pub fn set(terminal: &OwnedFd, saved: &Termios, raw: &Termios) -> io::Result<Guard> {
        let (told, tell) = io::pipe()?;
        match process::fork_single_threaded()? {
            Some(_) => Ok(Guard { tell }),
            None => {
                drop(tell);
                let _ = wait(terminal, told, saved, raw);
                process::leave(0)
            }
        }
    }

    /// From now on, this is what undoes what the output has changed.
    pub fn note(&mut self, undo: &[u8]) {
        let mut message = (undo.len() as u16).to_le_bytes().to_vec();
        message.extend_from_slice(undo);
        // Without a guard everything works as long as nobody is killed.
        let _ = self.tell.write_all(&message);
    }

    /// The terminal is restored: nothing is left to be done.
    pub fn dismiss(&mut self) {
        let _ = self.tell.write_all(&u16::MAX.to_le_bytes());
    }
}

/// In the second process.
fn wait(terminal: &OwnedFd, told: PipeReader, saved: &Termios, raw: &Termios) -> io::Result<()> {
    process::start_session()?;
    dispositions::ignore(&UNHEARD);
    let (terminal, mut told) = keep_only(terminal, told)?;
    let _ = proctitle::set(NAME, b"aos: restores a terminal if its attached process is killed");
    let _ = std::env::set_current_dir("/");
    let mut undo = Vec::new();
    while let Some(message) = message(&mut told) {
        match message {
            None => return Ok(()),
            Some(bytes) => undo = bytes,
        }
    }
    // A shell that has set its own modes already knows better; of what output has changed no shell
    // knows.
    if is_same(&tcgetattr(&terminal)?, raw) {
        tcsetattr(&terminal, SetArg::TCSANOW, saved)?;
    }
    std::fs::File::from(terminal).write_all(&undo)
}

/// Lets go of all else: nobody is to wait for the end of a pipe that stands open here.
fn keep_only(terminal: &OwnedFd, told: PipeReader) -> io::Result<(OwnedFd, PipeReader)> {
    fds::keep_only(&[terminal.as_raw_fd(), told.as_raw_fd()]);
    Ok((terminal.try_clone()?, told))
}

/// `None` at the end of the pipe; `Some(None)` for the word that all is well.
fn message(told: &mut PipeReader) -> Option<Option<Vec<u8>>> {
    let mut length = [0; 2];
    told.read_exact(&mut length).ok()?;
    let length = u16::from_le_bytes(length);
    if length == u16::MAX {
        return Some(None);
    }
    let mut undo = vec![0; length.into()];
    told.read_exact(&mut undo).ok()?;
    Some(Some(undo))
}

fn is_same(now: &Termios, then: &Termios) -> bool {
    (now.input_flags, now.output_flags, now.local_flags, now.control_flags)
        == (then.input_flags, then.output_flags, then.local_flags, then.control_flags)
}
