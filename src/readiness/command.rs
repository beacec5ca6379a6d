//! Asking a command, where the task is and with what it has.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::process::ExitStatus;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::launch::apply::{Standard, apply};
use crate::launch::limits::RunLimits;
use crate::launch::plan::LaunchPlan;
use crate::readiness::ProbeResult;
use crate::sys::pidfd::Pidfd;
use crate::sys::{proc, process};
use crate::task::ready::Evidence;
use crate::task::spec::Spec;
use crate::units::signal::Signal;

/// Whether it succeeds.
pub fn look(spec: &Spec, run: u32, limits: &RunLimits, line: &str, patience: Duration, own: Vec<u16>) -> ProbeResult {
    match execute(spec, run, limits, line, patience) {
        Ok(Some(status)) if status.success() => {
            ProbeResult::Seen(Evidence { how: format!("`{line}` succeeded"), ports: own, ..Evidence::default() })
        }
        Ok(Some(status)) => ProbeResult::NotYet(format!("`{line}`: {status}")),
        Ok(None) => ProbeResult::NotYet(format!("`{line}` took longer than {}s and was ended", patience.as_secs())),
        Err(e) => ProbeResult::NotYet(format!("`{line}` cannot be run: {e}")),
    }
}

/// How it ended; `None` when it had to be ended.
fn execute(
    spec: &Spec,
    run: u32,
    limits: &RunLimits,
    line: &str,
    patience: Duration,
) -> io::Result<Option<ExitStatus>> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    let (input, output, errors) = (nothing.as_fd(), nothing.as_fd(), nothing.as_fd());
    let plan = LaunchPlan::beside(spec, run, line, limits);
    let (group, launched) = apply(&plan, Standard { terminal: None, input, output, errors })?;
    let is_in_time = wait(group, patience);
    if !is_in_time {
        let _ = process::signal_group(group, Signal::KILL);
    }
    let status = process::wait_for(group)?;
    launched.map_err(io::Error::other)?;
    Ok(is_in_time.then_some(status))
}

/// Whether it ends in time. It is not collected here, so that its pid stays its own.
fn wait(pid: i32, patience: Duration) -> bool {
    let Ok(handle) = proc::stat(pid).and_then(|process| Pidfd::of(pid, process.start)) else { return true };
    let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    loop {
        match poll(&mut [PollFd::new(handle.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(nix::errno::Errno::EINTR) => {}
            ready => return ready != Ok(0),
        }
    }
}
