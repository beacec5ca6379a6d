//! The lifecycle of a run, pure: events and the time go in, effects and the next deadline come
//! out. Touches nothing; every order of events is allowed, and tested.

mod breaches;
mod queries;

use std::time::Duration;

use super::event::{Effect, RunEvent};
use crate::task::end::{Cause, Outcome};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::task::request::{AnswerTo, Ask, Asker};
use crate::task::spec::{Survivors, TimeLimits};
use crate::units::moment::Moment;
use crate::units::signal::Signal;

/// How long processes that outlive the leader have to end by themselves, as the reader of a pipe
/// does.
const LINGER: Duration = Duration::from_millis(200);
/// How long after the last process a terminal may stay open: somebody outside holds it.
const DRAIN: Duration = Duration::from_secs(1);
/// When it is first looked for shells that a stop has left at their prompts; twice as long after
/// that, and so on.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// Between one KILL and the next look at what is still there.
const KILL_AGAIN: Duration = Duration::from_millis(100);
/// After so many KILLs what is left cannot be killed.
const MOST_KILLS: u32 = 50;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunState {
    Starting,
    Running,
    Paused,
    /// All were asked to end, and will be killed.
    Stopping {
        kill_at: Moment,
        kills: u32,
        /// When it is looked for shells that wait at their prompts by now, and after which pause
        /// that was set.
        look: Option<(Moment, Duration)>,
    },
    /// The leader ended by itself. What it left may still end by itself, until a moment that is
    /// known once anybody is known to be left.
    Ending {
        sweep_at: Option<Moment>,
    },
    Over,
}

/// Whether the command was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LaunchState {
    Unknown,
    Done,
    Failed { why: String, code: i32 },
}

/// A run's lifecycle.
#[derive(Clone, Debug)]
pub struct Machine {
    limits: TimeLimits,
    survivors: Survivors,
    stage: RunState,
    launch: LaunchState,
    leader: Option<Outcome>,
    cause: Option<Cause>,
    is_changed: bool,
    is_stopped_by_change: bool,
    is_unwanted: bool,
    has_hung_up: bool,
    is_nobody_left: bool,
    /// Whether the last attempt to end it was given up. No time limit begins another.
    is_unstoppable: bool,
    drain_until: Option<Moment>,
    began: Moment,
    last_output: Moment,
}

impl Machine {
    /// A run that begins now.
    pub fn new(limits: TimeLimits, survivors: Survivors, now: Moment) -> Machine {
        Machine {
            limits,
            survivors,
            stage: RunState::Starting,
            launch: LaunchState::Unknown,
            leader: None,
            cause: None,
            is_changed: false,
            is_stopped_by_change: false,
            is_unwanted: false,
            has_hung_up: false,
            is_nobody_left: false,
            is_unstoppable: false,
            drain_until: None,
            began: now,
            last_output: now,
        }
    }

    /// Takes in an event; says what is to be done.
    pub fn step(&mut self, event: RunEvent, now: Moment) -> Vec<Effect> {
        let mut effects = match event {
            // Also of a run that is over: each request is answered.
            RunEvent::Asked { ask, by, answer_to } => self.asked(ask, by, answer_to, now),
            _ if self.is_over() => Vec::new(),
            RunEvent::Launched => self.launched(),
            RunEvent::LaunchFailed { why, code } => self.launch_failed(why, code),
            RunEvent::LeaderEnded { outcome, out_of_memory } => self.leader_ended(outcome, out_of_memory),
            RunEvent::LeaderStopped => self.leader_stopped(),
            RunEvent::LeaderContinued => self.leader_continued(now),
            RunEvent::Left(any) => self.left(any, now),
            RunEvent::HungUp => {
                self.has_hung_up = true;
                Vec::new()
            }
            RunEvent::OutOfMemory(how) => self.out_of_memory(how, now),
            RunEvent::Unhealthy(why) => self.unhealthy(why, now),
            RunEvent::Changed(what) => self.changed(what, now),
            RunEvent::Tick => self.tick(now),
        };
        effects.extend(self.finish_if_over(now));
        effects
    }

    /// Output came: the idle limit counts anew. Apart from [`step`](Machine::step), as it happens
    /// thousands of times a second and nothing follows from it.
    pub fn note_output(&mut self, now: Moment) {
        self.last_output = now;
    }

    fn launched(&mut self) -> Vec<Effect> {
        if self.launch != LaunchState::Unknown {
            return Vec::new();
        }
        self.launch = LaunchState::Done;
        let mut effects = Vec::new();
        // A pause or a stop may have come before the launch was known.
        if self.stage == RunState::Starting {
            self.stage = RunState::Running;
            effects.push(Effect::Enter(Phase::Running));
        }
        effects.push(Effect::ReportLaunched);
        effects
    }

    fn launch_failed(&mut self, why: String, code: i32) -> Vec<Effect> {
        if self.launch != LaunchState::Unknown {
            return Vec::new();
        }
        self.launch = LaunchState::Failed { why: why.clone(), code };
        // The process that could not execute it ends as any leader does, and the run with it.
        vec![Effect::Note(Note::Unlaunched { why })]
    }

