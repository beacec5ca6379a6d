//! A group's line on disk. Everything in it is decided under one short lock; every ticket and every
//! slot is locked by its task's supervisor, so that what a crash leaves behind is known for what it
//! is, and cleared by whoever sees it.
//!
//! *Shape*, below `tasks/.queue/build/`: `100-1795355383123-task-004`, a ticket, whose name is a
//! [`QueuePosition`] and whose content the supervisor's address and the format's version; `slot.0`,
//! …, each with its [`Holder`] while it is locked; `lock`.

use std::fs::File;
use std::io::{self, Seek, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::layout::Home;
use super::{StoreError, host};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::{lock, regular};
use crate::task::format::{self, BadFormat};
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::process_id::ProcessId;
use crate::task::queue_order::{QueueMove, QueuePosition, neighbours, next_move};

const LOCK: &str = "lock";
const SLOT: &str = "slot.";
/// A slot that changes hands just now is looked at so often.
const MOST_LOOKS: usize = 4;
/// The version of what a ticket and a slot say.
const VERSION: u32 = 1;
/// No ticket and no slot says more. *Units*: bytes.
const LONGEST: u64 = 4096;

/// A group's line.
#[derive(Debug)]
pub struct GroupQueue {
    dir: Dir,
    group: Group,
}

/// A place in a line, as long as this lives.
#[derive(Debug)]
pub struct Ticket {
    _held: File,
}

/// A slot that is held, as long as this lives.
#[derive(Debug)]
pub struct Slot {
    _held: File,
}

/// Who holds a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The task.
    pub task: TaskId,
    /// Its supervisor.
    pub supervisor: ProcessId,
}

/// What a ticket or a slot says.
#[derive(Serialize)]
struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    what: T,
}

/// What a look came to.
#[derive(Debug)]
pub enum QueueStep {
    /// The slot is had. Whoever is behind is to be told.
    Taken(Slot, Option<ProcessId>),
    /// Nobody is before it, and these hold the slots. One of which nothing is known is `None`.
    First(Vec<Option<ProcessId>>),
    /// This one is before it.
    Behind(Option<ProcessId>),
}

/// How a line looks to those who do not stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueView {
    /// How many stand before the one that was asked about, and itself: 1 is the first.
    pub position: Option<usize>,
    /// Who holds slots, as far as is known.
    pub holders: Vec<TaskId>,
    /// How many slots are held, by whomever.
    pub held: usize,
}

impl GroupQueue {
    /// Opens a group's line, made if absent.
    pub fn open(home: &Home, group: &Group) -> Result<GroupQueue, StoreError> {
        Ok(GroupQueue { dir: home.line(group)?, group: group.clone() })
    }

    /// Enters the line if there is no ticket yet, and looks whether it is time. Gives, beside what
    /// was found, whoever is to be told that somebody has come before it.
    pub fn look(
        &self,
        own: QueuePosition,
        ticket: &mut Option<Ticket>,
        slots: usize,
    ) -> Result<(QueueStep, Option<ProcessId>), StoreError> {
        let failed =
            |source| StoreError::File { doing: "stand in", what: format!("the line of group {}", self.group), source };
        let lock = self.dir.own_file(LOCK, OpenMode::Make).map_err(failed)?;
        lock::in_turn(&lock, || self.look_in_turn(own, ticket, slots)).and_then(|looked| looked).map_err(failed)
    }

    /// How it looks from outside. Nothing is locked, so that it may have changed by now. A task's
    /// slot is made and held before its ticket goes: tickets are read first, and so one that moves
    /// meanwhile is seen in one of the two.
    pub fn view(&self, id: TaskId) -> QueueView {
        let names = self.dir.names_at_once().unwrap_or_default();
        let line = turns(&names);
        let slots: Vec<Option<Holder>> =
            names.iter().filter(|name| name.starts_with(SLOT)).filter_map(|name| self.held(name)).collect();
        let mut holders: Vec<TaskId> = slots.iter().flatten().map(|holder| holder.task).collect();
        holders.sort();
        QueueView { position: line.iter().position(|turn| turn.id == id).map(|at| at + 1), holders, held: slots.len() }
    }

    /// Who holds a slot, where somebody does: what is read was written before it was taken, and is
    /// his if he has it still.
    fn held(&self, slot: &str) -> Option<Option<Holder>> {
        let is_held = || lock::is_held(&self.dir.file(slot, OpenMode::Read).ok()?).ok();
        let mut before = None;
        for _ in 0..MOST_LOOKS {
            if !is_held()? {
                return None;
            }
            let holder = read::<Holder>(self.dir.file(slot, OpenMode::Read).ok()?).ok();
            if holder.is_some() && holder == before {
                break;
            }
            before = holder;
        }
        Some(before)
    }

    fn look_in_turn(
        &self,
        own: QueuePosition,
        ticket: &mut Option<Ticket>,
        slots: usize,
    ) -> io::Result<(QueueStep, Option<ProcessId>)> {
        let mut names = self.dir.names()?;
        let is_new = ticket.is_none() || !names.contains(&own.to_string());
        if is_new {
            *ticket = Some(self.enter(own)?);
            names = self.dir.names()?;
        }
        let line = turns(&names);
        let (before, behind) = neighbours(&line, own, |turn| self.is_there(turn));
        let to_tell = behind.and_then(|turn| self.address(turn));
        let held = self.slots(&names)?;
        let is_held: Vec<bool> = held.iter().map(|holder| holder.is_some()).collect();
        let place = match next_move(before, &is_held, slots) {
            QueueMove::Await(turn) => QueueStep::Behind(self.address(turn)),
            QueueMove::AwaitHolders => QueueStep::First(held.into_iter().flatten().collect()),
            QueueMove::Take(number) => {
                let slot = self.take(number, own.id)?;
                // After the slot is held: who only looks reads tickets first, and misses nobody.
                self.dir.remove(&own.to_string())?;
                *ticket = None;
                return Ok((QueueStep::Taken(slot, to_tell), None));
            }
        };
        Ok((place, to_tell.filter(|_| is_new)))
    }

