//! Becoming the command: in the new process, everything is put in place that the plan asks for, and
//! then the command's program takes its place.
//!
//! The new process has its maker's memory until then, and shares it with that one's other threads.
//! So it allocates nothing and frees nothing: all that it gets is descriptors, C strings and
//! numbers, which [`ChildSteps`] makes sure of, and what it leaves is a step and an errno.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};

use super::LaunchFailure;
use super::plan::{LaunchPlan, fault};
use super::program::ExecFailure;
use super::sandbox::{Broken, PreparedSandbox};
use crate::sys::rlimit::RlimitSetting;
use crate::sys::spawn::{self, Image};
use crate::sys::{dispositions, errno_text, fds, process, rlimit, sched, tty};
use crate::units::amount::IoPriority;

/// What a command's standard streams become.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    /// The session's terminal, if it has one: the command's process group gets its foreground.
    pub terminal: Option<BorrowedFd<'a>>,
    /// Standard input.
    pub input: BorrowedFd<'a>,
    /// Standard output.
    pub output: BorrowedFd<'a>,
    /// Standard error.
    pub errors: BorrowedFd<'a>,
}

/// Makes a process that becomes the command, and waits until it has, or has failed to; gives its
/// pid, and how that went. There is a process even when nothing could be prepared for it, so that
/// each launch that failed reads alike. *Errors*: when there is none.
pub fn apply(
    plan: &Result<LaunchPlan, LaunchFailure>,
    standard: Standard<'_>,
) -> io::Result<(i32, Result<(), LaunchFailure>)> {
    match plan {
        Ok(plan) => {
            let (pid, failed) = make(plan, standard)?;
            Ok((pid, failed.map_or(Ok(()), |failed| Err(explain(plan, failed)))))
        }
        Err(failure) => {
            let (pid, _) = spawn::vfork_exec((), |()| ())?;
            Ok((pid, Err(failure.clone())))
        }
    }
}

/// Within its group from its first moment, where the kernel can do that; else it enters it.
fn make(plan: &LaunchPlan, standard: Standard<'_>) -> io::Result<(i32, Option<StepFailure>)> {
    let steps = ChildSteps::of(plan, standard);
    let within = plan
        .group
        .birthplace
        .as_ref()
        .map(|group| spawn::fork_exec_within(group.as_fd(), ChildSteps { entries: &[], ..steps }, become_command));
    match within {
        Some(Ok(made)) => Ok(made),
        Some(Err(_)) | None => spawn::vfork_exec(steps, become_command),
    }
}

/// All that the new process is given.
#[derive(Clone, Copy)]
struct ChildSteps<'a> {
    standard: Standard<'a>,
    cwd: &'a CStr,
    umask: Mode,
    rlimits: &'a [RlimitSetting],
    niceness: Option<i32>,
    io: Option<IoPriority>,
    entries: &'a [File],
    is_bound: bool,
    sandbox: Option<&'a PreparedSandbox>,
    image: &'a Image,
    candidates: &'a [CString],
}

/// Which step failed, and why.
#[derive(Clone, Copy, Debug)]
enum StepFailure {
    Bond(Errno),
    Group(Errno),
    Limits(Errno),
    Streams(Errno),
    Directory(Errno),
    Niceness(Errno),
    Io(Errno),
    Rlimits(Errno),
    Sandbox(Broken),
    Program(ExecFailure),
}

impl ChildSteps<'_> {
    fn of<'a>(plan: &'a LaunchPlan, standard: Standard<'a>) -> ChildSteps<'a> {
        let LaunchPlan { program, cwd, umask, rlimits, niceness, io, group, is_bound, sandbox, .. } = plan;
        ChildSteps {
            standard,
            cwd,
            umask: *umask,
            rlimits,
            niceness: *niceness,
            io: *io,
            entries: &group.entries,
            is_bound: *is_bound,
            sandbox: sandbox.as_ref(),
            image: &program.image,
            candidates: &program.candidates,
        }
    }
}

/// Returns only when that failed.
fn become_command(steps: ChildSteps<'_>) -> StepFailure {
    match take_place(steps) {
        Err(failure) => failure,
        Ok(()) => StepFailure::Program(ExecFailure::of(steps.image, steps.candidates)),
    }
}

fn take_place(steps: ChildSteps<'_>) -> Result<(), StepFailure> {
    if steps.is_bound {
        process::end_with_maker().map_err(StepFailure::Bond)?;
    }
    // First, so that all that follows is counted.
    for mut entry in steps.entries {
        entry.write_all(b"0").map_err(|e| StepFailure::Limits(errno(&e)))?;
    }
    process::lead_group().map_err(|e| StepFailure::Group(errno(&e)))?;
    let Standard { terminal, input, output, errors } = steps.standard;
    let terminal = terminal.map_or(Ok(()), tty::take_foreground);
    let placed = terminal.and_then(|()| fds::point_standard(input, output, errors));
    placed.map_err(|e| StepFailure::Streams(errno(&e)))?;
    nix::unistd::chdir(steps.cwd).map_err(StepFailure::Directory)?;
    umask(steps.umask);
    if let Some(niceness) = steps.niceness.filter(|niceness| rlimit::niceness() != *niceness) {
        rlimit::set_niceness(niceness).map_err(|e| StepFailure::Niceness(errno(&e)))?;
    }
    if let Some(priority) = steps.io {
        let level = match priority {
            IoPriority::Idle => None,
            IoPriority::BestEffort(level) => Some(level),
        };
        sched::take_io_turns(level).map_err(StepFailure::Io)?;
    }
    rlimit::take_on(steps.rlimits).map_err(StepFailure::Rlimits)?;
    dispositions::reset_all();
    // Last, as it may forbid all that stands above.
    steps.sandbox.map_or(Ok(()), PreparedSandbox::enter).map_err(StepFailure::Sandbox)
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(0))
}

/// What failed, in words: in the process that goes on.
fn explain(plan: &LaunchPlan, failed: StepFailure) -> LaunchFailure {
    let told = |what: &str, why| fault(what, &errno_text::of_errno(why));
    match failed {
        StepFailure::Bond(why) => told("cannot be bound to its maker", why),
        StepFailure::Group(why) => told("cannot start a process group", why),
        StepFailure::Streams(why) => told("cannot set up the terminal", why),
        StepFailure::Limits(why) => told("cannot enter its control group", why),
        StepFailure::Io(why) => told("cannot have its priority at the disk", why),
        StepFailure::Directory(why) => told(&format!("cannot enter {}", plan.cwd.to_string_lossy()), why),
        StepFailure::Niceness(why) => told("cannot be as nice as was asked for", why),
        StepFailure::Rlimits(why) => told("cannot take on the resource limits", why),
        StepFailure::Sandbox(broken) => broken.explain(),
        StepFailure::Program(failed) => plan.program.explain(failed),
    }
}
