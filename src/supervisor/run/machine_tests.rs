//! The lifecycle under every order of events.

use std::time::Duration;

use proptest::prelude::*;

use crate::supervisor::run::event::{Effect, RunEvent};
use crate::supervisor::run::machine::{MOST_KILLS, Machine};
use crate::task::end::{Cause, Outcome};
use crate::task::journal::JournalEvent;
use crate::task::phase::Phase;
use crate::task::request::{AnswerTo, Ask, Asker};
use crate::task::spec::{Survivors, TimeLimits};
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::span::Span;

const GRACE: u64 = 10_000;

fn limits(timeout: Option<u64>, idle: Option<u64>) -> TimeLimits {
    TimeLimits {
        timeout: timeout.map(Span),
        idle_timeout: idle.map(Span),
        grace: Span(GRACE),
        stop_signal: Signal::TERM,
    }
}

fn machine() -> Machine {
    Machine::new(limits(None, None), Survivors::Swept, Moment(0))
}

fn stop() -> RunEvent {
    asked(Ask::Stop { signal: None, grace: None })
}

fn asked(ask: Ask) -> RunEvent {
    RunEvent::Asked { ask, by: Asker { with: "test".into(), pid: 1 }, answer_to: Some(AnswerTo::File("r".into())) }
}

fn ended(code: i32) -> RunEvent {
    RunEvent::LeaderEnded { outcome: Outcome::Exited(code), out_of_memory: None }
}

#[test]
fn what_has_too_much_memory_is_killed_at_once_and_told() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    let effects = machine.step(RunEvent::OutOfMemory("limit 1 MiB".into()), Moment(5));
    assert!(effects.contains(&Effect::SignalAll(Signal::KILL)), "{effects:?}");
    machine.step(ended(137), Moment(6));
    machine.step(RunEvent::HungUp, Moment(6));
    let effects = machine.step(RunEvent::Left(false), Moment(6));
    assert_eq!(finish(&effects), Some((Outcome::Exited(137), Cause::OutOfMemory("limit 1 MiB".into()))));
}

#[test]
fn what_is_not_healthy_is_asked_to_end_and_what_is_paused_is_not() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    let unhealthy = || RunEvent::Unhealthy("it answered 500".into());
    let pause = |ask| RunEvent::Asked { ask, by: Asker { with: "aos".into(), pid: 1 }, answer_to: None };
    machine.step(pause(Ask::Pause), Moment(1));
    assert_eq!(machine.step(unhealthy(), Moment(2)), []);
    machine.step(pause(Ask::Resume), Moment(3));
    let effects = machine.step(unhealthy(), Moment(4));
    assert!(effects.contains(&Effect::SignalAll(Signal::TERM)), "{effects:?}");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Note(JournalEvent::Finding(_)))), "{effects:?}");
    assert_eq!(machine.step(unhealthy(), Moment(5)), [], "once");
    machine.step(ended(0), Moment(6));
    machine.step(RunEvent::HungUp, Moment(6));
    let effects = machine.step(RunEvent::Left(false), Moment(6));
    assert_eq!(finish(&effects), Some((Outcome::Exited(0), Cause::Unhealthy("it answered 500".into()))));
    assert!(!machine.is_unwanted(), "another run may follow");
}

fn finish(effects: &[Effect]) -> Option<(Outcome, Cause)> {
    effects.iter().find_map(|e| match e {
        Effect::Finish { outcome, cause } => Some((outcome.clone(), cause.clone())),
        _ => None,
    })
}

/// Lets time pass to the first KILL; says when that is. Until then it is looked for shells at their
/// prompts.
fn until_killed(machine: &mut Machine) -> Moment {
    loop {
        let due = machine.deadline().expect("a kill deadline");
        match &machine.step(RunEvent::Tick, due)[..] {
            [Effect::SignalAll(Signal::KILL)] => return due,
            looks => assert_eq!(looks, [Effect::HangUpShells]),
        }
    }
}

