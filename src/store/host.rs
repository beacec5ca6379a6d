//! Where this process is, and holds on others that are there.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use super::task_dir::TaskDir;
use crate::sys::dir::Dir;
use crate::sys::pidfd::Pidfd;
use crate::sys::{proc, process_usage};
use crate::task::process_id::{Directory, Host, ProcessId, Reachability};
use crate::task::state::State;
use crate::units::uptime::Uptime;

/// How titles begin, before the path of the task's directory.
pub const SUPERVISOR_OF: &str = "aos: supervisor of ";
/// The same of its watchdog's.
pub const WATCHDOG_OF: &str = "aos: watchdog of ";

static HERE: OnceLock<Host> = OnceLock::new();

/// Takes over what another process of this place has read.
pub fn learn(place: Host) {
    let _ = HERE.set(place);
}

/// The machine, boot and pid namespace this process is in. They are read once: a process stays
/// where it is, and a list asks for each living task.
pub fn here() -> Host {
    let look = || Host { boot: proc::boot_id(), machine: proc::machine_id(), pid_namespace: proc::pid_namespace() };
    HERE.get_or_init(look).clone()
}

/// The address of a living process of this place.
pub fn address_of(pid: i32) -> io::Result<ProcessId> {
    Ok(ProcessId { pid, start: proc::stat(pid)?.start })
}

/// When a process began that was made between two moments, if both are in one of the kernel's
/// ticks. Nobody can read that from /proc while the process executes a program. *Units*: clock
/// ticks since boot. *Source*: proc(5), /proc/PID/stat, starttime.
pub fn start_between(before: Uptime, after: Uptime) -> Option<u64> {
    let [before, after] = [before, after].map(|moment| moment.0 * process_usage::ticks_per_second() / 1000);
    (before == after).then_some(before)
}

/// A hold on the process at this address, which is of this place. *Errors*: ESRCH when it is gone.
pub fn hold(address: ProcessId) -> io::Result<Pidfd> {
    Pidfd::of(address.pid, address.start)
}

/// A hold on the supervisor of a task, if it is there and can be reached from here.
pub fn hold_supervisor(state: &State) -> Option<Pidfd> {
    let is_here = here().distance(&state.place) == Reachability::Here;
    is_here.then(|| hold(state.supervisor).ok()).flatten()
}

/// Which directory a task's is.
pub fn directory_of(task: &TaskDir) -> Option<Directory> {
    let stat = task.dir.own_stat().ok()?;
    Some(Directory { device: stat.st_dev, inode: stat.st_ino })
}

/// Whether a state is of another directory than this, of which this is a copy. Then nothing of the
/// task is here: neither its processes nor, by a free lock, their end.
pub fn is_copy(task: &TaskDir, state: &State) -> bool {
    state.directory.is_some_and(|directory| directory_of(task).is_some_and(|here| here != directory))
}

/// Whether the supervisor that a state names is there, and has not begun to go.
pub fn is_supervisor_there(state: &State) -> bool {
    let ProcessId { pid, start } = state.supervisor;
    here().distance(&state.place) == Reachability::Here
        && proc::stat(pid).is_ok_and(|process| process.start == start)
        // Whoever has given up its memory, as it goes, executes nothing.
        && proc::program(pid).is_some()
}

/// The supervisor of a task, where this process calls itself so.
pub fn supervisor_of(task: &Path, pid: i32) -> Option<ProcessId> {
    let address = address_of(pid).ok()?;
    let title = proc::command_line(pid).into_iter().next()?;
    (executes_aos(pid) && title.as_bytes() == title_of_supervisor(task)).then_some(address)
}

/// What `ps` shows of the supervisor of a task.
pub fn title_of_supervisor(task: &Path) -> Vec<u8> {
    [SUPERVISOR_OF.as_bytes(), task.as_os_str().as_bytes()].concat()
}

/// What `ps` shows of its watchdog.
pub fn title_of_keeper(task: &Path) -> Vec<u8> {
    [WATCHDOG_OF.as_bytes(), task.as_os_str().as_bytes()].concat()
}

/// The supervisor that the state of a task names, wherever its home is. Nothing is made.
pub fn recorded_supervisor(task: &Path) -> Option<ProcessId> {
    let id = task.file_name()?.to_str()?.parse().ok()?;
    let state = TaskDir { id, dir: Dir::open(task).ok()? }.state().ok()??;
    (here().distance(&state.place) == Reachability::Here).then_some(state.supervisor)
}

/// Of the program, the name has to do: there is no state to ask.
fn executes_aos(pid: i32) -> bool {
    proc::program_name(pid).is_some_and(|name| Some(name) == proc::program_name(std::process::id() as i32))
}

/// This process's own address.
pub fn own_address() -> ProcessId {
    let pid = std::process::id() as i32;
    // Without /proc nothing else would work either.
    address_of(pid).unwrap_or(ProcessId { pid, start: 0 })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::{address_of, start_between};
    use crate::units::uptime::Uptime;

    #[test]
    fn when_a_process_began_is_known_without_asking_the_kernel() {
        let mut known = 0;
        while known < 10 {
            let before = Uptime::now();
            let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("made");
            if let Some(start) = start_between(before, Uptime::now()) {
                assert_eq!(start, address_of(child.id().cast_signed()).expect("it lives").start);
                known += 1;
            }
            drop(child.stdin.take());
            child.wait().expect("it ends");
        }
    }

    #[test]
    fn in_which_of_two_ticks_it_began_is_not_known() {
        assert_eq!(start_between(Uptime(19_999), Uptime(20_000)), None);
    }
}
