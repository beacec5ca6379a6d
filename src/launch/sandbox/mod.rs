//! A sandbox that is ready to be entered: all that takes memory is done here, before the process is
//! made. What is entered is put to the test at once, in the very process that it is for: what does
//! not hold keeps the program from being executed.

pub mod calls;
pub mod decider;
pub mod files;
pub mod probes;
mod temporary;

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::LaunchFailure;
use crate::store::task_dir::{SHELL_STATE, SPEC};
use crate::sys::confinement::{self, FilterStep};
use crate::sys::errno_text;
use crate::sys::landlock::{self, FileRule, Grant};
use crate::sys::namespaces::{self, Cover, MountView, NotEntered};
use crate::sys::ptrace_scope::{self, PtraceReach};
use crate::sys::seccomp::{self, Verdict};
use crate::task::sandbox::guarantee::Guarantee;
use crate::task::sandbox::{Network, Sandbox};
use crate::task::spec::Spec;
use calls::{CUTTING, NOT_KNOWN, REFUSED};
use decider::Decider;
pub use temporary::{directory, remove};

/// Why a sandbox does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What does not.
    pub guarantee: Guarantee,
    /// Why; `UnknownErrno` where all was done, and did not help.
    pub why: Errno,
}

/// A sandbox, prepared: all that is entered in the new process, in this order.
#[derive(Debug)]
pub struct PreparedSandbox {
    /// A view of the file system of its own.
    view: Option<PreparedView>,
    /// Landlock rules.
    ruleset: Option<OwnedFd>,
    /// A program that asks of some system calls, and who decides.
    asking: Option<(Vec<FilterStep>, OwnedFd)>,
    /// Programs that judge system calls.
    filters: Vec<Vec<FilterStep>>,
    /// What is tried once it is entered.
    trials: Trials,
}

/// A view of the file system in which single files are covered, and terminals are its own.
#[derive(Debug)]
struct PreparedView {
    mounts: MountView,
    /// What does not hold without it; nothing, where it is only for the terminals.
    keeps: Option<Guarantee>,
}

/// What must fail in it.
#[derive(Debug, Default)]
struct Trials {
    unreadable: Option<CString>,
    unwritable: Vec<CString>,
    has_unix_sockets: bool,
    has_datagrams: bool,
    has_rings: bool,
}

/// How much of it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Nothing.
    Nothing,
    /// What was refused, by whoever decides (`aos sandbox try`).
    Refusals,
}

impl PreparedSandbox {
    /// Prepares what a spec asks for; `dir` is the task's directory, where its own command is run.
    pub fn prepare(
        spec: &Spec,
        sandbox: &Sandbox,
        dir: Option<&Path>,
        tell: Tell,
    ) -> Result<(PreparedSandbox, Option<Decider>), LaunchFailure> {
        let own = temporary::directory(sandbox, spec);
        temporary::make(&own).map_err(|e| missing(Guarantee::Writes, &e))?;
        let state = dir.filter(|_| spec.shell_state.is_some()).map(|dir| dir.join(SHELL_STATE));
        let more = state.into_iter().map(|state| FileRule::of(&state, Grant::Read));
        let own = [Grant::Read, Grant::Write].map(|grant| FileRule::of(&own, grant));
        let secret = dir.map(|dir| dir.join(SPEC));
        let more: Vec<_> = own.into_iter().chain(more).collect();
        PreparedSandbox::of(sandbox, spec.cwd.as_path(), more, secret.as_deref(), tell)
    }

