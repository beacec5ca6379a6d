//! Into which other processes of its user this process may look, where that is restricted.
//! *Source*: Documentation/admin-guide/LSM/Yama.rst, capabilities(7).

use std::fs;

/// Which ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PtraceReach {
    /// All.
    All,
    /// Those below it, and all in user namespaces that its user has made.
    OwnNamespaces,
    /// None.
    Nobody,
}

/// Those that this one may, and what it begins.
pub fn reach() -> PtraceReach {
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim() {
        "" | "0" => PtraceReach::All,
        "1" | "2" if is_capable() => PtraceReach::All,
        "1" | "2" => PtraceReach::OwnNamespaces,
        _ => PtraceReach::Nobody,
    }
}

/// Whether this process has CAP_SYS_PTRACE.
fn is_capable() -> bool {
    const SYS_PTRACE: u64 = 1 << 19;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    held.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).is_some_and(|set| set & SYS_PTRACE != 0)
}
