//! Beginning a task: its directory, its proof of life, its supervisor, and the one line that says
//! whether the command was executed.

use std::fs::File;
use std::{fmt, io};

use super::ClientError;
use crate::handshake::PendingSupervisor;
use crate::store::layout::Home;
use crate::store::snapshot::RunFacts;
use crate::store::task_dir::{SPEC, TaskDir, encode};
use crate::store::{counter, markers, shell_states};
use crate::sys::{faults, lock};
use crate::task::id::TaskId;
use crate::task::spec::Spec;
use crate::task::status::Status;
use crate::wire::Report;

/// A task that has a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedTask {
    /// The task.
    pub id: TaskId,
    /// What has become of it so far.
    pub start: Start,
    /// Whether it came to be now, and was not there already.
    pub is_new: bool,
    /// Limits that are enforced by less than was asked for, a sentence each.
    pub weaker: Vec<String>,
}

/// What has become of a task, as far as whoever begins it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Its command was executed; the leader's pid.
    Launched(i32),
    /// It waits for this.
    Queued(String),
    /// It never will begin, for this reason.
    Cancelled(String),
}

impl Start {
    /// The leader's pid, if there is a leader.
    pub fn pid(&self) -> Option<i32> {
        match self {
            Start::Launched(pid) => Some(*pid),
            Start::Queued(_) | Start::Cancelled(_) => None,
        }
    }

    /// How the task stands.
    pub fn status(&self) -> Status {
        match self {
            Start::Launched(_) => Status::Running,
            Start::Queued(_) => Status::Queued,
            Start::Cancelled(_) => Status::Cancelled,
        }
    }

    /// Why it does not run, if it does not.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Start::Launched(_) => None,
            Start::Queued(why) | Start::Cancelled(why) => Some(why),
        }
    }
}

impl fmt::Display for Start {
    /// What stands where a shell has its job's pid: `4242`, `queued: after task-003 (running) `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Start::Launched(pid) => write!(f, "{pid}"),
            Start::Queued(why) | Start::Cancelled(why) => write!(f, "{}: {why} ", self.status()),
        }
    }
}

/// Begins a new task, in the state of a shell if one is given. Its id and nonce are filled in.
pub fn begin(
    home: &Home,
    spec: &mut Spec,
    shell_state: Option<&[u8]>,
    pending: &mut PendingSupervisor,
) -> Result<StartedTask, ClientError> {
    spec.nonce = nonce();
    spec.must_understand = spec.promises();
    describe(&encode(spec), pending)?;
    let (id, dir) = counter::new_task(home)?;
    faults::point("cli-numbered");
    spec.id = id;
    let task = TaskDir { id, dir };
    match write_down(home, &task, spec, shell_state, pending) {
        Ok(held) => birth(home, &task, &held, pending),
        Err(why) => {
            // Of what could not be written down nothing is left, as no list would ever name it.
            let _ = home.tasks.remove_tree(&id.to_string());
            Err(why)
        }
    }
}

fn write_down(
    home: &Home,
    task: &TaskDir,
    spec: &Spec,
    shell_state: Option<&[u8]>,
    pending: &mut PendingSupervisor,
) -> Result<File, ClientError> {
    if let Some(state) = shell_state {
        shell_states::keep(home, task, state)?;
    }
    let held = take_lock(task)?;
    faults::point("cli-locked");
    call(home, task, &held, pending)?;
    faults::point("cli-called");
    task.write_json(SPEC, spec)?;
    faults::point("cli-written");
    Ok(held)
}

/// Executes a supervisor for what is begun next.
pub fn spare_supervisor() -> Result<PendingSupervisor, ClientError> {
    PendingSupervisor::execute().map_err(failed_to("start a supervisor"))
}

