//! The policy: every end, and what came before it.

use proptest::prelude::*;

use super::{LONGEST_WAIT, MOST_QUICK, Next, RestartHistory, RestartOn, RestartPolicy};
use crate::task::end::{Cause, End, GaveUp, Outcome};
use crate::task::request::Asker;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

fn end(outcome: Outcome, cause: Cause, wall: u64) -> End {
    End::new(1, outcome, cause, WallTime(0), Span(wall))
}

fn failed(wall: u64) -> End {
    end(Outcome::Exited(1), Cause::Itself, wall)
}

fn asked(when: RestartOn, retries: Option<u32>) -> RestartPolicy {
    RestartPolicy { when, retries, backoff: Span(1000) }
}

fn follows(when: RestartOn, end: &End) -> bool {
    matches!(RestartHistory::default().after(end, Some(&asked(when, None))), Next::Again { .. })
}

/// The wait, or `None` where nothing follows.
fn wait(next: Next) -> Option<u64> {
    match next {
        Next::Again { after, .. } => Some(after.0),
        Next::End | Next::GiveUp(_) => None,
    }
}

#[test]
fn which_ends_are_followed_by_another_run() {
    let by = Asker { with: "aos stop".into(), pid: 1 };
    let killed = Outcome::Killed { signal: Signal::TERM, core: false };
    let unlaunched = Outcome::Unlaunched { why: "no".into(), code: 127 };
    let cases = [
        (end(Outcome::Exited(0), Cause::Itself, 2000), [false, false, true]),
        (failed(2000), [false, true, true]),
        (end(killed.clone(), Cause::Itself, 2000), [false, true, true]),
        (end(Outcome::Exited(0), Cause::TimedOut(Span(1)), 2000), [false, true, true]),
        (end(killed.clone(), Cause::Idle(Span(1)), 2000), [false, true, true]),
        (end(killed.clone(), Cause::OutOfMemory("so".into()), 2000), [false, true, true]),
        (end(killed, Cause::Asked(by), 2000), [false, false, false]),
        (end(unlaunched, Cause::Itself, 2000), [false, false, false]),
    ];
    for (end, wanted) in cases {
        assert_eq!(
            [RestartOn::No, RestartOn::OnFailure, RestartOn::Always].map(|when| follows(when, &end)),
            wanted,
            "{end:?}"
        );
    }
}

#[test]
fn a_command_that_was_executed_once_may_be_missing_for_a_while() {
    let unlaunched = end(Outcome::Unlaunched { why: "no".into(), code: 127 }, Cause::Itself, 5);
    for (when, wanted) in [(RestartOn::OnFailure, None), (RestartOn::Always, Some(2000))] {
        let mut history = RestartHistory::default();
        history.after(&failed(2000), Some(&asked(when, None)));
        assert_eq!(wait(history.after(&unlaunched, Some(&asked(when, None)))), wanted);
    }
}

#[test]
fn the_wait_doubles_to_a_minute_and_begins_anew_after_a_run_that_lasted() {
    let asked = asked(RestartOn::OnFailure, None);
    let mut history = RestartHistory::default();
    let mut waits = |wall, times: usize| -> Vec<u64> {
        (0..times).filter_map(|_| wait(history.after(&failed(wall), Some(&asked)))).collect()
    };
    assert_eq!(waits(1500, 8), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    assert_eq!(waits(59_000, 1), [60_000], "not longer than the wait before it");
    assert_eq!(waits(61_000, 1), [1000]);
    assert_eq!(waits(9000, 1), [2000]);
    assert_eq!(waits(10_000, 1), [1000]);
}

#[test]
fn retries_are_counted_in_all_and_said() {
    let asked = asked(RestartOn::OnFailure, Some(2));
    let mut history = RestartHistory::default();
    let next: Vec<Next> = (0..3).map(|_| history.after(&failed(60_000), Some(&asked))).collect();
    let again = |what: &str| Next::Again { after: Span(1000), what: what.into() };
    assert_eq!(next, [again("restart 1 of 2"), again("restart 2 of 2"), Next::GiveUp(GaveUp::Retried(2))]);
}

#[test]
fn quick_ends_in_a_row_are_a_crash_loop_unless_a_bound_was_given() {
    for (retries, wanted) in [(None, Next::GiveUp(GaveUp::CrashLoop(MOST_QUICK))), (Some(1000), Next::End)] {
        let asked = asked(RestartOn::Always, retries);
        let mut history = RestartHistory::default();
        let mut quick = || history.after(&end(Outcome::Exited(0), Cause::Itself, 999), Some(&asked));
        for _ in 1..MOST_QUICK {
            assert!(wait(quick()).is_some());
        }
        let last = quick();
        assert!(last == wanted || (retries.is_some() && wait(last).is_some()));
    }
}

#[test]
fn a_change_counts_anew_but_changes_at_each_start_are_waited_out() {
    let asked = asked(RestartOn::OnFailure, Some(1));
    let mut history = RestartHistory::default();
    assert!(wait(history.after(&failed(5), Some(&asked))).is_some());
    assert_eq!(history.changed(Span(30_000)), Span(0));
    assert!(wait(history.after(&failed(5), Some(&asked))).is_some(), "the bound is for each change");
    let waits: Vec<u64> = (0..12).map(|_| history.changed(Span(50)).0).collect();
    assert_eq!(waits, [0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
    assert_eq!(history.changed(Span(1000)), Span(0));
}

proptest! {
    #[test]
    fn whatever_the_runs_no_wait_is_too_long_and_no_bound_exceeded(
        backoff in 0u64..200_000,
        retries in proptest::option::of(0u32..20),
        walls in proptest::collection::vec(0u64..200_000, 1..200),
    ) {
        let asked = RestartPolicy { when: RestartOn::OnFailure, retries, backoff: Span(backoff) };
        let mut history = RestartHistory::default();
        let (mut again, mut quick) = (0, 0);
        for wall in walls {
            quick = if wall < 1000 { quick + 1 } else { 0 };
            match history.after(&failed(wall), Some(&asked)) {
                Next::Again { after, .. } => {
                    again += 1;
                    prop_assert!(after.0 >= backoff && after <= LONGEST_WAIT.max(asked.backoff));
                    prop_assert!(retries.is_none_or(|most| again <= most));
                    prop_assert!(retries.is_some() || quick < MOST_QUICK);
                }
                Next::GiveUp(GaveUp::Retried(most)) => { prop_assert_eq!(Some(most), retries); break }
                Next::GiveUp(GaveUp::CrashLoop(runs)) => { prop_assert!(runs == quick && retries.is_none()); break }
                Next::End => prop_assert!(false, "a failure is followed by something"),
            }
        }
    }
}
