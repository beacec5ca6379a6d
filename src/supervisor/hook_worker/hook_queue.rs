//! Hooks on their way: those that wait for more of the same, for a place, or for another one, and
//! those that run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use super::chain::{self, HookCall, RunningHook};
use super::facts::TaskFacts;
use crate::hooks::hook_log::{self, HookRecord};
use crate::hooks::rule::{Concurrency, HookRule};
use crate::task::hook_event::HookEvent;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;

/// So many handlers of a task run at once.
const MOST_AT_ONCE: usize = 8;
/// More wait for them to end; what comes then is left out.
const MOST_WAITING: usize = 256;
/// A task's event runs no more handlers in a minute.
const MOST_IN_A_MINUTE: usize = 30;
const MINUTE_MS: i64 = 60_000;
/// A hook's task may have hooks, and their tasks: no more of that.
const DEEPEST: u32 = 3;

/// Hooks on their way.
#[derive(Debug, Default)]
pub struct HookQueue {
    waiting: VecDeque<HookCall>,
    settling: Vec<(Moment, HookCall)>,
    running: Vec<(HookCall, RunningHook)>,
    /// When handlers were begun, by event.
    begun: BTreeMap<HookEvent, VecDeque<WallTime>>,
    /// When it was told of an event that it may run no more.
    told: BTreeMap<HookEvent, WallTime>,
    /// Those that have run, by their digests.
    once: BTreeSet<String>,
}

impl HookQueue {
    /// Nothing is on its way yet; what has run before is known by its records.
    pub fn of(facts: &TaskFacts) -> HookQueue {
        let mut queue = HookQueue::default();
        for HookRecord { event, time, hook, .. } in
            hook_log::read(&facts.home).into_iter().filter(|r| r.task == facts.spec.id && r.skipped.is_none())
        {
            queue.begun.entry(event).or_default().push_back(time);
            queue.once.insert(hook);
        }
        queue
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.settling.is_empty() && self.running.is_empty()
    }

    /// When the next one has waited for more of the same.
    pub fn next_due(&self) -> Option<Moment> {
        self.settling.iter().map(|(due, _)| *due).min()
    }

    /// What is readable when one that runs is over, in the order in which
    /// [`clear`](HookQueue::clear) is told.
    pub fn descriptors(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.running.iter().map(|(_, hook)| PollFd::new(hook.over.as_fd(), PollFlags::POLLIN))
    }

    /// Forgets those that are over.
    pub fn clear(&mut self, mut is_over: impl Iterator<Item = bool>) {
        self.running.retain(|_| !is_over.next().unwrap_or(false));
    }

    /// Takes one in; first it waits whether more of the same comes, where that is wanted.
    pub fn take(&mut self, facts: &TaskFacts, call: HookCall) {
        let Some(pause) = call.rule.handler.debounce else { return self.enqueue(facts, call) };
        let identity = call.rule.identity();
        self.settling.retain(|(_, other)| other.rule.identity() != identity);
        self.settling.push((Moment::now() + Duration::from_millis(pause.0), call));
    }

    /// Lines up those that have waited for more of the same.
    pub fn settle(&mut self, facts: &TaskFacts) {
        let now = Moment::now();
        while let Some(at) = self.settling.iter().position(|(due, _)| *due <= now) {
            let (_, call) = self.settling.remove(at);
            self.enqueue(facts, call);
        }
    }

    fn enqueue(&mut self, facts: &TaskFacts, call: HookCall) {
        let identity = call.rule.identity();
        let handler = &call.rule.handler;
        let leave_out = |why: &str| leave_out(facts, &call.rule, call.run, why);
        // The task was begun with `--notify`: bounds are for what files configure.
        if handler.runs_aos {
            return self.waiting.push_back(call);
        }
        if facts.depth() >= DEEPEST {
            return leave_out(&format!("hooks have begun tasks that begin hooks {DEEPEST} times over"));
        }
        let digest = handler.digest(call.event);
        if handler.is_once && self.once.contains(&digest) {
            return;
        }
        let is_same = |other: &HookCall| other.rule.identity() == identity;
        let is_running = self.running.iter().any(|(other, _)| is_same(other));
        if handler.concurrency == Concurrency::Skip && (is_running || self.waiting.iter().any(is_same)) {
            return;
        }
        if self.is_full(call.event) {
            return self.tell_full(facts, &call.rule, call.run);
        }
        if self.waiting.len() >= MOST_WAITING {
            return leave_out("too many others wait");
        }
        if handler.concurrency == Concurrency::Restart {
            self.waiting.retain(|other| !is_same(other));
            self.running.iter().filter(|(other, _)| is_same(other)).for_each(|(_, hook)| end(hook.pid));
        }
        // As it is lined up and not as it runs: else all that come at once would be let in.
        self.begun.entry(call.event).or_default().push_back(WallTime::now());
        self.once.insert(digest);
        self.waiting.push_back(call);
    }

    /// Whether an event may run no more for now.
    pub fn is_full(&mut self, event: HookEvent) -> bool {
        let now = WallTime::now();
        let begun = self.begun.entry(event).or_default();
        begun.retain(|at| now.0.saturating_sub(at.0) < MINUTE_MS);
        begun.len() >= MOST_IN_A_MINUTE
    }

    /// Tells that it may not, once a minute.
    pub fn tell_full(&mut self, facts: &TaskFacts, rule: &HookRule, run: u32) {
        let now = WallTime::now();
        if self.told.get(&rule.event).is_none_or(|told| now.0.saturating_sub(told.0) >= MINUTE_MS) {
            self.told.insert(rule.event, now);
            leave_out(facts, rule, run, &format!("{} has run {MOST_IN_A_MINUTE} within a minute", rule.event));
        }
    }

    /// Begins those for which there is a place.
    pub fn begin(&mut self, facts: &TaskFacts) {
        let mut at = 0;
        while at < self.waiting.len() {
            let busy = self.running.iter().filter(|(call, _)| !call.rule.handler.is_async).count();
            let handler = &self.waiting[at].rule.handler;
            let identity = self.waiting[at].rule.identity();
            // What is restarted waits as well, for the one that was asked to end.
            let waits_for_same = matches!(handler.concurrency, Concurrency::Queue | Concurrency::Restart);
            let is_running = self.running.iter().any(|(other, _)| other.rule.identity() == identity);
            if busy >= MOST_AT_ONCE && !handler.is_async || waits_for_same && is_running {
                at += 1;
                continue;
            }
            let Some(call) = self.waiting.remove(at) else { return };
            match chain::begin(facts, &call) {
                Ok(hook) => self.running.push((call, hook)),
                Err(e) => leave_out(facts, &call.rule, call.run, &format!("no process can be made for it: {e}")),
            }
        }
    }
}

fn leave_out(facts: &TaskFacts, rule: &HookRule, run: u32, why: &str) {
    let record = chain::record_of(facts, rule, &rule.handler, run, WallTime::now());
    chain::put_down(facts, &HookRecord { skipped: Some(why.to_owned()), ..record });
}

fn end(pid: i32) {
    // It is a child that was not collected yet, so the number is still its own.
    if let Ok(found) = crate::sys::proc::stat(pid)
        && let Ok(handle) = crate::sys::pidfd::Pidfd::of(pid, found.start)
    {
        let _ = handle.send(Signal::TERM);
    }
}
