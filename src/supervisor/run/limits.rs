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

/// Has somebody look at what the kernel does not count.
pub fn begin_measuring(supervisor: &mut Supervisor) {
    if !supervisor.limits.is_polled(LimitKind::Mem) {
        return;
    }
    match Worker::begin(MEASURE, &supervisor.task.path) {
        Ok(worker) => supervisor.meter = Some(worker),
        Err(e) => supervisor.note(Note::Problem { what: format!("nobody looks at how much memory it has: {e}") }),
    }
}

/// Hears that the task has more memory than it may.
pub fn receive_memory(supervisor: &mut Supervisor) {
    let Some(WorkerMessage { words, is_gone }) = supervisor.meter.as_mut().map(Worker::listen) else { return };
    if is_gone {
        supervisor.meter = None;
    }
    for MemoryMessage::Over(how) in words {
        supervisor.happen(RunEvent::OutOfMemory(how));
    }
}

/// Changes the limits of a run that goes on, as somebody asks.
pub fn change_limits(supervisor: &mut Supervisor, newer: &ResourceLimits, by: &Asker) -> RequestAnswer {
    let refused =
        if supervisor.machine.is_over() { Err("it is over".to_owned()) } else { supervisor.limits.change(newer) };
    let limits: Vec<String> = newer.asked().map(|(kind, amount)| format!("--{kind} {amount}")).collect();
    supervisor.note(Note::Limited { limits: limits.join(" "), by: by.clone() });
    if let Err(why) = &refused {
        supervisor.note(Note::Refused { why: why.clone() });
    }
    supervisor.state.resource_limits = supervisor.limits.asked;
    supervisor.state.enforced = supervisor.limits.enforced.clone();
    supervisor.save_state();
    supervisor.limits.hold_each(|| tree::pids(Root::Supervisor(supervisor.state.supervisor)));
    measure_again(supervisor);
    RequestAnswer::new(refused.err(), None)
}

fn measure_again(supervisor: &mut Supervisor) {
    // Whoever measures reads the limit once.
    if supervisor.meter.take().is_some() {
        begin_measuring(supervisor);
    }
}

/// How the kernel is known to have killed the leader for the run's own limit.
pub fn own_memory_kill(supervisor: &Supervisor, outcome: &Outcome) -> Option<String> {
    let counts = supervisor.limits.counts().filter(|counts| outcome.is_by_kill() && counts.killed_for_memory > 0)?;
    supervisor.limits.asked.mem?;
    let by = supervisor.limits.enforced.get(&LimitKind::Mem)?.by.words();
    Some(format!("{}, by {by}", counts.memory(&supervisor.limits.asked)))
}

/// Puts into an end what the control group has counted, and removes that.
pub fn close_group(supervisor: &mut Supervisor, end: &mut End) {
    supervisor.meter = None;
    let Some(counts) = supervisor.limits.counts() else { return };
    let is_told = matches!(end.cause, Cause::OutOfMemory(_));
    // What the cause says is not told a second time.
    let told = GroupCounts { killed_for_memory: if is_told { 0 } else { counts.killed_for_memory }, ..counts };
    end.ran_into = told.words(&supervisor.limits.asked);
    end.counts = Some(Box::new(counts));
    // Though the home may be gone by now, and with it what is written down.
    match supervisor.limits.group.take().map_or(Ok(()), |group| group.remove()) {
        Ok(()) => cgroup_record::forget(&supervisor.task.dir),
        Err(e) => supervisor.note(Note::Problem { what: format!("its control group cannot be removed: {e}") }),
    }
    supervisor.processes.leave_group();
}