    /// Prepares one for a program that is run in `cwd`, and who decides for it, if somebody does.
    pub fn of(
        sandbox: &Sandbox,
        cwd: &Path,
        more: Vec<FileRule>,
        secret: Option<&Path>,
        tell: Tell,
    ) -> Result<(PreparedSandbox, Option<Decider>), LaunchFailure> {
        let promises = |guarantee| sandbox.promises(guarantee);
        let files = files::Files::of(sandbox).map_err(|(guarantee, e)| missing(guarantee, &e))?;
        let mut trials = Trials { unwritable: files.unwritable(), ..Trials::default() };
        let version = landlock::version().unwrap_or(0);
        let mut rules = None;
        if promises(Guarantee::Reads) || promises(Guarantee::Writes) {
            if version < landlock::OLDEST {
                return Err(missing(Guarantee::Reads, &"this kernel has no Landlock that is new enough (Linux 5.19)"));
            }
            rules = Some(files.rules.into_iter().chain(more));
            trials.unreadable = secret.filter(|path| !sandbox.may_read(path)).and_then(files::as_c);
        }
        let (mut refused, mut unknown, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        if promises(Guarantee::Syscalls) {
            refused.extend(REFUSED.iter().map(|call| (*call, Vec::new())));
            refused.extend(calls::refused_with_arguments());
            unknown.extend(NOT_KNOWN.iter().map(|call| (*call, Vec::new())));
            trials.has_rings = true;
        }
        if rules.is_some() && version < landlock::CUTS {
            refused.extend(calls::cutting());
            unknown.extend(CUTTING.iter().map(|call| (*call, Vec::new())));
        }
        let is_network_held = promises(Guarantee::Network);
        let network = if is_network_held { sandbox.network } else { Network::Full };
        if is_network_held || promises(Guarantee::UnixSockets) {
            let unix_sockets = !promises(Guarantee::UnixSockets);
            refused.extend(calls::sockets(network, unix_sockets));
            (trials.has_unix_sockets, trials.has_datagrams) = (!unix_sockets, network != Network::Full);
        }
        if network == Network::Loopback {
            asked.extend(calls::connecting());
        }
        if tell == Tell::Refusals {
            asked.append(&mut refused);
            asked.extend(calls::opening());
        }
        let view = PreparedView::of(&files.covers, cwd, !asked.is_empty())?;
        let broken = |e: io::Error| missing(Guarantee::Syscalls, &e);
        let (mut asking, mut decider) = (None, None);
        if !asked.is_empty() {
            let steps = seccomp::program(asked, Verdict::IsAsked).map_err(broken)?;
            // Whoever decides is made while the rest is prepared.
            let (decides, socket) = Decider::begin(sandbox, tell).map_err(|e| missing(Guarantee::Network, &e))?;
            (asking, decider) = (Some((steps, socket)), Some(decides));
        }
        let ruleset = rules.map(landlock::ruleset).transpose().map_err(|e| missing(Guarantee::Reads, &e))?;
        let mut filters = Vec::new();
        for (rules, errno) in [(refused, libc::EPERM), (unknown, libc::ENOSYS)] {
            if !rules.is_empty() {
                filters.push(seccomp::program(rules, Verdict::Fails(errno)).map_err(broken)?);
            }
        }
        filters.push(seccomp::without_x32());
        filters.retain(|filter| !filter.is_empty());
        // Nobody tries what is only told.
        let trials = if tell == Tell::Nothing { trials } else { Trials::default() };
        Ok((PreparedSandbox { view, ruleset, asking, filters, trials }, decider))
    }

    /// Confines this process, and whatever it executes or forks, for good. Takes no memory.
    pub fn enter(&self) -> Result<(), Broken> {
        let of = |guarantee| move |why| Broken { guarantee, why };
        let has_own_terminals = self.view.as_ref().map_or(Ok(false), PreparedView::enter)?;
        confinement::shed_capabilities();
        confinement::gain_no_privileges().map_err(of(Guarantee::Privileges))?;
        if let Some(ruleset) = &self.ruleset {
            if has_own_terminals {
                landlock::allow_terminals(ruleset, namespaces::TERMINALS).map_err(of(Guarantee::Reads))?;
            }
            confinement::restrict_by(ruleset).map_err(of(Guarantee::Reads))?;
        }
        if let Some((steps, decider)) = &self.asking {
            confinement::filter_asking(steps, decider).map_err(of(Guarantee::Network))?;
        }
        for filter in &self.filters {
            confinement::filter_by(filter).map_err(of(Guarantee::Syscalls))?;
        }
        self.trials.run()
    }
}

impl PreparedView {
    /// The view in which these are covered. With `is_asked` somebody outside decides of calls, and
    /// has to look into the processes in it.
    fn of(covers: &[(PathBuf, Cover)], cwd: &Path, is_asked: bool) -> Result<Option<PreparedView>, LaunchFailure> {
        let reach = if is_asked { ptrace_scope::reach() } else { PtraceReach::All };
        let keeps = match (covers.is_empty(), reach) {
            (_, PtraceReach::Nobody) => {
                let why = "it is decided by a process that may not look into others (kernel.yama.ptrace_scope is 3)";
                return Err(missing(Guarantee::Network, &why));
            }
            (false, _) => Some(Guarantee::Protected),
            (true, PtraceReach::OwnNamespaces) => Some(Guarantee::Network),
            (true, PtraceReach::All) if namespaces::may_be_made() => None,
            (true, PtraceReach::All) => return Ok(None),
        };
        let mounts = MountView::new(covers, cwd).map_err(|e| missing(Guarantee::Protected, &e))?.with_own_terminals();
        let mounts = if reach == PtraceReach::All { mounts } else { mounts.with_own_users() };
        Ok(Some(PreparedView { mounts, keeps }))
    }