/// Begins the next run of a task that is over.
pub fn begin_again(home: &Home, id: TaskId) -> Result<StartedTask, ClientError> {
    let mut pending = spare_supervisor()?;
    let begun = again(home, &TaskDir::open(home, id)?, &mut pending);
    if let (Err(_), Err(gone)) = (&begun, TaskDir::open(home, id)) {
        // It was removed meanwhile.
        markers::forget(home, &[id])?;
        return Err(gone.into());
    }
    begun
}

fn again(home: &Home, task: &TaskDir, pending: &mut PendingSupervisor) -> Result<StartedTask, ClientError> {
    let held = take_lock_again(task)?;
    describe(&task.spec_as_written()?, pending)?;
    call(home, task, &held, pending)?;
    birth(home, task, &held, pending)
}

/// Never twice: this process at this moment of this boot.
fn nonce() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", std::process::id(), now.as_nanos())
}

/// The lock is taken here and handed down, so that there is no moment in which a task that is
/// being born looks dead, and no second supervisor can come to be.
fn take_lock(task: &TaskDir) -> Result<File, ClientError> {
    let held = task.lock_file()?;
    let is_taken = lock::try_take(&held).map_err(failed_to("take the task's lock"))?;
    if is_taken { Ok(held) } else { Err(ClientError::AlreadyRunning(task.id)) }
}

/// The same of a task that has run. One whose end can be read already may not be closed yet.
fn take_lock_again(task: &TaskDir) -> Result<File, ClientError> {
    let taken = take_lock(task);
    if !matches!(taken, Err(ClientError::AlreadyRunning(_))) || RunFacts::end_of(task).is_none() {
        return taken;
    }
    task.is_closed(&task.lock_for_reading()?)?;
    take_lock(task)
}

fn describe(spec: &[u8], pending: &mut PendingSupervisor) -> Result<(), ClientError> {
    pending.describe(spec).map_err(|e| unheard(e, pending))
}

fn call(home: &Home, task: &TaskDir, held: &File, pending: &mut PendingSupervisor) -> Result<(), ClientError> {
    pending.call(&home.task_path(task.id), held).map_err(|e| unheard(e, pending))
}

/// Why nobody hears: one that has ended may have said it.
fn unheard(e: io::Error, pending: &mut PendingSupervisor) -> ClientError {
    let is_gone = matches!(e.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset);
    match is_gone.then(|| pending.report()) {
        Some(Ok(Report::Failed { why })) => ClientError::NotStarted(why),
        Some(_) | None => failed_to("start a supervisor")(e),
    }
}

fn birth(
    home: &Home,
    task: &TaskDir,
    held: &File,
    pending: &mut PendingSupervisor,
) -> Result<StartedTask, ClientError> {
    let (id, watchdog) = (task.id, pending.watchdog());
    // A reader that still settles the run before has its turn first.
    pending.start(|| matches!(lock::in_turn(held, || markers::mark_living(home, id, watchdog)), Ok(Ok(()))));
    faults::point("cli-begun");
    task.make_room(|| pending.is_reported());
    begins(id, pending)
}

fn failed_to(doing: &'static str) -> impl FnOnce(io::Error) -> ClientError {
    move |source| ClientError::System { doing: doing.into(), source }
}

/// What becomes of a task that is in line, for whoever stays with it: the next that its supervisor
/// says.
pub fn begins(id: TaskId, pending: &mut PendingSupervisor) -> Result<StartedTask, ClientError> {
    begun(id, pending.report().map_err(failed_to("hear from the supervisor"))?)
}

fn begun(id: TaskId, report: Report) -> Result<StartedTask, ClientError> {
    let begun = |start| Ok(StartedTask { id, start, is_new: true, weaker: Vec::new() });
    match report {
        Report::Launched { pid, weaker } => Ok(StartedTask { id, start: Start::Launched(pid), is_new: true, weaker }),
        Report::Queued { why } => begun(Start::Queued(why)),
        Report::Cancelled { why } => begun(Start::Cancelled(why)),
        Report::Unlaunched { why, code } => Err(ClientError::Unlaunched { id, why, code }),
        Report::Failed { why } => Err(ClientError::NotStarted(why)),
    }
}
