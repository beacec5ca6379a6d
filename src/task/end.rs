//! How a run ended, why, and what it had used.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::enforcement::GroupCounts;
use super::outlived::Outliving;
use super::request::Asker;
use super::survivor::{Survivor, names};
use crate::units::signal::Signal;
use crate::units::size;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// How the leader ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal.
    Killed {
        /// Which.
        signal: Signal,
        /// Whether a core was dumped.
        core: bool,
    },
    /// It never ran.
    Unlaunched {
        /// Why, in a sentence.
        why: String,
        /// What a shell would report: 126 not executable, 127 not found, 125 anything else.
        code: i32,
    },
    /// It was queued, and never began.
    Unbegun,
    /// Not known: it was adopted, and how it ended was told to the process that had started it.
    Unseen,
}

/// Who or what brought the end about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The command itself, or a signal that aos did not send.
    Itself,
    /// Somebody asked for it.
    Asked(Asker),
    /// What it waited for will not come. The text says why.
    Cancelled(String),
    /// It ran longer than it may.
    TimedOut(Span),
    /// It printed nothing for longer than it may.
    Idle(Span),
    /// The kernel killed it for want of memory. The text says how that is known.
    OutOfMemory(String),
    /// Looks at its health failed. The text says what they found.
    Unhealthy(String),
}

/// How the text begins where it was the run's own limit.
pub const OWN_LIMIT: &str = "limit ";

/// The version of the end record's format.
pub const VERSION: u32 = 1;

/// The end of one run. *Shape*: in `exit.rec` and in `status.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Which run.
    pub run: u32,
    /// How the leader ended.
    pub outcome: Outcome,
    /// Who brought it about.
    pub cause: Cause,
    /// When everything was over.
    pub ended: WallTime,
    /// From launch to end.
    pub wall: Span,
    /// What it had used, where that is known.
    #[serde(flatten)]
    pub usage: Option<Usage>,
    /// Descendants that could not be ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Survivor>,
    /// What outlived the leader, and was ended for it.
    #[serde(default, skip_serializing_if = "Outliving::is_empty")]
    pub outlived: Outliving,
    /// Output that could not be written to the log. *Units*: bytes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost_output: u64,
    /// What its control group has counted, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Box<GroupCounts>>,
    /// What it ran into of its limits though it did not end for that, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ran_into: Vec<String>,
    /// Whether it was cancelled as what it was for did not come: no failure. The cause says what
    /// did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unneeded: bool,
    /// Why no other run follows, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gave_up: Option<GaveUp>,
}

impl End {
    /// The exit code where it says something of the run's work: that of a run that aos ended is
    /// what a signal makes of it.
    pub fn telling_exit_code(&self) -> Option<i32> {
        match self.cause {
            Cause::Itself | Cause::OutOfMemory(_) | Cause::Cancelled(_) => self.outcome.exit_code(),
            Cause::Asked(_) | Cause::TimedOut(_) | Cause::Idle(_) | Cause::Unhealthy(_) => None,
        }
    }

    /// An end of which there is nothing else to tell.
    pub fn new(run: u32, outcome: Outcome, cause: Cause, ended: WallTime, wall: Span) -> End {
        End {
            run,
            outcome,
            cause,
            ended,
            wall,
            usage: None,
            left: Vec::new(),
            outlived: Outliving::default(),
            lost_output: 0,
            counts: None,
            ran_into: Vec::new(),
            unneeded: false,
            gave_up: None,
        }
    }
}

/// Why a task is not begun again, though it was to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GaveUp {
    /// It was begun again so often, which is as often as it may be.
    Retried(u32),
    /// So many runs in a row ended as soon as they had begun.
    CrashLoop(u32),
}

/// What a run had used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Processor time of the leader and every descendant, in user mode.
    pub user_time: Span,
    /// The same in the kernel.
    pub system_time: Span,
    /// The largest resident set of any single process. *Units*: bytes.
    pub peak_memory: u64,
    /// Whether that is only known not to have been more: the kernel counts in what a process was
    /// before it executed its program, which is a supervisor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub peak_is_bound: bool,
    /// What was read from disks, by all that were collected. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// What was to be written to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes: Option<u64>,
}

