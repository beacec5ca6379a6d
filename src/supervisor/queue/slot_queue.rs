//! A place in a group's line, held until there is a slot. The head of the line sleeps on the pidfds
//! of those who hold the slots, and on the configuration; everybody else on that of the one before.

use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::store::group_queue::{GroupQueue, QueueStep, Slot, Ticket};
use crate::store::host;
use crate::store::layout::Home;
use crate::sys::fs_watch::Watch;
use crate::sys::pidfd::Pidfd;
use crate::task::group::Group;
use crate::task::process_id::ProcessId;
use crate::task::queue_order::QueuePosition;
use crate::units::signal::Signal;

/// Whoever holds a slot or stands before is gone, and the kernel has not taken the lock back yet: a
/// process that it was just making has a copy, for a moment.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// One that stands in line.
pub struct SlotQueue {
    /// Which line.
    pub group: Group,
    turn: QueuePosition,
    line: Option<GroupQueue>,
    ticket: Option<Ticket>,
    awaited: Vec<Pidfd>,
    settings: Option<Watch>,
    is_settled: bool,
}

impl SlotQueue {
    /// For a task with this turn; it is not in the line before it looks.
    pub fn new(group: Group, turn: QueuePosition) -> SlotQueue {
        SlotQueue { group, turn, line: None, ticket: None, awaited: Vec::new(), settings: None, is_settled: false }
    }

    /// Somebody says that something has changed.
    pub fn look_again(&mut self) {
        self.is_settled = false;
    }

    /// Looks whether there is a slot, if anything may have changed. *Errors*: why it cannot stand
    /// in line, in words.
    pub fn look(&mut self, home: &Home, note: impl FnOnce(String)) -> Result<Option<Slot>, String> {
        if self.is_settled && !self.may_have_changed() {
            return Ok(None);
        }
        if self.settings.as_ref().is_some_and(Watch::has_changed) {
            // Under its name there may be another file by now.
            self.settings = None;
        }
        let slots = self.slots(home, note);
        let (place, newly_behind) = self.place(home, slots).map_err(|e| e.to_string())?;
        // It sleeps on the one who was before it, and is to sleep on this one.
        newly_behind.into_iter().for_each(tell);
        let awaited = match place {
            QueueStep::Taken(slot, behind) => {
                behind.into_iter().for_each(tell);
                return Ok(Some(slot));
            }
            QueueStep::First(holders) => {
                // What was set before this was watched is looked at again.
                if self.settings.is_none() {
                    self.settings = watch(home);
                    self.is_settled = false;
                    if self.settings.is_some() {
                        return self.look(home, drop);
                    }
                }
                holders
            }
            QueueStep::Behind(before) => {
                // Only the head of the line needs to know how many slots there are.
                self.settings = None;
                vec![before]
            }
        };
        let handles: Vec<Option<Pidfd>> =
            awaited.into_iter().map(|address| address.and_then(|address| host::hold(address).ok())).collect();
        // Of one that cannot be held nothing will be heard.
        self.is_settled = !handles.is_empty() && handles.iter().all(Option::is_some);
        self.awaited = handles.into_iter().flatten().collect();
        Ok(None)
    }

    /// Adds what is to be waited for; gives after how long it is to be looked anyway, if it is.
    pub fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) -> Option<Duration> {
        fds.extend(self.awaited.iter().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
        // Where it is blind, settings are seen when the next slot is free.
        let _ = self.settings.as_ref().map(|settings| settings.watch(fds));
        (!self.is_settled).then_some(LOOK_AGAIN)
    }

    fn may_have_changed(&self) -> bool {
        self.settings.as_ref().is_some_and(Watch::is_readable) || self.awaited.iter().any(Pidfd::has_ended)
    }

    /// How many slots the group has now: one, where the configuration cannot be read.
    fn slots(&self, home: &Home, note: impl FnOnce(String)) -> usize {
        match home.config() {
            Ok(config) => config.slots(&self.group),
            Err(e) => {
                note(format!("{e}; group {} has 1 slot until that is mended", self.group));
                1
            }
        }
    }

    /// A line that was removed under us is made again.
    fn place(&mut self, home: &Home, slots: usize) -> Result<(QueueStep, Option<ProcessId>), crate::store::StoreError> {
        if let Some(line) = &self.line
            && let Ok(placed) = line.look(self.turn, &mut self.ticket, slots)
        {
            return Ok(placed);
        }
        let line = self.line.insert(GroupQueue::open(home, &self.group)?);
        self.ticket = None;
        line.look(self.turn, &mut self.ticket, slots)
    }
}

/// Whoever is gone by now need not be told.
fn tell(behind: ProcessId) {
    let _ = host::hold(behind).map(|supervisor| supervisor.send(Signal::USR1));
}

/// The configuration: the file itself, and the name under which another may stand.
fn watch(home: &Home) -> Option<Watch> {
    let watch = Watch::new().ok()?;
    watch.directory(home.root.handle_path()).ok()?;
    let _ = watch.file(home.config_path());
    Some(watch)
}
