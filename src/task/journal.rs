//! What happened to a task, one event a line.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::end::Outcome;
use super::format::Format;
use super::hook_event::HookEvent;
use super::outlived::Outliving;
use super::request::{Ask, Asker};
use super::run_findings::FoundProblem;
use crate::units::signal::Signal;
use crate::units::size;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// The version of the journal's lines.
pub const VERSION: u32 = 1;

/// One line of `journal.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The format's version.
    pub version: u32,
    /// When.
    pub at: WallTime,
    /// In which run.
    pub run: u32,
    /// What.
    #[serde(flatten)]
    pub event: JournalEvent,
}

impl Format for JournalEntry {
    const VERSION: u32 = VERSION;
}

/// What can happen to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum JournalEvent {
    /// It waits.
    Queued {
        /// For what, in words.
        why: String,
        /// Whether it stands in no queue, but between two of its own runs.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        between_runs: bool,
    },
    /// Files changed upon which it is begun again.
    Changed {
        /// Which, in words.
        what: String,
    },
    /// Something that it waited for has come.
    Released {
        /// What, in words.
        what: String,
    },
    /// Something that it waited for will not come.
    Cancelled {
        /// Why.
        why: String,
    },
    /// The supervisor made the leader.
    Born {
        /// The leader's pid.
        pid: i32,
        /// How long the log was. *Units*: bytes.
        log_start: u64,
    },
    /// Processes that were running already became the task.
    Adopted {
        /// Their pids.
        pids: Vec<i32>,
    },
    /// The command was executed.
    Launched,
    /// It could not be.
    Unlaunched {
        /// Why.
        why: String,
    },
    /// It is looked for what shows that the task is ready.
    LookedFor {
        /// What, in words.
        what: String,
    },
    /// The task is not ready; noted when what is found instead has changed.
    NotReady {
        /// What is found instead.
        why: String,
    },
    /// The task is ready.
    Ready {
        /// How that is known.
        how: String,
        /// Where it is reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// It ended and was never ready.
    NeverReady {
        /// What had been looked for, in words.
        what: String,
    },
    /// A look at its health went well, and the one before did not, or there was none.
    Healthy,
    /// The same the other way round.
    Unhealthy {
        /// What was found instead.
        why: String,
    },
    /// Somebody asked for something.
    Asked {
        /// What.
        ask: Ask,
        /// Who.
        by: Asker,
    },
    /// A request was not carried out.
    Refused {
        /// Why.
        why: String,
    },
    /// The limits of the run were changed, or were to be.
    Limited {
        /// Which, as options have them.
        limits: String,
        /// Who asked.
        by: Asker,
    },
    /// It took more than it may.
    OverLimit {
        /// How much, in words.
        how: String,
    },
    /// A time limit was reached.
    TimeUp {
        /// What brought it about, in words.
        why: String,
    },
    /// Descendants were signalled.
    Signalled {
        /// With what.
        signal: Signal,
        /// How many.
        count: usize,
    },
    /// The leader ended.
    LeaderEnded {
        /// How.
        outcome: Outcome,
    },
    /// A signal stopped the leader where it is.
    Stopped,
    /// It goes on.
    Continued,
    /// The leader left these, and they are ended.
    Outlived {
        /// Who.
        processes: Outliving,
    },
    /// The attempt to end it was given up, and it goes on.
    Unstoppable {
        /// Who could not be ended, and why.
        why: String,
    },
    /// Output could not be written for a while.
    OutputLost {
        /// How much.
        bytes: u64,
        /// Why.
        why: String,
    },
    /// The log was removed from outside and begun anew.
    LogRemoved,
    /// The log was cut short from outside.
    LogCut,
    /// The log took more room than it may, and its oldest part was dropped.
    LogDropped {
        /// How much of it. *Units*: bytes of output.
        bytes: u64,
        /// Who took more room than he may.
        #[serde(default, skip_serializing_if = "Budget::is_own")]
        budget: Budget,
    },
    /// The output tells of a problem that it had not told of before.
    Finding(FoundProblem),
    /// Everything is over.
    Over {
        /// How the leader had ended.
        outcome: Outcome,
        /// After how long.
        wall: Span,
    },
    /// The supervisor ended without recording the task's end. Written by its watchdog.
    SupervisorGone {
        /// The signal that ended it, if one did.
        signal: Option<Signal>,
        /// How many descendants were left, and ended.
        swept: usize,
    },
    /// A hook ran, or was left out.
    HookRan {
        /// For which event.
        hook: HookEvent,
        /// What was run.
        command: String,
        /// How it went, in words.
        ended: String,
        /// What it has to say to the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// Something went wrong inside aos.
    Problem {
        /// What.
        what: String,
    },
}

/// How much room there is for logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// For a task's own (`per_task`).
    #[default]
    Own,
    /// For all tasks' together (`total`).
    Total,
}

