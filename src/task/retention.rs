//! Which tasks that are over are kept no longer. Pure: the time is an argument.

use super::id::TaskId;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// A task that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Which.
    pub id: TaskId,
    /// When it ended.
    pub ended: WallTime,
    /// Whether it failed, and nobody has looked at it since.
    pub is_news: bool,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// What ended longer ago goes.
    pub age: Span,
    /// Of more, the oldest go.
    pub tasks: usize,
}

/// Failures that nobody has looked at are kept so many times as long.
const NEWS_LASTS: u64 = 3;
/// What ended so lately stays, however many there are: somebody may be about to look at it.
const LATELY: Span = Span(60 * 60 * 1000);

/// The tasks that go, those first that ended first: all that are too old, then as many as are too
/// many. Failures that nobody has looked at are the last of these.
pub fn outdated(past: &[Past], keep: Keep, now: WallTime) -> Vec<TaskId> {
    let age_of = |past: &Past| now.since(past.ended);
    let is_old = |past: &&Past| age_of(past) > longest(past, keep.age);
    let mut going: Vec<&Past> = past.iter().filter(is_old).collect();
    let mut staying: Vec<&Past> = past.iter().filter(|past| !is_old(past)).collect();
    staying.sort_by_key(|past| (past.is_news, past.ended, past.id));
    let too_many = staying.len().saturating_sub(keep.tasks);
    going.extend(staying.into_iter().filter(|past| age_of(past) > LATELY).take(too_many));
    going.sort_by_key(|past| (past.ended, past.id));
    going.into_iter().map(|past| past.id).collect()
}

fn longest(past: &Past, age: Span) -> Span {
    Span(if past.is_news { age.0.saturating_mul(NEWS_LASTS) } else { age.0 })
}

#[cfg(test)]
mod tests {
    use super::{Keep, LATELY, Past, outdated};
    use crate::task::id::TaskId;
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    const HOUR: u64 = 60 * 60 * 1000;
    const NOW: WallTime = WallTime(1000 * HOUR.cast_signed());

    fn past(id: u32, hours_ago: u64, is_news: bool) -> Past {
        Past { id: TaskId(id), ended: WallTime(NOW.0 - (hours_ago * HOUR).cast_signed()), is_news }
    }

    fn going(past: &[Past], hours: u64, tasks: usize) -> Vec<u32> {
        outdated(past, Keep { age: Span(hours * HOUR), tasks }, NOW).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn what_is_too_old_goes_and_what_nobody_saw_fail_stays_three_times_as_long() {
        let all = [past(1, 40, true), past(2, 11, false), past(3, 29, true), past(4, 9, false)];
        assert_eq!(going(&all, 10, 100), [1, 2]);
    }

    #[test]
    fn of_too_many_the_oldest_go_and_what_nobody_saw_fail_last() {
        let all = [past(1, 9, true), past(2, 8, false), past(3, 7, false), past(4, 6, true), past(5, 5, false)];
        assert_eq!(going(&all, 100, 3), [2, 3]);
        assert_eq!(going(&all, 100, 1), [1, 2, 3, 5]);
    }

    #[test]
    fn what_ended_just_now_stays() {
        assert_eq!(going(&[past(1, 0, false), past(2, 0, false), past(3, 2, false)], 100, 1), [3]);
    }

    proptest! {
        #[test]
        fn no_more_goes_than_must(
            all in proptest::collection::vec((0u64..100, any::<bool>()), 0..40), age in 1u64..100, tasks in 1usize..50,
        ) {
            let all: Vec<Past> = (1..).zip(all).map(|(id, (ago, is_news))| past(id, ago, is_news)).collect();
            let gone = going(&all, age, tasks);
            let left: Vec<&Past> = all.iter().filter(|past| !gone.contains(&past.id.0)).collect();
            let age_of = |past: &Past| NOW.since(past.ended).0;
            prop_assert!(left.len() <= tasks || left.iter().filter(|past| age_of(past) > LATELY.0).count() == 0);
            prop_assert!(left.iter().all(|past| age_of(past) <= 3 * age * HOUR));
            let young = |past: &&Past| gone.contains(&past.id.0) && age_of(past) <= age * HOUR;
            prop_assert!(all.iter().filter(young).count() == 0 || left.len() >= tasks);
        }
    }
}
