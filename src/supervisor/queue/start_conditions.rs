//! What a queued task waits for, each held by something that the kernel wakes it with: a timer,
//! other supervisors' pidfds.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::store::group_queue::Slot;
use crate::store::layout::Home;
use crate::supervisor::queue::awaited_task::{AwaitedTask, DependencyLook};
use crate::supervisor::queue::slot_queue::SlotQueue;
use crate::supervisor::start::task_setup::TaskSetup;
use crate::sys::timer::Timer;
use crate::task::queue_order::QueuePosition;
use crate::task::start_condition::StartCondition;
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;

/// Everything that a task waits for.
pub struct StartConditions {
    /// Counted from when it is waited for: a clock that is set meanwhile changes nothing.
    timers: Vec<(StartCondition, Uptime, Timer)>,
    others: Vec<AwaitedTask>,
    /// Entered when nothing else holds it.
    line: Option<SlotQueue>,
    /// Only of a run that follows another, which has the slot of that: with it there is no line.
    change: Option<StartCondition>,
    released: Vec<String>,
    problems: Vec<String>,
}

/// What a look found.
#[derive(Debug)]
pub enum ConditionsLook {
    /// Something is still to come.
    Held,
    /// It may begin, in this slot if it is of a group.
    Free(Option<Slot>),
    /// It never will, for this reason.
    Never(String),
    /// The same, and it is not needed.
    Unneeded(String),
}

impl StartConditions {
    /// Takes hold of what a task is to wait for.
    pub fn new(setup: &TaskSetup) -> io::Result<StartConditions> {
        let begins = &setup.spec.begins;
        let turn = QueuePosition::new(begins.priority, setup.asked, setup.task.dir.id);
        // Who has the last run's slot stands in no line.
        let line = begins.group.clone().filter(|_| setup.task.slot.is_none()).map(|group| SlotQueue::new(group, turn));
        let mut waits = StartConditions {
            timers: Vec::new(),
            others: Vec::new(),
            line,
            change: None,
            released: Vec::new(),
            problems: Vec::new(),
        };
        for hold in &setup.holds {
            match hold {
                StartCondition::Until { at, .. } => {
                    let at = Uptime::now().after(at.since(WallTime::now()));
                    waits.timers.push((hold.clone(), at, Timer::at(at.0)?));
                }
                StartCondition::Change { .. } => waits.change = Some(hold.clone()),
                StartCondition::After(after) => {
                    waits.others.push(AwaitedTask::new(*after, setup.task.dir.id, setup.run))
                }
                // In the spec's own group.
                StartCondition::Slot(_) => {}
            }
        }
        Ok(waits)
    }

    /// What is left to wait for.
    pub fn holds(&self) -> Vec<StartCondition> {
        let others = self.others.iter().map(|other| StartCondition::After(other.after));
        let timers = self.timers.iter().map(|(hold, ..)| hold.clone());
        let mut holds: Vec<StartCondition> = timers.chain(self.change.clone()).chain(others).collect();
        if holds.is_empty() {
            holds.extend(self.line.iter().map(|line| StartCondition::Slot(line.group.clone())));
        }
        holds
    }

    /// Looks at whatever may have changed.
    pub fn look(&mut self, home: &Home) -> ConditionsLook {
        let now = Uptime::now();
        for (hold, ..) in self.timers.extract_if(.., |(_, at, _)| *at <= now) {
            self.released.push(match hold {
                StartCondition::Until { what: Some(what), .. } => what,
                StartCondition::Until { what: None, .. }
                | StartCondition::Change { .. }
                | StartCondition::After(_)
                | StartCondition::Slot(_) => "its time has come".into(),
            });
        }
        let mut left = Vec::new();
        for mut other in std::mem::take(&mut self.others) {
            match other.look(home) {
                DependencyLook::Wait => left.push(other),
                DependencyLook::Go(what) => self.released.push(what),
                DependencyLook::Never(why) => return ConditionsLook::Never(why),
                DependencyLook::Unneeded(why) => return ConditionsLook::Unneeded(why),
            }
        }
        self.others = left;
        if self.is_line_next() { self.look_at_line(home) } else { ConditionsLook::Held }
    }

    /// Whether nothing is left but the line. It is entered last, so that this task holds nobody up
    /// in it, and one that is not entered yet is not watched: it would wake the task for nothing.
    fn is_line_next(&self) -> bool {
        self.timers.is_empty() && self.others.is_empty() && self.change.is_none()
    }

    fn look_at_line(&mut self, home: &Home) -> ConditionsLook {
        let Some(line) = &mut self.line else { return ConditionsLook::Free(None) };
        let problems = &mut self.problems;
        match line.look(home, |problem| problems.push(problem)) {
            Ok(None) => ConditionsLook::Held,
            Ok(Some(slot)) => {
                self.released.push(format!("its turn in group {} has come", line.group));
                ConditionsLook::Free(Some(slot))
            }
            Err(why) => ConditionsLook::Never(why),
        }
    }

    /// Somebody says that something has changed.
    pub fn look_again(&mut self) {
        self.line.iter_mut().for_each(SlotQueue::look_again);
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
        let line = self.line.as_ref().filter(|_| self.is_line_next()).and_then(|line| line.watch(fds));
        others.or(line)
    }
}
