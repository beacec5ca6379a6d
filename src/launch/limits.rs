//! From the limits that are asked for to what enforces them: a control group where one can be had,
//! found out by making it; what each process is held to by itself; and what is only looked at.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use super::{LaunchFailure, UNENFORCED, scope};
use crate::store::cgroup_record;
use crate::store::task_dir::TaskDir;
use crate::sys::cgroup::places::{self, Candidate, CgroupPlaces};
use crate::sys::cgroup::{Cgroup, Controller};
use crate::sys::errno_text;
use crate::sys::rlimit::{self, Limits};
use crate::task::enforcement::{self, Enforced, Enforcement, Enforcer, GroupCounts};
use crate::task::limits::{LimitKind, ResourceLimits};
use crate::task::spec::Spec;
use crate::units::span::Span;

/// No run that has a control group has more processes, where nothing else is asked for: a fork bomb
/// stays as small as that.
pub const USUAL_PIDS: u64 = 4096;
/// The limit of how much memory of its own a process has.
const DATA: &str = "data";

/// What holds one run to its limits.
#[derive(Clone, Debug, Default)]
pub struct RunLimits {
    /// What was asked for.
    pub asked: ResourceLimits,
    /// The run's control group, if it has one.
    pub group: Option<Cgroup>,
    /// What enforces each of them.
    pub enforced: Enforcement,
}

/// How a new process gets into the control group of a run.
#[derive(Debug, Default)]
pub struct GroupEntry {
    /// To each of these it writes 0.
    pub(super) entries: Vec<File>,
    /// In this one it can be made.
    pub(super) birthplace: Option<File>,
}

impl GroupEntry {
    pub(super) fn of(limits: &RunLimits) -> io::Result<GroupEntry> {
        let Some(group) = &limits.group else { return Ok(GroupEntry::default()) };
        Ok(GroupEntry { entries: group.entries()?, birthplace: group.birthplace() })
    }
}

impl RunLimits {
    /// Makes what is needed for a run, whose control group is written down in the task's directory
    /// first. Costs nothing where nothing is asked for.
    pub fn prepare(asked: ResourceLimits, spec: &Spec, run: u32, task: &TaskDir) -> RunLimits {
        let mut limits = RunLimits { asked, group: None, enforced: by_process(&asked) };
        if asked.wants_group() {
            match make_group(&asked, spec, run, task) {
                Ok(group) => limits.impose(group),
                Err(why) => limits.do_without(&why),
            }
        }
        limits
    }

    /// What holds a run that goes on.
    pub fn of_running(asked: ResourceLimits, enforced: Enforcement, task: &TaskDir) -> RunLimits {
        RunLimits { asked, group: cgroup_record::read(task).filter(Cgroup::is_there), enforced }
    }

    /// Why nothing is begun, where less is enforced than is demanded.
    pub fn refusal(&self) -> Option<LaunchFailure> {
        let weaker = if self.asked.strict { self.weaker() } else { Vec::new() };
        (!weaker.is_empty()).then(|| LaunchFailure { why: weaker.join("; "), code: UNENFORCED })
    }

    /// What is enforced by less than was asked for, a sentence each.
    pub fn weaker(&self) -> Vec<String> {
        enforcement::weaker(&self.asked, &self.enforced)
    }

    /// What each process is held to, with what its caller is.
    pub(super) fn rlimits(&self, callers: &Limits) -> Limits {
        let mut all = callers.clone();
        let ResourceLimits { nofile, fsize, core, .. } = self.asked;
        for (name, most) in [("nofile", nofile), ("fsize", fsize), ("core", core)] {
            if let Some(most) = most {
                all.insert(name.to_owned(), (most, most));
            }
        }
        if let Some(data) = self.data(callers) {
            all.insert(DATA.to_owned(), data);
        }
        all
    }

    /// Memory that no process has by itself need not be looked for. It is what each may have at
    /// first, and can be raised.
    fn data(&self, callers: &Limits) -> Option<(u64, u64)> {
        let most = self.asked.mem.filter(|_| self.is_polled(LimitKind::Mem))?;
        let hard = callers.get(DATA).map_or(u64::MAX, |(_, hard)| *hard);
        Some((most.min(hard), hard))
    }

