//! What enforces the limits of a run, and what it ran into.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::{Amount, LimitKind, ResourceLimits};
use crate::units::size;
use crate::units::span::Span;

/// What holds a run to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcer {
    /// The kernel, by a control group of version 2: all processes together.
    Cgroup2,
    /// The kernel, by control groups of version 1: all processes together.
    Cgroup1,
    /// The kernel, each process by itself.
    RlimitPerProcess,
    /// The kernel's scheduler, each process by itself.
    Priority,
    /// A worker that looks again and again, and has the task ended: what is quick gets past it.
    Polled,
    /// Nothing.
    None,
}

/// What enforces one limit, and why nothing better does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforced {
    /// What does.
    pub by: Enforcer,
    /// Why it is less than what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The same for each limit of a run.
pub type Enforcement = BTreeMap<LimitKind, Enforced>;

/// One limit as it is told. *Shape*: an element of `limits` in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReport {
    /// Which.
    pub limit: LimitKind,
    /// How much.
    pub asked: Amount,
    /// What enforces it; absent before it has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforced: Option<Enforcer>,
    /// Why nothing better does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What the control group of a run has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCounts {
    /// The most memory that all its processes had together. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// Processes that were killed for memory.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub killed_for_memory: u64,
    /// How often a process or thread was refused.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pids_refused: u64,
    /// How long its processes waited though they could have run. *Units*: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled_ms: Option<Span>,
}

impl Enforcer {
    /// Its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Enforcer::Cgroup2 => "cgroup2",
            Enforcer::Cgroup1 => "cgroup1",
            Enforcer::RlimitPerProcess => "rlimit, per process",
            Enforcer::Priority => "priority",
            Enforcer::Polled => "polled",
            Enforcer::None => "nothing",
        }
    }
}

impl Enforced {
    /// As it should be.
    pub fn fully(by: Enforcer) -> Enforced {
        Enforced { by, why: None }
    }

    /// By less, for this reason.
    pub fn weakly(by: Enforcer, why: impl Into<String>) -> Enforced {
        Enforced { by, why: Some(why.into()) }
    }
}

/// Each limit that is asked for with what enforces it.
pub fn report(asked: &ResourceLimits, enforced: &Enforcement) -> Vec<LimitReport> {
    let told = |(limit, asked)| {
        let found = enforced.get(&limit);
        LimitReport { limit, asked, enforced: found.map(|it| it.by), why: found.and_then(|it| it.why.clone()) }
    };
    asked.asked().map(told).collect()
}

/// Those that are enforced by less than was asked for, in a sentence each.
pub fn weaker(asked: &ResourceLimits, enforced: &Enforcement) -> Vec<String> {
    let told = |(kind, amount)| {
        let Enforced { by, why: Some(why) } = enforced.get(&kind)? else { return None };
        Some(match by {
            Enforcer::None => format!("--{kind} {amount} is not enforced: {why}"),
            Enforcer::Polled => format!("--{kind} {amount} is only looked at now and then: {why}"),
            Enforcer::RlimitPerProcess => format!("--{kind} {amount} holds for each process by itself: {why}"),
            Enforcer::Cgroup1 | Enforcer::Cgroup2 | Enforcer::Priority => {
                format!("--{kind} {amount} is enforced in part: {why}")
            }
        })
    };
    asked.asked().filter_map(told).collect()
}

impl GroupCounts {
    /// What it ran into, in words, where it did not end for that.
    pub fn words(&self, asked: &ResourceLimits) -> Vec<String> {
        let mut words = Vec::new();
        match self.killed_for_memory {
            0 => {}
            1 => words.push(format!("1 process was killed for memory ({})", self.memory(asked))),
            many => words.push(format!("{many} processes were killed for memory ({})", self.memory(asked))),
        }
        if self.pids_refused > 0 {
            let times = if self.pids_refused == 1 { "once" } else { &format!("{} times", self.pids_refused) };
            let most = asked.pids.map_or_else(String::new, |most| format!(" (limit {most})"));
            words.push(format!("a process was refused {times}{most}"));
        }
        words
    }

    /// How much memory it might have, and had: `limit 512 MiB, peak 512 MiB`.
    pub fn memory(&self, asked: &ResourceLimits) -> String {
        let limit = asked.mem.map(|most| format!("limit {}", size::exact(most)));
        let peak = self.peak_memory.map(|peak| format!("peak {}", size::rounded(peak)));
        limit.into_iter().chain(peak).collect::<Vec<_>>().join(", ")
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