#[test]
fn launch_end_and_hang_up_may_come_in_any_order() {
    let events = [RunEvent::Launched, ended(3), RunEvent::Left(false), RunEvent::HungUp];
    for order in [[0, 1, 2, 3], [3, 0, 1, 2], [1, 2, 3, 0], [1, 2, 0, 3], [3, 1, 2, 0]] {
        let mut machine = machine();
        let effects: Vec<Effect> = order.iter().flat_map(|i| machine.step(events[*i].clone(), Moment(5))).collect();
        assert_eq!(finish(&effects), Some((Outcome::Exited(3), Cause::Itself)), "{order:?}");
    }
}

#[test]
fn a_terminal_that_somebody_holds_is_waited_for_only_so_long() {
    let mut machine = machine();
    for event in [RunEvent::Launched, ended(0), RunEvent::Left(false)] {
        assert_eq!(finish(&machine.step(event, Moment(0))), None);
    }
    let due = machine.deadline().expect("a drain deadline");
    assert!(finish(&machine.step(RunEvent::Tick, due)).is_some());
}

#[test]
fn who_outlives_the_leader_is_asked_then_killed() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    machine.step(ended(0), Moment(0));
    assert_eq!(machine.step(RunEvent::Left(true), Moment(0)), [], "it may end by itself");
    let due = machine.deadline().expect("a moment to end in");
    let asked = machine.step(RunEvent::Tick, due);
    assert!(asked.starts_with(&[Effect::NameOutliving, Effect::SignalAll(Signal::TERM)]), "{asked:?}");
    let killed_at = until_killed(&mut machine);
    assert_eq!(killed_at, due + Duration::from_millis(GRACE), "its own whole grace");
    let due = killed_at;
    machine.step(RunEvent::HungUp, due);
    let over = machine.step(RunEvent::Left(false), due);
    assert_eq!(finish(&over), Some((Outcome::Exited(0), Cause::Itself)));
}

#[test]
fn what_ends_by_itself_after_the_leader_is_not_asked_to() {
    let mut machine = machine();
    let events = [RunEvent::Launched, ended(0), RunEvent::Left(true), RunEvent::HungUp, RunEvent::Left(false)];
    let effects: Vec<Effect> = events.into_iter().flat_map(|event| machine.step(event, Moment(1))).collect();
    assert!(finish(&effects).is_some() && !effects.iter().any(|e| matches!(e, Effect::SignalAll(_))), "{effects:?}");
}

#[test]
fn a_leader_that_is_stopped_is_paused_once_and_goes_on_once() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    let stopped = machine.step(RunEvent::LeaderStopped, Moment(1));
    assert!(stopped.contains(&Effect::Suspend) && stopped.contains(&Effect::Enter(Phase::Paused)), "{stopped:?}");
    assert_eq!(machine.step(RunEvent::LeaderStopped, Moment(1)), []);
    assert!(machine.step(RunEvent::LeaderContinued, Moment(2)).contains(&Effect::Enter(Phase::Running)));
    assert_eq!(machine.step(RunEvent::LeaderContinued, Moment(2)), []);
    machine.step(asked(Ask::Pause), Moment(3));
    assert_eq!(machine.step(RunEvent::LeaderStopped, Moment(3)), [], "who asked for it has not typed ^Z");
}

#[test]
fn children_that_may_stay_are_left_alone() {
    let mut machine = Machine::new(limits(None, None), Survivors::Kept, Moment(0));
    let effects: Vec<Effect> = [RunEvent::Launched, ended(0), RunEvent::Left(true), RunEvent::HungUp]
        .into_iter()
        .flat_map(|e| machine.step(e, Moment(0)))
        .collect();
    assert!(finish(&effects).is_some());
    assert!(!effects.iter().any(|e| matches!(e, Effect::SignalAll(_))));
}

#[test]
fn what_was_adopted_is_over_at_once_and_stopped_with_all_that_is_left() {
    let unseen = || RunEvent::LeaderEnded { outcome: Outcome::Unseen, out_of_memory: None };
    let mut machine = Machine::new(limits(None, None), Survivors::Kept, Moment(0));
    machine.step(RunEvent::HungUp, Moment(0));
    machine.step(RunEvent::Launched, Moment(0));
    let mut stopped = machine.clone();
    assert_eq!(finish(&machine.step(unseen(), Moment(1))), Some((Outcome::Unseen, Cause::Itself)));
    stopped.step(stop(), Moment(1));
    stopped.step(unseen(), Moment(2));
    assert_eq!(finish(&stopped.step(RunEvent::Left(true), Moment(2))), None);
    assert!(matches!(
        finish(&stopped.step(RunEvent::Left(false), Moment(3))),
        Some((Outcome::Unseen, Cause::Asked(_)))
    ));
}

