//! `aos __exec RUN MARK`, in the task's directory: puts everything in place that the spec
//! asks for, and becomes the command. What goes wrong is told through the launch pipe,
//! which closes by itself when the command is executed.

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::sys::stat::{Mode, umask};

use super::{BEGUN, Failure, MARK, program};
use crate::store::task_dir::{self, LAUNCH, SPEC};
use crate::sys::{process, signal};
use crate::task::spec::{Spec, Terminal};

const NOT_THE_COMMANDS_FAULT: i32 = 125;

/// Becomes the command. Returns the exit code for when that failed.
pub fn exec(run: &str, mark: &str) -> i32 {
    let Ok(mut launch) = open_launch_pipe() else { return NOT_THE_COMMANDS_FAULT };
    let failure = become_command(run, mark);
    let report = serde_json::to_vec(&failure).expect("plain data always serialises");
    let _ = launch.write_all(&report);
    failure.code
}

/// Close-on-exec, as std opens everything.
fn open_launch_pipe() -> io::Result<File> {
    let mut pipe = OpenOptions::new().write(true).custom_flags(libc::O_NOFOLLOW).open(LAUNCH)?;
    pipe.write_all(&[BEGUN])?;
    Ok(pipe)
}

fn become_command(run: &str, mark: &str) -> Failure {
    match prepare(run, mark) {
        Err(failure) => failure,
        Ok((argv, env, path)) => {
            signal::reset_all();
            program::execute(&argv, &env, path.as_deref())
        }
    }
}

type Prepared = (Vec<CString>, Vec<CString>, Option<Vec<u8>>);

fn prepare(run: &str, mark: &str) -> Result<Prepared, Failure> {
    let own_fault = |what: &str, why: &dyn std::fmt::Display| Failure {
        why: format!("{what}: {why}"),
        code: NOT_THE_COMMANDS_FAULT,
    };
    let bytes = std::fs::read(SPEC).map_err(|e| own_fault("cannot read the spec", &e))?;
    let spec: Spec =
        task_dir::parse_versioned(&bytes).map_err(|e| own_fault("cannot use the spec", &format!("{e:?}")))?;
    if spec.terminal == Terminal::Pipes {
        process::start_session().map_err(|e| own_fault("cannot start a session", &e))?;
    }
    enter(spec.cwd.as_path())?;
    umask(Mode::from_bits_truncate(spec.umask));
    let words = spec.command.argv().into_iter().map(|w| CString::new(w.0));
    let argv = words.collect::<Result<Vec<_>, _>>().map_err(|e| own_fault("an argument cannot be passed", &e))?;
    let env = environment(&spec, run, mark).map_err(|e| own_fault("the environment cannot be passed", &e))?;
    let path = spec.env.iter().find(|(name, _)| name.0 == b"PATH").map(|(_, value)| value.0.clone());
    Ok((argv, env, path))
}

fn enter(cwd: &Path) -> Result<(), Failure> {
    std::env::set_current_dir(cwd).map_err(|e| Failure {
        why: format!("cannot enter {}: {}", cwd.display(), plain(&e)),
        code: NOT_THE_COMMANDS_FAULT,
    })
}

fn environment(spec: &Spec, run: &str, mark: &str) -> Result<Vec<CString>, std::ffi::NulError> {
    let own = [("AOS_TASK_ID", spec.id.to_string()), ("AOS_RUN", run.to_owned()), (MARK, mark.to_owned())];
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
