//! Standing in line for a group's slots, pure: who is before whom, and what the next move of one
//! who looks is.
//!
//! Only the head of the line tries the slots, and when all are taken it waits for those who hold
//! them. Everybody else waits for the one before, so that an end wakes one. Whoever takes a slot,
//! or comes in between, tells the one behind.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::TaskId;
use crate::units::wall_time::WallTime;

/// How urgent a task is: the higher begins earlier. From -100 to 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(pub i8);

/// The highest priority; the lowest is as far below 0.
pub const HIGHEST: i8 = 100;

/// A place in a line. The lesser begins earlier: by priority, then by when it was asked for, then
/// by id. *Shape*, as the name of a ticket: `100-1795355383123-task-004`, the first number 100 less
/// the priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePosition {
    rank: u8,
    asked: WallTime,
    /// Whose it is.
    pub id: TaskId,
}

/// What one who stands in line does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueMove {
    /// It takes the slot of this number.
    Take(usize),
    /// It waits for whoever holds a slot.
    AwaitHolders,
    /// It waits for the one before it.
    Await(QueuePosition),
}

impl QueuePosition {
    /// The place of a task that was asked for then.
    pub fn new(priority: Priority, asked: WallTime, id: TaskId) -> QueuePosition {
        let rank = (i16::from(HIGHEST) - i16::from(priority.0.clamp(-HIGHEST, HIGHEST))).unsigned_abs() as u8;
        QueuePosition { rank, asked, id }
    }
}

/// What is next for one with this one before it, if there is one. `held` says of each slot that
/// there ever was whether it is; the group has `slots` now.
pub fn next_move(before: Option<QueuePosition>, held: &[bool], slots: usize) -> QueueMove {
    let taken = held.iter().filter(|is_held| **is_held).count();
    match before {
        Some(before) => QueueMove::Await(before),
        None if taken >= slots => QueueMove::AwaitHolders,
        None => QueueMove::Take(held.iter().position(|is_held| !is_held).unwrap_or(held.len())),
    }
}

/// Those next to `own` who are there: before it and behind it. `line` is in order; nobody is asked
/// about twice.
pub fn neighbours(
    line: &[QueuePosition],
    own: QueuePosition,
    mut is_there: impl FnMut(QueuePosition) -> bool,
) -> (Option<QueuePosition>, Option<QueuePosition>) {
    let before = line.iter().rev().skip_while(|turn| **turn >= own).copied().find(|turn| is_there(*turn));
    let behind = line.iter().skip_while(|turn| **turn <= own).copied().find(|turn| is_there(*turn));
    (before, behind)
}

impl fmt::Display for QueuePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}-{:013}-{}", self.rank, self.asked.0, self.id)
    }
}

/// Why a text is no place in a line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no place in a line")]
pub struct BadQueuePosition(String);

impl FromStr for QueuePosition {
    type Err = BadQueuePosition;

    fn from_str(text: &str) -> Result<QueuePosition, BadQueuePosition> {
        let read = || {
            let mut parts = text.splitn(3, '-');
            let (rank, asked, id) = (parts.next()?, parts.next()?, parts.next()?);
            Some(QueuePosition { rank: rank.parse().ok()?, asked: WallTime(asked.parse().ok()?), id: id.parse().ok()? })
        };
        read().filter(|turn| turn.to_string() == text).ok_or_else(|| BadQueuePosition(text.to_owned()))
    }
}

#[cfg(test)]
#[path = "queue_order_tests.rs"]
mod tests;
