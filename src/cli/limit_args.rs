//! What a run may use at most, as its options say.

use clap::Args;

use crate::actions::failure::{Failure, USAGE};
use crate::sys::machine;
use crate::sys::rlimit::Limits;
use crate::task::limits::{LimitKind, ResourceLimits};
use crate::units::amount::{Amounted, Count, Cpus, IoPriority, LimitWord, Niceness};
use crate::units::size;

/// Options that say what a run may use at most.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct LimitArgs {
    /// Memory of all its processes together (512M, 2G, none)
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    mem: Option<LimitWord<Amounted>>,
    /// Swap space beside --mem [default: 0 with --mem]
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    swap: Option<LimitWord<Amounted>>,
    /// Processor time (0.5, 2, 150%)
    #[arg(long, value_name = "CPUS", allow_negative_numbers = true)]
    cpu: Option<LimitWord<Cpus>>,
    /// Processes and threads
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pids: Option<LimitWord<Count>>,
    /// Open descriptors of each process
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    nofile: Option<LimitWord<Count>>,
    /// Length of each file that is written
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    fsize: Option<LimitWord<Amounted>>,
    /// Length of core dumps
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    core: Option<LimitWord<Amounted>>,
    /// Niceness, -20 to 19
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    nice: Option<LimitWord<Niceness>>,
    /// Priority at the disk: idle, or 0 (first) to 7
    #[arg(long, value_name = "PRIORITY")]
    ionice: Option<LimitWord<IoPriority>>,
}

impl LimitArgs {
    /// These in place of those that they name; checked against each other, and against what this
    /// machine has and the caller may.
    pub fn over(&self, others: ResourceLimits, callers: &Limits) -> Result<ResourceLimits, Failure> {
        let limits = ResourceLimits {
            mem: over(self.mem, others.mem, |size| size.0),
            swap: over(self.swap, others.swap, |size| size.0),
            cpu: over(self.cpu, others.cpu, |cpus| cpus),
            pids: over(self.pids, others.pids, |count| count.0),
            nofile: over(self.nofile, others.nofile, |count| count.0),
            fsize: over(self.fsize, others.fsize, |size| size.0),
            core: over(self.core, others.core, |size| size.0),
            nice: over(self.nice, others.nice, |nice| nice.0),
            ionice: over(self.ionice, others.ionice, |priority| priority),
            strict: others.strict,
        };
        if let Some(why) = limits.contradiction() {
            return Err(Failure::new(USAGE, why));
        }
        for kind in LimitKind::ALL {
            if let Some(why) = above_machine(&limits, kind, callers) {
                let is_set = others.of(kind) == limits.of(kind);
                let failure = Failure::new(USAGE, why);
                return Err(match is_set {
                    true => failure.hint(format!("config.toml sets it; --{kind} none lifts it")),
                    false => failure,
                });
            }
        }
        Ok(limits)
    }

    /// Those that are given.
    pub fn given(&self, callers: &Limits, known: &ResourceLimits) -> Result<ResourceLimits, Failure> {
        let nothing = ResourceLimits { mem: self.swap.and(known.mem), ..ResourceLimits::default() };
        let given = self.over(nothing, callers)?;
        let words = [
            (self.mem == Some(LimitWord::Lifted), LimitKind::Mem),
            (self.swap == Some(LimitWord::Lifted), LimitKind::Swap),
            (self.cpu == Some(LimitWord::Lifted), LimitKind::Cpu),
            (self.pids == Some(LimitWord::Lifted), LimitKind::Pids),
            (self.nofile == Some(LimitWord::Lifted), LimitKind::Nofile),
            (self.fsize == Some(LimitWord::Lifted), LimitKind::Fsize),
            (self.core == Some(LimitWord::Lifted), LimitKind::Core),
            (self.nice == Some(LimitWord::Lifted), LimitKind::Nice),
            (self.ionice == Some(LimitWord::Lifted), LimitKind::Ionice),
        ];
        match words.into_iter().find(|(is_lifted, _)| *is_lifted) {
            Some((_, kind)) => Err(Failure::new(
                USAGE,
                format!("--{kind} none: the limit of a run that goes on can be changed, not lifted"),
            )
            .hint(format!("--{kind} with a higher value"))),
            None => Ok(ResourceLimits { mem: self.mem.and(given.mem), ..given }),
        }
    }
}

fn over<T, U>(word: Option<LimitWord<T>>, other: Option<U>, value: impl FnOnce(T) -> U) -> Option<U> {
    word.map_or(other, |word| word.amount().map(value))
}

/// Why it can never be reached on this machine, or may not be had.
fn above_machine(limits: &ResourceLimits, kind: LimitKind, callers: &Limits) -> Option<String> {
    let more = |asked: u64, has: u64| asked > has;
    let sized = |what: &str, asked: u64, has: u64| {
        let (asked, has) = (size::exact(asked), size::rounded(has));
        Some(format!("--{kind} {asked} is more {what} than this machine has, which is {has}"))
    };
    match kind {
        LimitKind::Mem => {
            let (asked, has) = (limits.mem?, machine::memory()?);
            more(asked, has).then(|| sized("memory", asked, has))?
        }
        LimitKind::Swap => {
            let (asked, has) = (limits.swap?, machine::swap()?);
            more(asked, has).then(|| sized("swap space", asked, has))?
        }
        LimitKind::Cpu => {
            let (asked, has) = (limits.cpu?, machine::processors());
            let is_more = u64::from(asked.0) > has * 1000;
            is_more.then(|| format!("--cpu {asked} is more than this machine has processors, which is {has}"))
        }
        LimitKind::Pids => {
            let (asked, has) = (limits.pids?, machine::most_processes()?);
            more(asked, has).then(|| format!("--pids {asked} is more than this machine can have, which is {has}"))
        }
        LimitKind::Nofile => {
            let (asked, (_, hard)) = (limits.nofile?, callers.get("nofile").copied()?);
            let is_more = more(asked, hard) && !nix::unistd::geteuid().is_root();
            is_more.then(|| format!("--nofile {asked} is more than you may have, which is {hard} (ulimit -Hn)"))
        }
        LimitKind::Fsize | LimitKind::Core | LimitKind::Nice | LimitKind::Ionice => None,
    }
}
