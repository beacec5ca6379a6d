//! Being told of changes in directories and files. *Source*: inotify(7).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

/// Tells when anything watched has changed; what changed is for the reader to look up.
#[derive(Debug)]
pub struct Watch(Inotify);

impl Watch {
    /// Watches nothing yet. *Errors*: EMFILE when the user's inotify instances are used up.
    pub fn new() -> io::Result<Watch> {
        Ok(Watch(Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?))
    }

    /// Adds a directory: entries made, renamed, written or removed in it.
    pub fn directory(&self, path: &str) -> io::Result<()> {
        self.add(path, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVE | AddWatchFlags::IN_DELETE)
    }

    /// Adds a file: writes to it, and its removal or replacement.
    pub fn file(&self, path: &str) -> io::Result<()> {
        self.add(path, AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_ATTRIB | AddWatchFlags::IN_MOVE_SELF)
    }

    /// Waits until something changed (`true`) or the time is up (`false`).
    pub fn wait(&self, most: Option<Duration>) -> io::Result<bool> {
        let timeout = match most {
            None => PollTimeout::NONE,
            Some(span) => PollTimeout::try_from(span.as_millis().max(1)).unwrap_or(PollTimeout::MAX),
        };
        let changed = match poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(Errno::EINTR) => false,
            ready => ready? > 0,
        };
        if changed {
            self.0.read_events()?;
        }
        Ok(changed)
    }

    fn add(&self, path: &str, what: AddWatchFlags) -> io::Result<()> {
        self.0.add_watch(path, what).map(drop).map_err(io::Error::from)
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
