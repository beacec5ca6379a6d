//! What a queued task waits for, each held by something that the kernel wakes it with: a timer, other
//! supervisors' pidfds.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use super::awaited::{Awaiting, Seen};
use super::post::Post;
use crate::store::home::Home;
use crate::sys::alarm::Alarm;
use crate::task::hold::Hold;
use crate::units::stamp::Stamp;

/// Everything that a task waits for.
pub struct Waits {
    timers: Vec<(Hold, Stamp, Alarm)>,
    others: Vec<Awaiting>,
    released: Vec<String>,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Something is still to come.
    Held,
    /// It may begin.
    Free,
    /// It never will, for this reason.
    Never(String),
}

impl Waits {
    /// Takes hold of what a task is to wait for.
    pub fn new(post: &Post) -> io::Result<Waits> {
        let mut waits = Waits { timers: Vec::new(), others: Vec::new(), released: Vec::new() };
        for hold in &post.holds {
            match hold {
                Hold::Until { at, .. } => waits.timers.push((hold.clone(), *at, Alarm::at(at.0)?)),
                Hold::After(after) => waits.others.push(Awaiting::new(*after, post.task.id, post.run)),
            }
        }
        Ok(waits)
    }

    /// What is left to wait for.
    pub fn holds(&self) -> Vec<Hold> {
        let others = self.others.iter().map(|other| Hold::After(other.after));
        self.timers.iter().map(|(hold, ..)| hold.clone()).chain(others).collect()
    }

    /// Looks at whatever may have changed.
    pub fn look(&mut self, home: &Home) -> Found {
        let now = Stamp::now();
        for (hold, ..) in self.timers.extract_if(.., |(_, at, _)| *at <= now) {
            self.released.push(match hold {
                Hold::Until { what: Some(what), .. } => what,
                Hold::Until { what: None, .. } | Hold::After(_) => "its time has come".into(),
            });
        }
        let mut left = Vec::new();
        for mut other in std::mem::take(&mut self.others) {
            match other.look(home) {
                Seen::Wait => left.push(other),
                Seen::Go(what) => self.released.push(what),
                Seen::Never(why) => return Found::Never(why),
            }
        }
        self.others = left;
        if self.timers.is_empty() && self.others.is_empty() { Found::Free } else { Found::Held }
    }

    /// What has come since it was last asked, in words.
    pub fn take_released(&mut self) -> Vec<String> {
        std::mem::take(&mut self.released)
    }

    /// Adds what is to be waited for; gives after how long it is to be looked anyway, if it is.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) -> Option<Duration> {
        fds.extend(self.timers.iter().map(|(.., alarm)| PollFd::new(alarm.as_fd(), PollFlags::POLLIN)));
        self.others.iter().filter_map(|other| other.watch(fds)).min()
    }
}
