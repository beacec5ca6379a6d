//! What is to be adopted: which processes a pid stands for, whether they may be tracked, and what
//! they look like as a task.

use std::ffi::OsString;

use super::ClientError;
use crate::processes::own_processes;
use crate::store::layout::Home;
use crate::store::markers;
use crate::store::task_dir::TaskDir;
use crate::sys::pidfd::Pidfd;
use crate::sys::proc::{self, Process};
use crate::task::adopted_spec::Adopted;
use crate::task::command::Command;
use crate::task::id::TaskId;
use crate::task::os_bytes::OsBytes;
use crate::task::process_id::ProcessId;

/// Processes that may become a task.
#[derive(Debug)]
pub struct AdoptionCandidate {
    /// They.
    pub adopted: Adopted,
    /// What the first of them was executed with.
    pub command: Command,
    /// Where that is now; empty where it does not say.
    pub cwd: OsBytes,
    /// Whether it is stopped where it is, as ^Z leaves a job.
    pub is_stopped: bool,
}

/// Why a process cannot become a task, or a part of one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdoptable {
    /// Process 1.
    #[error("all other processes come from it")]
    First,
    /// It executes no program.
    #[error("it is a part of the kernel")]
    Kernels,
    /// A supervisor, or another verb at work.
    #[error("it is a part of aos")]
    Ours,
    /// This process, or one above it.
    #[error("this very aos runs below it")]
    AboveUs,
    /// A task has it already.
    #[error("{0} has it already")]
    Tracked(TaskId),
    /// It was begun by a task of which no more can be said.
    #[error("a task has it already")]
    TrackedElsewhere,
    /// It may not be signalled.
    #[error("it belongs to user {0}, and you may not signal it")]
    Foreign(u32),
}

/// What `pid` stands for: the process group that it leads, or led, as a shell's job does; else
/// itself.
pub fn find(home: &Home, pid: i32) -> Result<AdoptionCandidate, ClientError> {
    let everyone = proc::all().map_err(|source| ClientError::System { doing: "list the processes".into(), source })?;
    let mut chosen = choose(&everyone, pid);
    let tracked = tracked(home)?;
    for process in &chosen {
        let refused = |why| ClientError::NotAdopted { pid: process.pid, why };
        check(process, &everyone, &tracked).map_err(refused)?;
    }
    chosen.retain(|process| !has_ended(process));
    let Some(first) = chosen.first() else { return Err(ClientError::NoProcess(pid)) };
    Ok(AdoptionCandidate {
        command: command_of(first),
        cwd: proc::working_directory(first.pid).unwrap_or_default().into_os_string().into(),
        is_stopped: chosen.iter().any(|process| process.is_stopped()),
        adopted: Adopted {
            group: (first.group == pid).then_some(pid),
            processes: chosen.iter().copied().map(address).collect(),
        },
    })
}

/// The living ones, the leader first.
fn choose(everyone: &[Process], pid: i32) -> Vec<&Process> {
    let leads = everyone.iter().find(|p| p.pid == pid).is_none_or(|p| p.group == pid);
    let mut chosen: Vec<&Process> = everyone
        .iter()
        .filter(|p| if leads { p.group == pid } else { p.pid == pid })
        .filter(|p| !p.is_zombie())
        .collect();
    chosen.sort_by_key(|p| (p.pid != pid, p.start));
    chosen
}

fn check(process: &Process, everyone: &[Process], tracked: &[(ProcessId, TaskId)]) -> Result<(), NotAdoptable> {
    let line = line_of(process, everyone);
    if process.pid == 1 {
        return Err(NotAdoptable::First);
    }
    if own_processes::is_ours(process) {
        return Err(NotAdoptable::Ours);
    }
    if line_of_own(everyone).contains(&process) {
        return Err(NotAdoptable::AboveUs);
    }
    if let Some((_, id)) = tracked.iter().find(|(has, _)| line.iter().any(|p| address(p) == *has)) {
        return Err(NotAdoptable::Tracked(*id));
    }
    if let Some(above) = line.into_iter().find(|p| own_processes::is_one(p)) {
        return Err(own_processes::task_of(above).map_or(NotAdoptable::TrackedElsewhere, NotAdoptable::Tracked));
    }
    if process.is_kernels() {
        return Err(NotAdoptable::Kernels);
    }
    match Pidfd::of(process.pid, process.start).and_then(|handle| handle.may_send()) {
        Err(e) if e.raw_os_error() == Some(libc::EPERM) => {
            Err(NotAdoptable::Foreign(proc::owner(process.pid).unwrap_or_default()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What living tasks have adopted.
fn tracked(home: &Home) -> Result<Vec<(ProcessId, TaskId)>, ClientError> {
    let mut tracked = Vec::new();
    for id in markers::living(home)? {
        // A task that is damaged, or just being removed, stands in nobody's way.
        if let Ok(Some(adopted)) =
            TaskDir::open(home, id).and_then(|task| task.spec_without_surroundings()).map(|spec| spec.adopted)
        {
            tracked.extend(adopted.processes.into_iter().map(|has| (has, id)));
        }
    }
    Ok(tracked)
}

/// A process and all above it.
fn line_of<'a>(process: &'a Process, everyone: &'a [Process]) -> Vec<&'a Process> {
    let mut line = vec![process];
    while let Some(parent) = line.last().and_then(|last| everyone.iter().find(|p| p.pid == last.parent))
        // Read one by one, they need not be of one moment.
        && !line.contains(&parent)
    {
        line.push(parent);
    }
    line
}

fn line_of_own(everyone: &[Process]) -> Vec<&Process> {
    let own = everyone.iter().find(|p| p.pid == std::process::id() as i32);
    own.map_or_else(Vec::new, |own| line_of(own, everyone))
}

fn has_ended(process: &Process) -> bool {
    Pidfd::of(process.pid, process.start).map_or(true, |handle| handle.has_ended())
}

/// Its words; its short name where it has none to show.
fn command_of(process: &Process) -> Command {
    let words: Vec<OsBytes> = proc::command_line(process.pid).into_iter().map(OsBytes::from).collect();
    match words.iter().all(|word| word.0.is_empty()) {
        true => Command::Argv(vec![OsString::from(format!("[{}]", process.name)).into()]),
        false => Command::Argv(words),
    }
}

fn address(process: &Process) -> ProcessId {
    ProcessId { pid: process.pid, start: process.start }
}
