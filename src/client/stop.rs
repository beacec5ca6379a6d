//! Ending a task: asking for it, waiting for the proof, and telling meanwhile what is waited for.

use std::fs::File;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::ask::{LOOK_AGAIN, LOOK_AGAIN_MS, PATIENCE, answer_of, bearing, living_supervisor, not_running};
use super::wait_exit::ends;
use super::{ClientError, ask_by_socket};
use crate::handshake::MOST_PREPARING;
use crate::processes::tree::{self, Root};
use crate::store::host;
use crate::store::layout::Home;
use crate::store::snapshot::{Liveness, RunFacts, is_reborn};
use crate::store::task_dir::TaskDir;
use crate::sys::pidfd::Pidfd;
use crate::sys::{lock, proc};
use crate::task::end::End;
use crate::task::id::TaskId;
use crate::task::process_id::ProcessId;
use crate::task::request::{Ask, RequestAnswer};
use crate::task::state::State;
use crate::task::survivor::Survivor;
use crate::units::signal::Signal;
use crate::units::span::Span;

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
    let grace = grace.or_else(|| task.spec_without_surroundings().ok().map(|spec| spec.time_limits.grace.duration()));
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
            if RunFacts::end_of(task).is_some() {
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
    let (Ok(spec), Ok(Some(state))) = (task.spec_without_surroundings(), task.state()) else { return Vec::new() };
    let found = tree::pids(Root::of(&spec, &state)).into_iter().filter_map(|pid| proc::stat(pid).ok());
    found.map(|process| Survivor { pid: process.pid, name: process.name }).collect()
}

/// What shows that a task is over.
enum EndProof {
    /// Its lock is free.
    Lock(Receiver<TaskId>),
    /// The same, asked again and again: no thread can be made that waits for it.
    FreeLock(File),
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
        Ok(Some(match ends(home, &[task.id]) {
            Ok(ends) => EndProof::Lock(ends),
            Err(why) => EndProof::FreeLock(task.lock_for_reading().map_err(|_| why)?),
        }))
    }

    /// Waits for a moment; says whether it is over.
    fn comes_by(&self, deadline: Instant) -> bool {
        match self {
            EndProof::Lock(ends) => ends.recv_deadline(deadline.min(Instant::now() + LOOK_AGAIN)).is_ok(),
            EndProof::FreeLock(lock) => matches!(lock::is_free_within(lock, LOOK_AGAIN), Ok(true)),
            EndProof::Supervisor(supervisor) => supervisor.ends_within(LOOK_AGAIN_MS),
        }
    }
}

/// Whether a task has another supervisor by now: where none was known, whoever runs it now. One and
/// the same may begin run after run.
fn is_anothers(task: &TaskDir, state: &State, supervisor: Option<ProcessId>) -> bool {
    is_reborn(task, state) || supervisor.map_or(state.end.is_none(), |ours| state.supervisor != ours)
}
