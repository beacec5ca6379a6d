//! A line under every order of events: who enters, looks, ends and is killed, and when.

use proptest::prelude::*;

use super::{Priority, QueueMove, QueuePosition, neighbours, next_move};
use crate::task::id::TaskId;
use crate::units::wall_time::WallTime;

/// A task in line or at work, as its supervisor knows it.
#[derive(Clone, Debug)]
struct QueuedTask {
    turn: QueuePosition,
    is_alive: bool,
    has_ticket: bool,
    slot: Option<usize>,
    /// Those at whose end it wakes.
    awaits: Vec<usize>,
    is_told: bool,
}

#[derive(Debug, Default)]
struct World {
    tasks: Vec<QueuedTask>,
    slots: usize,
    taken_in: Vec<QueuePosition>,
}

/// What happens. Numbers choose among those to whom it can happen.
#[derive(Clone, Copy, Debug)]
enum QueueEvent {
    Enter(i8),
    Look(usize),
    /// Killed after what it does under the lock, before it tells anybody.
    LookAndDie(usize),
    End(usize),
    Die(usize),
    Slots(usize),
}

impl World {
    fn line(&self) -> Vec<QueuePosition> {
        let mut line: Vec<QueuePosition> = self.tasks.iter().filter(|t| t.has_ticket).map(|t| t.turn).collect();
        line.sort();
        line
    }

    fn at(&self, turn: QueuePosition) -> usize {
        self.tasks.iter().position(|t| t.turn == turn).expect("in the world")
    }

    fn held(&self) -> Vec<bool> {
        let most = self.tasks.iter().filter_map(|t| t.slot).max().map_or(0, |slot| slot + 1);
        (0..most).map(|n| self.tasks.iter().any(|t| t.is_alive && t.slot == Some(n))).collect()
    }

    fn is_awake(&self, n: usize) -> bool {
        let task = &self.tasks[n];
        task.is_alive && task.slot.is_none() && (task.is_told || task.awaits.iter().any(|o| !self.tasks[*o].is_alive))
    }

    fn look(&mut self, n: usize, dies: bool) {
        let is_new = !self.tasks[n].has_ticket;
        self.tasks[n].has_ticket = true;
        self.tasks[n].is_told = false;
        let (own, line) = (self.tasks[n].turn, self.line());
        let (before, behind) = neighbours(&line, own, |turn| self.tasks[self.at(turn)].is_alive);
        let held = self.held();
        let has_taken = match next_move(before, &held, self.slots) {
            QueueMove::Await(before) => {
                self.tasks[n].awaits = vec![self.at(before)];
                false
            }
            QueueMove::AwaitHolders => {
                self.tasks[n].awaits = (0..self.tasks.len())
                    .filter(|o| self.tasks[*o].is_alive && self.tasks[*o].slot.is_some())
                    .collect();
                false
            }
            QueueMove::Take(slot) => {
                assert!(!held.get(slot).copied().unwrap_or(false), "nobody else has it");
                assert!(held.iter().filter(|h| **h).count() < self.slots, "there is one");
                assert!(!self.tasks.iter().any(|t| t.is_alive && t.has_ticket && t.turn < own), "it is the first");
                self.tasks[n].slot = Some(slot);
                self.tasks[n].has_ticket = false;
                self.taken_in.push(own);
                true
            }
        };
        if dies {
            self.tasks[n].is_alive = false;
        } else if let Some(behind) = behind.filter(|_| is_new || has_taken) {
            let behind = self.at(behind);
            self.tasks[behind].is_told = true;
        }
    }

