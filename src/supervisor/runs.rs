//! Run after run of one task: one supervisor, one lock, one id. A run that is to be followed by another is put
//! down in the journal, and its supervisor lines up for the next one.

use super::again::unwatched;
use super::changes::News;
use super::desk::Supervisor;
use super::machine::Event;
use super::next_run::NextRun;
use super::post::{Listeners, Post, Tools};
use super::queued::{self, Left};
use crate::store::journal::Journal;
use crate::task::between::LastRun;
use crate::task::end::End;
use crate::task::journal::Event as Note;
use crate::units::stamp::Stamp;

/// A run that is to follow another.
pub struct Following {
    post: Post,
    tools: Tools,
}

/// Supervises a task run after run, to its end; gives the exit code.
pub fn supervise(first: Box<Supervisor>) -> i32 {
    let mut following = first.supervise();
    while let Some(Following { post, tools }) = following {
        let listeners = Listeners { report: None, keeper: None };
        following = match queued::wait(post, tools, listeners) {
            Ok(Left::Begins(queued)) => queued.begin().and_then(|supervisor| supervisor.supervise_again()),
            Ok(Left::Over) => None,
            Err(_) => return 1,
        };
    }
    0
}

impl Supervisor {
    /// Supervises a run that follows another: whoever was at the terminal of that is at the terminal of this.
    fn supervise_again(mut self: Box<Self>) -> Option<Following> {
        self.resize_as_attached();
        self.supervise()
    }

    /// Hears of changed files.
    pub fn hear_changes(&mut self) {
        match self.again.listen() {
            News::None => {}
            News::Changed(what) => {
                self.note(Note::Changed { what: what.clone() });
                self.happen(Event::Changed(what));
            }
            News::Gone(why) => self.note(Note::Problem { what: unwatched(&why) }),
        }
    }

    /// Whether another run is to follow this end, and what it waits for. That none can, as what was asked for cannot
    /// be read any more, is put down.
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
    pub fn line_up(mut self: Box<Self>, NextRun { spec, holds, last_run }: NextRun) -> Option<Following> {
        self.leave_alternate();
        let run = self.state.run.saturating_add(1);
        let post = Post {
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
            held: self.held,
            // What the first run was given to read, it has read.
            input: None,
            attach: None,
            was_queued: true,
            asked: Stamp::now(),
            slot: self.slot,
            again: self.again,
        };
        let journal = Journal::open(&post.task, run);
        let tools = Tools { record: self.record, log: self.log, journal, control: self.control, buffer: self.buffer };
        Some(Following { post, tools })
    }
}
