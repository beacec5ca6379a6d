//! Run after run of one task: one supervisor, one lock, one id. A run that is to be followed by
//! another is put down in the journal, and its supervisor lines up for the next one.

use crate::events::task_event::TaskEvent;
use crate::supervisor::queue::queued::{self, QueueExit};
use crate::supervisor::rerun::decision::unwatched;
use crate::supervisor::rerun::file_changes::ChangeNews;
use crate::supervisor::rerun::next_run::NextRun;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::start::task_setup::{TaskFiles, TaskSetup, Waiters};
use crate::supervisor::state::Supervisor;
use crate::task::between::LastRun;
use crate::task::end::End;
use crate::task::journal::JournalEvent as Note;
use crate::units::wall_time::WallTime;

/// A run that is to follow another.
pub struct RunHandover {
    post: TaskSetup,
    tools: TaskFiles,
}

/// Supervises a task run after run, to its end; gives the exit code.
pub fn supervise(first: Box<Supervisor>) -> i32 {
    let mut following = first.supervise();
    while let Some(RunHandover { post, tools }) = following {
        let listeners = Waiters { report: None, watchdog: None };
        following = match queued::wait(post, tools, listeners) {
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
        self.resize_as_attached();
        self.supervise()
    }

    /// Hears of changed files.
    pub fn hear_changes(&mut self) {
        match self.again.listen() {
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
    pub fn look_ahead(&mut self, end: &mut End) -> Option<NextRun> {
        let holds = self.again.after(end, &self.machine)?;
        match self.task.spec() {
            Ok(spec) => Some(NextRun { spec, holds, last_run: LastRun::of(end) }),
            Err(why) => {
                self.note(Note::Problem { what: format!("it cannot be begun again: {why}") });
                None
            }
        }
    }

    /// Whether a shell is to hear of this run, which is not the last one.
    pub fn is_told_of_runs(&self) -> bool {
        self.again.is_told()
    }

    /// Leaves the desk for the next run's.
    pub fn line_up(mut self: Box<Self>, NextRun { spec, holds, last_run }: NextRun) -> Option<RunHandover> {
        self.leave_alternate();
        self.begin_verdict();
        let run = self.state.run.saturating_add(1);
        let post = TaskSetup {
            home: self.home,
            dir: self.dir,
            task: self.task,
            spec,
            run,
            last_run: Some(last_run),
            holds,
            signals: self.signals,
            here: self.state.place,
            own: self.state.supervisor,
            niceness: self.niceness,
            limits: self.limits.asked,
            held: self.held,
            // What the first run was given to read, it has read.
            input: None,
            attach: None,
            was_queued: true,
            asked: WallTime::now(),
            slot: self.slot,
            again: self.again,
        };
        let events = self.events.of_next_run(&post.task, run);
        let tools =
            TaskFiles { record: self.record, log: self.log, events, control: self.control, buffer: self.buffer };
        Some(RunHandover { post, tools })
    }
}