#[test]
fn a_second_stop_kills_at_once() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    assert!(machine.step(stop(), Moment(0)).contains(&Effect::SignalAll(Signal::TERM)));
    assert!(machine.step(stop(), Moment(1)).contains(&Effect::SignalAll(Signal::KILL)));
}

#[test]
fn a_stop_with_its_own_signal_and_grace_uses_them() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    let int = Signal::from_number(2);
    let effects = machine.step(asked(Ask::Stop { signal: int, grace: Some(Span(300)) }), Moment(0));
    assert!(effects.contains(&Effect::SignalAll(int.expect("INT"))));
    assert_eq!(machine.deadline(), Some(Moment(300)));
}

#[test]
fn a_paused_task_is_not_idle_and_can_be_stopped() {
    let mut machine = Machine::new(limits(None, Some(100)), Survivors::Swept, Moment(0));
    machine.step(RunEvent::Launched, Moment(0));
    assert!(machine.step(asked(Ask::Pause), Moment(50)).contains(&Effect::SignalAll(Signal::STOP)));
    assert_eq!(machine.deadline(), None);
    machine.step(asked(Ask::Resume), Moment(500));
    assert_eq!(machine.deadline(), Some(Moment(600)));
    machine.step(asked(Ask::Pause), Moment(510));
    assert!(machine.step(stop(), Moment(520)).contains(&Effect::SignalAll(Signal::CONT)));
}

#[test]
fn time_limits_name_themselves_as_the_cause() {
    let mut machine = Machine::new(limits(Some(1000), Some(100)), Survivors::Swept, Moment(0));
    machine.step(RunEvent::Launched, Moment(0));
    machine.note_output(Moment(950));
    assert_eq!(machine.deadline(), Some(Moment(1000)));
    assert!(machine.step(RunEvent::Tick, Moment(1000)).contains(&Effect::SignalAll(Signal::TERM)));
    machine.step(ended(0), Moment(1001));
    machine.step(RunEvent::HungUp, Moment(1001));
    let over = machine.step(RunEvent::Left(false), Moment(1001));
    assert_eq!(finish(&over).map(|(_, cause)| cause), Some(Cause::TimedOut(Span(1000))));
}

#[test]
fn an_unlaunched_command_says_why() {
    let mut machine = machine();
    let failed = RunEvent::LaunchFailed { why: "x: command not found".into(), code: 127 };
    for event in [failed, ended(127), RunEvent::Left(false)] {
        machine.step(event, Moment(0));
    }
    let over = machine.step(RunEvent::HungUp, Moment(0));
    let outcome = Outcome::Unlaunched { why: "x: command not found".into(), code: 127 };
    assert_eq!(finish(&over), Some((outcome, Cause::Itself)));
}

#[test]
fn a_leader_that_cannot_be_killed_goes_on_and_no_time_limit_tries_again() {
    let mut machine = Machine::new(limits(Some(100), Some(100)), Survivors::Swept, Moment(0));
    machine.step(RunEvent::Launched, Moment(0));
    let mut effects = Vec::new();
    while let Some(due) = machine.deadline() {
        effects.extend(machine.step(RunEvent::Tick, due));
    }
    assert_eq!(effects.iter().filter(|e| **e == Effect::SignalAll(Signal::KILL)).count(), MOST_KILLS as usize);
    assert!(effects.ends_with(&[Effect::NameUnstoppable, Effect::Enter(Phase::Running)]), "{effects:?}");
    // Who asks has it tried again, and whoever ends it at last is followed.
    assert!(machine.step(stop(), Moment(90_000)).contains(&Effect::SignalAll(Signal::TERM)));
    assert!(machine.deadline().is_some());
    for event in [ended(143), RunEvent::Left(false), RunEvent::HungUp] {
        effects.extend(machine.step(event, Moment(90_001)));
    }
    assert!(matches!(finish(&effects), Some((Outcome::Exited(143), Cause::TimedOut(_)))), "{effects:?}");
}

