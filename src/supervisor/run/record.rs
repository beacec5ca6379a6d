//! What a supervisor writes down where others read it: that it has a task, and how the task ended.

use std::io::{PipeWriter, Write};
use std::os::unix::ffi::OsStrExt;

use crate::events::outlet::Outlet;
use crate::events::task_event::{Listener, TaskEvent};
use crate::processes::own_processes;
use crate::store::end_record::EndRecord;
use crate::store::layout::MarkerState;
use crate::store::task_dir::CONTROL;
use crate::store::{history, host, markers};
use crate::supervisor::state::NotifyTarget;
use crate::supervisor::supervised_task::SupervisedTask;
use crate::sys::{faults, lock, proctitle};
use crate::task::end::{Cause, End, Outcome};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::task::start_condition::StartCondition;
use crate::task::state::State;
use crate::units::wall_time::WallTime;

/// Tells the watchdog which task it is for, as soon as the caller has its answer: until then it
/// has open what the caller has, and somebody may wait for the end of that.
pub fn tell_watchdog(task: &SupervisedTask, watchdog: Option<PipeWriter>) {
    if let Some(mut watchdog) = watchdog {
        // A watchdog that was killed is done without.
        let _ = watchdog.write_all(task.path.as_os_str().as_bytes());
    }
}

/// What nobody waits for, once the caller has its answer: the marker and `ps` say who this is, and
/// what the task begins with goes to disk.
pub fn arrive(task: &SupervisedTask, marker: MarkerState) {
    let id = task.dir.id;
    let _ = markers::mark_own(&task.home, id, marker);
    let _ = proctitle::set(&format!("{}{id}", own_processes::NAME), &host::title_of_supervisor(&task.path));
    // ext4 would keep it in memory for half a minute: after a power cut the task could not be begun
    // again.
    task.dir.begin_write_out();
}

/// Where an end is written.
pub struct EndRecorder<'a> {
    /// Whose end it is.
    pub task: &'a SupervisedTask,
    /// What `status.json` says.
    pub state: &'a mut State,
    /// Where it is told.
    pub events: &'a mut Outlet,
    /// Where the end surely fits.
    pub record: &'a EndRecord,
    /// Who is told.
    pub told: &'a NotifyTarget,
}

impl EndRecorder<'_> {
    /// The order matters: the end where it surely fits, the end where it is read, the marker, and
    /// only then the proof of life. Whoever acts upon an end finds all of that done.
    pub fn close(self, end: &End) {
        // First: its room was set aside, and a supervisor that is killed after this has an end.
        if let Err(e) = self.record.write(end) {
            self.events.publish(Note::Problem { what: format!("cannot write the end record: {e}") });
        }
        let _ = self.task.dir.dir.remove(CONTROL);
        self.events.publish(Note::Over { outcome: end.outcome.clone(), wall: end.wall });
        self.state.phase = Phase::Over;
        self.state.waiting_since = None;
        self.state.end = Some(end.clone());
        if let Err(e) = self.task.dir.write_state_at_once(self.state) {
            self.events.publish(Note::Problem { what: e.to_string() });
        }
        // Before the verdict, which compares this run with those before it.
        history::append_run(&self.task.home, &self.task.dir, self.state, end);
        self.events.publish(TaskEvent::Over { home: &self.task.home, end, listener: self.told.listener_of(end) });
        faults::point("sup-closing");
        let _ = lock::release(&self.task.lock);
        self.task.dir.finish_state();
        faults::point("sup-closed");
        // After the lock: a hook that hears of it may begin the task again at once.
        self.events.publish(TaskEvent::Settled { end });
    }

    /// The end of a run that is followed by another. `is_told` is whether a shell is to hear of it.
    pub fn turn_over(self, end: &End, next: Option<&StartCondition>, is_told: bool) {
        self.events.publish(Note::Over { outcome: end.outcome.clone(), wall: end.wall });
        history::append_run(&self.task.home, &self.task.dir, self.state, end);
        let listener = self.told.listener_of(end).filter(|_| is_told && end.is_failure());
        let next = next.map_or_else(|| "begun again".into(), |hold| hold.words(WallTime::now()));
        self.events.publish(TaskEvent::RunOver { home: &self.task.home, end, next: &next, listener });
    }
}

impl NotifyTarget {
    /// Who is to hear of an end by a line of the shell's, if anybody.
    fn listener_of(&self, end: &End) -> Option<Listener<'_>> {
        let listener = Listener { session: self.session.as_ref(), command: &self.command };
        (!self.is_known(end)).then_some(listener)
    }

    /// Whether the shell at which the task was begun knows of its end already, or needs not: it has
    /// asked for it, was told that the command was not executed, or the next run follows.
    fn is_known(&self, end: &End) -> bool {
        match (&end.outcome, &end.cause) {
            (Outcome::Unlaunched { .. }, _) => !self.was_queued,
            (_, Cause::Asked(asker)) if asker.is_restart() => true,
            (_, Cause::Asked(asker)) => self.session.as_ref().is_some_and(|shell| shell.pid() == asker.pid),
            (
                _,
                Cause::Itself
                | Cause::Cancelled(_)
                | Cause::TimedOut(_)
                | Cause::Idle(_)
                | Cause::OutOfMemory(_)
                | Cause::Unhealthy(_),
            ) => false,
        }
    }
}
