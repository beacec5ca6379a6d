//! Asking a command, where the task is and with what it has.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::launch::variables;
use crate::readiness::ProbeResult;
use crate::sys::pidfd::Pidfd;
use crate::sys::{proc, process, rlimit};
use crate::task::ready::Evidence;
use crate::task::spec::Spec;
use crate::units::signal::Signal;

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether it succeeds.
pub fn look(spec: &Spec, run: u32, line: &str, own: Vec<u16>) -> ProbeResult {
    match execute(spec, run, line) {
        Ok(Some(status)) if status.success() => {
            ProbeResult::Seen(Evidence { how: format!("`{line}` succeeded"), ports: own, ..Evidence::default() })
        }
        Ok(Some(status)) => ProbeResult::NotYet(format!("`{line}`: {status}")),
        Ok(None) => ProbeResult::NotYet(format!("`{line}` took longer than {}s and was ended", LIMIT.as_secs())),
        Err(e) => ProbeResult::NotYet(format!("`{line}` cannot be run: {e}")),
    }
}

/// How it ended; `None` when it had to be ended.
fn execute(spec: &Spec, run: u32, line: &str) -> io::Result<Option<ExitStatus>> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", line])
        .env_clear()
        .envs(spec.env.iter().map(|(name, value)| (name.as_os(), value.as_os())))
        .envs(variables(spec, run))
        .current_dir(spec.cwd.as_path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    process::end_with_this_thread(&mut command);
    rlimit::begin_with(&mut command, spec.umask, spec.rlimits.clone());
    let mut child = command.spawn()?;
    let group = child.id() as i32;
    let is_in_time = wait(&child);
    if !is_in_time {
        let _ = process::signal_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    Ok(is_in_time.then_some(status))
}

/// Whether it ends in time. It is not collected here, so that its pid stays its own.
fn wait(child: &Child) -> bool {
    let pid = child.id() as i32;
    let Ok(handle) = proc::stat(pid).and_then(|process| Pidfd::of(pid, process.start)) else { return true };
    let timeout = PollTimeout::try_from(LIMIT).unwrap_or(PollTimeout::MAX);
    loop {
        match poll(&mut [PollFd::new(handle.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(nix::errno::Errno::EINTR) => {}
            ready => return ready != Ok(0),
        }
    }
}
