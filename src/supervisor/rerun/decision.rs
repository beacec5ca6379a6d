//! Whether and when a task is begun again, and what its files' watcher has to say to that.

use std::io;
use std::path::Path;

use crate::supervisor::rerun::file_changes::{ChangeNews, FileChanges};
use crate::supervisor::run::machine::Machine;
use crate::task::end::End;
use crate::task::restart_policy::{Next, RestartHistory, RestartPolicy};
use crate::task::spec::Spec;
use crate::task::start_condition::StartCondition;
use crate::units::moment::Moment;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// Whether and when a task is begun again.
#[derive(Debug)]
pub struct Rerun {
    restart: Option<RestartPolicy>,
    is_watching: bool,
    history: RestartHistory,
    changes: Option<FileChanges>,
    /// Children that tidy up, whichever run they were begun in.
    tidiers: Vec<i32>,
    began: Moment,
    /// How long after its start the first change reached the run.
    changed_after: Option<Span>,
    /// Whether changes are being waited out, as each start brings new ones.
    is_waiting_out: bool,
}

impl Rerun {
    /// As asked for; nothing has run yet.
    pub fn new(spec: &Spec) -> Rerun {
        Rerun {
            restart: spec.restart,
            is_watching: !spec.watch.is_empty(),
            history: RestartHistory::default(),
            changes: None,
            tidiers: Vec::new(),
            began: Moment::now(),
            changed_after: None,
            is_waiting_out: false,
        }
    }

    /// A run begins, and sees whatever has changed before. *Errors*: why its files cannot be
    /// watched.
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
        // If nobody new can watch, the old one is not taken for somebody who does.
        self.changes = None;
        self.changes = Some(FileChanges::begin(dir)?);
        Ok(())
    }

    /// The watcher, if there is one.
    pub fn changes(&self) -> Option<&FileChanges> {
        self.changes.as_ref()
    }

    /// What the watcher has to say.
    pub fn listen(&mut self) -> ChangeNews {
        let news = self.changes.as_mut().map_or(ChangeNews::None, FileChanges::listen);
        match &news {
            ChangeNews::None => {}
            ChangeNews::Changed { .. } => {
                self.changed_after.get_or_insert(Moment::now().since(self.began).into());
            }
            ChangeNews::Gone(_) => self.changes = None,
        }
        news
    }

    /// Whether this child is no process of the task.
    pub fn is_own(&self, pid: i32) -> bool {
        self.changes.as_ref().is_some_and(|changes| changes.is(pid)) || self.tidiers.contains(&pid)
    }

    /// Takes note of a child that is no process of the task, and ends by itself.
    pub fn add_own(&mut self, pid: i32) {
        // It is enough to know those that can still be running.
        const MOST: usize = 16;
        let surplus = (self.tidiers.len() + 1).saturating_sub(MOST);
        self.tidiers.drain(..surplus);
        self.tidiers.push(pid);
    }

    /// What the next run waits for, if for anything; `None` when this end is the task's, in which
    /// then stands why.
    pub fn after(&mut self, end: &mut End, machine: &Machine) -> Option<Vec<StartCondition>> {
        // First, as what is asked of the history below counts this end.
        let next = self.history.after(end, self.restart.as_ref());
        if machine.is_unwanted() || self.history.is_hopeless(end) {
            return None;
        }
        // Whatever the policy says: a change wants a run, and is no retry.
        if machine.is_changed() {
            return Some(self.changed());
        }
        match next {
            Next::Again { after, what } => {
                let what = Some(format!("{what} after {}", end.outcome));
                Some(vec![StartCondition::Until { at: WallTime::now().after(after), what }])
            }
            Next::GiveUp(why) => {
                end.gave_up = Some(why);
                self.next_change(end)
            }
            Next::End => self.next_change(end),
        }
    }

    fn next_change(&self, end: &End) -> Option<Vec<StartCondition>> {
        let after = end.gave_up.map_or_else(|| end.outcome.to_string(), |_| end.reason().unwrap_or_default());
        self.is_watching.then(|| vec![StartCondition::Change { after }])
    }

    /// What the next run waits for, after a change.
    fn changed(&mut self) -> Vec<StartCondition> {
        let after = self.history.changed(self.changed_after.take().unwrap_or(Span(u64::MAX)));
        self.is_waiting_out = after > Span(0);
        let what = "restart (the last runs each changed what is watched)";
        let hold = || StartCondition::Until { at: WallTime::now().after(after), what: Some(what.into()) };
        self.is_waiting_out.then(hold).into_iter().collect()
    }

    /// A change while it waits: what to wait for now, if that makes a difference.
    pub fn changed_in_between(&mut self) -> Option<Vec<StartCondition>> {
        (!self.is_waiting_out).then(|| self.changed())
    }

    /// Has the files watched anew by somebody who was gone, so that the wait for a change can go
    /// on.
    pub fn watch_anew(&mut self, dir: &Path) -> io::Result<()> {
        self.watch(dir)
    }

    /// Whether this is not the first run that is supervised here.
    pub fn has_run(&self) -> bool {
        self.history.has_run()
    }

    /// Whether a shell is to hear of the last run's end, though another follows.
    pub fn is_told(&self) -> bool {
        self.history.is_first_in_row()
    }
}

/// What to say of files that nobody watches any more.
pub fn unwatched(why: &str) -> String {
    format!("its files are not watched any more: {why}")
}