#[test]
fn what_cannot_be_killed_does_not_hold_the_end_up_for_ever() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    machine.step(ended(0), Moment(0));
    machine.step(RunEvent::Left(true), Moment(0));
    machine.step(RunEvent::HungUp, Moment(0));
    let mut kills = 0;
    let mut over = None;
    while let Some(due) = machine.deadline() {
        let effects = machine.step(RunEvent::Tick, due);
        kills += effects.iter().filter(|e| **e == Effect::SignalAll(Signal::KILL)).count();
        over = over.or(finish(&effects));
        machine.step(RunEvent::Left(true), due);
    }
    assert_eq!(kills, MOST_KILLS as usize);
    assert!(over.is_some());
}

fn changed() -> RunEvent {
    RunEvent::Changed("a change of x".into())
}

#[test]
fn a_change_stops_a_run_that_another_is_to_follow() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    assert!(machine.step(changed(), Moment(0)).contains(&Effect::SignalAll(Signal::TERM)));
    assert_eq!(machine.step(changed(), Moment(1)), [], "it is being stopped already");
    assert_eq!(until_killed(&mut machine), Moment(GRACE));
    assert!(machine.is_changed() && !machine.is_unwanted());
}

#[test]
fn a_stop_while_a_change_stops_it_is_a_first_one_and_for_good() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    machine.step(changed(), Moment(0));
    assert!(machine.step(stop(), Moment(5)).contains(&Effect::SignalAll(Signal::TERM)));
    assert!(machine.is_unwanted());
    for event in [ended(143), RunEvent::HungUp] {
        machine.step(event, Moment(6));
    }
    let over = machine.step(RunEvent::Left(false), Moment(6));
    assert!(matches!(finish(&over), Some((_, Cause::Asked(by))) if by.with == "test"));
}

#[test]
fn a_stop_while_what_is_left_is_swept_is_for_good_though_it_ended_by_itself() {
    let mut machine = machine();
    for event in [RunEvent::Launched, ended(1), RunEvent::Left(true), changed(), stop(), RunEvent::HungUp] {
        machine.step(event, Moment(0));
    }
    let over = machine.step(RunEvent::Left(false), Moment(1));
    assert_eq!(finish(&over), Some((Outcome::Exited(1), Cause::Itself)));
    assert!(machine.is_unwanted() && machine.is_changed());
}

#[test]
fn it_ends_when_it_said_it_would_though_nobody_can_be_killed() {
    let mut machine = machine();
    for event in
        [RunEvent::Launched, asked(Ask::Stop { signal: None, grace: Some(Span(0)) }), ended(137), RunEvent::Left(true)]
    {
        machine.step(event, Moment(0));
    }
    let told = Moment(0) + machine.ends_within(Moment(0)).expect("it is ending");
    let mut now = Moment(0);
    while let Some(due) = machine.deadline() {
        now = due;
        machine.step(RunEvent::Tick, now);
    }
    assert!(machine.is_over() && now > Moment(5000) && now <= told, "{now:?} {told:?}");
}

#[test]
fn it_says_when_kill_comes_until_it_has_come() {
    let mut machine = machine();
    machine.step(RunEvent::Launched, Moment(0));
    assert_eq!(machine.killed_after(Moment(0)), None, "nobody has asked");
    machine.step(asked(Ask::Stop { signal: None, grace: Some(Span(9000)) }), Moment(1000));
    assert_eq!(machine.killed_after(Moment(3000)), Some(Span(7000).duration()));
    assert_eq!(machine.deadline().map(|due| due.0 <= 10_000), Some(true));
    machine.step(asked(Ask::Stop { signal: None, grace: None }), Moment(3000));
    assert_eq!(machine.killed_after(Moment(3000)), None, "it has come");
}

