//! Asking something of a living task: a request laid into its directory, and a signal to its
//! supervisor, which is found by more than its pid. Needs no socket, but where no file can be
//! written.

use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::connection::Connection;
use super::wait_exit::ends;
use super::{ClientError, ask_by_socket};
use crate::handshake::MOST_PREPARING;
use crate::processes::tree::{self, Root};
use crate::store::layout::Home;
use crate::store::requests::Pending;
use crate::store::snapshot::{Liveness, RunFacts, is_reborn};
use crate::store::task_dir::TaskDir;
use crate::store::{host, markers};
use crate::sys::fs_watch::Watch;
use crate::sys::pidfd::Pidfd;
use crate::sys::polling::wait_for_any;
use crate::sys::{proc, process_usage};
use crate::task::end::End;
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::process_id::{ProcessId, Reachability};
use crate::task::request::{Ask, Asker, Request, RequestAnswer, VERSION};
use crate::task::state::State;
use crate::task::survivor::Survivor;
use crate::units::signal::Signal;
use crate::units::span::Span;

/// How long a supervisor may take to answer, once it has a processor. It answers at once, or it is
/// in trouble.
const PATIENCE: Duration = Duration::from_secs(5);
/// A supervisor that has worked so long and not answered does not get around to it. *Units*:
/// milliseconds of processor time.
const MOST_WORK: u64 = 2000;
const LOOK_AGAIN_MS: u16 = 50;
const LOOK_AGAIN: Duration = Duration::from_millis(LOOK_AGAIN_MS as u64);

/// Asks, and hears that it was done.
pub fn ask(home: &Home, id: TaskId, ask: Ask, with: &str) -> Result<(), ClientError> {
    match answer_of(home, &TaskDir::open(home, id)?, ask, with)?.1.refused {
        None => Ok(()),
        Some(why) => Err(ClientError::Refused { id, why }),
    }
}

