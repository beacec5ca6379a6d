//! Beginning a task: its directory, its proof of life, its supervisor, and the one line that says
//! whether the command was executed.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::Error;
use crate::store::counter;
use crate::store::home::Home;
use crate::store::registry;
use crate::store::task_dir::{SPEC, TaskDir};
use crate::sys::lock;
use crate::task::id::TaskId;
use crate::task::spec::Spec;
use crate::wire::Report;

/// A task whose command was executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The task.
    pub id: TaskId,
    /// Its leader.
    pub pid: i32,
}

/// Begins a new task. `spec.id` is filled in.
pub fn begin(home: &Home, spec: &mut Spec) -> Result<Begun, Error> {
    let (id, dir) = counter::new_task(home)?;
    spec.id = id;
    let task = TaskDir { id, dir };
    task.write_json(SPEC, spec)?;
    birth(home, &task)
}

/// Begins the next run of a task that is over.
pub fn begin_again(home: &Home, id: TaskId) -> Result<Begun, Error> {
    birth(home, &TaskDir::open(home, id)?)
}

/// The lock is taken here and handed down, so that there is no moment in which a task that is
/// being born looks dead, and no second supervisor can come to be.
fn birth(home: &Home, task: &TaskDir) -> Result<Begun, Error> {
    let held = task.lock_file()?;
    let system = |doing: &str| {
        let doing = doing.to_owned();
        move |source: io::Error| Error::System { doing, source }
    };
    if !lock::try_take(&held).map_err(system("take the task's lock"))? {
        return Err(Error::AlreadyRunning(task.id));
    }
    registry::mark_living(home, task.id)?;
    let report = spawn_supervisor(home, task.id, held).map_err(system("start a supervisor"))?;
    match report {
        Report::Launched { pid } => Ok(Begun { id: task.id, pid }),
        Report::Unlaunched { why, code } => Err(Error::Unlaunched { id: task.id, why, code }),
        Report::Failed { why } => Err(Error::NotStarted(why)),
    }
}

/// The supervisor gets the lock as its standard input, the report's pipe as its standard output,
/// and nothing else of ours.
fn spawn_supervisor(home: &Home, id: TaskId, held: File) -> io::Result<Report> {
    let (reader, writer) = io::pipe()?;
    let mut supervisor = Command::new("/proc/self/exe");
    supervisor
        .arg0("aos")
        .arg("__supervise")
        .arg(home.task_path(id))
        .env_clear()
        .env("SHELL", "/bin/sh")
        .env("HOME", "/")
        .stdin(Stdio::from(held))
        .stdout(Stdio::from(writer))
        .stderr(Stdio::null());
    let mut child = supervisor.spawn()?;
    // What is left of the pipe's other end is in the command just built.
    drop(supervisor);
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line)?;
    serde_json::from_str(&line).or_else(|_| {
        let ended = child.wait()?;
        Ok(Report::Failed { why: format!("its supervisor ended before the command began ({ended})") })
    })
}
