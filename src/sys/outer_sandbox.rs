//! A sandbox of somebody else's in which this process runs: what of it matters to a process that is
//! to outlive the command line. *Source*: pid_namespaces(7): when the first process of a namespace
//! ends, the kernel kills all others in it.

use std::env;
use std::fs;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OuterSandbox {
    /// What it is.
    pub what: String,
    /// Whether all that runs in it ends with it.
    pub ends_all: bool,
    /// Whether Unix sockets are refused.
    pub has_no_unix_sockets: bool,
}

/// What programs are called that make sandboxes, as the first process of one.
const FIRST_PROCESSES: [&str; 4] = ["bwrap", "firejail", "nsjail", "minijail0"];
/// Variables that sandboxes set.
const VARIABLES: [&str; 2] = ["SANDBOX_RUNTIME", "CODEX_SANDBOX"];

/// The sandbox around this process, if there is one that is known.
pub fn look() -> Option<OuterSandbox> {
    let first = fs::read_to_string("/proc/1/comm").unwrap_or_default();
    let first = first.trim_end();
    let variable = VARIABLES.into_iter().find(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let has_no_unix_sockets = !has_unix_sockets();
    let what = match (FIRST_PROCESSES.contains(&first), variable) {
        (true, _) => format!("a sandbox of {first}"),
        (false, Some(name)) => format!("a sandbox ({name} is set)"),
        (false, None) if std::process::id() == 1 => "the first process of a pid namespace".to_owned(),
        (false, None) if is_pid_translated() => "a pid namespace with the /proc of another one".to_owned(),
        (false, None) if has_no_unix_sockets => {
            let what = "a sandbox without Unix sockets".to_owned();
            return Some(OuterSandbox { what, ends_all: false, has_no_unix_sockets });
        }
        (false, None) => return None,
    };
    Some(OuterSandbox { what, ends_all: true, has_no_unix_sockets })
}

/// Whether processes are called otherwise in `/proc` than among themselves.
fn is_pid_translated() -> bool {
    fs::read_link("/proc/self").is_ok_and(|own| own.to_str() != Some(&std::process::id().to_string()))
}

fn has_unix_sockets() -> bool {
    std::os::unix::net::UnixDatagram::unbound().is_ok()
}
