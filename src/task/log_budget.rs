//! Which parts of which logs go when all logs together take more room than they may. Pure: what
//! there is and the time go in, what goes comes out.

use super::id::TaskId;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// What a task's log takes on disk. *Units*: bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHolding {
    /// Whose it is.
    pub id: TaskId,
    /// Whether it may grow yet.
    pub life: Life,
    /// Its complete segments, the oldest first.
    pub complete: Vec<SegmentPart>,
    /// The newest segment.
    pub newest: u64,
    /// What else there is of it, which stays as long as the task.
    pub rest: u64,
}

/// A complete segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPart {
    /// What it takes. *Units*: bytes.
    pub size: u64,
    /// When it was last written to.
    pub written: WallTime,
}

/// Whether a task goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It does, or nobody can tell from here.
    Living,
    /// It is over.
    Over {
        /// Since when.
        ended: WallTime,
        /// Whether it failed, and nobody has looked at it since.
        is_news: bool,
    },
}

/// Something that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// So many complete segments of a task's log, the oldest.
    Oldest(TaskId, usize),
    /// What is left of it then: the newest segment.
    Newest(TaskId),
}

/// What ended longer ago counts as over for long.
const LONG: Span = Span(24 * 60 * 60 * 1000);

/// In this order things go; within a turn the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum EvictionOrder {
    /// Beginnings of logs that grow no more.
    Beginnings,
    /// Logs of what has been over for long.
    Old,
    /// Beginnings of logs that still grow.
    Growing,
    /// Beginnings of the logs of failures that nobody has looked at.
    Unseen,
    /// Logs of what ended lately, then of those failures.
    Late(bool),
}

/// One thing that may go: its turn, its age, whose it is, what it is, and what it takes.
type EvictionCandidate = (EvictionOrder, WallTime, TaskId, Eviction, u64);

impl LogHolding {
    /// What all of it takes. *Units*: bytes.
    pub fn size(&self) -> u64 {
        self.complete.iter().map(|part| part.size).sum::<u64>() + self.newest + self.rest
    }

    fn candidates(&self) -> impl Iterator<Item = EvictionCandidate> + '_ {
        let beginnings = self.complete.iter().map(|part| {
            let (turn, since) = match self.life {
                Life::Living => (EvictionOrder::Growing, part.written),
                Life::Over { ended, is_news: false } => (EvictionOrder::Beginnings, ended),
                Life::Over { ended, is_news: true } => (EvictionOrder::Unseen, ended),
            };
            (turn, since, self.id, Eviction::Oldest(self.id, 1), part.size)
        });
        beginnings.chain(self.end())
    }

    /// The newest segment, which goes only with a task that is over.
    fn end(&self) -> Option<EvictionCandidate> {
        let Life::Over { ended, is_news } = self.life else { return None };
        (self.newest > 0).then_some((
            EvictionOrder::Late(is_news),
            ended,
            self.id,
            Eviction::Newest(self.id),
            self.newest,
        ))
    }
}

