//! What ends a run that would go on: limits that it reached, health that it lost.

use crate::supervisor::run::event::Effect;
use crate::supervisor::run::machine::{Machine, RunState};
use crate::task::end::Cause;
use crate::task::health;
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::units::moment::Moment;

impl Machine {
    pub(super) fn out_of_memory(&mut self, how: String, now: Moment) -> Vec<Effect> {
        self.cause.get_or_insert(Cause::OutOfMemory(how.clone()));
        let mut effects = vec![Effect::Note(Note::OverLimit { how })];
        // Without a grace, in which it would take more and more.
        effects.extend(self.kill(now));
        effects.push(Effect::Enter(Phase::Stopping));
        effects
    }

    pub(super) fn unhealthy(&mut self, why: String, now: Moment) -> Vec<Effect> {
        match self.stage {
            RunState::Running => {}
            // What ends anyway, or is paused, need not be healthy.
            RunState::Starting
            | RunState::Paused
            | RunState::Stopping { .. }
            | RunState::Ending { .. }
            | RunState::Over => return Vec::new(),
        }
        let problem = health::problem(&why);
        self.cause.get_or_insert(Cause::Unhealthy(why));
        let mut effects = vec![Effect::Note(Note::Finding(problem))];
        effects.extend(self.begin_stopping(self.limits.stop_signal, self.limits.grace.duration(), now));
        effects
    }

    pub(super) fn time_up(&mut self, now: Moment) -> Vec<Effect> {
        let timed_out = self.limits.timeout.filter(|limit| self.began + limit.duration() <= now);
        let (cause, why) = match (timed_out, self.limits.idle_timeout) {
            (Some(limit), _) => (Cause::TimedOut(limit), format!("it ran longer than {limit}")),
            (None, Some(limit)) => (Cause::Idle(limit), format!("it printed nothing for {limit}")),
            (None, None) => return Vec::new(),
        };
        self.cause.get_or_insert(cause);
        let mut effects = vec![Effect::Note(Note::TimeUp { why })];
        effects.extend(self.begin_stopping(self.limits.stop_signal, self.limits.grace.duration(), now));
        effects
    }
}
