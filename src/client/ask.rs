//! Asking something of a living task: a request laid into its directory, and a signal to its
//! supervisor, which is found by more than its pid. Needs no socket.

use std::io;
use std::time::{Duration, Instant};

use super::Error;
use super::until_over::ends;
use crate::store::home::Home;
use crate::store::place;
use crate::store::reading::{Reading, Standing, is_reborn};
use crate::store::requests::Pending;
use crate::store::task_dir::TaskDir;
use crate::sys::watch::Watch;
use crate::task::address::{Address, Distance};
use crate::task::end::End;
use crate::task::id::TaskId;
use crate::task::request::{Ask, Asker, Request};
use crate::task::spec::VERSION;
use crate::task::state::State;
use crate::units::signal::Signal;

/// How long a supervisor may take to answer. It answers at once, or it is in trouble.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a stop may take beyond its grace: killing, proving that none is left, draining.
const AFTERMATH: Duration = Duration::from_secs(8);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Asks, and hears that it was done.
pub fn ask(home: &Home, id: TaskId, ask: Ask, with: &str) -> Result<(), Error> {
    let task = TaskDir::open(home, id)?;
    let pending = submit(&task, ask, with)?;
    let deadline = Instant::now() + PATIENCE;
    let watch = Watch::new().and_then(|w| w.directory(pending.watch_path()).map(|()| w))?;
    loop {
        // Before the answer is looked for: whoever is gone by then has written it, if ever.
        let is_alive = task.is_alive()?;
        if let Some(answer) = pending.answer() {
            return match answer.refused {
                None => Ok(()),
                Some(why) => Err(Error::Refused { id, why }),
            };
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            pending.withdraw();
            return Err(Error::NoAnswer(id));
        }
        if !is_alive {
            pending.withdraw();
            return Err(not_running(&task)?);
        }
        // In slices, as a supervisor's death is no event in this directory.
        watch.wait(Some(left.min(LOOK_AGAIN)))?;
    }
}

/// The same of a task that may not stand so any more, or be over: then nothing is to be done.
pub fn ask_if_it_stands_so(home: &Home, id: TaskId, what: Ask, with: &str) -> Result<(), Error> {
    match ask(home, id, what, with) {
        Ok(()) | Err(Error::Refused { .. } | Error::NotRunning { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Asks a task to end and waits until it has. What the end record says is the proof: `left` names
/// whatever could not be ended.
pub fn stop(
    home: &Home,
    id: TaskId,
    signal: Option<Signal>,
    grace: Option<Duration>,
    with: &str,
) -> Result<End, Error> {
    let task = TaskDir::open(home, id)?;
    let reading = Reading::of(&task)?;
    if !reading.status().is_living() {
        return Err(not_running(&task)?);
    }
    let spec_grace = task.spec()?.limits.grace.duration();
    match ask(home, id, Ask::Stop { signal, grace: grace.map(Into::into) }, with) {
        // It ended by itself in between; what it left says how.
        Ok(()) | Err(Error::NotRunning { .. }) => {}
        Err(other) => return Err(other),
    }
    let supervisor = reading.state.map(|state| state.supervisor);
    wait_for_end(home, &task, supervisor, Instant::now() + grace.unwrap_or(spec_grace) + AFTERMATH)?;
    let reading = Reading::of(&task)?;
    match reading.end() {
        Some(end) => Ok(end.clone()),
        None => Err(not_running(&task)?),
    }
}

/// Waits until the task is over, by the lock. Another supervisor may take the lock before this waiter sees it
/// free: then somebody else was faster.
fn wait_for_end(home: &Home, task: &TaskDir, supervisor: Option<Address>, deadline: Instant) -> Result<(), Error> {
    let ends = ends(home, &[task.id])?;
    while ends.recv_deadline(deadline.min(Instant::now() + LOOK_AGAIN)).is_err() {
        if has_another(task, supervisor) {
            return Err(Error::AlreadyRunning(task.id));
        }
        if Instant::now() >= deadline {
            return Err(Error::NoAnswer(task.id));
        }
    }
    Ok(())
}

/// Whether a task has another supervisor by now. One and the same may begin run after run.
fn has_another(task: &TaskDir, supervisor: Option<Address>) -> bool {
    let Ok(Some(state)) = task.state() else { return false };
    is_reborn(task, &state) || supervisor.is_some_and(|ours| state.supervisor != ours)
}

/// Why a task that was found not to run does not: or that it runs again already.
fn not_running(task: &TaskDir) -> Result<Error, Error> {
    let status = Reading::of(task)?.status();
    Ok(if status.is_living() { Error::AlreadyRunning(task.id) } else { Error::NotRunning { id: task.id, status } })
}

fn submit(task: &TaskDir, ask: Ask, with: &str) -> Result<Pending, Error> {
    let state = living_state(task)?;
    match place::here().distance(&state.place) {
        Distance::Here => {}
        Distance::BeforeReboot | Distance::Elsewhere => return Err(Error::Elsewhere(task.id)),
    }
    let by = Asker { with: with.to_owned(), pid: parent_pid() };
    let pending = Pending::lay_down(task, &Request { version: VERSION, ask, by })?;
    let told = place::hold(state.supervisor).and_then(|s| s.send(Signal::USR1));
    match told {
        Ok(()) => Ok(pending),
        Err(e) if e.raw_os_error() == Some(libc::ESRCH) => {
            pending.withdraw();
            Err(not_running(task)?)
        }
        Err(source) => {
            pending.withdraw();
            Err(Error::System { doing: format!("reach the supervisor of {}", task.id), source })
        }
    }
}

/// The state of a living task; one that is just being born is waited for.
fn living_state(task: &TaskDir) -> Result<State, Error> {
    let deadline = Instant::now() + PATIENCE;
    let watch = Watch::new().and_then(|w| w.directory(task.dir.handle_path()).map(|()| w))?;
    loop {
        let reading = Reading::of(task)?;
        match (&reading.standing, reading.state) {
            (Standing::Living(_), Some(state)) => return Ok(state),
            (Standing::Living(_), None) if Instant::now() < deadline => drop(watch.wait(Some(LOOK_AGAIN))?),
            (Standing::Living(_), None) => return Err(Error::NoAnswer(task.id)),
            (Standing::Over(_) | Standing::Lost(_) | Standing::Unknown(_), _) => {
                return Err(not_running(task)?);
            }
        }
    }
}

/// Whoever ran this verb: the shell, the script, the agent.
fn parent_pid() -> i32 {
    i32::try_from(std::os::unix::process::parent_id()).unwrap_or(0)
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Error {
        Error::System { doing: "reach the task".into(), source }
    }
}
