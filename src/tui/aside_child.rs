//! A process that works beside the view, of which a stream is heard, or both.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::sys::fds;

/// It, while it is at work.
pub struct AsideChild {
    child: Child,
    stream: File,
    said: Vec<u8>,
}

/// Which of its streams is heard; the other goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeardStream {
    /// Standard output.
    Data,
    /// Standard error.
    Talk,
    /// Both, as they come.
    Both,
}

/// What came of it.
pub struct AsideEnd {
    /// What it said.
    pub said: Vec<u8>,
    /// Whether it has succeeded.
    pub is_good: bool,
}

/// Whoever says more is ended. *Units*: bytes.
const MOST: u64 = 16 << 20;

impl AsideChild {
    /// Begins it. In a process group of its own: a ^C is for the view, and leaves it at work.
    pub fn begin(mut command: Command, heard: HeardStream) -> io::Result<AsideChild> {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (stream, heard_end) = io::pipe()?;
        if matches!(heard, HeardStream::Data | HeardStream::Both) {
            command.stdout(heard_end.try_clone()?);
        }
        if matches!(heard, HeardStream::Talk | HeardStream::Both) {
            command.stderr(heard_end.try_clone()?);
        }
        let child = command.spawn()?;
        // Only the child may hold the other end, which is what its end is told by.
        drop((command, heard_end));
        let stream = OwnedFd::from(stream);
        fds::set_nonblocking(&stream)?;
        Ok(AsideChild { child, stream: stream.into(), said: Vec::new() })
    }

    /// Hears what it says; what came of it, once it has ended.
    pub fn listen(&mut self) -> io::Result<Option<AsideEnd>> {
        let room = MOST.saturating_sub(self.said.len() as u64);
        match (&self.stream).take(room).read_to_end(&mut self.said) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        if self.said.len() as u64 >= MOST {
            self.child.kill()?;
        }
        let is_good = self.child.wait()?.success();
        Ok(Some(AsideEnd { said: std::mem::take(&mut self.said), is_good }))
    }

    /// Ends it: nobody wants to know any more.
    pub fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl AsFd for AsideChild {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
