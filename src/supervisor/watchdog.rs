//! The watchdog: a process above the supervisor that does nothing until the supervisor is gone
//! without having said how its task ended. Then it inherits all that the task left, ends it, and
//! writes down what happened. As it may wait for days, it keeps no memory to do that with: it
//! executes aos anew.

use std::ffi::{CStr, CString, OsString};
use std::io::{PipeReader, Read};
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal as Known};

use crate::events::outlet::Outlet;
use crate::events::task_event::{Listener, TaskEvent};
use crate::processes::sweep::GRACE;
use crate::processes::{group, own_processes, sweep};
use crate::store::host;
use crate::store::snapshot::{Liveness, TaskSnapshot, last_run};
use crate::store::task_dir::{TaskDir, task_of};
use crate::sys::process::{Collected, WaitStatus, collect};
use crate::sys::{bare, fds, process, proctitle};
use crate::task::journal::JournalEvent;
use crate::task::spec::Spec;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;

const KILL_AGAIN: Duration = Duration::from_millis(100);
// GRACE, and fifty KILLs after it: what is still there cannot be killed.
const GIVE_UP: Duration = Duration::from_secs(7);

/// The verb of what a watchdog becomes when its supervisor has not come to a good end.
pub const CLEAR_UP: &str = "__clear-up";
const BECOMES: &CStr = c"__clear-up";

/// Waits for the supervisor's end, and if it was not a good one, clears up after it. `told` brings
/// the task's directory once there is one.
#[inline(never)]
pub fn keep(supervisor: i32, mut told: PipeReader) -> ! {
    let mut dir = Vec::new();
    // Whatever comes: also without a name it ends what is left.
    let _ = told.read_to_end(&mut dir);
    drop(told);
    // Only now, when the caller has its answer, or nobody will give it one: the processor is needed
    // for that, and a new session can take long.
    settle(&[]);
    let _ = process::start_session();
    // No directory of the caller's is held.
    let _ = std::env::set_current_dir("/");
    let path = PathBuf::from(OsString::from_vec(dir.clone()));
    if let Some((_, id)) = task_of(&path) {
        let _ = proctitle::set(&format!("{}{id}", own_processes::NAME), &host::title_of_keeper(&path));
    }
    bare::wait_then_become(supervisor, BECOMES, &CString::new(dir).unwrap_or_default())
}

/// Lets go of what the caller has open. (That a process cannot be given a short name never
/// happens.)
pub fn settle(kept: &[RawFd]) {
    fds::keep_only(kept);
    let _ = proctitle::set_name(own_processes::NAME);
}

/// Is a watchdog whose supervisor ended otherwise than well: `aos __clear-up DIR STATUS`.
pub fn clear_up(words: &[OsString]) -> i32 {
    let Some(status) = words.get(2).and_then(|status| status.to_str()?.parse().ok()) else { return 2 };
    let dir = PathBuf::from(&words[1]);
    let name = task_of(&dir).map_or_else(String::new, |(_, id)| id.to_string());
    let _ = proctitle::set_name(&format!("{}{name}", own_processes::NAME));
    let signal = match process::ended(status) {
        WaitStatus::Killed { signal, .. } => Signal::from_number(signal),
        WaitStatus::Exited(_) => None,
    };
    let swept = sweep_all();
    sweep_group(&dir);
    record(&dir, signal, swept);
    0
}

/// Ends every descendant; says how many there were.
fn sweep_all() -> usize {
    let began = Moment::now();
    let mut child_ended = SigSet::empty();
    child_ended.add(Known::SIGCHLD);
    // Not blocked, the signal would be discarded, and the pause below would not end with a child.
    let _ = child_ended.thread_block();
    let found = sweep::signal(Signal::TERM);
    sweep::signal(Signal::CONT);
    let mut kill_at = began + GRACE;
    loop {
        let mut last = collect();
        while !matches!(last, Collected::NoneEnded | Collected::NoneLeft) {
            last = collect();
        }
        let now = Moment::now();
        // Supervisors of other tasks may be children here, too. They live on, so that there are
        // always some.
        let is_clear = last == Collected::NoneLeft || sweep::descendants().is_ok_and(|left| left.is_empty());
        if is_clear || now >= began + GIVE_UP {
            return found;
        }
        if now >= kill_at {
            sweep::signal(Signal::KILL);
            kill_at = now + KILL_AGAIN;
        }
        let _ = crate::sys::dispositions::wait_for(&child_ended, now.until(kill_at));
    }
}

/// Whoever is not below this process any more is in the task's control group still.
fn sweep_group(dir: &Path) {
    if let Ok((_, task)) = TaskDir::at(dir) {
        let _ = group::sweep(&task, last_run(&task));
    }
}

fn record(dir: &Path, signal: Option<Signal>, swept: usize) {
    let Ok((home, task)) = TaskDir::at(dir) else { return };
    let run = last_run(&task);
    let unknown = || Spec::unknown(task.id, None, WallTime::now());
    let spec = TaskSnapshot::of(&home, &task).map_or_else(|_| unknown(), |reading| reading.spec);
    let mut events = Outlet::open(&home, &task, run, &spec);
    events.publish(JournalEvent::SupervisorGone { signal, swept });
    // Read anew: why it is lost is told by the line just written. One whose end was written down
    // before is not lost.
    if let Ok(reading) = TaskSnapshot::of(&home, &task)
        && let Liveness::Lost(why) = &reading.standing
    {
        let command = reading.spec.command.to_string();
        let listener = Listener { session: reading.spec.session.as_ref(), command: &command };
        events.publish(TaskEvent::Lost { home: &home, why, listener });
    }
}
