//! Run after run of one task: one supervisor, one lock, one id. A run that is to be followed by another is put
//! down in the journal, and its supervisor lines up for the next one.

use std::io;
use std::path::Path;

use super::changes::{Changes, News};
use super::desk::Supervisor;
use super::machine::{Event, Machine};
use super::post::{Listeners, Post, Tools};
use super::queued::{self, Left};
use crate::store::journal::Journal;
use crate::task::end::End;
use crate::task::hold::Hold;
use crate::task::journal::Event as Note;
use crate::task::restart::{History, Next, Restart};
use crate::task::spec::Spec;
use crate::units::moment::Moment;
use crate::units::span::Span;
use crate::units::stamp::Stamp;

/// Whether and when a task is begun again.
#[derive(Debug)]
pub struct Again {
    restart: Option<Restart>,
    is_watching: bool,
    history: History,
    changes: Option<Changes>,
    began: Moment,
    /// How long after its start the first change reached the run.
    changed_after: Option<Span>,
    /// Whether changes are being waited out, as each start brings new ones.
    is_waiting_out: bool,
}

impl Again {
    /// As asked for; nothing has run yet.
    pub fn new(spec: &Spec) -> Again {
        Again {
            restart: spec.restart,
            is_watching: !spec.watch.is_empty(),
            history: History::default(),
            changes: None,
            began: Moment::now(),
            changed_after: None,
            is_waiting_out: false,
        }
    }

    /// A run begins, and sees whatever has changed before. *Errors*: why its files cannot be watched.
    pub fn begin(&mut self, dir: &Path) -> io::Result<()> {
        if self.is_watching {
            let unwatched = |e| io::Error::other(format!("cannot watch its files: {e}"));
            self.watch(dir).map_err(unwatched)?;
        }
        (self.began, self.changed_after, self.is_waiting_out) = (Moment::now(), None, false);
        Ok(())
    }

    /// Has the files watched from now on, by whoever watched them before or by somebody new.
    fn watch(&mut self, dir: &Path) -> io::Result<()> {
        if let Some(changes) = &mut self.changes
            && changes.forget().is_ok()
        {
            return Ok(());
        }
        self.changes = None;
        self.changes = Some(Changes::begin(dir)?);
        Ok(())
    }

    /// The watcher, if there is one.
    pub fn changes(&self) -> Option<&Changes> {
        self.changes.as_ref()
    }

    /// What the watcher has to say.
    pub fn listen(&mut self) -> News {
        let news = self.changes.as_mut().map_or(News::None, Changes::listen);
        match &news {
            News::None => {}
            News::Changed(_) => {
                self.changed_after.get_or_insert(Moment::now().since(self.began).into());
            }
            News::Gone(_) => self.changes = None,
        }
        news
    }

    /// Whether this child is no process of the task.
    pub fn is_own(&self, pid: i32) -> bool {
        self.changes.as_ref().is_some_and(|changes| changes.is(pid))
    }

    /// What the next run waits for, if for anything; `None` when this end is the task's, in which then stands why.
    fn after(&mut self, end: &mut End, machine: &Machine) -> Option<Vec<Hold>> {
        let next = self.history.after(end, self.restart.as_ref());
        if machine.is_unwanted() || self.history.is_hopeless(end) {
            return None;
        }
        if machine.is_changed() {
            return Some(self.changed());
        }
        match next {
            Next::Again { after, what } => {
                let what = Some(format!("{what} after {}", end.outcome));
                Some(vec![Hold::Until { at: Stamp::now().after(after), what }])
            }
            Next::GiveUp(why) => {
                end.gave_up = Some(why);
                self.next_change(end)
            }
            Next::End => self.next_change(end),
        }
    }

    fn next_change(&self, end: &End) -> Option<Vec<Hold>> {
        let after = end.gave_up.map_or_else(|| end.outcome.to_string(), |_| end.reason().unwrap_or_default());
        self.is_watching.then(|| vec![Hold::Change { after }])
    }

    /// What the next run waits for, after a change.
    fn changed(&mut self) -> Vec<Hold> {
        let after = self.history.changed(self.changed_after.take().unwrap_or(Span(u64::MAX)));
        self.is_waiting_out = after > Span(0);
        let what = "restart (the last runs each changed what is watched)";
        let hold = || Hold::Until { at: Stamp::now().after(after), what: Some(what.into()) };
        self.is_waiting_out.then(hold).into_iter().collect()
    }

    /// A change while it waits: what to wait for now, if that makes a difference.
    pub fn changed_in_between(&mut self) -> Option<Vec<Hold>> {
        (!self.is_waiting_out).then(|| self.changed())
    }

    /// Has the files watched anew by somebody who was gone, so that the wait for a change can go on.
    pub fn watch_anew(&mut self, dir: &Path) -> io::Result<()> {
        self.watch(dir)
    }

    /// Whether this is not the first run that is supervised here.
    pub fn has_run(&self) -> bool {
        self.history.has_run()
    }

    fn is_told(&self) -> bool {
        self.history.is_first_of_its_kind()
    }
}

/// A run that is to follow another.
pub struct Following {
    post: Post,
    tools: Tools,
}

/// Supervises a task run after run, to its end; gives the exit code.
pub fn supervise(first: Supervisor) -> i32 {
    let mut following = first.supervise();
    while let Some(Following { post, tools }) = following {
        let listeners = Listeners { report: None, keeper: None };
        following = match queued::wait(post, tools, listeners) {
            Ok(Left::Begins(queued)) => queued.begin().and_then(Supervisor::supervise_again),
            Ok(Left::Over) => None,
            Err(_) => return 1,
        };
    }
    0
}

impl Supervisor {
    /// Supervises a run that follows another: whoever was at the terminal of that is at the terminal of this.
    fn supervise_again(mut self) -> Option<Following> {
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
    pub fn look_ahead(&mut self, end: &mut End) -> Option<(Spec, Vec<Hold>)> {
        let holds = self.again.after(end, &self.machine)?;
        match self.task.spec() {
            Ok(spec) => Some((spec, holds)),
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
    pub fn line_up(mut self, spec: Spec, holds: Vec<Hold>) -> Option<Following> {
        self.leave_alternate();
        let run = self.state.run + 1;
        let post = Post {
            home: self.home,
            dir: self.dir,
            task: self.task,
            spec,
            run,
            holds,
            signals: self.signals,
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
        let tools = Tools { record: self.record, log: self.log, journal, control: self.control };
        Some(Following { post, tools })
    }
}

/// What to say of files that nobody watches any more.
pub fn unwatched(why: &str) -> String {
    format!("its files are not watched any more: {why}")
}
