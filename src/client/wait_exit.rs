//! Waiting for tasks to be over: a thread per task blocks on its lock, and tells; or a moment, for
//! one whose supervisor is ending.

use std::fs::File;
use std::io::{self, PipeReader, pipe};
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use super::ClientError;
use crate::store::layout::Home;
use crate::store::snapshot::{Liveness, RunFacts, TaskSnapshot};
use crate::store::task_dir::TaskDir;
use crate::store::{host, markers};
use crate::sys::lock;
use crate::sys::pidfd::Pidfd;
use crate::task::id::TaskId;

/// A supervisor that is ending is waited for so long. *Units*: milliseconds.
const ENDING: u16 = 2000;
/// It reads a task's files once, and times of day among them: without optimization, reading time
/// zones alone takes 256 KiB. What is not used is not taken. *Units*: bytes.
const STACK: usize = 1 << 20;

/// How a task stands whose supervisor has hung up: that lets go of what it has piece by piece, and
/// of the lock not first.
pub fn snapshot_after_hang_up(home: &Home, id: TaskId) -> Result<TaskSnapshot, ClientError> {
    let task = TaskDir::open(home, id)?;
    let reading = TaskSnapshot::of(home, &task)?;
    let state = reading.state.as_ref().filter(|_| reading.status().is_living());
    match state.and_then(host::hold_supervisor) {
        Some(ending) if !ending.ends_within(ENDING) => Ok(reading),
        _ => Ok(hung_up(TaskSnapshot::of(home, &task)?)),
    }
}

/// Where the task begins again by now, and has not written so yet, its state is of the run that
/// hung up.
fn hung_up(reading: TaskSnapshot) -> TaskSnapshot {
    let end = reading.state.as_ref().and_then(|state| state.end.clone().filter(|end| end.run == state.run));
    match end {
        Some(end) if reading.status().is_living() => TaskSnapshot { standing: Liveness::Over(end), ..reading },
        Some(_) | None => reading,
    }
}

/// Tells of each task in turn, as it ends. The channel closes when all have.
pub fn ends(home: &Home, ids: &[TaskId]) -> Result<Receiver<TaskId>, ClientError> {
    let (sender, receiver) = bounded(ids.len().max(1));
    for &id in ids {
        let sender = sender.clone();
        when_over(home, id, move || {
            let _ = sender.send(id);
        })?;
    }
    Ok(receiver)
}

/// What hangs up when a task ends, for whoever polls.
pub fn end_pipe(home: &Home, id: TaskId) -> Result<PipeReader, ClientError> {
    let (reader, writer) = pipe().map_err(failed)?;
    when_over(home, id, move || drop(writer))?;
    Ok(reader)
}

/// Does something in a thread of its own when a task ends.
fn when_over(home: &Home, id: TaskId, act: impl FnOnce() + Send + 'static) -> Result<(), ClientError> {
    let task = TaskDir::open(home, id)?;
    let proof = Proof::of(home, &task)?;
    let wait = move || {
        proof.wait(&task);
        act();
    };
    let started = thread::Builder::new().name(format!("end-of-{id}")).stack_size(STACK).spawn(wait);
    started.map(drop).map_err(failed)
}

fn failed(source: io::Error) -> ClientError {
    ClientError::System { doing: "wait for the end".into(), source }
}

/// What shows that a task is over.
enum Proof {
    /// Its lock is free. Whether somebody had it when it was opened.
    Lock { file: File, is_held: bool },
    /// Its supervisor has ended, as its lock cannot be opened.
    Supervisor(Pidfd),
}

impl Proof {
    fn of(home: &Home, task: &TaskDir) -> Result<Proof, ClientError> {
        let no_lock = match task.lock_for_reading() {
            Ok(file) => return Ok(Proof::Lock { is_held: lock::is_held(&file).unwrap_or(false), file }),
            Err(why) => why,
        };
        let marked = || host::hold(markers::supervisor(home, task.id)?).ok();
        supervisor(task).or_else(marked).map(Proof::Supervisor).ok_or_else(|| no_lock.into())
    }

    fn wait(self, task: &TaskDir) {
        match self {
            Proof::Supervisor(supervisor) => supervisor.wait(),
            Proof::Lock { file, is_held } => {
                let _ = lock::wait_until_free(&file);
                // Whoever has removed a lock, or put another file in its place, has not ended the
                // task.
                if !is_held
                    && matches!(task.is_alive(), Ok(false))
                    && let Some(supervisor) = supervisor(task)
                {
                    supervisor.wait();
                }
            }
        }
    }
}

/// The supervisor of a living task, held.
fn supervisor(task: &TaskDir) -> Option<Pidfd> {
    let bearing = RunFacts::of(task, None).ok()?;
    bearing.state.filter(|_| bearing.standing.status().is_living()).as_ref().and_then(host::hold_supervisor)
}
