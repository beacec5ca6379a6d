//! Becoming the command: in the new process, everything is put in place that the spec asks
//! for, and then the command's program takes its place.
//!
//! The new process has its supervisor's memory until then, so what takes memory is done before it
//! is made.

use std::ffi::{CString, NulError};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};

use super::program::Program;
use super::{LaunchFailure, NOT_STARTED, variables};
use crate::store::task_dir::{LONGEST_SHELL_STATE, SHELL_STATE};
use crate::sys::rlimit::Limits;
use crate::sys::spawn::Image;
use crate::sys::{dispositions, fds, process, regular, rlimit, tty};
use crate::task::command::Command;
use crate::task::os_bytes::OsBytes;
use crate::task::shell_state;
use crate::task::spec::Spec;

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

/// A launch that is prepared: all that the new process has to do.
#[derive(Debug)]
pub struct Launch {
    program: Program,
    cwd: CString,
    umask: Mode,
    rlimits: Limits,
    niceness: i32,
}

impl Launch {
    /// Prepares a run of what the spec says. `dir` is the task's directory; a supervisor is less
    /// nice than its caller was.
    pub fn prepare(spec: &Spec, run: u32, dir: &Path, niceness: i32) -> Result<Launch, LaunchFailure> {
        let words = argv(spec, dir)?.into_iter().map(|word| CString::new(word.0));
        let words = words.collect::<Result<_, _>>().map_err(|e| fault("an argument cannot be passed", &e))?;
        let env = environment(spec, run).map_err(|e| fault("the environment cannot be passed", &e))?;
        let path = spec.env.iter().find(|(name, _)| name.0 == b"PATH").map(|(_, value)| &value.0[..]);
        let cwd = CString::new(spec.cwd.as_path().as_os_str().as_bytes());
        Ok(Launch {
            program: Program::find(Image::new(words, env), path),
            cwd: cwd.map_err(|e| fault("the directory cannot be entered", &e))?,
            umask: Mode::from_bits_truncate(spec.umask),
            rlimits: spec.rlimits.clone(),
            niceness,
        })
    }

    /// Becomes the command, in a process just made. Returns only when that failed.
    pub fn become_command(&self, standard: Standard<'_>) -> LaunchFailure {
        match self.take_place(standard) {
            Err(failure) => failure,
            Ok(()) => {
                dispositions::reset_all();
                self.program.execute()
            }
        }
    }

    fn take_place(&self, standard: Standard<'_>) -> Result<(), LaunchFailure> {
        process::lead_group().map_err(|e| fault("cannot start a process group", &e))?;
        place(standard).map_err(|e| fault("cannot set up the terminal", &e))?;
        nix::unistd::chdir(self.cwd.as_c_str())
            .map_err(|e| fault(&format!("cannot enter {}", self.cwd.to_string_lossy()), &plain(e)))?;
        umask(self.umask);
        if rlimit::niceness() != self.niceness {
            rlimit::be_nice(self.niceness).map_err(|e| fault("cannot be as nice as its caller", &e))?;
        }
        rlimit::take_on(&self.rlimits).map_err(|e| fault("cannot take on the resource limits", &e))
    }
}

fn fault(what: &str, why: &dyn std::fmt::Display) -> LaunchFailure {
    LaunchFailure { why: format!("{what}: {why}"), code: NOT_STARTED }
}

/// The words to execute: the command's own, or those that put its shell into the recorded state
/// first.
fn argv(spec: &Spec, dir: &Path) -> Result<Vec<OsBytes>, LaunchFailure> {
    let (Some(kind), Command::Shell { shell, line }) = (spec.shell_state, &spec.command) else {
        return Ok(spec.command.argv());
    };
    let state = dir.join(SHELL_STATE);
    // Its shell reads it by this path, and would wait at a FIFO.
    match regular::open(&state).and_then(|file| regular::check_length(&file, LONGEST_SHELL_STATE)) {
        Ok(_) => Ok(shell_state::argv(kind, shell, state.into_os_string().into(), line)),
        Err(e) => {
            let why: &dyn std::fmt::Display = match e.raw_os_error() {
                Some(number) => &plain(Errno::from_raw(number)),
                None => &e,
            };
            Err(fault(&format!("cannot read the shell state {}", state.display()), why))
        }
    }
}

fn place(standard: Standard<'_>) -> io::Result<()> {
    standard.terminal.map_or(Ok(()), tty::take_foreground)?;
    fds::point_standard(standard.input, standard.output, standard.errors)
}

fn environment(spec: &Spec, run: u32) -> Result<Vec<CString>, NulError> {
    let own = variables(spec, run);
    let is_own = |name: &[u8]| own.iter().any(|(n, _)| n.as_bytes() == name);
    let mut env = Vec::with_capacity(spec.env.len() + own.len());
    for (name, value) in spec.env.iter().filter(|(name, _)| !is_own(&name.0)) {
        env.push(CString::new([&name.0[..], b"=", &value.0].concat())?);
    }
    for (name, value) in &own {
        env.push(CString::new(format!("{name}={value}"))?);
    }
    Ok(env)
}

/// What went wrong, in the words of a sentence.
fn plain(errno: Errno) -> String {
    errno.desc().to_lowercase()
}
