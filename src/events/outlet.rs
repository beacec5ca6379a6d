//! The outlet of a task's events: each is published once, and all who are to hear of it do.

use super::hook_sink::HookSink;
use super::task_event::{Listener, TaskEvent};
use crate::store::journal_file::Journal;
use crate::store::layout::{Home, MarkerState};
use crate::store::task_dir::TaskDir;
use crate::store::{markers, notification, shells};
use crate::task::end::End;
use crate::task::hook_event::HookCause;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::run_findings::ProblemSeverity;
use crate::task::spec::Spec;
use crate::task::usual;
use crate::units::wall_time::WallTime;

/// Where the events of one run of a task are published.
#[derive(Debug)]
pub struct Outlet {
    id: TaskId,
    run: u32,
    journal: Journal,
    hooks: HookSink,
}

impl Outlet {
    /// The outlet of a run of a task.
    pub fn open(home: &Home, task: &TaskDir, run: u32, spec: &Spec) -> Outlet {
        let hooks = HookSink::new(home.path.clone(), home.task_path(task.id), spec);
        Outlet { id: task.id, run, journal: Journal::open(task, run), hooks }
    }

    /// The same for the run that follows.
    pub fn of_next_run(self, task: &TaskDir, run: u32) -> Outlet {
        Outlet { run, journal: Journal::open(task, run), ..self }
    }

    /// Tells of something that has just happened.
    pub fn publish<'a>(&mut self, event: impl Into<TaskEvent<'a>>) {
        self.publish_at(WallTime::now(), event);
    }

    /// The same of something that happened then.
    pub fn publish_at<'a>(&mut self, at: WallTime, event: impl Into<TaskEvent<'a>>) {
        match event.into() {
            TaskEvent::Noted(event) => {
                let cause = cause_of(&event);
                let event = match event {
                    JournalEvent::Finding(problem) => JournalEvent::Finding(problem.brief()),
                    other => other,
                };
                self.journal.write(at, event);
                if let Some(cause) = cause {
                    self.tell_hooks(at, cause);
                }
            }
            TaskEvent::Changed { what, paths } => {
                self.journal.write(at, JournalEvent::Changed { what });
                self.tell_hooks(at, HookCause::Changed { paths });
            }
            TaskEvent::Ready { how, url } => {
                self.tell_hooks(at, HookCause::Ready { how: how.to_owned(), url: url.map(str::to_owned) });
            }
            TaskEvent::Over { home, end, listener } => self.tell_end(home, end, listener),
            TaskEvent::RunOver { home, end, next, listener } => {
                if let Some(Listener { session, command }) = listener {
                    shells::tell(home, session, None, &notification::of_run(self.id, command, end, next));
                    shells::ring(home);
                }
                self.tell_hooks(at, run_over(end));
            }
            TaskEvent::Settled { end } => {
                self.tell_hooks(at, run_over(end));
                self.tell_hooks(at, HookCause::Over);
            }
            TaskEvent::Waits { home, is_waiting } => {
                let marker = if is_waiting { MarkerState::Waiting } else { MarkerState::Active };
                let _ = markers::mark_own(home, self.id, marker);
                shells::ring(home);
                if is_waiting {
                    self.tell_hooks(at, HookCause::Waits);
                }
            }
            TaskEvent::ClearedUp { home, is_failure, is_told } => {
                if is_failure {
                    let _ = markers::mark_failed(home, self.id);
                }
                let _ = markers::mark_over(home, self.id, self.run);
                if !is_told {
                    self.tell_hooks(at, HookCause::Over);
                }
            }
            TaskEvent::Lost { home, why, listener } => {
                let line = notification::of_loss(self.id, listener.command, why);
                shells::tell(home, listener.session, Some(self.id), &line);
                let _ = markers::mark_failed(home, self.id);
                shells::ring(home);
                self.tell_hooks(at, HookCause::Over);
            }
        }
    }

    /// Whether this is the pid of a process that only hears of the task's events.
    pub fn is_sink(&self, pid: i32) -> bool {
        self.hooks.is(pid)
    }

    fn tell_hooks(&mut self, at: WallTime, cause: HookCause) {
        if let Err(e) = self.hooks.tell(self.run, at, cause) {
            self.journal.write(at, JournalEvent::Problem { what: format!("no hook hears of it: {e}") });
        }
    }

    /// Shells first, so that a prompt that counts the failure tells of it too.
    fn tell_end(&mut self, home: &Home, end: &End, listener: Option<Listener<'_>>) {
        if let Some(Listener { session, command }) = listener {
            shells::tell(home, session, Some(self.id), &notification::of_end(self.id, command, end));
        }
        let is_failure = listener.is_some() && end.is_failure();
        let marked = if is_failure { markers::mark_failed(home, self.id) } else { Ok(()) };
        let moved = markers::mark_over(home, self.id, self.run);
        for e in [marked, moved].into_iter().filter_map(Result::err) {
            self.publish(JournalEvent::Problem { what: e.to_string() });
        }
        shells::ring(home);
    }
}

fn run_over(end: &End) -> HookCause {
    HookCause::RunOver { exit_code: end.outcome.exit_code(), is_telling: end.telling_exit_code().is_some() }
}

