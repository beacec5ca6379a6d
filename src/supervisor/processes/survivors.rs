//! A task's processes, looked at one by one: who still lives, what it is called, and why it does.

use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::state::Supervisor;
use crate::sys::pidfd::Pidfd;
use crate::sys::proc::{self, Process};
use crate::task::journal::JournalEvent as Note;
use crate::task::outlived::Outliving;
use crate::task::survivor::Survivor;
use crate::units::signal::Signal;

/// More processes than this are not named one by one.
const MOST_NAMED: usize = 200;
/// More processes than this are not named where none could be ended.
const MOST_UNSTOPPABLE: usize = 5;
/// Longer names are cut. *Units*: characters.
const MOST_NAME: usize = 40;

/// Hangs up on shells that wait at their prompts, which ignore TERM.
pub fn hang_up_shells(supervisor: &mut Supervisor) {
    let TaskProcesses::Own { .. } = supervisor.processes else { return };
    let living = supervisor.processes.living().unwrap_or_default();
    // What still runs below a shell has its grace first: the shell would pass HUP on.
    let is_idle = |shell: &&Process| !living.iter().any(|other| other.parent == shell.pid);
    let idle = living.iter().filter(is_idle).filter(|process| proc::is_interactive_shell(process.pid));
    let hang_up = |shell: &Process| Pidfd::of(shell.pid, shell.start).and_then(|shell| shell.send(Signal::HUP));
    let count = idle.filter(|shell| hang_up(shell).is_ok()).count();
    if count > 0 {
        supervisor.note(Note::Signalled { signal: Signal::HUP, count });
    }
}

/// What outlived the leader, before it is ended.
pub fn record_outliving(supervisor: &mut Supervisor) {
    supervisor.outliving = Outliving::of(supervisor.processes.living().unwrap_or_default().iter().map(named).collect());
    supervisor.note(Note::Outlived { processes: supervisor.outliving.clone() });
}

/// What lives on though it was killed.
pub fn record_unstoppable(supervisor: &mut Supervisor) {
    let left = supervisor.processes.living().unwrap_or_default();
    let named: Vec<String> = left.iter().take(MOST_UNSTOPPABLE).map(why_unstoppable).collect();
    let why = format!("could not end {}", named.join("; "));
    supervisor.state.unstoppable = Some(why.clone());
    supervisor.note(Note::Unstoppable { why });
}

/// Those that live, by the names of their programs.
pub fn survivors(processes: &mut TaskProcesses) -> Vec<Survivor> {
    let left = processes.living().unwrap_or_default();
    left.into_iter().take(MOST_NAMED).map(|p| Survivor { pid: p.pid, name: p.name }).collect()
}

/// By more than its program, where that is an interpreter: `python3 server.py`.
fn named(process: &Process) -> Survivor {
    let words = proc::command_line(process.pid);
    let mut words = words.iter().map(|word| word.to_string_lossy());
    let program = words.next().and_then(|word| word.rsplit('/').next().map(str::to_owned)).filter(|w| !w.is_empty());
    let name = program.map_or_else(
        || process.name.clone(),
        |program| match words.next().filter(|word| !word.is_empty() && !word.starts_with('-')) {
            Some(word) => format!("{program} {word}"),
            None => program,
        },
    );
    Survivor { pid: process.pid, name: name.chars().take(MOST_NAME).collect() }
}

/// What a process is, and why it lives though it was killed.
fn why_unstoppable(process: &Process) -> String {
    let Survivor { pid, name } = named(process);
    let may_be_signalled = Pidfd::of(process.pid, process.start).and_then(|handle| handle.may_send());
    match (may_be_signalled, proc::owner(pid)) {
        (Err(e), Some(owner)) if e.raw_os_error() == Some(libc::EPERM) => {
            format!("{name} (pid {pid}), which belongs to user {owner} and may not be signalled")
        }
        (Err(e), _) => format!("{name} (pid {pid}): {e}"),
        (Ok(()), _) => format!("{name} (pid {pid}), which was killed and waits in the kernel"),
    }
}