impl Usage {
    /// The peak of memory in words: `12 MiB`.
    pub fn peak(&self) -> String {
        let at_most = if self.peak_is_bound { "at most " } else { "" };
        format!("{at_most}{}", size::of_bytes(self.peak_memory))
    }
}

impl Outcome {
    /// Whether the leader, or its child by a shell's word, was killed outright.
    pub fn is_by_kill(&self) -> bool {
        match self {
            Outcome::Killed { signal, .. } => *signal == Signal::KILL,
            // A shell's word for a child that was killed.
            Outcome::Exited(code) => *code == 128 + Signal::KILL.number(),
            Outcome::Unlaunched { .. } | Outcome::Unbegun | Outcome::Unseen => false,
        }
    }

    /// What a shell would make of it, where that is known: the code, or 128 + signal.
    pub fn exit_code(&self) -> Option<i32> {
        match self {
            Outcome::Exited(code) | Outcome::Unlaunched { code, .. } => Some(*code),
            Outcome::Killed { signal, .. } => Some(128 + signal.number()),
            Outcome::Unbegun | Outcome::Unseen => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Exited(code) => write!(f, "exit {code}"),
            Outcome::Killed { signal, core: false } => write!(f, "killed by {signal}"),
            Outcome::Killed { signal, core: true } => write!(f, "killed by {signal} (core dumped)"),
            Outcome::Unlaunched { why, .. } => f.write_str(why),
            Outcome::Unbegun => f.write_str("never began"),
            Outcome::Unseen => f.write_str("exit code not known"),
        }
    }
}

impl End {
    /// How it ended, in words. Of a task that is run again and again it is the run that never
    /// began.
    pub fn how(&self) -> String {
        match &self.outcome {
            Outcome::Unbegun if self.run > 1 => format!("run {} {}", self.run, self.outcome),
            outcome => outcome.to_string(),
        }
    }

    /// Why it ended as it did, where the outcome alone does not say.
    pub fn reason(&self) -> Option<String> {
        let cause = match &self.cause {
            Cause::Itself => match &self.outcome {
                Outcome::Unlaunched { why, .. } => Some(why.clone()),
                Outcome::Killed { .. } => Some(format!("{}, which aos did not send", self.outcome)),
                Outcome::Exited(_) | Outcome::Unbegun => None,
                Outcome::Unseen => Some("it ended; its exit code went to the process that had started it".into()),
            },
            Cause::Asked(asker) => Some(format!("asked by {asker}")),
            Cause::Cancelled(why) => Some(why.clone()),
            Cause::TimedOut(limit) => Some(format!("ran longer than {limit}")),
            Cause::Idle(limit) => Some(format!("printed nothing for {limit}")),
            // By the limit of the task itself, and not by another's.
            Cause::OutOfMemory(how) if how.starts_with(OWN_LIMIT) => Some(format!("killed: out of memory ({how})")),
            Cause::OutOfMemory(how) => Some(format!("out of memory: {how}")),
            Cause::Unhealthy(why) => Some(format!("unhealthy: {why}")),
        };
        let left = (!self.left.is_empty()).then(|| format!("{} left alive", names(&self.left)));
        let outlived = (!self.outlived.is_empty()).then(|| format!("ended {}", self.outlived));
        let lost = (self.lost_output > 0).then(|| format!("{} bytes of output lost", self.lost_output));
        let gave_up = self.gave_up.map(|why| self.why_given_up(why));
        let ran_into = (!self.ran_into.is_empty()).then(|| self.ran_into.join("; "));
        let parts: Vec<String> = [cause, ran_into, gave_up, outlived, left, lost].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn why_given_up(&self, why: GaveUp) -> String {
        match why {
            GaveUp::Retried(0) => "it may not be begun again".into(),
            GaveUp::Retried(1) => "it was begun again once, as often as it may be".into(),
            GaveUp::Retried(times) => format!("it was begun again {times} times, as often as it may be"),
            GaveUp::CrashLoop(runs) => {
                format!(
                    "crash loop: {runs} runs in a row ended within 1s of their start, the last with {}",
                    self.outcome
                )
            }
        }
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}
