//! A task that waits before it begins. Its supervisor is there and can be asked; of the task itself
//! there is no process and no terminal. One poll waits for everything, and nothing wakes it but
//! what it waits for.

use std::io;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::events::task_event::TaskEvent;
use crate::handshake::send_report;
use crate::launch::NOT_STARTED;
use crate::logs::store::writer::LogWriter;
use crate::store::layout::MarkerState;
use crate::store::task_dir::STATUS;
use crate::store::{dependencies, markers, requests, shells};
use crate::supervisor::attach::attached_client::Demand;
use crate::supervisor::queue::start_conditions::{ConditionsLook, StartConditions};
use crate::supervisor::rerun::decision::unwatched;
use crate::supervisor::rerun::file_changes::ChangeNews;
use crate::supervisor::run::record;
use crate::supervisor::start::never_started;
use crate::supervisor::start::task_setup::{SetupError, TaskFiles, TaskSetup};
use crate::supervisor::state::{Supervisor, Waiters};
use crate::sys::memory;
use crate::task::end::{Cause, End, Outcome};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::task::request::{Ask, Asker, Request, RequestAnswer};
use crate::task::state::State;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;
use crate::wire::{Query, Reply, Report};

const NOT_BEGUN: &str = "it has not begun, it is queued";
const NOT_BEGUN_AGAIN: &str = "it has not begun again, it is queued";
const BETWEEN_RUNS: &str = "it is not running, it waits for its next run";

/// A queued task, and whoever is still to be told of it.
pub struct Queued {
    setup: TaskSetup,
    files: TaskFiles,
    state: State,
    waits: StartConditions,
    waiters: Waiters,
    /// Whether it was cancelled as it is not needed.
    is_unneeded: bool,
}

/// How waiting ended.
pub enum QueueExit {
    /// The command can be executed.
    Begins(Box<Queued>),
    /// The task is over, and that is recorded.
    Over,
}

/// Waits until the task may begin, or never will.
pub fn wait(setup: TaskSetup, files: TaskFiles, waiters: Waiters) -> Result<QueueExit, SetupError> {
    let log_start = files.log.as_ref().map_or(0, LogWriter::len);
    let state = setup.state(Phase::Queued, None, WallTime::now(), log_start);
    let waits = StartConditions::new(&setup)?;
    let mut queued = Queued { setup, files, state, waits, waiters, is_unneeded: false };
    let ended = queued.wait();
    Ok(match ended {
        None => QueueExit::Begins(Box::new(queued)),
        Some(cause) => {
            queued.close(Outcome::Unbegun, cause);
            QueueExit::Over
        }
    })
}

impl Queued {
    /// Makes the task's processes, to be supervised. That they could not be made is recorded.
    pub fn begin(mut self) -> Option<Box<Supervisor>> {
        match self.setup.make(None) {
            Ok(made) => Some(self.setup.into_supervisor(made, self.files, self.waiters)),
            Err(why) => {
                self.close(Outcome::Unlaunched { why: why.to_string(), code: NOT_STARTED }, Cause::Itself);
                None
            }
        }
    }

    /// The cause of its end, or `None` when it may begin.
    fn wait(&mut self) -> Option<Cause> {
        loop {
            match self.waits.look(&self.setup.task.home) {
                ConditionsLook::Free(slot) => {
                    // A run that follows another has the slot of that.
                    self.setup.task.slot = self.setup.task.slot.take().or(slot);
                    self.note_released();
                    return None;
                }
                ConditionsLook::Never(why) => {
                    self.note(Note::Cancelled { why: why.clone() });
                    return Some(Cause::Cancelled(why));
                }
                ConditionsLook::Unneeded(why) => {
                    self.note(Note::Cancelled { why: why.clone() });
                    self.is_unneeded = true;
                    return Some(Cause::Cancelled(why));
                }
                ConditionsLook::Held => self.tell(),
            }
            if let Some(asker) = self.sleep() {
                return Some(Cause::Asked(asker));
            }
            if let Err(why) = self.receive_changes() {
                let why = unwatched(&why.to_string());
                self.note(Note::Cancelled { why: why.clone() });
                return Some(Cause::Cancelled(why));
            }
        }
    }

