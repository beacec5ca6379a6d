//! Becoming the command: in the new process, everything is put in place that the spec asks
//! for, and then the command's program takes its place.

use std::ffi::CString;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

use nix::sys::stat::{Mode, umask};

use super::{Failure, program, variables};
use crate::store::task_dir::SHELL_STATE;
use crate::sys::{fds, process, rlimit, signal, tty};
use crate::task::command::Command;
use crate::task::raw::Raw;
use crate::task::shell_state;
use crate::task::spec::Spec;

const NOT_THE_COMMANDS_FAULT: i32 = 125;

/// What a command's standard streams become.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'a> {
    /// The terminal that becomes the session's own, if it has one.
    pub terminal: Option<BorrowedFd<'a>>,
    /// Standard input.
    pub input: BorrowedFd<'a>,
    /// Standard output.
    pub output: BorrowedFd<'a>,
    /// Standard error.
    pub errors: BorrowedFd<'a>,
}

/// Becomes the command, in a process just forked. Returns only when that failed.
/// `dir` is the task's directory.
pub fn become_command(spec: &Spec, run: u32, dir: &Path, standard: Standard<'_>) -> Failure {
    match prepare(spec, run, dir, standard) {
        Err(failure) => failure,
        Ok((argv, env)) => {
            let path = spec.env.iter().find(|(name, _)| name.0 == b"PATH").map(|(_, value)| &value.0[..]);
            signal::reset_all();
            program::execute(&argv, &env, path)
        }
    }
}

type Prepared = (Vec<CString>, Vec<CString>);

fn prepare(spec: &Spec, run: u32, dir: &Path, standard: Standard<'_>) -> Result<Prepared, Failure> {
    let fault = |what: &str, why: &dyn std::fmt::Display| Failure {
        why: format!("{what}: {why}"),
        code: NOT_THE_COMMANDS_FAULT,
    };
    process::start_session().map_err(|e| fault("cannot start a session", &e))?;
    place(standard).map_err(|e| fault("cannot set up the terminal", &e))?;
    enter(spec.cwd.as_path())?;
    umask(Mode::from_bits_truncate(spec.umask));
    let words = argv(spec, dir)?.into_iter().map(|word| CString::new(word.0));
    let argv = words.collect::<Result<_, _>>().map_err(|e| fault("an argument cannot be passed", &e))?;
    rlimit::take_on(&spec.rlimits).map_err(|e| fault("cannot take on the resource limits", &e))?;
    let env = environment(spec, run).map_err(|e| fault("the environment cannot be passed", &e))?;
    Ok((argv, env))
}

/// The words to execute: the command's own, or those that put its shell into the recorded state first.
fn argv(spec: &Spec, dir: &Path) -> Result<Vec<Raw>, Failure> {
    let (Some(kind), Command::Shell { shell, line }) = (spec.shell_state, &spec.command) else {
        return Ok(spec.command.argv());
    };
    let state = dir.join(SHELL_STATE);
    match std::fs::File::open(&state) {
        Ok(_) => Ok(shell_state::argv(kind, shell, state.into_os_string().into(), line)),
        Err(e) => Err(Failure {
            why: format!("cannot read the shell state {}: {}", state.display(), plain(&e)),
            code: NOT_THE_COMMANDS_FAULT,
        }),
    }
}

fn place(standard: Standard<'_>) -> io::Result<()> {
    standard.terminal.map_or(Ok(()), tty::make_controlling)?;
    fds::point_standard(standard.input, standard.output, standard.errors)
}

fn enter(cwd: &Path) -> Result<(), Failure> {
    std::env::set_current_dir(cwd).map_err(|e| Failure {
        why: format!("cannot enter {}: {}", cwd.display(), plain(&e)),
        code: NOT_THE_COMMANDS_FAULT,
    })
}

fn environment(spec: &Spec, run: u32) -> Result<Vec<CString>, std::ffi::NulError> {
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

/// What went wrong, without std's `(os error N)`.
fn plain(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}