    /// Enters it; says whether the terminals are its own.
    fn enter(&self) -> Result<bool, Broken> {
        match (self.mounts.enter(), self.keeps) {
            (Ok(has_own_terminals), _) => Ok(has_own_terminals),
            (Err(NotEntered::Refused(_)), None) => Ok(false),
            (Err(NotEntered::Refused(why) | NotEntered::Halfway(why)), keeps) => {
                Err(Broken { guarantee: keeps.unwrap_or(Guarantee::Protected), why })
            }
        }
    }
}

impl Trials {
    fn run(&self) -> Result<(), Broken> {
        let held = |is_held: bool, guarantee| {
            if is_held { Ok(()) } else { Err(Broken { guarantee, why: Errno::UnknownErrno }) }
        };
        held(self.unreadable.as_deref().is_none_or(confinement::is_closed), Guarantee::Reads)?;
        held(self.unwritable.iter().all(|path| confinement::is_unwritable(path)), Guarantee::Protected)?;
        let has = |family, kind| !confinement::has_no_socket(family, kind);
        held(!self.has_unix_sockets || !has(libc::AF_UNIX, libc::SOCK_STREAM), Guarantee::UnixSockets)?;
        held(!self.has_datagrams || !has(libc::AF_INET, libc::SOCK_DGRAM), Guarantee::Network)?;
        held(!self.has_rings || confinement::has_no_ring(), Guarantee::Syscalls)
    }
}

impl Broken {
    /// The same, as whoever asked for the task hears it.
    pub fn explain(self) -> LaunchFailure {
        match self.why {
            Errno::UnknownErrno => missing(self.guarantee, &"it was entered, and what it forbids was possible"),
            why => missing(self.guarantee, &errno_text::of_errno(why)),
        }
    }
}

/// What is said where a sandbox cannot be had.
pub fn missing(guarantee: Guarantee, why: &dyn std::fmt::Display) -> LaunchFailure {
    let hint = match guarantee {
        Guarantee::Protected => "; needed is a mount namespace, for which user namespaces must be allowed",
        Guarantee::Network => "; network.mode none and full in a profile need less",
        Guarantee::Reads
        | Guarantee::Writes
        | Guarantee::UnixSockets
        | Guarantee::Environment
        | Guarantee::Privileges
        | Guarantee::Syscalls => "",
    };
    LaunchFailure {
        why: format!("the sandbox does not hold here: {guarantee} ({}): {why}{hint}", guarantee.meaning()),
        code: super::UNENFORCED,
    }
}

#[cfg(test)]
mod tests;
