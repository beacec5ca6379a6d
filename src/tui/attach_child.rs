//! `aos attach`, to which the terminal is given over for a while.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Stdio};

use crate::sys::dispositions;
use crate::sys::pidfd::Pidfd;
use crate::sys::proc;
use crate::task::id::TaskId;
use crate::tui::verb_child::{aos, on_one_line};
use crate::units::signal::Signal;

/// It, while it has the terminal.
pub struct AttachChild {
    child: Child,
    handle: Pidfd,
}

impl AttachChild {
    /// Runs `aos attach ID` in this process's group, which has the terminal.
    pub fn begin(id: TaskId) -> io::Result<AttachChild> {
        AttachChild::of(aos("attach", id).stderr(Stdio::piped()))
    }

    /// The same of another command.
    pub fn of(command: &mut Command) -> io::Result<AttachChild> {
        let child = dispositions::unblock_in(command).spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        // Not collected yet, so it is there, though it may have ended.
        let handle = Pidfd::of(pid, proc::stat(pid)?.start)?;
        Ok(AttachChild { child, handle })
    }

    /// Takes leave of it once it has ended; gives what it had to say.
    pub fn detach_client(mut self) -> io::Result<Option<String>> {
        self.child.wait()?;
        let mut said = Vec::new();
        if let Some(mut talk) = self.child.stderr.take() {
            talk.read_to_end(&mut said)?;
        }
        Ok(on_one_line(&said))
    }

    /// Passes a signal on and waits for its end: it gives the terminal back itself.
    pub fn end(mut self, signal: Signal) {
        let _ = self.handle.send(signal);
        let _ = self.child.wait();
    }
}

impl AsFd for AttachChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}
