//! What a run's machine can be asked, which changes nothing: when it is due, how long the end may
//! take, where the run stands.

use std::time::Duration;

use super::{DRAIN, KILL_AGAIN, LINGER, MOST_KILLS, Machine, RunState};
use crate::task::phase::Phase;
use crate::units::moment::Moment;

impl Machine {
    /// When [`RunEvent::Tick`](crate::supervisor::run::event::RunEvent::Tick) is due next, if
    /// nothing else happens.
    pub fn deadline(&self) -> Option<Moment> {
        // A limit that could not end the run would be due again at once.
        let is_up = self.leader.is_none() && !self.is_unstoppable;
        let timeout = self.limits.timeout.filter(|_| is_up).map(|s| self.began + s.duration());
        let idle = self.limits.idle_timeout.filter(|_| is_up).map(|s| self.last_output + s.duration());
        match self.stage {
            RunState::Over => None,
            RunState::Stopping { kill_at, look, .. } if !self.is_cleared() => {
                Some(look.map_or(kill_at, |(look_at, _)| look_at.min(kill_at)))
            }
            RunState::Ending { sweep_at } if !self.is_cleared() => sweep_at,
            RunState::Stopping { .. } | RunState::Ending { .. } => self.drain_until,
            // What is paused cannot print, but its time runs on.
            RunState::Paused => timeout,
            RunState::Starting | RunState::Running => [timeout, idle].into_iter().flatten().min(),
        }
    }

    /// How long the end may take from now on, if it has begun: what can be killed is gone by then,
    /// and what cannot is given up.
    pub fn ends_within(&self, now: Moment) -> Option<Duration> {
        let drained = |until: Option<Moment>| until.map_or(DRAIN, |until| now.until(until));
        match self.stage {
            RunState::Starting | RunState::Running | RunState::Paused | RunState::Over => None,
            RunState::Stopping { .. } if self.is_cleared() => Some(drained(self.drain_until)),
            RunState::Stopping { kill_at, kills, .. } => {
                Some(now.until(kill_at) + KILL_AGAIN * MOST_KILLS.saturating_sub(kills) + DRAIN)
            }
            RunState::Ending { .. } => Some(LINGER + self.limits.grace.duration() + KILL_AGAIN * MOST_KILLS + DRAIN),
        }
    }

    /// After how long KILL comes, if it has not come and anybody is left to get it.
    pub fn killed_after(&self, now: Moment) -> Option<Duration> {
        match self.stage {
            RunState::Stopping { kill_at, kills: 0, .. } if !self.is_cleared() => Some(now.until(kill_at)),
            RunState::Starting
            | RunState::Running
            | RunState::Paused
            | RunState::Stopping { .. }
            | RunState::Ending { .. }
            | RunState::Over => None,
        }
    }

    /// Whether the end was reached.
    pub fn is_over(&self) -> bool {
        self.stage == RunState::Over
    }

    /// Whether the leader ended, so that it matters who else is left.
    pub fn is_leader_gone(&self) -> bool {
        self.leader.is_some()
    }

    /// Whether nothing is waited for but the terminal's end.
    pub fn awaits_hang_up(&self) -> bool {
        !self.is_over() && self.is_cleared()
    }

    /// Whether a change of files ended it.
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Whether somebody asked it to stop, after which no other run follows.
    pub fn is_unwanted(&self) -> bool {
        self.is_unwanted
    }

    /// The phase as readers see it.
    pub fn phase(&self) -> Phase {
        match self.stage {
            RunState::Starting => Phase::Starting,
            RunState::Running => Phase::Running,
            RunState::Paused => Phase::Paused,
            RunState::Stopping { .. } | RunState::Ending { .. } => Phase::Stopping,
            RunState::Over => Phase::Over,
        }
    }
}