    /// Has processes that were begun before a change be held to what holds now.
    pub fn hold_each(&self, pids: impl FnOnce() -> Vec<i32>) {
        if let Some(most) = self.asked.mem.filter(|_| self.is_polled(LimitKind::Mem)) {
            for pid in pids() {
                // One that is gone needs no limit, and one that may not be told is looked at.
                let _ = rlimit::change_data(pid, most);
            }
        }
    }

    /// Whether this is only looked at now and then.
    pub fn is_polled(&self, kind: LimitKind) -> bool {
        self.enforced.get(&kind).is_some_and(|it| it.by == Enforcer::Polled)
    }

    /// What its control group has counted.
    pub fn counts(&self) -> Option<GroupCounts> {
        let counts = self.group.as_ref()?.counts();
        Some(GroupCounts {
            peak_memory: counts.peak_memory.filter(|_| self.asked.mem.is_some()),
            killed_for_memory: counts.killed_for_memory,
            pids_refused: counts.pids_refused,
            throttled_ms: counts.throttled_us.filter(|_| self.asked.cpu.is_some()).map(|us| Span(us / 1000)),
        })
    }

    /// What enforces limits by a group.
    fn by_group(&self) -> Enforcer {
        match &self.group {
            Some(group) if group.is_unified() => Enforcer::Cgroup2,
            Some(_) => Enforcer::Cgroup1,
            None => Enforcer::None,
        }
    }

    fn impose(&mut self, group: Cgroup) {
        self.group = Some(group);
        let asked = self.asked;
        if let Some(group) = self.group.as_ref().filter(|_| asked.pids.is_none()) {
            let _ = group.limit_pids(USUAL_PIDS);
        }
        for kind in [LimitKind::Mem, LimitKind::Swap, LimitKind::Cpu, LimitKind::Pids] {
            if asked.of(kind).is_none() {
                continue;
            }
            let found = match self.set(kind) {
                Ok(()) => Enforced::fully(self.by_group()),
                Err(e) => without_group(kind, &errno_text::of(&e)),
            };
            self.enforced.insert(kind, found);
        }
    }

    /// Puts one limit as it is asked for into force.
    fn set(&self, kind: LimitKind) -> io::Result<()> {
        let Some(group) = &self.group else { return Err(io::ErrorKind::Unsupported.into()) };
        let ResourceLimits { mem, swap, cpu, pids, .. } = self.asked;
        match kind {
            // Nothing is swapped out but what is asked for.
            LimitKind::Mem => mem.map_or(Ok(()), |most| group.limit_memory(most, swap.unwrap_or(0))),
            LimitKind::Swap => swap.map_or(Ok(()), |most| group.limit_swap(mem.unwrap_or(0), most)),
            LimitKind::Cpu => cpu.map_or(Ok(()), |cpus| group.limit_cpu(cpus.0)),
            LimitKind::Pids => pids.map_or(Ok(()), |most| group.limit_pids(most)),
            LimitKind::Nofile | LimitKind::Fsize | LimitKind::Core | LimitKind::Nice | LimitKind::Ionice => Ok(()),
        }
    }

    fn do_without(&mut self, why: &str) {
        let why = format!("no control group can be had: {why}");
        for kind in [LimitKind::Mem, LimitKind::Swap, LimitKind::Cpu, LimitKind::Pids] {
            if self.asked.of(kind).is_some() {
                self.enforced.insert(kind, without_group(kind, &why));
            }
        }
    }

    /// Changes the limits of a run that goes on. *Errors*: what cannot be changed, and why; what
    /// was changed before it stays so.
    pub fn change(&mut self, newer: &ResourceLimits) -> Result<(), String> {
        let changed = self.asked.changed_by(newer);
        for (kind, amount) in newer.asked() {
            let is_known = self.asked.of(kind).is_some();
            match kind {
                LimitKind::Mem | LimitKind::Swap | LimitKind::Cpu | LimitKind::Pids if self.group.is_some() => {
                    let before = std::mem::replace(&mut self.asked, changed);
                    let done = self.set(kind);
                    self.asked = before;
                    done.map_err(|e| format!("cannot set --{kind} {amount}: {}", errno_text::of(&e)))?;
                    self.enforced.insert(kind, Enforced::fully(self.by_group()));
                }
                LimitKind::Mem if self.is_polled(kind) && is_known => {}
                LimitKind::Mem | LimitKind::Swap | LimitKind::Cpu | LimitKind::Pids => {
                    return Err(format!(
                        "cannot set --{kind}: this run has no control group, which it gets when it is begun with --mem, --cpu or --pids"
                    ));
                }
                LimitKind::Nofile | LimitKind::Fsize | LimitKind::Core | LimitKind::Nice | LimitKind::Ionice => {
                    return Err(format!("cannot set --{kind}: each process has that from its beginning"));
                }
            }
            self.asked = one_of(self.asked, &changed, kind);
        }
        Ok(())
    }
}