/// What is answered, and by which supervisor.
fn answer_of(home: &Home, task: &TaskDir, ask: Ask, with: &str) -> Result<(ProcessId, RequestAnswer), ClientError> {
    let (supervisor, phase) = living_supervisor(home, task)?;
    let work = Work::of(supervisor.pid);
    let patience = match phase {
        // A launch may be in preparation.
        Phase::Queued | Phase::Starting => MOST_PREPARING + PATIENCE,
        Phase::Running | Phase::Paused | Phase::Stopping | Phase::Over => PATIENCE,
    };
    let request = Request { version: VERSION, ask, by: Asker { with: with.to_owned(), pid: parent_pid() } };
    let pending = match submit(home, task, supervisor, &request) {
        Err(why) if ask_by_socket::is_unwritable(&why) => {
            let answer = answer_by_socket(home, task, request, patience, &work)?;
            return answer.map(|answer| (supervisor, answer)).ok_or(why);
        }
        submitted => submitted?,
    };
    let mut deadline = Instant::now() + patience;
    let watch = Watch::new().and_then(|w| w.directory(pending.watch_path()).map(|()| w))?;
    loop {
        match heard(|| is_living(home, task), || pending.answer())? {
            Heard::Answer(answer) => return Ok((supervisor, answer)),
            Heard::Nobody => {
                pending.withdraw();
                return Err(not_running(home, task)?);
            }
            Heard::NotYet => {}
        }
        if Instant::now() >= deadline {
            if !work.waits_for_processor() {
                pending.withdraw();
                return Err(ClientError::NoAnswer(task.id));
            }
            deadline = Instant::now() + PATIENCE;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        // In slices, as a supervisor's death is no event in this directory.
        watch.wait(Some(left.min(LOOK_AGAIN)))?;
    }
}

/// What is answered over the socket. Whoever has just ended answers nothing.
fn answer_by_socket(
    home: &Home,
    task: &TaskDir,
    request: Request,
    patience: Duration,
    work: &Work,
) -> Result<Option<RequestAnswer>, ClientError> {
    let deadline = Instant::now() + patience;
    match ask_by_socket::ask(home, task.id, request, patience, work) {
        Err(ClientError::NoAnswer(id)) => loop {
            if !is_living(home, task)? {
                return Err(not_running(home, task)?);
            }
            if Instant::now() >= deadline {
                return Err(ClientError::NoAnswer(id));
            }
            wait_for_any::<()>(&[], Some(LOOK_AGAIN))?;
        },
        answered => answered,
    }
}

/// Waits until a supervisor that was asked over its socket has said something, or has gone.
/// *Errors*: [`ClientError::NoAnswer`] when it is silent though it has had a processor.
pub fn until_answered(home: &Home, id: TaskId, connection: &mut Connection) -> Result<(), ClientError> {
    let state = TaskDir::open(home, id)?.state()?;
    let (work, patience) = match &state {
        Some(state) => (Some(Work::of(state.supervisor.pid)), PATIENCE),
        // A launch may be in preparation.
        None => (None, MOST_PREPARING + PATIENCE),
    };
    while !connection.is_answered_by(Instant::now() + patience)? {
        if !work.as_ref().is_some_and(Work::waits_for_processor) {
            return Err(ClientError::NoAnswer(id));
        }
    }
    Ok(())
}

/// What comes of a look for an answer.
#[derive(Debug, PartialEq, Eq)]
enum Heard<T> {
    /// It is there.
    Answer(T),
    /// It may come.
    NotYet,
    /// Nobody is there who would give it.
    Nobody,
}

/// Looks for an answer. Whether somebody lives is asked before: whoever is gone by then has
/// answered, if ever.
fn heard<T>(
    is_living: impl FnOnce() -> Result<bool, ClientError>,
    answer: impl FnOnce() -> Option<T>,
) -> Result<Heard<T>, ClientError> {
    let is_living = is_living()?;
    Ok(match answer() {
        Some(answer) => Heard::Answer(answer),
        None if is_living => Heard::NotYet,
        None => Heard::Nobody,
    })
}

/// How much a supervisor had worked when it was asked something.
pub struct Work {
    pid: i32,
    before: u64,
}

impl Work {
    /// How much this one has worked by now.
    pub fn of(pid: i32) -> Work {
        Work { pid, before: process_usage::of(pid).map_or(0, |used| used.cpu_ms) }
    }

    /// Whether it would go on if it had a processor, and has hardly had one since.
    pub fn waits_for_processor(&self) -> bool {
        let is_runnable = proc::stat(self.pid).is_ok_and(|process| process.state == 'R');
        is_runnable && process_usage::of(self.pid).is_ok_and(|used| used.cpu_ms < self.before + MOST_WORK)
    }
}

/// The same of a task that may not stand so any more, or be over: then nothing is to be done.
pub fn ask_if_it_stands_so(home: &Home, id: TaskId, what: Ask, with: &str) -> Result<(), ClientError> {
    match ask(home, id, what, with) {
        Ok(()) | Err(ClientError::Refused { .. } | ClientError::NotRunning { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// An end that takes long.
#[derive(Debug)]
pub struct Delay {
    /// Whose.
    pub id: TaskId,
    /// The processes that are left, as far as that is known.
    pub left: Vec<Survivor>,
    /// After how long they get KILL; `None` if they have got it.
    pub killed_after: Option<Span>,
}

/// How long an end may take before it is told what it waits for.
const SILENCE: Duration = Duration::from_secs(1);

/// Asks a task to end and waits until it has. What the end record says is the proof: `left` names
/// whatever could not be ended. Whoever asks is told once what it waits for, if it takes long.
pub fn stop(
    home: &Home,
    id: TaskId,
    signal: Option<Signal>,
    grace: Option<Duration>,
    with: &str,
    tell: &dyn Fn(Delay),
) -> Result<End, ClientError> {
    let task = TaskDir::open(home, id)?;
    let bearing = bearing(home, &task)?;
    if !bearing.status().is_living() {
        return Err(not_running(home, &task)?);
    }
    let (supervisor, within) = match answer_of(home, &task, Ask::Stop { signal, grace: grace.map(Into::into) }, with) {
        Ok((_, RequestAnswer { refused: Some(why), .. })) => return Err(ClientError::Refused { id, why }),
        Ok((asked, answer)) => (Some(asked), answer.ends_within),
        // It ended by itself in between; what it left says how.
        Err(ClientError::NotRunning { .. }) => (bearing.state.map(|state| state.supervisor), None),
        Err(why) if can_be_signalled(&why, signal) => {
            stop_by_signal(home, &task, grace, tell)?;
            (bearing.state.map(|state| state.supervisor), None)
        }
        Err(other) => return Err(other),
    };
    wait_for_end(home, &task, supervisor, within, with, tell)?;
    match RunFacts::of(&task, None)?.standing {
        Liveness::Over(end) => Ok(end),
        Liveness::Living(_) | Liveness::Lost(_) | Liveness::Unknown(_) => Err(not_running(home, &task)?),
    }
}

/// Whether a stop that reached nobody can do without: a signal to a supervisor names no other
/// signal.
fn can_be_signalled(why: &ClientError, signal: Option<Signal>) -> bool {
    ask_by_socket::is_unwritable(why) && signal.is_none_or(|signal| signal == Signal::KILL)
}

/// Ends a task without a request, by signals to its supervisor: TERM means a stop with the task's
/// own signal and grace, and each one after that means KILL. Gives no answer, so it returns when
/// the task is over.
fn stop_by_signal(
    home: &Home,
    task: &TaskDir,
    grace: Option<Duration>,
    tell: &dyn Fn(Delay),
) -> Result<(), ClientError> {
    let (address, _) = living_supervisor(home, task)?;
    let Some(end) = EndProof::of(home, task, Some(address))? else { return Ok(()) };
    let grace = grace.or_else(|| task.spec().ok().map(|spec| spec.time_limits.grace.duration()));
    let kill_at = Instant::now() + grace.unwrap_or(MOST_PREPARING);
    let give_up_at = kill_at + MOST_PREPARING;
    let signal = || match host::hold(address).and_then(|supervisor| supervisor.send(Signal::TERM)) {
        Err(e) if e.raw_os_error() != Some(libc::ESRCH) => {
            Err(ClientError::System { doing: format!("reach the supervisor of {}", task.id), source: e })
        }
        _ => Ok(()),
    };
    signal()?;
    let mut tell_at = Some(Instant::now() + SILENCE);
    while !end.comes_by(Instant::now() + LOOK_AGAIN) {
        if let Some(why) = task.state().ok().flatten().and_then(|state| state.unstoppable) {
            return Err(ClientError::Unstoppable { id: task.id, why });
        }
        if tell_at.take_if(|at| *at <= Instant::now()).is_some() {
            let left = kill_at.saturating_duration_since(Instant::now());
            tell(Delay { id: task.id, left: left_of(task), killed_after: (!left.is_zero()).then(|| left.into()) });
        }
        match Instant::now() {
            now if now >= give_up_at => return Err(ClientError::NoAnswer(task.id)),
            now if now >= kill_at => signal()?,
            _ => {}
        }
    }
    Ok(())
}

/// Waits until the task is over, by the lock. Another supervisor may take the lock before this
/// waiter sees it free: then somebody else was faster. How long that may take is for the supervisor
/// to say: when its own time is up, it is asked again.
fn wait_for_end(
    home: &Home,
    task: &TaskDir,
    supervisor: Option<ProcessId>,
    within: Option<Span>,
    with: &str,
    tell: &dyn Fn(Delay),
) -> Result<(), ClientError> {
    let deadline_of = |within: Option<Span>| Instant::now() + within.map_or(Duration::ZERO, Span::duration) + PATIENCE;
    let Some(end) = EndProof::of(home, task, supervisor)? else { return Ok(()) };
    let mut deadline = deadline_of(within);
    let mut tell_at = Some(Instant::now() + SILENCE);
    while !end.comes_by(deadline) {
        let state = task.state().ok().flatten();
        if state.as_ref().is_some_and(|state| is_anothers(task, state, supervisor)) {
            return Err(ClientError::AlreadyRunning(task.id));
        }
        if let Some(why) = state.and_then(|state| state.unstoppable) {
            return Err(ClientError::Unstoppable { id: task.id, why });
        }
        if tell_at.take_if(|at| *at <= Instant::now()).is_some()
            && let Ok((asked, answer)) = answer_of(home, task, Ask::Progress, with)
            && supervisor == Some(asked)
        {
            tell(Delay { id: task.id, left: left_of(task), killed_after: answer.killed_after });
        }
        if Instant::now() >= deadline {
            // Over, and only its clients keep the supervisor.
            if matches!(RunFacts::of(task, None), Ok(RunFacts { standing: Liveness::Over(_), .. })) {
                return Ok(());
            }
            deadline = match answer_of(home, task, Ask::Progress, with) {
                Ok((asked, _)) if supervisor != Some(asked) => return Err(ClientError::AlreadyRunning(task.id)),
                Ok((_, answer)) => deadline_of(answer.ends_within),
                Err(ClientError::NotRunning { .. }) => deadline_of(None),
                Err(other) => return Err(other),
            };
        }
    }
    Ok(())
}

/// The processes of a task that are left.
fn left_of(task: &TaskDir) -> Vec<Survivor> {
    let (Ok(spec), Ok(Some(state))) = (task.spec(), task.state()) else { return Vec::new() };
    let found = tree::pids(Root::of(&spec, &state)).into_iter().filter_map(|pid| proc::stat(pid).ok());
    found.map(|process| Survivor { pid: process.pid, name: process.name }).collect()
}

/// What shows that a task is over.
enum EndProof {
    /// Its lock is free.
    Lock(Receiver<TaskId>),
    /// Its supervisor has ended: its lock was removed, or cannot be asked.
    Supervisor(Pidfd),
}

impl EndProof {
    /// What shows it of a task with this supervisor, as far as that is known; `None` where it is
    /// over already.
    fn of(home: &Home, task: &TaskDir, supervisor: Option<ProcessId>) -> Result<Option<EndProof>, ClientError> {
        let is_held = matches!(task.is_alive(), Ok(true));
        if let Some(supervisor) = supervisor.filter(|_| !is_held) {
            let is_over = bearing(home, task).is_ok_and(|bearing| !bearing.status().is_living());
            return Ok(host::hold(supervisor).ok().filter(|_| !is_over).map(EndProof::Supervisor));
        }
        Ok(Some(EndProof::Lock(ends(home, &[task.id])?)))
    }

    /// Waits for a moment; says whether it is over.
    fn comes_by(&self, deadline: Instant) -> bool {
        match self {
            EndProof::Lock(ends) => ends.recv_deadline(deadline.min(Instant::now() + LOOK_AGAIN)).is_ok(),
            EndProof::Supervisor(supervisor) => supervisor.ends_within(LOOK_AGAIN_MS),
        }
    }
}

/// Whether a task has another supervisor by now: where none was known, whoever runs it now. One and
/// the same may begin run after run.
fn is_anothers(task: &TaskDir, state: &State, supervisor: Option<ProcessId>) -> bool {
    is_reborn(task, state) || supervisor.map_or(state.end.is_none(), |ours| state.supervisor != ours)
}

/// Why a task that was found not to run does not: or that it runs again already.
fn not_running(home: &Home, task: &TaskDir) -> Result<ClientError, ClientError> {
    let status = bearing(home, task)?.status();
    Ok(if status.is_living() {
        ClientError::AlreadyRunning(task.id)
    } else {
        ClientError::NotRunning { id: task.id, status }
    })
}

fn submit(home: &Home, task: &TaskDir, supervisor: ProcessId, request: &Request) -> Result<Pending, ClientError> {
    let pending = Pending::lay_down(task, request)?;
    let told = host::hold(supervisor).and_then(|s| s.send(Signal::USR1));
    match told {
        Ok(()) => Ok(pending),
        Err(e) if e.raw_os_error() == Some(libc::ESRCH) => {
            pending.withdraw();
            Err(not_running(home, task)?)
        }
        Err(source) => {
            pending.withdraw();
            Err(ClientError::System { doing: format!("reach the supervisor of {}", task.id), source })
        }
    }
}

/// How a task stands. Where not even its lock can be asked, its marker tells who supervises it.
fn bearing(home: &Home, task: &TaskDir) -> Result<RunFacts, ClientError> {
    RunFacts::of(task, None).or_else(|why| match markers::supervisor(home, task.id) {
        Some(_) => {
            Ok(RunFacts { state: None, standing: Liveness::Living(Phase::Running), trouble: Some(why.to_string()) })
        }
        None => Err(why.into()),
    })
}

/// Whether somebody is home: the lock tells, or where it is removed or damaged, the rest.
fn is_living(home: &Home, task: &TaskDir) -> Result<bool, ClientError> {
    match task.is_alive() {
        Ok(true) => Ok(true),
        Ok(false) | Err(_) => Ok(bearing(home, task)?.status().is_living()),
    }
}

/// The supervisor of a living task, and how it stands; one that is just being born is waited for.
fn living_supervisor(home: &Home, task: &TaskDir) -> Result<(ProcessId, Phase), ClientError> {
    let deadline = Instant::now() + MOST_PREPARING + PATIENCE;
    let watch = Watch::new().and_then(|w| w.directory(task.dir.handle_path()).map(|()| w))?;
    loop {
        let bearing = bearing(home, task)?;
        match (&bearing.standing, bearing.state) {
            (Liveness::Living(phase), Some(state)) => {
                return match host::here().distance(&state.place) {
                    Reachability::Here => Ok((state.supervisor, *phase)),
                    Reachability::BeforeReboot | Reachability::Elsewhere => Err(ClientError::Elsewhere(task.id)),
                };
            }
            (Liveness::Living(phase), None) => match markers::supervisor(home, task.id) {
                Some(supervisor) if bearing.trouble.is_some() => return Ok((supervisor, *phase)),
                Some(_) | None if Instant::now() < deadline => drop(watch.wait(Some(LOOK_AGAIN))?),
                Some(_) | None => return Err(ClientError::NoAnswer(task.id)),
            },
            (Liveness::Over(_) | Liveness::Lost(_) | Liveness::Unknown(_), _) => {
                return Err(not_running(home, task)?);
            }
        }
    }
}

/// Whoever ran this verb: the shell, the script, the agent.
fn parent_pid() -> i32 {
    i32::try_from(std::os::unix::process::parent_id()).unwrap_or(0)
}

impl From<io::Error> for ClientError {
    fn from(source: io::Error) -> ClientError {
        ClientError::System { doing: "reach the task".into(), source }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Heard, heard};

    /// Somebody who answers and ends as soon as so many looks were taken at it.
    fn heard_of(looks_before: u32) -> Heard<&'static str> {
        let looks = Cell::new(0);
        let is_over = || looks.replace(looks.get() + 1) >= looks_before;
        heard(|| Ok(!is_over()), || is_over().then_some("done")).expect("a look")
    }

    #[test]
    fn who_answers_and_ends_between_two_looks_is_heard() {
        assert_eq!(heard_of(0), Heard::Answer("done"), "before both");
        assert_eq!(heard_of(1), Heard::Answer("done"), "between them");
        assert_eq!(heard_of(2), Heard::NotYet, "after both");
        assert_eq!(heard(|| Ok(false), || None::<()>).expect("a look"), Heard::Nobody);
    }
}