    fn pick(&self, n: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.tasks.len()).filter(|n| fits(*n)).collect();
        (!all.is_empty()).then(|| all[n % all.len()])
    }

    fn happen(&mut self, event: QueueEvent) {
        match event {
            QueueEvent::Enter(priority) => {
                let n = self.tasks.len();
                let turn = QueuePosition::new(Priority(priority), WallTime(n as i64 / 2), TaskId(n as u32 + 1));
                self.tasks.push(QueuedTask {
                    turn,
                    is_alive: true,
                    has_ticket: false,
                    slot: None,
                    awaits: Vec::new(),
                    is_told: true,
                });
            }
            QueueEvent::Look(n) => self.pick(n, |n| self.is_awake(n)).into_iter().for_each(|n| self.look(n, false)),
            QueueEvent::LookAndDie(n) => {
                self.pick(n, |n| self.is_awake(n)).into_iter().for_each(|n| self.look(n, true))
            }
            QueueEvent::End(n) => {
                let running = self.pick(n, |n| self.tasks[n].is_alive && self.tasks[n].slot.is_some());
                running.into_iter().for_each(|n| self.tasks[n].is_alive = false);
            }
            QueueEvent::Die(n) => {
                let living = self.pick(n, |n| self.tasks[n].is_alive);
                living.into_iter().for_each(|n| self.tasks[n].is_alive = false);
            }
            QueueEvent::Slots(slots) => {
                self.slots = slots;
                // The head watches the configuration.
                let head = self.line().into_iter().find(|turn| self.tasks[self.at(*turn)].is_alive);
                head.into_iter().for_each(|turn| {
                    let head = self.at(turn);
                    self.tasks[head].is_told = true;
                });
            }
        }
    }

    fn settle(&mut self) {
        while let Some(n) = self.pick(0, |n| self.is_awake(n)) {
            self.look(n, false);
        }
    }
}

fn any_event() -> impl Strategy<Value = QueueEvent> {
    prop_oneof![
        5 => (-2i8..3).prop_map(QueueEvent::Enter),
        5 => (0usize..9).prop_map(QueueEvent::Look),
        1 => (0usize..9).prop_map(QueueEvent::LookAndDie),
        2 => (0usize..9).prop_map(QueueEvent::End),
        2 => (0usize..9).prop_map(QueueEvent::Die),
        1 => (1usize..4).prop_map(QueueEvent::Slots),
    ]
}

proptest! {
    #[test]
    fn no_slot_stays_free_while_anybody_waits(events in proptest::collection::vec(any_event(), 0..80)) {
        let mut world = World { slots: 1, ..World::default() };
        for event in events {
            world.happen(event);
        }
        world.settle();
        let taken = world.held().iter().filter(|held| **held).count();
        let is_anybody_waiting = world.tasks.iter().any(|t| t.is_alive && t.slot.is_none());
        prop_assert!(!is_anybody_waiting || taken >= world.slots, "{world:#?}");
    }

    #[test]
    fn one_slot_is_had_in_the_order_of_turns(priorities in proptest::collection::vec(-2i8..3, 1..12)) {
        let mut world = World { slots: 1, ..World::default() };
        priorities.iter().for_each(|p| world.happen(QueueEvent::Enter(*p)));
        // All stand in line behind one that is at work.
        world.slots = 0;
        world.settle();
        world.happen(QueueEvent::Slots(1));
        world.settle();
        while world.tasks.iter().any(|t| t.is_alive) {
            world.happen(QueueEvent::End(0));
            world.settle();
        }
        prop_assert!(world.taken_in.is_sorted());
        prop_assert_eq!(world.taken_in.len(), priorities.len());
    }

    #[test]
    fn an_end_wakes_two_at_most(most in 2usize..40) {
        let mut world = World { slots: 1, ..World::default() };
        (0..most).for_each(|_| world.happen(QueueEvent::Enter(0)));
        world.settle();
        world.happen(QueueEvent::End(0));
        let mut woken = 0;
        while let Some(n) = world.pick(0, |n| world.is_awake(n)) {
            woken += 1;
            world.look(n, false);
        }
        prop_assert!(woken <= 2, "{woken}");
    }

    #[test]
    fn a_turn_comes_back_from_its_own_name(priority in -100i8..=100, asked in 0i64..4_000_000_000_000, id in 1u32..5000) {
        let turn = QueuePosition::new(Priority(priority), WallTime(asked), TaskId(id));
        prop_assert_eq!(turn.to_string().parse(), Ok(turn));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
        let _ = text.parse::<QueuePosition>();
    }
}

#[test]
fn the_more_urgent_is_first_then_the_earlier() {
    let turn = |priority, asked, id| QueuePosition::new(Priority(priority), WallTime(asked), TaskId(id));
    let mut line = [turn(0, 1, 1), turn(5, 9, 2), turn(0, 0, 3), turn(0, 1, 4), turn(-5, 0, 5)];
    line.sort();
    assert_eq!(line.iter().map(|t| t.id.0).collect::<Vec<_>>(), [2, 3, 1, 4, 5]);
    assert_eq!(turn(0, 7, 4).to_string(), "100-0000000000007-task-004");
    assert!("slot.0".parse::<QueuePosition>().is_err() && "100-7-task-004".parse::<QueuePosition>().is_err());
}
