//! From one run to the next: what is to follow, and what it takes over.

use crate::events::task_event::TaskEvent;
use crate::supervisor::attach::serve;
use crate::supervisor::rerun::decision::unwatched;
use crate::supervisor::rerun::file_changes::ChangeNews;
use crate::supervisor::rerun::next_run::NextRun;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::live_scan;
use crate::supervisor::start::task_setup::{TaskFiles, TaskSetup};
use crate::supervisor::state::Supervisor;
use crate::task::between::LastRun;
use crate::task::end::End;
use crate::task::journal::JournalEvent as Note;
use crate::units::wall_time::WallTime;

/// A run that is to follow another.
pub struct RunHandover {
    /// The next run.
    pub setup: TaskSetup,
    /// What outlives the run before.
    pub files: TaskFiles,
}

/// Hears of changed files.
pub fn receive_changes(supervisor: &mut Supervisor) {
    match supervisor.task.rerun.listen() {
        ChangeNews::None => {}
        ChangeNews::Changed { what, paths } => {
            supervisor.events.publish(TaskEvent::Changed { what: what.clone(), paths });
            supervisor.happen(RunEvent::Changed(what));
        }
        ChangeNews::Gone(why) => supervisor.note(Note::Problem { what: unwatched(&why) }),
    }
}

/// Whether another run is to follow this end, and what it waits for. That none can, as what was
/// asked for cannot be read any more, is put down.
pub fn plan_next_run(supervisor: &mut Supervisor, end: &mut End) -> Option<NextRun> {
    let holds = supervisor.task.rerun.after(end, &supervisor.machine)?;
    match supervisor.task.dir.spec() {
        Ok(spec) => Some(NextRun { spec, holds, last_run: LastRun::of(end) }),
        Err(why) => {
            supervisor.note(Note::Problem { what: format!("it cannot be begun again: {why}") });
            None
        }
    }
}

/// Whether a shell is to hear of this run, which is not the last one.
pub fn wants_run_notice(supervisor: &Supervisor) -> bool {
    supervisor.task.rerun.is_told()
}

/// Leaves the desk for the next run's.
pub fn queue_next_run(mut supervisor: Box<Supervisor>, NextRun { spec, holds, last_run }: NextRun) -> Box<RunHandover> {
    serve::leave_alternate(&mut supervisor);
    live_scan::begin_verdict(&mut supervisor);
    let run = supervisor.state.run.saturating_add(1);
    let setup = TaskSetup {
        task: supervisor.task,
        spec,
        run,
        last_run: Some(last_run),
        holds,
        // As `aos limits` has changed them, which holds until the task is over.
        limits: supervisor.limits.asked,
        // What the first run was given to read, it has read.
        input: None,
        // Who is attached is a client of the socket by now, which is handed on.
        attach: None,
        // No prompt waits for this run: a shell hears of its end by a line.
        was_queued: true,
        asked: WallTime::now(),
    };
    let events = supervisor.events.of_next_run(&setup.task.dir, run);
    let files = TaskFiles {
        record: supervisor.record,
        log: supervisor.log,
        events,
        control: supervisor.control,
        buffer: supervisor.buffer,
    };
    Box::new(RunHandover { setup, files })
}
