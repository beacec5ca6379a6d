//! A sandbox that is ready to be entered. What it forbids is decided by whoever prepares it; here
//! is what a new process needs for it: a descriptor and a program for the kernel's filter.
//! *Source*: prctl(2), landlock_restrict_self(2), seccomp(2).

use std::os::fd::OwnedFd;

use nix::errno::Errno;

use crate::sys::confinement::{self, FilterStep};

/// A sandbox, prepared: all that is entered in the new process, in this order.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "what prepares one comes with the profiles")]
pub struct PreparedSandbox {
    /// Landlock rules, which a process can only be restricted by.
    pub ruleset: Option<OwnedFd>,
    /// A program that judges system calls; none, where it is empty.
    pub filter: Vec<FilterStep>,
}

impl PreparedSandbox {
    /// Confines this process, and whatever it executes or forks, for good. Takes no memory.
    pub fn enter(&self) -> Result<(), Errno> {
        confinement::gain_no_privileges()?;
        if let Some(ruleset) = &self.ruleset {
            confinement::restrict_by(ruleset)?;
        }
        if self.filter.is_empty() { Ok(()) } else { confinement::filter_by(&self.filter) }
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::Pid;

    use super::PreparedSandbox;
    use crate::sys::confinement::FilterStep;
    use crate::sys::spawn::{Image, vfork_exec};

    /// A program that answers one system call with EPERM.
    fn without(call: i64) -> Vec<FilterStep> {
        let step = |code, jt, jf, k| FilterStep { code, jt, jf, k };
        let call = u32::try_from(call).expect("a number");
        vec![
            step((libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16, 0, 0, 0),
            step((libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, 0, 1, call),
            step((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
            step((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, libc::SECCOMP_RET_ALLOW),
        ]
    }

    #[test]
    fn what_is_executed_within_is_confined() {
        let sandbox = PreparedSandbox { ruleset: None, filter: without(libc::SYS_chdir) };
        let line = "grep -q 'NoNewPrivs:.1' /proc/self/status && ! cd / 2> /dev/null";
        let image =
            Image::new(["sh", "-c", line].map(|w| std::ffi::CString::new(w).expect("no NUL")).into(), Vec::new());
        let (pid, failed) = vfork_exec((&sandbox, &image), |(sandbox, image)| {
            sandbox.enter().err().unwrap_or_else(|| image.execute(c"/bin/sh"))
        })
        .expect("made");
        let ended = waitpid(Pid::from_raw(pid), None).expect("a child");
        assert_eq!((failed, ended), (None, WaitStatus::Exited(Pid::from_raw(pid), 0)));
    }
}
