//! The limits of a run while it goes on and at its end: changed, counted, told.

use crate::processes::tree::{self, Root};
use crate::store::cgroup_record;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::memory_worker::{MEASURE, MemoryMessage};
use crate::supervisor::workers::worker::{Worker, WorkerMessage};
use crate::task::end::{Cause, End, Outcome};
use crate::task::enforcement::GroupCounts;
use crate::task::journal::JournalEvent as Note;
use crate::task::limits::{LimitKind, ResourceLimits};
use crate::task::request::{Asker, RequestAnswer};

impl Supervisor {
    /// Has somebody look at what the kernel does not count.
    pub fn begin_measuring(&mut self) {
        if !self.limits.is_polled(LimitKind::Mem) {
            return;
        }
        match Worker::begin(MEASURE, &self.task.path) {
            Ok(worker) => self.meter = Some(worker),
            Err(e) => self.note(Note::Problem { what: format!("nobody looks at how much memory it has: {e}") }),
        }
    }

    /// Hears that the task has more memory than it may.
    pub fn receive_memory(&mut self) {
        let Some(WorkerMessage { words, is_gone }) = self.meter.as_mut().map(Worker::listen) else { return };
        if is_gone {
            self.meter = None;
        }
        for MemoryMessage::Over(how) in words {
            self.happen(RunEvent::OutOfMemory(how));
        }
    }

    /// Changes the limits of a run that goes on, as somebody asks.
    pub fn change_limits(&mut self, newer: &ResourceLimits, by: &Asker) -> RequestAnswer {
        let refused = if self.machine.is_over() { Err("it is over".to_owned()) } else { self.limits.change(newer) };
        let limits: Vec<String> = newer.asked().map(|(kind, amount)| format!("--{kind} {amount}")).collect();
        self.note(Note::Limited { limits: limits.join(" "), by: by.clone() });
        if let Err(why) = &refused {
            self.note(Note::Refused { why: why.clone() });
        }
        self.state.resource_limits = self.limits.asked;
        self.state.enforced = self.limits.enforced.clone();
        self.save_state();
        self.limits.hold_each(|| tree::pids(Root::Supervisor(self.state.supervisor)));
        self.measure_again();
        RequestAnswer::new(refused.err(), None)
    }

    /// Whoever measures reads the limit once.
    fn measure_again(&mut self) {
        if self.meter.take().is_some() {
            self.begin_measuring();
        }
    }

    /// How the kernel is known to have killed the leader for the run's own limit.
    pub fn out_of_own_memory(&self, outcome: &Outcome) -> Option<String> {
        let counts = self.limits.counts().filter(|counts| outcome.is_by_kill() && counts.killed_for_memory > 0)?;
        self.limits.asked.mem?;
        let by = self.limits.enforced.get(&LimitKind::Mem)?.by.words();
        Some(format!("{}, by {by}", counts.memory(&self.limits.asked)))
    }

    /// Puts into an end what the control group has counted, and removes that.
    pub fn close_group(&mut self, end: &mut End) {
        self.meter = None;
        let Some(counts) = self.limits.counts() else { return };
        let is_told = matches!(end.cause, Cause::OutOfMemory(_));
        let told = GroupCounts { killed_for_memory: if is_told { 0 } else { counts.killed_for_memory }, ..counts };
        end.ran_into = told.words(&self.limits.asked);
        end.counts = Some(Box::new(counts));
        // Though the home may be gone by now, and with it what is written down.
        match self.limits.group.take().map_or(Ok(()), |group| group.remove()) {
            Ok(()) => cgroup_record::forget(&self.task.dir),
            Err(e) => self.note(Note::Problem { what: format!("its control group cannot be removed: {e}") }),
        }
        self.processes.leave_group();
    }
}
