//! How a task's end is passed on and told.

use crate::actions::failure::{NO, NOT_ANSWERED, TIMED_OUT};
use crate::store::dependencies;
use crate::store::layout::Home;
use crate::store::snapshot::{Liveness, TaskSnapshot};
use crate::task::end::{Cause, Outcome};
use crate::task::phase::Phase;
use crate::units::span::Span;

/// The exit code that stands for how a task ended: its own, where that is known; 124 if its time
/// was up; 6 if it is lost, 1 if it never began.
pub fn exit_code(reading: &TaskSnapshot) -> Option<i32> {
    match &reading.standing {
        Liveness::Over(end) => match (&end.cause, &end.outcome) {
            (Cause::TimedOut(_) | Cause::Idle(_), Outcome::Killed { .. } | Outcome::Unseen) => Some(TIMED_OUT),
            (_, Outcome::Unbegun) => Some(NO),
            (_, Outcome::Exited(0)) if end.is_failure() => Some(NO),
            _ => end.outcome.exit_code(),
        },
        Liveness::Living(_) | Liveness::Lost(_) | Liveness::Unknown(_) => Some(NOT_ANSWERED),
    }
}

/// How a task stands, in a few words: `succeeded (exit 0) after 12s`.
pub fn tell(home: &Home, reading: &TaskSnapshot) -> String {
    let status = reading.status();
    match &reading.standing {
        Liveness::Over(end) => {
            let how = match &end.outcome {
                Outcome::Unbegun if matches!(end.cause, Cause::Cancelled(_)) => String::new(),
                Outcome::Unlaunched { .. } | Outcome::Unseen => String::new(),
                Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unbegun => format!(" ({})", end.how()),
            };
            let reason = end.reason().map_or_else(String::new, |reason| format!(": {reason}"));
            let after = match &end.outcome {
                Outcome::Unbegun => String::new(),
                Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } | Outcome::Unseen => {
                    format!(" after {}", end.wall)
                }
            };
            let unneeded = if end.unneeded { ", not needed" } else { "" };
            match &end.cause {
                // It makes way for the next, so that the task is none that was stopped.
                Cause::Asked(by) if by.is_restart() => format!("run {} ended{how}{after}{reason}", end.run),
                _ => format!("{status}{unneeded}{how}{after}{reason}"),
            }
        }
        Liveness::Living(_) if reading.trouble.is_some() => {
            format!("{status}, as far as is known: {}", reading.trouble.as_deref().unwrap_or_default())
        }
        Liveness::Living(Phase::Queued) => {
            let word = reading.between_runs().map_or_else(|| status.to_string(), |between| between.words());
            format!("{word}: {}", dependencies::words(home, reading))
        }
        Liveness::Living(_) => match reading.state.as_ref().and_then(|state| state.health.as_ref()) {
            Some(health) => format!("{status}, {}", health.word()),
            None => status.to_string(),
        },
        Liveness::Lost(why) | Liveness::Unknown(why) => format!("{status}: {why}"),
    }
}

/// Processor time as people read it.
pub fn processor_time(user: Span, system: Span) -> String {
    format!("{:.2}s user, {:.2}s system", user.0 as f64 / 1000.0, system.0 as f64 / 1000.0)
}
