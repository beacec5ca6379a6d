//! Where a command is to run: its directory and its environment.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Args;

use crate::actions::failure::{Failure, USAGE};
use crate::actions::{select, session};
use crate::task::os_bytes::OsBytes;

/// Variables of the caller's own session, which a task is not part of.
const NOT_PASSED_ON: [&str; 3] = ["CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", session::SHELL];

/// Options that say where a command is to run.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct EnvironmentArgs {
    /// Run in this directory
    #[arg(short = 'C', long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Set an environment variable
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,
}

impl EnvironmentArgs {
    /// The variables that are set beside the caller's own: `NAME=VALUE`.
    pub fn set(&self) -> &[OsString] {
        &self.env
    }

    /// Checked before anything is written; checked again when the task enters it.
    pub fn directory(&self) -> Result<PathBuf, Failure> {
        let here = || select::here().map_err(|failure| failure.or_else("aos run -C DIR runs it elsewhere"));
        let Some(asked) = &self.cwd else { return here() };
        let cwd = if asked.is_absolute() { asked.clone() } else { here()?.join(asked) };
        match fs::metadata(&cwd) {
            Ok(found) if found.is_dir() => Ok(cwd),
            Ok(_) => Err(Failure::new(USAGE, format!("cannot run in {}: it is not a directory", cwd.display()))),
            Err(e) if e.kind() == ErrorKind::NotFound => {
                Err(Failure::new(USAGE, format!("cannot run in {}: there is no such directory", cwd.display())))
            }
            Err(e) => Err(Failure::new(USAGE, format!("cannot run in {}: {e}", cwd.display()))),
        }
    }

    /// The caller's environment, with what `-e` says and where the task is.
    pub fn environment(&self, cwd: &Path, no_pty: bool) -> Result<Vec<(OsBytes, OsBytes)>, Failure> {
        let mut env = callers();
        let mut set = |name: OsBytes, value: OsBytes| {
            env.retain(|(n, _)| *n != name);
            env.push((name, value));
        };
        if self.cwd.is_some() {
            set(OsBytes::from("PWD"), cwd.as_os_str().to_owned().into());
        }
        if env::var_os("TERM").is_none() && !no_pty {
            set(OsBytes::from("TERM"), OsBytes::from("xterm-256color"));
        }
        for entry in &self.env {
            let bytes = entry.as_bytes();
            let at = bytes.iter().position(|b| *b == b'=').filter(|at| *at > 0).ok_or_else(|| {
                Failure::new(USAGE, format!("`{}` sets no variable", entry.to_string_lossy()))
                    .hint("write -e NAME=VALUE")
            })?;
            set(OsBytes(bytes[..at].to_vec()), OsBytes(bytes[at + 1..].to_vec()));
        }
        Ok(env)
    }
}

/// The caller's environment, as far as it is passed on.
pub fn callers() -> Vec<(OsBytes, OsBytes)> {
    let passed_on = env::vars_os().filter(|(name, _)| !NOT_PASSED_ON.iter().any(|n| name == n));
    passed_on.map(|(name, value)| (name.into(), value.into())).collect()
}