/// What hooks may be for of all that is put down in the journal.
fn cause_of(event: &JournalEvent) -> Option<HookCause> {
    match event {
        JournalEvent::Launched => Some(HookCause::Launched),
        JournalEvent::Finding(problem) if problem.severity == ProblemSeverity::Error || problem.tool == usual::TOOL => {
            Some(HookCause::Finding(problem.clone()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Listener, Outlet};
    use crate::events::task_event::TaskEvent;
    use crate::store::layout::Home;
    use crate::store::shells::ShellFile;
    use crate::store::task_dir::TaskDir;
    use crate::store::{journal_file, markers, shells};
    use crate::sys::proc;
    use crate::task::end::{Cause, End, Outcome};
    use crate::task::id::TaskId;
    use crate::task::journal::JournalEvent;
    use crate::task::session::Session;
    use crate::task::spec::Spec;
    use crate::units::span::Span;
    use crate::units::wall_time::WallTime;
    use std::fs;

    /// What each sink has: lines of the journal, lines of the shell, markers in `active`, in
    /// `ended`.
    #[derive(Debug, PartialEq, Eq)]
    struct Sinks {
        journal: usize,
        shell: usize,
        active: Vec<String>,
        ended: Vec<String>,
    }

    #[test]
    fn each_event_reaches_the_sinks_that_are_to_hear_of_it_and_no_other() {
        let place = tempfile::tempdir().expect("a directory");
        let home = Home::at(place.path()).expect("a home");
        home.tasks.make("task-007").expect("a task");
        let task = TaskDir::open(&home, TaskId(7)).expect("opened");
        task.lock_file().expect("a lock");
        let own = proc::stat(i32::try_from(std::process::id()).expect("a pid")).expect("this process");
        let session: Session = format!("{}-{:x}", own.pid, own.start).parse().expect("a session");
        let names = shells::join(&home, &session, &[ShellFile::Own]).expect("joined");
        let end = |code| End::new(1, Outcome::Exited(code), Cause::Itself, WallTime(0), Span(1));
        let (succeeded, failed) = (end(0), end(1));
        let listener = Listener { session: Some(&session), command: "make" };
        let noted = TaskEvent::Noted(JournalEvent::Launched);
        for (event, journal, shell, active, ended) in [
            (noted, 1, 0, vec!["task-007.42"], vec![]),
            (TaskEvent::Waits { home: &home, is_waiting: true }, 0, 0, vec!["task-007.PID.waiting"], vec![]),
            (TaskEvent::Waits { home: &home, is_waiting: false }, 0, 0, vec!["task-007.PID"], vec![]),
            (
                TaskEvent::RunOver { home: &home, end: &failed, next: "restart", listener: Some(listener) },
                0,
                1,
                vec!["task-007.42"],
                vec![],
            ),
            (
                TaskEvent::Over { home: &home, end: &succeeded, listener: Some(listener) },
                0,
                1,
                vec![],
                vec!["task-007.1"],
            ),
            (
                TaskEvent::Over { home: &home, end: &failed, listener: Some(listener) },
                0,
                1,
                vec!["task-007.failed"],
                vec!["task-007.1"],
            ),
            (TaskEvent::Over { home: &home, end: &failed, listener: None }, 0, 0, vec![], vec!["task-007.1"]),
            (TaskEvent::Changed { what: "x".into(), paths: vec![] }, 1, 0, vec!["task-007.42"], vec![]),
            (TaskEvent::Ready { how: "x", url: None }, 0, 0, vec!["task-007.42"], vec![]),
            (TaskEvent::Settled { end: &succeeded }, 0, 0, vec!["task-007.42"], vec![]),
            (
                TaskEvent::Lost { home: &home, why: "gone", listener },
                0,
                1,
                vec!["task-007.42", "task-007.failed"],
                vec![],
            ),
            (
                TaskEvent::ClearedUp { home: &home, is_failure: true, is_told: true },
                0,
                0,
                vec!["task-007.failed"],
                vec!["task-007.1"],
            ),
        ] {
            let list = |dir: &str| {
                let names = fs::read_dir(place.path().join("tasks").join(dir)).map_or(Vec::new(), |entries| {
                    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
                });
                let mut names: Vec<String> =
                    names.iter().map(|name| name.replace(&std::process::id().to_string(), "PID")).collect();
                names.sort();
                names
            };
            for dir in ["active", "ended"] {
                for name in list(dir) {
                    let name = name.replace("PID", &std::process::id().to_string());
                    fs::remove_file(place.path().join("tasks").join(dir).join(name)).expect("removed");
                }
            }
            let said = place.path().join("shells").join(&names[0]);
            fs::File::create(&said).expect("emptied");
            markers::mark_living(&home, task.id, 42).expect("marked");
            let before = journal_file::read(&task).len();
            let what = format!("{event:?}");
            Outlet::open(&home, &task, 1, &Spec::unknown(task.id, None, WallTime(0))).publish(event);
            let found = Sinks {
                journal: journal_file::read(&task).len() - before,
                shell: fs::read_to_string(&said).expect("lines").lines().count(),
                active: list("active"),
                ended: list("ended"),
            };
            let wanted = Sinks {
                journal,
                shell,
                active: active.into_iter().map(str::to_owned).collect(),
                ended: ended.into_iter().map(str::to_owned).collect(),
            };
            assert_eq!(found, wanted, "{what}");
        }
    }
}