/// What goes so that the rest takes `budget` at most, in order; all that may go, if that is not
/// enough.
pub fn choose(holdings: &[LogHolding], budget: u64, now: WallTime) -> Vec<Eviction> {
    let total: u64 = holdings.iter().map(LogHolding::size).sum();
    let mut excess = total.saturating_sub(budget);
    if excess == 0 {
        return Vec::new();
    }
    let mut candidates: Vec<EvictionCandidate> = holdings.iter().flat_map(LogHolding::candidates).collect();
    for (turn, ended, ..) in &mut candidates {
        if *turn == EvictionOrder::Late(false) && now.since(*ended) > LONG {
            *turn = EvictionOrder::Old;
        }
    }
    // Stable, so that a log's segments keep their order.
    candidates.sort_by_key(|(turn, since, id, ..)| (*turn, *since, *id));
    let mut losses = Vec::new();
    for (.., loss, size) in candidates {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(size);
        match (losses.last_mut(), loss) {
            (Some(Eviction::Oldest(last, count)), Eviction::Oldest(id, more)) if *last == id => *count += more,
            _ => losses.push(loss),
        }
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::{Eviction, Life, LogHolding, SegmentPart, choose};
    use crate::task::id::TaskId;
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    const HOUR: i64 = 60 * 60 * 1000;
    const NOW: WallTime = WallTime(1000 * HOUR);

    fn ago(hours: i64) -> WallTime {
        WallTime(NOW.0 - hours * HOUR)
    }

    fn over(hours: i64, is_news: bool) -> Life {
        Life::Over { ended: ago(hours), is_news }
    }

    fn holding(id: u32, life: Life, complete: &[(u64, i64)], newest: u64) -> LogHolding {
        let complete = complete.iter().map(|(size, hours)| SegmentPart { size: *size, written: ago(*hours) }).collect();
        LogHolding { id: TaskId(id), life, complete, newest, rest: 0 }
    }

    fn oldest(id: u32, count: usize) -> Eviction {
        Eviction::Oldest(TaskId(id), count)
    }

    fn newest(id: u32) -> Eviction {
        Eviction::Newest(TaskId(id))
    }

    #[test]
    fn nothing_goes_while_there_is_room() {
        assert_eq!(choose(&[holding(1, over(99, false), &[(5, 99)], 5)], 10, NOW), []);
    }

    #[test]
    fn everything_has_its_turn() {
        let all = [
            holding(1, Life::Living, &[(10, 8), (10, 2)], 10),
            holding(2, over(50, true), &[(10, 60)], 10),
            holding(3, over(30, false), &[(10, 40), (10, 31)], 10),
            holding(4, over(40, false), &[(10, 41)], 10),
            holding(5, over(1, false), &[(10, 3)], 10),
            holding(6, Life::Living, &[(10, 5)], 10),
        ];
        let everything = [
            oldest(4, 1),
            oldest(3, 2),
            oldest(5, 1),
            newest(4),
            newest(3),
            oldest(1, 1),
            oldest(6, 1),
            oldest(1, 1),
            oldest(2, 1),
            newest(5),
            newest(2),
        ];
        assert_eq!(choose(&all, 0, NOW), everything);
        assert_eq!(choose(&all, 110, NOW), [oldest(4, 1), oldest(3, 2)]);
    }

    fn any_holding() -> impl Strategy<Value = LogHolding> {
        let life = prop_oneof![
            Just(Life::Living),
            (0i64..60, any::<bool>()).prop_map(|(hours, is_news)| over(hours, is_news))
        ];
        let complete = proptest::collection::vec((1u64..50, 0i64..60), 0..5);
        (life, complete, 0u64..50, 0u64..5).prop_map(|(life, mut complete, newest, rest)| {
            // A log's segments are as old as their order says.
            complete.sort_by_key(|(_, hours)| -hours);
            LogHolding { rest, ..holding(0, life, &complete, newest) }
        })
    }

    /// What is left, where what goes is there to go.
    fn without(holdings: &[LogHolding], losses: &[Eviction]) -> Vec<LogHolding> {
        let mut left = holdings.to_vec();
        for loss in losses {
            let (Eviction::Oldest(id, _) | Eviction::Newest(id)) = loss;
            let holding = left.iter_mut().find(|holding| holding.id == *id).expect("a task that is there");
            match loss {
                Eviction::Oldest(_, count) => drop(holding.complete.drain(..*count)),
                Eviction::Newest(_) => {
                    assert!(holding.life != Life::Living && holding.complete.is_empty() && holding.newest > 0);
                    holding.newest = 0;
                }
            }
        }
        left
    }

    proptest! {
        #[test]
        fn as_much_goes_as_must_and_no_more(
            mut all in proptest::collection::vec(any_holding(), 0..12), budget in 0u64..400,
        ) {
            (1..).zip(&mut all).for_each(|(id, holding)| holding.id = TaskId(id));
            let losses = choose(&all, budget, NOW);
            let left = without(&all, &losses);
            let size = |all: &[LogHolding]| all.iter().map(LogHolding::size).sum::<u64>();
            let may_go = |h: &LogHolding| !h.complete.is_empty() || (h.life != Life::Living && h.newest > 0);
            prop_assert!(size(&left) <= budget || !left.iter().any(may_go));
            if let Some((last, before)) = losses.split_last() {
                let mut fewer = before.to_vec();
                if let Eviction::Oldest(id, count @ 2..) = last {
                    fewer.push(Eviction::Oldest(*id, count - 1));
                }
                prop_assert!(size(&without(&all, &fewer)) > budget);
            }
        }
    }
}
