//! Directories whose entries are watched, each by the kernel. *Source*: inotify(7).

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

/// Written ones count once they are closed: half of a file is of no use to anybody.
const ENTRIES: AddWatchFlags = AddWatchFlags::IN_CLOSE_WRITE
    .union(AddWatchFlags::IN_CREATE)
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVE)
    .union(AddWatchFlags::IN_ONLYDIR);

/// Watched directories.
#[derive(Debug)]
pub struct DirWatcher(Inotify);

/// The kernel's number of a watched directory, whatever its path has become.
pub type Number = WatchDescriptor;

/// Something that happened in a watched directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FsEvent {
    /// A file was made. If it is being written, more will come.
    Made(Number, OsString),
    /// A file was written and closed, or came or went by a rename, or was removed.
    Changed(Number, OsString),
    /// A directory came.
    Came(Number, OsString),
    /// A directory went elsewhere, or was removed.
    Went(Number, OsString),
    /// The directory itself is gone.
    Ended(Number),
    /// More happened than the kernel has kept.
    Overflow,
}

impl DirWatcher {
    /// Watches nothing yet. *Errors*: EMFILE when the user has no more instances of inotify.
    pub fn new() -> io::Result<DirWatcher> {
        Ok(DirWatcher(Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?))
    }

    /// Watches a directory; one that is watched already keeps its number. *Errors*: ENOSPC when the
    /// user has no more watches.
    pub fn add(&self, path: &Path) -> io::Result<Number> {
        Ok(self.0.add_watch(path, ENTRIES)?)
    }

    /// Watches it no more.
    pub fn remove(&self, number: Number) {
        let _ = self.0.rm_watch(number);
    }

    /// All that has happened since this was last asked.
    pub fn happenings(&self) -> io::Result<Vec<FsEvent>> {
        let mut all = Vec::new();
        loop {
            match self.0.read_events() {
                Ok(events) => all.extend(events.into_iter().filter_map(|e| happening(e.wd, e.mask, e.name))),
                Err(Errno::EAGAIN) => return Ok(all),
                Err(Errno::EINTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

impl AsFd for DirWatcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn happening(number: Number, mask: AddWatchFlags, name: Option<OsString>) -> Option<FsEvent> {
    let is = |flags| mask.intersects(flags);
    if is(AddWatchFlags::IN_Q_OVERFLOW) {
        return Some(FsEvent::Overflow);
    }
    if is(AddWatchFlags::IN_IGNORED) {
        return Some(FsEvent::Ended(number));
    }
    let name = name?;
    Some(if is(AddWatchFlags::IN_ISDIR) {
        if is(AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO) {
            FsEvent::Came(number, name)
        } else {
            FsEvent::Went(number, name)
        }
    } else if is(AddWatchFlags::IN_CREATE) {
        FsEvent::Made(number, name)
    } else {
        FsEvent::Changed(number, name)
    })
}