fn any_event() -> impl Strategy<Value = RunEvent> {
    prop_oneof![
        Just(RunEvent::Launched),
        Just(RunEvent::LaunchFailed { why: "no".into(), code: 127 }),
        (0..3i32).prop_map(ended),
        any::<bool>().prop_map(RunEvent::Left),
        Just(RunEvent::HungUp),
        Just(RunEvent::Unhealthy("500".into())),
        Just(RunEvent::LeaderStopped),
        Just(RunEvent::LeaderContinued),
        Just(RunEvent::Tick),
        Just(stop()),
        Just(changed()),
        Just(asked(Ask::Pause)),
        Just(asked(Ask::Resume)),
        Just(asked(Ask::Progress)),
        Just(asked(Ask::Signal(Signal::USR1))),
    ]
}

fn any_policy() -> impl Strategy<Value = (TimeLimits, Survivors)> {
    let survivors = prop_oneof![Just(Survivors::Swept), Just(Survivors::Kept)];
    (proptest::option::of(1u64..5000), proptest::option::of(1u64..5000), survivors)
        .prop_map(|(timeout, idle, survivors)| (limits(timeout, idle), survivors))
}

proptest! {
    #[test]
    fn whatever_happens_the_promises_hold(
        (limits, survivors) in any_policy(),
        happenings in proptest::collection::vec((any_event(), 0u64..3000), 0..40),
    ) {
        let mut machine = Machine::new(limits, survivors, Moment(0));
        let (mut now, mut finishes, mut was_over) = (Moment(0), 0, false);
        let (mut is_launch_known, mut has_leader_ended) = (false, false);
        for (event, later) in happenings {
            now = now + Duration::from_millis(later);
            is_launch_known |= matches!(event, RunEvent::Launched | RunEvent::LaunchFailed { .. });
            has_leader_ended |= matches!(event, RunEvent::LeaderEnded { .. });
            let is_request = matches!(event, RunEvent::Asked { .. });
            let is_stop = matches!(event, RunEvent::Asked { ask: Ask::Stop { .. }, .. });
            let effects = machine.step(event, now);
            let answers = effects.iter().filter(|e| matches!(e, Effect::Answer { .. })).count();
            prop_assert_eq!(answers, usize::from(is_request), "each request is answered once");
            finishes += effects.iter().filter(|e| matches!(e, Effect::Finish { .. })).count();
            if finishes > 0 {
                prop_assert!(machine.is_over() && machine.deadline().is_none());
                prop_assert!(is_launch_known && has_leader_ended, "over only when both are known");
            }
            if was_over {
                prop_assert!(!effects.iter().any(|e| matches!(e, Effect::SignalAll(_) | Effect::SignalGroup(_) | Effect::Enter(_))));
            } else if is_stop {
                prop_assert!(effects.iter().any(|e| matches!(e, Effect::SignalAll(_))), "a stop signals at once");
            }
            was_over = machine.is_over();
        }
        prop_assert!(finishes <= 1);
    }

    #[test]
    fn a_stopped_task_always_comes_to_its_end(
        (limits, survivors) in any_policy(),
        happenings in proptest::collection::vec((any_event(), 0u64..3000), 0..20),
    ) {
        let mut machine = Machine::new(limits, survivors, Moment(0));
        let mut now = Moment(0);
        for (event, later) in happenings {
            now = now + Duration::from_millis(later);
            machine.step(event, now);
        }
        // From here on the world obeys KILL and nothing else.
        machine.step(stop(), now);
        machine.step(RunEvent::Launched, now);
        let (mut rounds, mut ends_by) = (0, None);
        while !machine.is_over() {
            let within = machine.ends_within(now);
            prop_assert!(within.is_some(), "it says how long its end may take");
            let told = now + within.unwrap_or_default();
            prop_assert!(ends_by.is_none_or(|before| told <= before), "it takes longer than it said");
            ends_by = Some(told);
            let Some(due) = machine.deadline() else {
                prop_assert!(false, "it waits for nothing: {:?}", machine);
                return Ok(());
            };
            prop_assert!(due <= now + Duration::from_millis(GRACE), "it waits longer than its grace");
            now = due;
            if machine.step(RunEvent::Tick, now).contains(&Effect::SignalAll(Signal::KILL)) {
                machine.step(ended(137), now);
                machine.step(RunEvent::Left(false), now);
            }
            rounds += 1;
            prop_assert!(rounds < 2 * MOST_KILLS);
        }
    }
}
