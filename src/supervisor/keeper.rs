//! The keeper: a process above the supervisor that does nothing until the supervisor is gone
//! without having said how its task ended. Then it inherits all that the task left, ends it,
//! and writes down what happened.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal as Known};

use super::sweep;
use crate::store::home::Home;
use crate::store::journal::Journal;
use crate::store::task_dir::TaskDir;
use crate::sys::process::{Collected, Ended, collect, collect_waiting, leave};
use crate::task::journal::Event;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;

const GRACE: Duration = Duration::from_secs(2);
const KILL_AGAIN: Duration = Duration::from_millis(100);
const GIVE_UP: Duration = Duration::from_secs(7);

/// Waits for the supervisor's end, and if it was not a good one, clears up after it.
pub fn keep(supervisor: i32, dir: &OsStr) -> ! {
    loop {
        match collect_waiting() {
            Collected::One(pid, Ended::Exited(0)) if pid == supervisor => leave(0),
            Collected::One(pid, ended) if pid == supervisor => {
                let signal = match ended {
                    Ended::Killed { signal, .. } => Signal::from_number(signal),
                    Ended::Exited(_) => None,
                };
                let swept = clear_up();
                record(Path::new(dir), signal, swept);
                leave(0)
            }
            Collected::NoneLeft => leave(0),
            Collected::One(..) | Collected::NoneEnded => {}
        }
    }
}

/// Ends every descendant; says how many there were.
fn clear_up() -> usize {
    let began = Moment::now();
    let mut child_ended = SigSet::empty();
    child_ended.add(Known::SIGCHLD);
    let _ = child_ended.thread_block();
    let found = sweep::signal(Signal::TERM);
    sweep::signal(Signal::CONT);
    let mut kill_at = began + GRACE;
    loop {
        let mut last = collect();
        while let Collected::One(..) = last {
            last = collect();
        }
        let now = Moment::now();
        let is_clear = last == Collected::NoneLeft || sweep::descendants().is_ok_and(|left| left.is_empty());
        if is_clear || now >= began + GIVE_UP {
            return found;
        }
        if now >= kill_at {
            sweep::signal(Signal::KILL);
            kill_at = now + KILL_AGAIN;
        }
        let _ = crate::sys::signal::wait_for(&child_ended, now.until(kill_at));
    }
}

fn record(dir: &Path, signal: Option<Signal>, swept: usize) {
    let written = dir.ancestors().nth(2).zip(dir.file_name().and_then(OsStr::to_str).and_then(|n| n.parse().ok()));
    let Some((home, id)) = written else { return };
    let Ok(task) = Home::at(home).and_then(|home| TaskDir::open(&home, id)) else { return };
    let run = task.state().ok().flatten().map_or(1, |state| state.run);
    if let Ok(mut journal) = Journal::open(&task, run) {
        journal.write(Stamp::now(), Event::SupervisorGone { signal, swept });
    }
}