    /// Puts down what it waits for, where that has changed.
    fn tell(&mut self) {
        self.note_released();
        let holds = self.waits.holds();
        if holds == self.state.holds {
            return;
        }
        let is_first = self.state.holds.is_empty();
        let marker = self.marker();
        self.state.holds = holds;
        if let Err(e) = self.setup.task.dir.write_json(STATUS, &self.state) {
            self.note(Note::Problem { what: e.to_string() });
        }
        // The state is on disk: whoever hears that it is queued finds what for.
        if is_first {
            self.arrive();
        } else if self.marker() != marker {
            let _ = markers::mark_own(&self.setup.task.home, self.setup.task.dir.id, self.marker());
            shells::ring(&self.setup.task.home);
        }
    }

    /// How prompts count it: between two runs it is at work, and in no queue.
    fn marker(&self) -> MarkerState {
        if self.state.between_runs().is_some() { MarkerState::Active } else { MarkerState::Queued }
    }

    fn arrive(&mut self) {
        let why = dependencies::words_of(&self.setup.task.home, self.setup.task.dir.id, &self.state.holds);
        // First, as the caller's next prompt counts it.
        let _ = markers::mark_own(&self.setup.task.home, self.setup.task.dir.id, self.marker());
        self.setup.was_queued = self.setup.attach.is_none();
        if let Some(report) = &mut self.waiters.report {
            let _ = send_report(report, &Report::Queued { why: why.clone() });
        }
        // Who stays with it hears the rest, too.
        self.waiters.report = self.waiters.report.take().filter(|_| self.setup.attach.is_some());
        self.note(Note::Queued { why, between_runs: self.state.between_runs().is_some() });
        let watchdog = self.waiters.watchdog.take();
        record::tell_watchdog(&self.setup.task, watchdog);
        record::arrive(&self.setup.task, self.marker());
        shells::ring(&self.setup.task.home);
        memory::shed();
    }

    /// Sleeps until something happens; gives whoever asked the task to end.
    fn sleep(&mut self) -> Option<Asker> {
        let mut fds = vec![PollFd::new(self.setup.task.signals.as_fd(), PollFlags::POLLIN)];
        fds.extend(self.setup.task.rerun.changes().map(|changes| PollFd::new(changes.as_fd(), PollFlags::POLLIN)));
        fds.extend(self.files.control.watched());
        let timeout = self.waits.watch(&mut fds).map_or(PollTimeout::NONE, |span| {
            PollTimeout::try_from(span.as_millis().max(1)).unwrap_or(PollTimeout::MAX)
        });
        // Whatever came of it, all is looked at.
        let _ = poll(&mut fds, timeout);
        drop(fds);
        let asked = self.attend();
        let signalled = self.receive_signals();
        asked.or(signalled)
    }

    /// There is no terminal yet: only how it stands can be told, and what a request asks be done.
    /// Gives whoever asked the task to end.
    fn attend(&mut self) -> Option<Asker> {
        let log_bytes = self.files.log.as_ref().map_or(0, LogWriter::len);
        let why_not = self.why_not();
        let mut stop = None;
        self.files.control.admit_all();
        for at in 0..self.files.control.count() {
            let is_attached = self.files.control.client(at).is_attached();
            while let Some(demand) = self.files.control.demand(at, true) {
                let control = &mut self.files.control;
                match demand {
                    Demand::Query(Query::Request(request)) => {
                        let (asked, answer) = self.hear(request);
                        stop = stop.or(asked);
                        self.files.control.client(at).tell(&Reply::Answer(answer));
                    }
                    Demand::Query(Query::Info) => {
                        let phase = self.state.phase;
                        control.client(at).tell(&Reply::Info { phase, processes: Vec::new(), log_bytes });
                    }
                    Demand::Query(Query::Resize(size)) if is_attached => control.client(at).size = Some(size),
                    // Who was at the terminal of the last run is at that of the next one; this is
                    // for neither.
                    Demand::Query(_) | Demand::Input(_) if is_attached => {}
                    Demand::Query(_) | Demand::Input(_) => control.client(at).refuse(why_not.into()),
                }
            }
        }
        self.files.control.send_all(log_bytes);
        stop
    }

