//! What a queued task waits for, each held by something that the kernel wakes it with: a timer, other
//! supervisors' pidfds.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use super::awaited::{Awaiting, Seen};
use super::in_line::InLine;
use super::post::Post;
use crate::store::home::Home;
use crate::store::line::Slot;
use crate::sys::alarm::Alarm;
use crate::task::hold::Hold;
use crate::task::line::Turn;
use crate::units::stamp::Stamp;

/// Everything that a task waits for.
pub struct Waits {
    timers: Vec<(Hold, Stamp, Alarm)>,
    others: Vec<Awaiting>,
    /// Entered when nothing else holds it.
    line: Option<InLine>,
    change: Option<Hold>,
    released: Vec<String>,
    problems: Vec<String>,
}

/// What a look found.
#[derive(Debug)]
pub enum Found {
    /// Something is still to come.
    Held,
    /// It may begin, in this slot if it is of a group.
    Free(Option<Slot>),
    /// It never will, for this reason.
    Never(String),
    /// The same, and it is not needed.
    Unneeded(String),
}

impl Waits {
    /// Takes hold of what a task is to wait for.
    pub fn new(post: &Post) -> io::Result<Waits> {
        let begins = &post.spec.begins;
        let turn = Turn::new(begins.priority, post.asked, post.task.id);
        let line = begins.group.clone().filter(|_| post.slot.is_none()).map(|group| InLine::new(group, turn));
        let mut waits = Waits {
            timers: Vec::new(),
            others: Vec::new(),
            line,
            change: None,
            released: Vec::new(),
            problems: Vec::new(),
        };
        for hold in &post.holds {
            match hold {
                Hold::Until { at, .. } => waits.timers.push((hold.clone(), *at, Alarm::at(at.0)?)),
                Hold::Change { .. } => waits.change = Some(hold.clone()),
                Hold::After(after) => waits.others.push(Awaiting::new(*after, post.task.id, post.run)),
                // In the spec's own group.
                Hold::Slot(_) => {}
            }
        }
        Ok(waits)
    }

    /// What is left to wait for.
    pub fn holds(&self) -> Vec<Hold> {
        let others = self.others.iter().map(|other| Hold::After(other.after));
        let timers = self.timers.iter().map(|(hold, ..)| hold.clone());
        let mut holds: Vec<Hold> = timers.chain(self.change.clone()).chain(others).collect();
        if holds.is_empty() {
            holds.extend(self.line.iter().map(|line| Hold::Slot(line.group.clone())));
        }
        holds
    }

    /// Looks at whatever may have changed.
    pub fn look(&mut self, home: &Home) -> Found {
        let now = Stamp::now();
        for (hold, ..) in self.timers.extract_if(.., |(_, at, _)| *at <= now) {
            self.released.push(match hold {
                Hold::Until { what: Some(what), .. } => what,
                Hold::Until { what: None, .. } | Hold::Change { .. } | Hold::After(_) | Hold::Slot(_) => {
                    "its time has come".into()
                }
            });
        }
        let mut left = Vec::new();
        for mut other in std::mem::take(&mut self.others) {
            match other.look(home) {
                Seen::Wait => left.push(other),
                Seen::Go(what) => self.released.push(what),
                Seen::Never(why) => return Found::Never(why),
                Seen::Unneeded(why) => return Found::Unneeded(why),
            }
        }
        self.others = left;
        if !self.timers.is_empty() || !self.others.is_empty() || self.change.is_some() {
            return Found::Held;
        }
        self.look_at_line(home)
    }

    fn look_at_line(&mut self, home: &Home) -> Found {
        let Some(line) = &mut self.line else { return Found::Free(None) };
        let problems = &mut self.problems;
        match line.look(home, |problem| problems.push(problem)) {
            Ok(None) => Found::Held,
            Ok(Some(slot)) => {
                self.released.push(format!("its turn in group {} has come", line.group));
                Found::Free(Some(slot))
            }
            Err(why) => Found::Never(why),
        }
    }

    /// Somebody says that something has changed.
    pub fn look_again(&mut self) {
        self.line.iter_mut().for_each(InLine::look_again);
    }

    /// What went wrong since it was last asked, in words.
    pub fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// What has come since it was last asked, in words.
    pub fn take_released(&mut self) -> Vec<String> {
        std::mem::take(&mut self.released)
    }

    /// Adds what is to be waited for; gives after how long it is to be looked anyway, if it is.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) -> Option<Duration> {
        fds.extend(self.timers.iter().map(|(.., alarm)| PollFd::new(alarm.as_fd(), PollFlags::POLLIN)));
        let others = self.others.iter().filter_map(|other| other.watch(fds)).min();
        let is_in_line = self.timers.is_empty() && self.others.is_empty();
        let line = self.line.as_ref().filter(|_| is_in_line).and_then(|line| line.watch(fds));
        others.or(line)
    }
}