impl Budget {
    fn is_own(&self) -> bool {
        *self == Budget::Own
    }
}

impl fmt::Display for JournalEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalEvent::Queued { why, between_runs: false } => write!(f, "queued: {why}"),
            JournalEvent::Queued { why, between_runs: true } => write!(f, "between runs: {why}"),
            JournalEvent::Changed { what } => f.write_str(what),
            JournalEvent::Released { what } => write!(f, "no longer held: {what}"),
            JournalEvent::Cancelled { why } => write!(f, "cancelled: {why}"),
            JournalEvent::Born { pid, .. } => write!(f, "born as pid {pid}"),
            JournalEvent::Adopted { pids } => {
                let pids: Vec<String> = pids.iter().map(i32::to_string).collect();
                write!(f, "adopted pid {}, to be tracked only", pids.join(", "))
            }
            JournalEvent::Launched => f.write_str("the command was executed"),
            JournalEvent::Unlaunched { why } => write!(f, "not launched: {why}"),
            JournalEvent::LookedFor { what } => write!(f, "to be ready it must show {what}"),
            JournalEvent::NotReady { why } => write!(f, "not ready: {why}"),
            JournalEvent::Ready { how, .. } => write!(f, "ready: {how}"),
            JournalEvent::Healthy => f.write_str("healthy"),
            JournalEvent::Unhealthy { why } => write!(f, "unhealthy: {why}"),
            JournalEvent::NeverReady { what } => write!(f, "it was never ready: {what} was not seen"),
            JournalEvent::Asked { ask: Ask::Stop { .. }, by } if by.is_restart() => {
                write!(f, "{by} asked for the next run")
            }
            JournalEvent::Asked { ask, by } => write!(f, "{by} asked for {ask}"),
            JournalEvent::Refused { why } => write!(f, "refused: {why}"),
            JournalEvent::Limited { limits, by } => write!(f, "{by} asked for {limits}"),
            JournalEvent::OverLimit { how } => write!(f, "it has more memory than it may ({how})"),
            JournalEvent::TimeUp { why } => f.write_str(why),
            JournalEvent::Signalled { signal, count } => {
                write!(f, "{signal} to {count} process{}", if *count == 1 { "" } else { "es" })
            }
            JournalEvent::Stopped => f.write_str("a signal stopped the leader"),
            JournalEvent::Continued => f.write_str("the leader goes on"),
            JournalEvent::Outlived { processes } => write!(f, "ending {processes} (--keep-children leaves such alone)"),
            JournalEvent::Unstoppable { why } => write!(f, "given up, it goes on: {why}"),
            JournalEvent::LeaderEnded { outcome } => write!(f, "the leader ended: {outcome}"),
            JournalEvent::OutputLost { bytes: 0, why } => write!(f, "output cannot be written for now: {why}"),
            JournalEvent::OutputLost { bytes, why } => write!(f, "{bytes} bytes of output could not be written: {why}"),
            JournalEvent::LogRemoved => f.write_str("the log was removed by somebody else; a new one was begun"),
            JournalEvent::LogCut => f.write_str("the log was cut short by somebody else; it goes on"),
            JournalEvent::LogDropped { bytes, budget } => {
                let how_much = size::of_bytes(*bytes);
                match budget {
                    Budget::Own => write!(f, "the oldest {how_much} of the log were dropped to make room"),
                    Budget::Total => {
                        write!(f, "the oldest {how_much} of the log were dropped: all logs took more than `total`")
                    }
                }
            }
            JournalEvent::Finding(problem) if problem.line == 0 => write!(f, "found: {}", problem.words()),
            JournalEvent::Finding(problem) => write!(f, "found, in line {}: {}", problem.line, problem.words()),
            JournalEvent::Over { outcome, wall } => write!(f, "over after {wall}: {outcome}"),
            JournalEvent::SupervisorGone { signal: Some(signal), swept } => {
                write!(f, "the supervisor was ended by {signal}; {swept} of its descendants were left, and ended")
            }
            JournalEvent::SupervisorGone { signal: None, swept } => {
                write!(f, "the supervisor ended by itself; {swept} of its descendants were left, and ended")
            }
            JournalEvent::HookRan { hook, command, ended, said } => {
                write!(f, "hook of {hook}: `{command}`: {ended}")?;
                said.iter().try_for_each(|said| write!(f, "; it says: {said}"))
            }
            JournalEvent::Problem { what } => write!(f, "problem: {what}"),
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ask::Stop { .. } => f.write_str("a stop"),
            Ask::Signal(signal) => write!(f, "{signal}"),
            Ask::Pause => f.write_str("a pause"),
            Ask::Resume => f.write_str("a resume"),
            Ask::Limit(_) => f.write_str("other limits"),
            Ask::Progress => f.write_str("progress"),
        }
    }
}