    fn receive_signals(&mut self) -> Option<Asker> {
        let mut stop = None;
        while let Ok(Some(signal)) = self.setup.task.signals.read_signal() {
            match signal.ssi_signo as i32 {
                libc::SIGUSR1 => {
                    // By the same signal the one before in the line tells that it has gone.
                    self.waits.look_again();
                    stop = stop.or(self.receive_requests());
                }
                libc::SIGTERM => {
                    let number = signal.ssi_signo as i32;
                    let name = Signal::from_number(number).map_or_else(|| number.to_string(), |s| s.to_string());
                    stop = Some(Asker { with: format!("{name} to its supervisor"), pid: signal.ssi_pid as i32 });
                }
                // A worker has ended: the next run collects it with its own children.
                _ => {}
            }
        }
        stop
    }

    fn receive_requests(&mut self) -> Option<Asker> {
        let mut stop = None;
        for (name, request) in requests::take_all(&self.setup.task.dir) {
            let (asked, answer) = self.hear(request);
            stop = stop.or(asked);
            requests::answer(&self.setup.task.dir, &name, &answer);
        }
        stop
    }

    /// Hears a request: gives whoever asked the task to end, and the answer.
    fn hear(&mut self, Request { ask, by, .. }: Request) -> (Option<Asker>, RequestAnswer) {
        let refused = match ask {
            Ask::Progress => return (None, RequestAnswer::new(None, None)),
            Ask::Stop { .. } => None,
            Ask::Signal(_) | Ask::Pause | Ask::Resume | Ask::Limit(_) => Some(self.why_not().to_owned()),
        };
        self.note(Note::Asked { ask, by: by.clone() });
        if let Some(why) = &refused {
            self.note(Note::Refused { why: why.clone() });
        }
        (Some(by).filter(|_| refused.is_none()), RequestAnswer::new(refused, None))
    }

    fn why_not(&self) -> &'static str {
        match (self.state.between_runs(), self.setup.task.rerun.has_run()) {
            (Some(_), _) => BETWEEN_RUNS,
            (None, true) => NOT_BEGUN_AGAIN,
            (None, false) => NOT_BEGUN,
        }
    }

    /// *Errors*: why no change can be seen any more.
    fn receive_changes(&mut self) -> io::Result<()> {
        match self.setup.task.rerun.listen() {
            ChangeNews::None => {}
            ChangeNews::Changed { what, paths } => {
                if let Some(holds) = self.setup.task.rerun.changed_in_between() {
                    self.files.events.publish(TaskEvent::Changed { what, paths });
                    self.setup.holds = holds;
                    self.waits = StartConditions::new(&self.setup)?;
                }
            }
            ChangeNews::Gone(why) => {
                self.note(Note::Problem { what: unwatched(&why) });
                // Where nobody can watch, the wait for a change would never end.
                self.setup.task.rerun.watch_anew(&self.setup.task.path)?;
            }
        }
        Ok(())
    }

    fn note_released(&mut self) {
        for what in self.waits.take_problems() {
            self.note(Note::Problem { what });
        }
        for what in self.waits.take_released() {
            self.note(Note::Released { what });
        }
    }

    fn note(&mut self, note: Note) {
        self.files.events.publish(note);
    }

    fn close(self, outcome: Outcome, cause: Cause) {
        let end = End { unneeded: self.is_unneeded, ..never_started::end(self.setup.run, outcome, cause) };
        never_started::close(self.setup, self.files, self.state, self.waiters, &end);
    }
}
