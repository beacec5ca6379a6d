//! What a new process has to do before it is a command, prepared: all that takes memory, reads a
//! file or may be said in words is done here, before the process is made.

use std::ffi::{CString, NulError};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::sys::stat::Mode;

use super::limits::{GroupEntry, RunLimits};
use super::program::Program;
use super::sandbox::decider::Decider;
use super::sandbox::{self, PreparedSandbox, Tell};
use super::{LaunchFailure, NOT_STARTED, variables};
use crate::store::task_dir::{LONGEST_SHELL_STATE, SHELL_STATE};
use crate::sys::rlimit::{self, RlimitSetting};
use crate::sys::spawn::Image;
use crate::sys::{errno_text, regular};
use crate::task::command::Command;
use crate::task::os_bytes::OsBytes;
use crate::task::shell_state;
use crate::task::spec::Spec;
use crate::units::amount::IoPriority;

/// A launch, prepared: where and as what a command runs. All that is asked of one is a field here,
/// so that whatever is launched for a task has all of it.
#[derive(Debug)]
pub struct LaunchPlan {
    pub(super) program: Program,
    pub(super) cwd: CString,
    pub(super) umask: Mode,
    pub(super) rlimits: Vec<RlimitSetting>,
    /// How nice it is; as its maker, where nothing is said.
    pub(super) niceness: Option<i32>,
    /// How soon it gets the disk, where that is said.
    pub(super) io: Option<IoPriority>,
    /// The control group in which it is.
    pub(super) group: GroupEntry,
    /// Whether it ends when the thread ends that made it.
    pub(super) is_bound: bool,
    /// What it is confined to, as its last step before its program is executed.
    pub(super) sandbox: Option<PreparedSandbox>,
    /// Who decides of what it asks for there, if somebody does.
    pub decider: Option<Decider>,
}

impl LaunchPlan {
    /// Prepares a run of what the spec says, within these limits. `dir` is the task's directory; a
    /// supervisor is less nice than its caller was.
    pub fn leader(
        spec: &Spec,
        run: u32,
        dir: &Path,
        niceness: i32,
        limits: &RunLimits,
    ) -> Result<LaunchPlan, LaunchFailure> {
        limits.refusal().map_or(Ok(()), Err)?;
        let plan = LaunchPlan::of(spec, run, argv(spec, dir)?, limits, Some(dir), Tell::Nothing)?;
        Ok(LaunchPlan { niceness: Some(plan.niceness.unwrap_or(niceness)), is_bound: false, ..plan })
    }

    /// Prepares a line of sh beside a run: a command of aos's own asking, which has all that the
    /// run has, and ends with whoever asked.
    pub fn beside(spec: &Spec, run: u32, line: &str, limits: &RunLimits) -> Result<LaunchPlan, LaunchFailure> {
        let words = ["/bin/sh", "-c", line].map(OsBytes::from).to_vec();
        LaunchPlan::of(spec, run, words, limits, None, Tell::Nothing)
    }

    /// Prepares a command that is no task: what it is refused is told by whoever decides for it.
    pub fn trial(spec: &Spec) -> Result<LaunchPlan, LaunchFailure> {
        let plan = LaunchPlan::of(spec, 0, spec.command.argv(), &RunLimits::default(), None, Tell::Refusals)?;
        Ok(LaunchPlan { is_bound: false, ..plan })
    }

    fn of(
        spec: &Spec,
        run: u32,
        words: Vec<OsBytes>,
        limits: &RunLimits,
        dir: Option<&Path>,
        tell: Tell,
    ) -> Result<LaunchPlan, LaunchFailure> {
        let words = words.into_iter().map(|word| CString::new(word.0));
        let words = words.collect::<Result<_, _>>().map_err(|e| fault("an argument cannot be passed", &e))?;
        let env = environment(spec, run).map_err(|e| fault("the environment cannot be passed", &e))?;
        let path = spec.variable("PATH").map(|path| &path.0[..]);
        let cwd = CString::new(spec.cwd.as_path().as_os_str().as_bytes());
        let sandbox = spec.sandbox.as_ref();
        let confined = sandbox.map(|sandbox| PreparedSandbox::prepare(spec, sandbox, dir, tell)).transpose()?;
        let (sandbox, decider) = confined.unzip();
        Ok(LaunchPlan {
            program: Program::find(Image::new(words, env), path),
            cwd: cwd.map_err(|e| fault("the directory cannot be entered", &e))?,
            umask: Mode::from_bits_truncate(spec.umask),
            rlimits: rlimit::settings(&limits.rlimits(&spec.rlimits)),
            niceness: limits.asked.nice,
            io: limits.asked.ionice,
            group: GroupEntry::of(limits).map_err(|e| fault("its control group cannot be entered", &e))?,
            is_bound: true,
            sandbox,
            decider: decider.flatten(),
        })
    }
}

/// The variable that says where temporary files go.
const TEMPORARY: &[u8] = b"TMPDIR=";

/// A failure that is not the command's.
pub(super) fn fault(what: &str, why: &dyn std::fmt::Display) -> LaunchFailure {
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
        Err(e) => Err(fault(&format!("cannot read the shell state {}", state.display()), &errno_text::of(&e))),
    }
}

fn environment(spec: &Spec, run: u32) -> Result<Vec<CString>, NulError> {
    let own = variables(spec, run);
    let is_own = |name: &[u8]| own.iter().any(|(n, _)| n.as_bytes() == name);
    let mut env = Vec::with_capacity(spec.env.len() + own.len());
    for (name, value) in spec.env.iter().filter(|(name, _)| !is_own(&name.0)) {
        env.push(CString::new([&name.0[..], b"=", &value.0].concat())?);
    }
    if let Some(sandbox) = &spec.sandbox {
        let own = sandbox::directory(sandbox, spec);
        env.retain(|entry| !entry.to_bytes().starts_with(TEMPORARY));
        env.push(CString::new([TEMPORARY, own.as_os_str().as_bytes()].concat())?);
    }
    for (name, value) in &own {
        env.push(CString::new(format!("{name}={value}"))?);
    }
    Ok(env)
}
