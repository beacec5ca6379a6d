//! What a run may use at most, as it is asked for.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::units::amount::{Cpus, IoPriority};
use crate::units::size;

/// What a run may use at most. *Shape*: in `spec.json` and `status.json`; what is not there is not
/// limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLimits {
    /// Memory of all its processes together. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem: Option<u64>,
    /// Swap space of all together, beside that; none, where memory is limited and this is not said.
    /// *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap: Option<u64>,
    /// Processor time of all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpus>,
    /// Processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u64>,
    /// Descriptors that each process may have open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nofile: Option<u64>,
    /// The longest file that each process may write. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fsize: Option<u64>,
    /// The longest core dump. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core: Option<u64>,
    /// How nice it is to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nice: Option<i32>,
    /// How soon it gets the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ionice: Option<IoPriority>,
    /// Whether it is not begun where one of these would be enforced by less than a cgroup.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitKind {
    /// Memory.
    Mem,
    /// Swap space.
    Swap,
    /// Processor time.
    Cpu,
    /// Processes and threads.
    Pids,
    /// Open descriptors.
    Nofile,
    /// Length of files.
    Fsize,
    /// Length of core dumps.
    Core,
    /// Niceness.
    Nice,
    /// Priority at the disk.
    Ionice,
}

/// How much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// *Units*: bytes.
    Bytes(u64),
    /// Processors.
    Cpus(Cpus),
    /// So many.
    Count(i64),
    /// A priority.
    Io(IoPriority),
}

impl LimitKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [LimitKind; 9] = [
        LimitKind::Mem,
        LimitKind::Swap,
        LimitKind::Cpu,
        LimitKind::Pids,
        LimitKind::Nofile,
        LimitKind::Fsize,
        LimitKind::Core,
        LimitKind::Nice,
        LimitKind::Ionice,
    ];

    /// Its name, as an option has it.
    pub fn name(self) -> &'static str {
        match self {
            LimitKind::Mem => "mem",
            LimitKind::Swap => "swap",
            LimitKind::Cpu => "cpu",
            LimitKind::Pids => "pids",
            LimitKind::Nofile => "nofile",
            LimitKind::Fsize => "fsize",
            LimitKind::Core => "core",
            LimitKind::Nice => "nice",
            LimitKind::Ionice => "ionice",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl ResourceLimits {
    /// How much of this is asked for, if it is limited.
    pub fn of(&self, kind: LimitKind) -> Option<Amount> {
        let count = |number: u64| Amount::Count(i64::try_from(number).unwrap_or(i64::MAX));
        match kind {
            LimitKind::Mem => self.mem.map(Amount::Bytes),
            LimitKind::Swap => self.swap.map(Amount::Bytes),
            LimitKind::Cpu => self.cpu.map(Amount::Cpus),
            LimitKind::Pids => self.pids.map(count),
            LimitKind::Nofile => self.nofile.map(count),
            LimitKind::Fsize => self.fsize.map(Amount::Bytes),
            LimitKind::Core => self.core.map(Amount::Bytes),
            LimitKind::Nice => self.nice.map(|nice| Amount::Count(i64::from(nice))),
            LimitKind::Ionice => self.ionice.map(Amount::Io),
        }
    }

    /// Each that is asked for.
    pub fn asked(&self) -> impl Iterator<Item = (LimitKind, Amount)> {
        LimitKind::ALL.into_iter().filter_map(|kind| Some((kind, self.of(kind)?)))
    }

    /// Whether nothing is limited.
    pub fn is_none(&self) -> bool {
        self.asked().next().is_none()
    }

    /// The same, with these in place of those that they name.
    pub fn changed_by(&self, newer: &ResourceLimits) -> ResourceLimits {
        ResourceLimits {
            mem: newer.mem.or(self.mem),
            swap: newer.swap.or(self.swap),
            cpu: newer.cpu.or(self.cpu),
            pids: newer.pids.or(self.pids),
            nofile: newer.nofile.or(self.nofile),
            fsize: newer.fsize.or(self.fsize),
            core: newer.core.or(self.core),
            nice: newer.nice.or(self.nice),
            ionice: newer.ionice.or(self.ionice),
            strict: self.strict || newer.strict,
        }
    }

    /// Whether a control group is wanted for any of them.
    pub fn wants_group(&self) -> bool {
        self.mem.is_some() || self.cpu.is_some() || self.pids.is_some()
    }

    /// Why they contradict each other, or no program could run within them.
    pub fn contradiction(&self) -> Option<String> {
        const LEAST_MEM: u64 = 1 << 20;
        const LEAST_DESCRIPTORS: u64 = 8;
        if self.swap.is_some() && self.mem.is_none() {
            return Some("--swap limits what is swapped out beside --mem, which is not given".into());
        }
        if let Some(mem) = self.mem.filter(|mem| *mem < LEAST_MEM) {
            return Some(format!("--mem {}: no program starts with less than 1 MiB", size::exact(mem)));
        }
        if self.pids == Some(0) {
            return Some("--pids 0: the command itself is a process".into());
        }
        if let Some(few) = self.nofile.filter(|count| *count < LEAST_DESCRIPTORS) {
            return Some(format!("--nofile {few}: no program starts with fewer than {LEAST_DESCRIPTORS} descriptors"));
        }
        match (self.core, self.fsize) {
            (Some(core), Some(fsize)) if core > fsize => {
                let (core, fsize) = (size::exact(core), size::exact(fsize));
                Some(format!("--core {core} is more than --fsize {fsize}, which holds for core dumps, too"))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Bytes(bytes) => f.pad(&size::exact(*bytes)),
            Amount::Cpus(cpus) => cpus.fmt(f),
            Amount::Count(count) => count.fmt(f),
            Amount::Io(priority) => priority.fmt(f),
        }
    }
}

impl Serialize for Amount {
    /// Numbers as numbers, priorities as words.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Amount::Bytes(bytes) => bytes.serialize(to),
            Amount::Cpus(cpus) => cpus.serialize(to),
            Amount::Count(count) => count.serialize(to),
            Amount::Io(priority) => priority.serialize(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceLimits;

    #[test]
    fn what_contradicts_itself_is_named() {
        let none = ResourceLimits::default();
        let (mem, swap) = (Some(1 << 30), Some(1 << 20));
        for (limits, word) in [
            (ResourceLimits { swap, ..none }, "--mem"),
            (ResourceLimits { mem: Some(1000), ..none }, "1000 bytes"),
            (ResourceLimits { pids: Some(0), ..none }, "--pids 0"),
            (ResourceLimits { nofile: Some(3), ..none }, "--nofile 3"),
            (ResourceLimits { core: mem, fsize: swap, ..none }, "--fsize 1 MiB"),
        ] {
            let why = limits.contradiction().expect(word);
            assert!(why.contains(word), "{why}");
        }
        assert_eq!(ResourceLimits { mem, swap, ..none }.contradiction(), None);
    }

    #[test]
    fn what_is_newer_goes_before_the_rest() {
        let older = ResourceLimits { mem: Some(5), pids: Some(6), strict: true, ..ResourceLimits::default() };
        let newer = ResourceLimits { mem: Some(7), ..ResourceLimits::default() };
        assert_eq!(older.changed_by(&newer), ResourceLimits { mem: Some(7), ..older });
    }
}
