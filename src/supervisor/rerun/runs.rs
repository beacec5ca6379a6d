//! Run after run of one task: one supervisor, one lock, one id. A run that is to be followed by
//! another is put down in the journal, and its supervisor lines up for the next one.

use crate::events::task_event::TaskEvent;
use crate::supervisor::attach::serve;
use crate::supervisor::queue::queued::{self, QueueExit};
use crate::supervisor::rerun::decision::unwatched;
use crate::supervisor::rerun::file_changes::ChangeNews;
use crate::supervisor::rerun::next_run::NextRun;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::live_scan;
use crate::supervisor::start::task_setup::{TaskFiles, TaskSetup};
use crate::supervisor::state::{Supervisor, Waiters};
use crate::task::between::LastRun;
use crate::task::end::End;
use crate::task::journal::JournalEvent as Note;
use crate::units::wall_time::WallTime;

/// A run that is to follow another.
pub struct RunHandover {
    setup: TaskSetup,
    files: TaskFiles,
}

/// Supervises a task run after run, to its end; gives the exit code.
pub fn supervise(first: Box<Supervisor>) -> i32 {
    let mut following = first.supervise();
    while let Some(RunHandover { setup, files }) = following {
        let waiters = Waiters { report: None, watchdog: None };
        following = match queued::wait(setup, files, waiters) {
            Ok(QueueExit::Begins(queued)) => queued.begin().and_then(|supervisor| supervisor.supervise_again()),
            Ok(QueueExit::Over) => None,
            Err(_) => return 1,
        };
    }
    0
}

impl Supervisor {
    /// Supervises a run that follows another: whoever was at the terminal of that is at the
    /// terminal of this.
    fn supervise_again(mut self: Box<Self>) -> Option<RunHandover> {
        serve::resize_as_attached(&mut self);
        self.supervise()
    }

    /// Hears of changed files.
    pub fn receive_changes(&mut self) {
        match self.task.rerun.listen() {
            ChangeNews::None => {}
            ChangeNews::Changed { what, paths } => {
                self.events.publish(TaskEvent::Changed { what: what.clone(), paths });
                self.happen(RunEvent::Changed(what));
            }
            ChangeNews::Gone(why) => self.note(Note::Problem { what: unwatched(&why) }),
        }
    }

    /// Whether another run is to follow this end, and what it waits for. That none can, as what was
    /// asked for cannot be read any more, is put down.
    pub fn plan_next_run(&mut self, end: &mut End) -> Option<NextRun> {
        let holds = self.task.rerun.after(end, &self.machine)?;
        match self.task.dir.spec() {
            Ok(spec) => Some(NextRun { spec, holds, last_run: LastRun::of(end) }),
            Err(why) => {
                self.note(Note::Problem { what: format!("it cannot be begun again: {why}") });
                None
            }
        }
    }

    /// Whether a shell is to hear of this run, which is not the last one.
    pub fn is_told_of_runs(&self) -> bool {
        self.task.rerun.is_told()
    }

    /// Leaves the desk for the next run's.
    pub fn queue_next_run(mut self: Box<Self>, NextRun { spec, holds, last_run }: NextRun) -> Option<RunHandover> {
        serve::leave_alternate(&mut self);
        live_scan::begin_verdict(&mut self);
        let run = self.state.run.saturating_add(1);
        let setup = TaskSetup {
            task: self.task,
            spec,
            run,
            last_run: Some(last_run),
            holds,
            limits: self.limits.asked,
            // What the first run was given to read, it has read.
            input: None,
            attach: None,
            was_queued: true,
            asked: WallTime::now(),
        };
        let events = self.events.of_next_run(&setup.task.dir, run);
        let files =
            TaskFiles { record: self.record, log: self.log, events, control: self.control, buffer: self.buffer };
        Some(RunHandover { setup, files })
    }
}