    fn leader_ended(&mut self, outcome: Outcome, out_of_memory: Option<String>) -> Vec<Effect> {
        if self.leader.is_some() {
            return Vec::new();
        }
        self.leader = Some(outcome.clone());
        self.cause.get_or_insert(out_of_memory.map_or(Cause::Itself, Cause::OutOfMemory));
        // A stop goes on with the grace that it has.
        if !matches!(self.stage, RunState::Stopping { .. }) {
            self.stage = RunState::Ending { sweep_at: None };
        }
        vec![Effect::Note(Note::LeaderEnded { outcome })]
    }

    fn left(&mut self, any: bool, now: Moment) -> Vec<Effect> {
        if self.leader.is_none() {
            return Vec::new();
        }
        self.is_nobody_left = !any;
        if self.is_cleared() {
            self.drain_until.get_or_insert(now + DRAIN);
            return Vec::new();
        }
        // Once: else each of them that ends would put it off for the others.
        if let RunState::Ending { sweep_at: sweep_at @ None } = &mut self.stage {
            *sweep_at = Some(now + LINGER);
        }
        Vec::new()
    }

    /// As a shell's job is stopped.
    fn leader_stopped(&mut self) -> Vec<Effect> {
        match self.stage {
            RunState::Starting | RunState::Running => {
                self.stage = RunState::Paused;
                vec![Effect::Note(Note::Stopped), Effect::Enter(Phase::Paused), Effect::Suspend]
            }
            // What is being ended goes on: CONT follows the signal that ends it.
            RunState::Paused | RunState::Stopping { .. } | RunState::Ending { .. } | RunState::Over => Vec::new(),
        }
    }

    /// Somebody else had it go on.
    fn leader_continued(&mut self, now: Moment) -> Vec<Effect> {
        match self.stage {
            RunState::Paused => {
                let mut effects = vec![Effect::Note(Note::Continued)];
                effects.extend(self.go_on(now));
                effects
            }
            RunState::Starting
            | RunState::Running
            | RunState::Stopping { .. }
            | RunState::Ending { .. }
            | RunState::Over => Vec::new(),
        }
    }

    fn go_on(&mut self, now: Moment) -> Vec<Effect> {
        // A pause is no silence.
        self.last_output = now;
        self.stage = if self.launch == LaunchState::Done { RunState::Running } else { RunState::Starting };
        vec![Effect::Enter(self.phase())]
    }

    fn asked(&mut self, ask: Ask, by: Asker, answer_to: Option<AnswerTo>, now: Moment) -> Vec<Effect> {
        let answer = |refused| answer_to.map(|to| Effect::Answer { to, refused });
        let done = match (ask, self.stage) {
            (Ask::Progress, _) => return answer(None).into_iter().collect(),
            (_, RunState::Over) => Err("it is over"),
            (Ask::Stop { signal, grace }, _) => Ok(self.asked_to_stop(signal, grace.map(|g| g.duration()), &by, now)),
            (_, RunState::Stopping { .. } | RunState::Ending { .. }) => Err("it is being stopped"),
            // Whoever has the limits does it.
            (Ask::Limit(_), _) => Err("it has no limits"),
            (Ask::Signal(signal), _) => Ok(vec![Effect::SignalGroup(signal)]),
            (Ask::Pause, RunState::Paused) => Err("it is paused already"),
            (Ask::Pause, _) => {
                self.stage = RunState::Paused;
                Ok(vec![Effect::SignalAll(Signal::STOP), Effect::Enter(Phase::Paused)])
            }
            (Ask::Resume, RunState::Paused) => {
                let mut effects = vec![Effect::SignalAll(Signal::CONT)];
                effects.extend(self.go_on(now));
                Ok(effects)
            }
            (Ask::Resume, _) => Err("it is not paused"),
        };
        let (mut effects, refused) = match done {
            Ok(effects) => (effects, None),
            Err(why) => (vec![Effect::Note(Note::Refused { why: why.to_owned() })], Some(why.to_owned())),
        };
        // The journal says who asked before it says what followed; the answer comes when all is
        // done.
        effects.insert(0, Effect::Note(Note::Asked { ask, by }));
        effects.extend(answer(refused));
        effects
    }

    fn asked_to_stop(
        &mut self,
        signal: Option<Signal>,
        grace: Option<Duration>,
        by: &Asker,
        now: Moment,
    ) -> Vec<Effect> {
        self.is_unwanted = true;
        // Only files had asked so far, and they want another run.
        let is_first = std::mem::take(&mut self.is_stopped_by_change);
        if is_first {
            self.cause = None;
        }
        match self.stage {
            RunState::Stopping { .. } if !is_first => self.kill(now),
            RunState::Starting
            | RunState::Running
            | RunState::Paused
            | RunState::Stopping { .. }
            | RunState::Ending { .. }
            | RunState::Over => {
                self.cause.get_or_insert(Cause::Asked(by.clone()));
                let signal = signal.unwrap_or(self.limits.stop_signal);
                self.begin_stopping(signal, grace.unwrap_or(self.limits.grace.duration()), now)
            }
        }
    }

