//! Asking something of a living task: a request laid into its directory, and a signal to its
//! supervisor, which is found by more than its pid. Needs no socket, but where no file can be
//! written.

use std::io;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::work::Work;
use super::{ClientError, ask_by_socket};
use crate::handshake::MOST_PREPARING;
use crate::store::layout::Home;
use crate::store::requests::Pending;
use crate::store::snapshot::{Liveness, RunFacts};
use crate::store::task_dir::TaskDir;
use crate::store::{host, markers};
use crate::sys::fs_watch::Watch;
use crate::sys::polling::wait_for_any;
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::process_id::{ProcessId, Reachability};
use crate::task::request::{Ask, Asker, Request, RequestAnswer, VERSION};
use crate::units::signal::Signal;

/// How long a supervisor may take to answer, once it has a processor. It answers at once, or it is
/// in trouble.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
pub(super) const LOOK_AGAIN_MS: u16 = 50;
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(LOOK_AGAIN_MS as u64);

/// Asks, and hears that it was done.
pub fn ask(home: &Home, id: TaskId, ask: Ask, with: &str) -> Result<(), ClientError> {
    match answer_of(home, &TaskDir::open(home, id)?, ask, with)?.1.refused {
        None => Ok(()),
        Some(why) => Err(ClientError::Refused { id, why }),
    }
}

/// What is answered, and by which supervisor.
pub(super) fn answer_of(
    home: &Home,
    task: &TaskDir,
    ask: Ask,
    with: &str,
) -> Result<(ProcessId, RequestAnswer), ClientError> {
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

/// The same of a task that may not stand so any more, or be over: then nothing is to be done.
pub fn ask_if_unchanged(home: &Home, id: TaskId, what: Ask, with: &str) -> Result<(), ClientError> {
    match ask(home, id, what, with) {
        Ok(()) | Err(ClientError::Refused { .. } | ClientError::NotRunning { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Why a task that was found not to run does not: or that it runs again already.
pub(super) fn not_running(home: &Home, task: &TaskDir) -> Result<ClientError, ClientError> {
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
pub(super) fn bearing(home: &Home, task: &TaskDir) -> Result<RunFacts, ClientError> {
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
pub(super) fn living_supervisor(home: &Home, task: &TaskDir) -> Result<(ProcessId, Phase), ClientError> {
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