    fn enter(&self, own: QueuePosition) -> io::Result<Ticket> {
        let name = own.to_string();
        self.dir.remove_any(&name)?;
        let file = self.dir.file(&name, OpenMode::MakeNew)?;
        lock::try_take(&file)?;
        write(&file, &host::own_address())?;
        Ok(Ticket { _held: file })
    }

    /// Whether a ticket's supervisor lives; one that does not is cleared away.
    fn is_there(&self, turn: QueuePosition) -> bool {
        let name = turn.to_string();
        let is_held = self.dir.file(&name, OpenMode::Write).and_then(|file| lock::is_held(&file)).unwrap_or(false);
        if !is_held {
            let _ = self.dir.remove(&name);
        }
        is_held
    }

    fn address(&self, turn: QueuePosition) -> Option<ProcessId> {
        read(self.dir.file(&turn.to_string(), OpenMode::Read).ok()?).ok()
    }

    /// Each slot by its number: whether it is held, and by whom as far as is known.
    fn slots(&self, names: &[String]) -> io::Result<Vec<Option<Option<ProcessId>>>> {
        let numbers = names.iter().filter_map(|name| name.strip_prefix(SLOT)?.parse::<usize>().ok());
        let mut held = Vec::new();
        // Anybody may have made a file of that name: its number must not say how long the list
        // gets.
        for number in numbers.filter(|number| *number < crate::config::MOST_SLOTS) {
            let file = self.dir.own_file(&format!("{SLOT}{number}"), OpenMode::Make)?;
            held.resize(held.len().max(number + 1), None);
            if lock::is_held(&file)? {
                held[number] = Some(read::<Holder>(file).ok().map(|holder| holder.supervisor));
            }
        }
        Ok(held)
    }

    fn take(&self, number: usize, task: TaskId) -> io::Result<Slot> {
        let file = self.dir.own_file(&format!("{SLOT}{number}"), OpenMode::Make)?;
        let taken = || io::Error::other("a slot was taken by somebody who does not stand in line");
        if lock::is_held(&file)? {
            return Err(taken());
        }
        // First, so that whoever sees that it is held sees by whom.
        write(&file, &Holder { task, supervisor: host::own_address() })?;
        if !lock::try_take(&file)? {
            return Err(taken());
        }
        Ok(Slot { _held: file })
    }
}

/// The line, in order.
fn turns(names: &[String]) -> Vec<QueuePosition> {
    let mut line: Vec<QueuePosition> = names.iter().filter_map(|name| name.parse().ok()).collect();
    line.sort();
    line
}

fn read<T: DeserializeOwned>(file: File) -> io::Result<T> {
    let bytes = regular::read_whole(file, LONGEST)?;
    match format::check(&bytes, VERSION, &[]) {
        // What has no version was written before there was one.
        Ok(_) | Err(BadFormat::Damaged(_)) => Ok(serde_json::from_slice(&bytes)?),
        Err(BadFormat::Newer(_) | BadFormat::NotUnderstood(_)) => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn write(mut file: &File, what: &impl Serialize) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&serde_json::to_vec(&Versioned { version: VERSION, what })?)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::GroupQueue;
    use crate::store::layout::Home;
    use crate::task::id::TaskId;

    /// Runs a test in a process of its own: what another test has made has this process's locks,
    /// too, until it executes its program.
    fn alone(test: &str, body: impl FnOnce()) {
        const WITHIN: &str = "AOS_TEST_ALONE";
        if std::env::var_os(WITHIN).is_some() {
            return body();
        }
        let own = std::env::current_exe().expect("this program");
        let said = Command::new(own).args(["--exact", test]).env(WITHIN, "1").output().expect("it runs");
        let told = String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success() && told.contains("1 passed"), "{told}");
    }

    #[test]
    fn a_slot_that_is_held_names_nobody_who_has_let_it_go() {
        alone("store::group_queue::tests::a_slot_that_is_held_names_nobody_who_has_let_it_go", take_and_view);
    }

    fn take_and_view() {
        const ROUNDS: u32 = 3000;
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::at(dir.path()).expect("a home");
        let line = GroupQueue::open(&home, &"build".parse().expect("a group")).expect("a line");
        let (released, seen) = (AtomicU32::new(0), AtomicU32::new(0));
        let mut wrong = Vec::new();
        std::thread::scope(|scope| {
            let taker = scope.spawn(|| {
                for task in 1..=ROUNDS {
                    let slot = line.take(0, TaskId(task)).expect("it is free");
                    // Until somebody has seen it, now and then.
                    while task.is_multiple_of(100) && seen.load(Ordering::SeqCst) < task {
                        std::hint::spin_loop();
                    }
                    drop(slot);
                    released.store(task, Ordering::SeqCst);
                }
            });
            while !taker.is_finished() {
                let before = released.load(Ordering::SeqCst);
                for TaskId(holder) in line.view(TaskId(ROUNDS + 1)).holders {
                    if holder <= before {
                        wrong.push((holder, before));
                    }
                    seen.store(holder, Ordering::SeqCst);
                }
            }
        });
        assert_eq!(wrong, [], "these hold it, after those had let it go");
        assert!(seen.load(Ordering::SeqCst) > 0);
    }
}
