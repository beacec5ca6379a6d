//! Faults that tests bring about: a process that is killed or stopped at a given step. In a build
//! for use there are none.

/// A step at which this process may be killed, where `AOS_FAULT` names it; with `+all` behind the
/// name, its parent and its parent's parent are killed first: its watchdog and whoever ran aos.
/// With `+stop` it is stopped, until somebody continues it.
#[cfg(debug_assertions)]
pub fn point(step: &str) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    // Read at the first step: a supervisor's title takes the place of its environment later.
    static ASKED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let Some(asked) = ASKED.get_or_init(|| std::env::var("AOS_FAULT").ok()) else { return };
    let own = std::process::id() as i32;
    if asked.strip_suffix("+stop").is_some_and(|name| name == step) {
        let _ = kill(Pid::from_raw(own), Signal::SIGSTOP);
        return;
    }
    let (name, is_all) = asked.strip_suffix("+all").map_or((&**asked, false), |name| (name, true));
    if name != step {
        return;
    }
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