    fn changed(&mut self, what: String, now: Moment) -> Vec<Effect> {
        self.is_changed = true;
        match self.stage {
            RunState::Starting | RunState::Running | RunState::Paused => {
                self.is_stopped_by_change = true;
                self.cause = Some(Cause::Asked(Asker { with: what, pid: 0 }));
                self.begin_stopping(self.limits.stop_signal, self.limits.grace.duration(), now)
            }
            // What is ending anyway sees the change when it is begun again.
            RunState::Stopping { .. } | RunState::Ending { .. } | RunState::Over => Vec::new(),
        }
    }

    /// CONT follows, as a stopped process hears nothing else.
    fn begin_stopping(&mut self, signal: Signal, grace: Duration, now: Moment) -> Vec<Effect> {
        self.is_unstoppable = false;
        // Shells at their prompts ignore TERM, and would wait for KILL.
        let look = (signal == Signal::TERM).then(|| (now + FIRST_LOOK, FIRST_LOOK));
        self.stage = RunState::Stopping { kill_at: now + grace, kills: 0, look };
        let mut effects = vec![Effect::SignalAll(signal), Effect::SignalAll(Signal::CONT)];
        effects.extend(look.map(|_| Effect::HangUpShells));
        effects.push(Effect::Enter(Phase::Stopping));
        effects
    }

    fn kill(&mut self, now: Moment) -> Vec<Effect> {
        let kills = match self.stage {
            RunState::Stopping { kills, .. } => kills,
            RunState::Starting | RunState::Running | RunState::Paused | RunState::Ending { .. } | RunState::Over => 0,
        };
        self.stage = RunState::Stopping { kill_at: now + KILL_AGAIN, kills: kills + 1, look: None };
        vec![Effect::SignalAll(Signal::KILL)]
    }

    fn tick(&mut self, now: Moment) -> Vec<Effect> {
        if self.deadline().is_none_or(|due| now < due) {
            return Vec::new();
        }
        match self.stage {
            RunState::Stopping { kills: MOST_KILLS.., .. } if !self.is_cleared() => self.give_up(now),
            RunState::Stopping { kill_at, kills, look: Some((_, pause)) } if !self.is_cleared() && now < kill_at => {
                let look = Some((now + pause * 2, pause * 2));
                self.stage = RunState::Stopping { kill_at, kills, look };
                vec![Effect::HangUpShells]
            }
            RunState::Stopping { .. } if !self.is_cleared() => self.kill(now),
            RunState::Ending { .. } if !self.is_cleared() => self.end_outliving(now),
            RunState::Stopping { .. } | RunState::Ending { .. } | RunState::Over => Vec::new(),
            RunState::Starting | RunState::Running | RunState::Paused => self.time_up(now),
        }
    }

    /// A leader that lives on after so many KILLs may not be signalled, or waits in the kernel: the
    /// run goes on.
    fn give_up(&mut self, now: Moment) -> Vec<Effect> {
        self.is_unstoppable = true;
        let mut effects = vec![Effect::NameUnstoppable];
        effects.extend(self.go_on(now));
        effects
    }

    /// What the leader left and what is still there has its own grace.
    fn end_outliving(&mut self, now: Moment) -> Vec<Effect> {
        let mut effects = vec![Effect::NameOutliving];
        effects.extend(self.begin_stopping(Signal::TERM, self.limits.grace.duration(), now));
        effects
    }

    /// Whether nobody is left who should go: none at all, none that may be swept, or none that can
    /// be.
    fn is_cleared(&self) -> bool {
        let is_given_up = matches!(self.stage, RunState::Stopping { kills, .. } if kills >= MOST_KILLS);
        // Only after an end by itself: a stop is meant for all of them.
        let may_stay = self.survivors == Survivors::Kept && matches!(self.stage, RunState::Ending { .. });
        self.leader.is_some() && (self.is_nobody_left || is_given_up || may_stay)
    }

    fn finish_if_over(&mut self, now: Moment) -> Option<Effect> {
        if self.is_over() || !self.is_cleared() {
            return None;
        }
        // Set here where those that are left may stay, or cannot be killed.
        let drained = self.drain_until.get_or_insert(now + DRAIN);
        if !self.has_hung_up && now < *drained {
            return None;
        }
        let outcome = match (&self.launch, self.leader.clone()?) {
            // The end may be heard of before the launch.
            (LaunchState::Unknown, _) => return None,
            (LaunchState::Done, outcome) => outcome,
            (LaunchState::Failed { why, code }, _) => Outcome::Unlaunched { why: why.clone(), code: *code },
        };
        self.stage = RunState::Over;
        let cause = self.cause.clone().unwrap_or(Cause::Itself);
        Some(Effect::Finish { outcome, cause })
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
