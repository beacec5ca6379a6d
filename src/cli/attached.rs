//! What `attach` and `run` have in common: staying at a task's terminal, and what becomes of it
//! when that ends.

use std::env;
use std::fs::File;
use std::io::Write;
use std::time::Instant;

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{acknowledge, describe_end, output};
use crate::ansi::Colours;
use crate::client::connection::Connection;
use crate::client::wait_exit::snapshot_after_hang_up;
use crate::config::Config;
use crate::screen::keys::KeySequence;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::sys::process;
use crate::task::end::{Cause, Outcome};
use crate::task::id::TaskId;
use crate::terminal::LeaveReason;
use crate::terminal::attach_session::{AttachSession, Stay};
use crate::terminal::leave_key::LeaveKey;
use crate::ui::style::FAINT;
use crate::units::signal::Signal;

/// Names the key that leaves.
pub const DETACH_KEY: &str = "AOS_DETACH_KEY";
const USUAL_KEY: &str = "C-]";

/// The key that leaves: as asked for, else as the environment says, else as the configuration does.
pub fn detach_key(home: &Home, config: &Config, asked: Option<&KeySequence>) -> Result<KeySequence, Failure> {
    if let Some(key) = asked {
        return Ok(key.clone());
    }
    let (name, place) = match of_environment() {
        Some(name) => (name, DETACH_KEY.to_owned()),
        None => {
            let configured = config.attach.detach_key.clone();
            (configured.unwrap_or_else(|| USUAL_KEY.to_owned()), home.config_path().display().to_string())
        }
    };
    name.parse().map_err(|e| Failure::new(USAGE, format!("{place}: {e}")))
}

/// Whether the configuration decides of it.
pub fn is_configured(asked: Option<&KeySequence>) -> bool {
    asked.is_none() && of_environment().is_none()
}

fn of_environment() -> Option<String> {
    env::var(DETACH_KEY).ok().filter(|name| !name.is_empty())
}

/// Stays at a task's terminal.
pub fn stay(
    home: &Home,
    id: TaskId,
    connection: Connection,
    key: &KeySequence,
    stay: Stay,
    until: Option<Instant>,
    greeting: &str,
) -> Result<LeaveReason, Failure> {
    let spec = TaskDir::open(home, id)?.spec()?;
    let log = home.log_path(id, &spec.name);
    // By this it is seen that the task's output is shown here (`task_log::feedback`).
    let _shown = File::open(&log);
    let greeting = match output::colours() {
        Colours::Pass => format!("{FAINT}{greeting}{FAINT:#}"),
        Colours::Drop => greeting.to_owned(),
    };
    Ok(AttachSession { home, id, log, keyboard: LeaveKey::new(key), stay, until, greeting }.stay(connection)?)
}

/// Says how a task is left behind.
pub fn tell(id: TaskId, leave: LeaveReason) {
    let what = match leave {
        LeaveReason::Over | LeaveReason::HungUp => return,
        LeaveReason::Detached | LeaveReason::Signalled(_) | LeaveReason::SentToBackground => "detached; it runs on",
        LeaveReason::TimeUp => "goes on in the background",
    };
    // A terminal that is gone cannot be told.
    let _ = writeln!(output::talk(), "{FAINT}[{id}] {what} (aos attach {}){FAINT:#}", id.0);
}

/// The exit code with which a task's command would have ended here; does not return where that was
/// a signal.
pub fn pass_on(home: &Home, id: TaskId) -> VerbResult {
    let reading = snapshot_after_hang_up(home, id)?;
    acknowledge::saw(home, &[id]);
    let code = describe_end::exit_code(&reading).unwrap_or(NO);
    if let Some(end) = reading.end()
        && matches!(end.cause, Cause::TimedOut(_) | Cause::Idle(_) | Cause::OutOfMemory(_) | Cause::Unhealthy(_))
    {
        // Who was there has seen the end, and not why.
        let _ = Failure::new(code, format!("{id} {}", describe_end::tell(home, &reading))).tell(false);
    }
    if let Some(Outcome::Killed { signal, .. }) = reading.end().map(|end| &end.outcome)
        && code == 128 + signal.number()
    {
        process::die_of(*signal);
    }
    if reading.end().is_none() {
        return Err(
            Failure::new(code, format!("[{id}] {}", describe_end::tell(home, &reading))).hint(format!("aos why {id}"))
        );
    }
    Ok(code)
}

/// What is left to be done when a terminal was left: the exit code.
pub fn answer(id: TaskId, leave: LeaveReason) -> VerbResult {
    tell(id, leave);
    match leave {
        LeaveReason::Signalled(number) => match Signal::from_number(number) {
            Some(signal) => process::die_of(signal),
            None => Ok(NO),
        },
        LeaveReason::HungUp => process::leave(128 + libc::SIGHUP),
        LeaveReason::Over | LeaveReason::Detached | LeaveReason::SentToBackground | LeaveReason::TimeUp => Ok(0),
    }
}
