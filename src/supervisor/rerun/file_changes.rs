//! What a supervisor hears of the files that its task depends on, through the
//! [watch worker](crate::supervisor::workers::watch_worker).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::handshake::MOST_PREPARING;
use crate::supervisor::workers::watch_worker::{WATCH, WatchMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::units::moment::Moment;

/// More paths than this are only counted in words.
const MOST_NAMED: usize = 3;

/// The watcher, at work.
#[derive(Debug)]
pub struct FileChanges(Worker<WatchMessage>);

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeNews {
    /// Nothing that matters.
    None,
    /// Files changed.
    Changed {
        /// The first of them in words, and how many others there are.
        what: String,
        /// The first of them.
        paths: Vec<String>,
    },
    /// Nothing is watched any more, for this reason.
    Gone(String),
}

impl FileChanges {
    /// Has the files of the task in `dir` watched: when this returns, they are. *Errors*: why they
    /// cannot be.
    pub fn begin(dir: &Path) -> io::Result<FileChanges> {
        let mut changes = FileChanges(Worker::begin(WATCH, dir)?);
        changes.wait_for(|word| matches!(word, WatchMessage::Watching { .. }))?;
        Ok(changes)
    }

    /// Forgets what has changed so far: whatever is begun now sees it.
    pub fn forget(&mut self) -> io::Result<()> {
        self.0.ask()?;
        self.wait_for(|word| *word == WatchMessage::Fresh)
    }

    /// Whether this is the watcher's pid.
    pub fn is(&self, pid: i32) -> bool {
        self.0.pid() == pid
    }

    /// What has been said since this was last asked.
    pub fn listen(&mut self) -> ChangeNews {
        let WorkerMessage { words, is_gone } = self.0.listen();
        let mut news = ChangeNews::None;
        for word in words {
            match word {
                WatchMessage::Watching { .. } | WatchMessage::Fresh => {}
                WatchMessage::Changed { paths, count } => {
                    news = ChangeNews::Changed { what: named(&paths, count), paths };
                }
                WatchMessage::Blind { why } => return ChangeNews::Gone(why),
            }
        }
        if is_gone { ChangeNews::Gone("the process that watched them is gone".into()) } else { news }
    }

    fn wait_for(&mut self, is_it: impl Fn(&WatchMessage) -> bool) -> io::Result<()> {
        // Meanwhile no request is heard: clients bear with that for so long.
        let until = Moment::now() + MOST_PREPARING;
        loop {
            let WorkerMessage { words, is_gone } = self.0.listen();
            // What was told before that goes with it: the run that begins now sees it.
            if words.iter().any(&is_it) {
                return Ok(());
            }
            if let Some(WatchMessage::Blind { why }) =
                words.into_iter().find(|word| matches!(word, WatchMessage::Blind { .. }))
            {
                return Err(io::Error::other(why));
            }
            let left = Moment::now().until(until);
            if is_gone || left.is_zero() {
                return Err(io::Error::other("the process that is to watch them does not answer"));
            }
            let timeout = PollTimeout::try_from(left.as_millis()).unwrap_or(PollTimeout::MAX);
            match poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

impl AsFd for FileChanges {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn named(paths: &[String], count: usize) -> String {
    let paths = &paths[..paths.len().min(MOST_NAMED)];
    let more = count.saturating_sub(paths.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("a change of {}{more}", paths.join(", "))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_few_paths_are_named_and_the_others_counted() {
        assert_eq!(named(&["a".into()], 1), "a change of a");
        assert_eq!(named(&["a".into(), "b".into()], 12), "a change of a, b and 10 more");
    }
}
