//! Stopping this process as ^Z would, and what the shell had it do then.

use std::io;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::unistd::Pid;

/// Stops this process's whole group, until the shell has it go on. Where no shell looks after it
/// the kernel drops the signal, and this returns at once.
pub fn suspend() -> io::Result<()> {
    let mut stop = SigSet::empty();
    stop.add(Signal::SIGTSTP);
    sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&stop), None)?;
    // Delivered before the call returns: it is this process's own.
    kill(Pid::from_raw(0), Signal::SIGTSTP)?;
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&stop), None)?;
    Ok(())
}
