//! Faults that tests bring about: a process that is killed at a given step of a start. In a build
//! for use there are none.

/// A step at which this process may be killed, where `AOS_FAULT` names it; with `+all` behind the
/// name, its parent and its parent's parent are killed first: its watchdog and whoever ran aos.
#[cfg(debug_assertions)]
pub fn point(step: &str) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let Some(asked) = std::env::var_os("AOS_FAULT") else { return };
    let asked = asked.to_string_lossy();
    let (name, is_all) = asked.strip_suffix("+all").map_or((&*asked, false), |name| (name, true));
    if name != step {
        return;
    }
    let own = std::process::id() as i32;
    // Whoever is gone has left its children to somebody who has nothing to do with it.
    let is_ours = |pid: &i32| super::proc::program(*pid) == super::proc::program(own);
    let parent = |pid| super::proc::stat(pid).ok().map(|process| process.parent).filter(is_ours);
    if is_all && let Some(watchdog) = parent(own) {
        let caller = parent(watchdog);
        for pid in [Some(watchdog), caller].into_iter().flatten() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
    let _ = kill(Pid::from_raw(own), Signal::SIGKILL);
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub fn point(_: &str) {}
