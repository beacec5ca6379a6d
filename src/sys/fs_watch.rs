//! Being told of changes in directories and files. *Source*: inotify(7).

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};

/// Tells when anything watched has changed; what changed is for the reader to look up. Where the
/// user's inotify instances are used up it is blind: then it tells of a change every few
/// milliseconds.
#[derive(Debug)]
pub struct Watch {
    inotify: Option<Inotify>,
    watched: RefCell<BTreeSet<WatchDescriptor>>,
}

/// What a watch tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchEvent {
    /// Nothing has changed.
    Nothing,
    /// Files that are watched were written to, and nothing else: under their names stand the same
    /// files.
    Written,
    /// Anything.
    Changed,
}

/// How often the blind look.
pub const BLIND: Duration = Duration::from_millis(20);

impl Watch {
    /// Watches nothing yet.
    pub fn new() -> io::Result<Watch> {
        match Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK) {
            Err(Errno::EMFILE | Errno::ENFILE) => Ok(Watch::of(None)),
            made => Ok(Watch::of(Some(made?))),
        }
    }

    fn of(inotify: Option<Inotify>) -> Watch {
        Watch { inotify, watched: RefCell::default() }
    }

    /// Watches none of what it has watched so far. A new one in its place would take longer: the
    /// kernel waits for all its processors before it gives one up.
    pub fn forget(&self) {
        for watched in std::mem::take(&mut *self.watched.borrow_mut()) {
            // What is removed is watched no more by itself.
            let _ = self.inotify.as_ref().map(|inotify| inotify.rm_watch(watched));
        }
        self.has_changed();
    }

    /// Adds a directory: entries made, renamed, written or removed in it.
    pub fn directory(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.add(path.as_ref(), AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVE | AddWatchFlags::IN_DELETE)
    }

    /// Adds a file: writes to it, and its removal or replacement.
    pub fn file(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.add(path.as_ref(), AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_ATTRIB | AddWatchFlags::IN_MOVE_SELF)
    }

    /// Adds what stands under this name, which may come later: a file, or the nearest directory on
    /// the way to it that is there. Is called again when told, and before looking: there may be
    /// another file by now. Watching one twice is watching it once.
    pub fn name(&self, file: &Path) -> io::Result<()> {
        loop {
            let found = file.ancestors().find_map(|place| self.on_the_way(place, place == file));
            let Some((found, watched)) = found else { return Err(io::ErrorKind::NotFound.into()) };
            watched?;
            // What comes next on the way may have come in between.
            let next = file.ancestors().take_while(|place| *place != found).last();
            if next.is_none_or(|next| !next.exists()) {
                return Ok(());
            }
        }
    }

    /// Waits until something changed (`true`) or the time is up (`false`).
    pub fn wait(&self, most: Option<Duration>) -> io::Result<bool> {
        let Some(inotify) = &self.inotify else {
            poll(&mut [], timeout(Some(most.map_or(BLIND, |most| most.min(BLIND)))))?;
            return Ok(true);
        };
        let changed = match poll(&mut [PollFd::new(inotify.as_fd(), PollFlags::POLLIN)], timeout(most)) {
            Err(Errno::EINTR) => false,
            ready => ready? > 0,
        };
        if changed {
            inotify.read_events()?;
        }
        Ok(changed)
    }

    /// Adds what is to be waited for; `false` where this is blind, and must be looked at now and
    /// then.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) -> bool {
        fds.extend(self.inotify.as_ref().map(|inotify| PollFd::new(inotify.as_fd(), PollFlags::POLLIN)));
        self.inotify.is_some()
    }

    /// Whether it has something to tell; a blind one never has.
    pub fn is_readable(&self) -> bool {
        let mut fds = Vec::new();
        self.watch(&mut fds) && matches!(poll(&mut fds, PollTimeout::ZERO), Ok(1))
    }

    /// Whether anything has changed since this was last asked; a blind one says that it may have.
    pub fn has_changed(&self) -> bool {
        self.inotify.as_ref().is_none_or(|inotify| inotify.read_events().is_ok_and(|events| !events.is_empty()))
    }

    /// What has changed since this was last asked; a blind one says that anything may have.
    pub fn told(&self) -> WatchEvent {
        let Some(inotify) = &self.inotify else { return WatchEvent::Changed };
        let events = inotify.read_events().unwrap_or_default();
        match events.iter().all(|event| event.mask == AddWatchFlags::IN_MODIFY) {
            _ if events.is_empty() => WatchEvent::Nothing,
            true => WatchEvent::Written,
            false => WatchEvent::Changed,
        }
    }

    /// What is readable when something has changed, for whoever waits for other things too; `None`
    /// if it is blind.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.as_ref().map(|inotify| inotify.as_fd())
    }

    /// Watches a place, if it is there.
    fn on_the_way<'p>(&self, place: &'p Path, is_file: bool) -> Option<(&'p Path, io::Result<()>)> {
        let watched = if is_file {
            self.file(place)
        } else {
            // A directory that somebody holds open does not tell that it is removed; the one above
            // it does.
            let _ = place.parent().map(|above| self.directory(above));
            self.directory(place)
        };
        let is_there = !watched.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        is_there.then_some((place, watched))
    }

    fn add(&self, path: &Path, what: AddWatchFlags) -> io::Result<()> {
        match self.inotify.as_ref().map(|inotify| inotify.add_watch(path, what)) {
            None => Ok(()),
            Some(added) => {
                self.watched.borrow_mut().insert(added?);
                Ok(())
            }
        }
    }
}

fn timeout(most: Option<Duration>) -> PollTimeout {
    most.map_or(PollTimeout::NONE, |span| PollTimeout::try_from(span.as_millis().max(1)).unwrap_or(PollTimeout::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Watch, WatchEvent};
    use std::fs;
    use std::io::Write;
    use std::time::Duration;

    #[test]
    fn a_name_is_watched_through_every_removal_on_its_way() {
        let base = tempfile::tempdir().expect("a directory");
        let (parent, file) = (base.path().join("a/b"), base.path().join("a/b/file"));
        fs::create_dir_all(&parent).expect("made");
        let watch = Watch::new().expect("a watch");
        let is_told = || {
            let is_told = watch.wait(Some(Duration::from_secs(10))).expect("waited");
            watch.name(&file).expect("watched");
            is_told
        };
        watch.name(&file).expect("watched");
        // Held open, it does not tell of its own removal.
        let _held = fs::File::open(&parent).expect("opened");
        fs::remove_dir_all(base.path().join("a")).expect("removed");
        assert!(is_told(), "the directories went");
        fs::create_dir(base.path().join("a")).expect("made");
        assert!(is_told(), "one came");
        fs::create_dir(&parent).expect("made");
        assert!(is_told(), "the next came");
        let mut held_file = fs::File::create(&file).expect("made");
        assert!(is_told(), "the file came");
        while watch.wait(Some(Duration::from_millis(1))).expect("waited") {}
        held_file.write_all(b"two").expect("written");
        assert!(is_told(), "it was written to");
        held_file.write_all(b"three").expect("written");
        assert_eq!((watch.told(), watch.told()), (WatchEvent::Written, WatchEvent::Nothing));
        held_file.write_all(b"four").and_then(|()| fs::rename(&file, parent.join("other"))).expect("renamed");
        assert_eq!(watch.told(), WatchEvent::Changed, "another file may come under its name");
    }
}