/// The one limit taken from the others.
fn one_of(asked: ResourceLimits, from: &ResourceLimits, kind: LimitKind) -> ResourceLimits {
    match kind {
        LimitKind::Mem => ResourceLimits { mem: from.mem, ..asked },
        LimitKind::Swap => ResourceLimits { swap: from.swap, ..asked },
        LimitKind::Cpu => ResourceLimits { cpu: from.cpu, ..asked },
        LimitKind::Pids => ResourceLimits { pids: from.pids, ..asked },
        LimitKind::Nofile | LimitKind::Fsize | LimitKind::Core | LimitKind::Nice | LimitKind::Ionice => asked,
    }
}

/// What each process is held to by itself, which is all that is asked for.
fn by_process(asked: &ResourceLimits) -> Enforcement {
    let by = |kind| match kind {
        LimitKind::Nofile | LimitKind::Fsize | LimitKind::Core => Some(Enforcer::RlimitPerProcess),
        LimitKind::Nice | LimitKind::Ionice => Some(Enforcer::Priority),
        LimitKind::Mem | LimitKind::Swap | LimitKind::Cpu | LimitKind::Pids => None,
    };
    asked.asked().filter_map(|(kind, _)| Some((kind, Enforced::fully(by(kind)?)))).collect()
}

/// What is left where the kernel does not count for all processes together.
fn without_group(kind: LimitKind, why: &str) -> Enforced {
    match kind {
        LimitKind::Mem => Enforced::weakly(Enforcer::Polled, why),
        LimitKind::Swap
        | LimitKind::Pids
        | LimitKind::Cpu
        | LimitKind::Nofile
        | LimitKind::Fsize
        | LimitKind::Core
        | LimitKind::Nice
        | LimitKind::Ionice => Enforced::weakly(Enforcer::None, why),
    }
}

/// Makes the group of a run at the first place where that works. *Errors*: why at none.
fn make_group(asked: &ResourceLimits, spec: &Spec, run: u32, task: &TaskDir) -> Result<Cgroup, String> {
    let name = format!("{}{}-{run}", cgroup_record::prefix(task), spec.nonce);
    let mut needed = BTreeSet::new();
    for (controller, is_needed) in
        [(Controller::Memory, asked.mem.is_some()), (Controller::Cpu, asked.cpu.is_some()), (Controller::Pids, true)]
    {
        if is_needed {
            needed.insert(controller);
        }
    }
    let mut reasons = Vec::new();
    let scope = scope::of(spec);
    let in_scope = scope.map(|scope| scope.map_or_else(Candidate::Not, |dir| places::below(&dir, &name, &needed)));
    if let Some(candidate) = in_scope {
        match made(candidate, task) {
            Ok(group) => return Ok(group),
            Err(why) => reasons.push(why),
        }
    }
    for candidate in CgroupPlaces::here().candidates(&name, &needed) {
        match made(candidate, task) {
            Ok(group) => return Ok(group),
            Err(why) => reasons.push(why),
        }
    }
    cgroup_record::forget(task);
    Err(reasons.join("; "))
}

fn made(candidate: Candidate, task: &TaskDir) -> Result<Cgroup, String> {
    match candidate {
        Candidate::Not(why) => Err(why),
        Candidate::May(group, needs) => {
            needs.ask()?;
            cgroup_record::write(task, &group).map_err(|e| e.to_string())?;
            group.make().map_err(|e| format!("{}: {}", group.shown(), errno_text::of(&e)))?;
            Ok(group)
        }
    }
}
