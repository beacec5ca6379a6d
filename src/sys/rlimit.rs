//! What the kernel allows a process: its resource limits, and how soon it gets the processor.
//! *Source*: getrlimit(2), setpriority(2).
#![allow(unsafe_code)]

use std::io;

use nix::libc::RLIM_INFINITY;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};

/// A process's limits by name, soft and hard, as `ulimit` sets them.
pub type Limits = std::collections::BTreeMap<String, (u64, u64)>;

const ALL: [(&str, Resource); 16] = [
    ("as", Resource::RLIMIT_AS),
    ("core", Resource::RLIMIT_CORE),
    ("cpu", Resource::RLIMIT_CPU),
    ("data", Resource::RLIMIT_DATA),
    ("fsize", Resource::RLIMIT_FSIZE),
    ("locks", Resource::RLIMIT_LOCKS),
    ("memlock", Resource::RLIMIT_MEMLOCK),
    ("msgqueue", Resource::RLIMIT_MSGQUEUE),
    ("nice", Resource::RLIMIT_NICE),
    ("nofile", Resource::RLIMIT_NOFILE),
    ("nproc", Resource::RLIMIT_NPROC),
    ("rss", Resource::RLIMIT_RSS),
    ("rtprio", Resource::RLIMIT_RTPRIO),
    ("rttime", Resource::RLIMIT_RTTIME),
    ("sigpending", Resource::RLIMIT_SIGPENDING),
    ("stack", Resource::RLIMIT_STACK),
];

/// This process's limits.
pub fn current() -> Limits {
    let known = ALL.iter().filter_map(|(name, what)| Some(((*name).to_owned(), getrlimit(*what).ok()?)));
    known.collect()
}

/// Frees this process of what its caller had limited, as far as it may: of all that could end it or
/// keep it from writing. How large a core dump may be stays as it is.
pub fn lift() {
    for (_, what) in ALL.iter().filter(|(name, _)| *name != "core") {
        let Ok((soft, hard)) = getrlimit(*what) else { continue };
        // The first is for root alone, and never for descriptors.
        if (soft, hard) != (RLIM_INFINITY, RLIM_INFINITY) && setrlimit(*what, RLIM_INFINITY, RLIM_INFINITY).is_err() {
            let _ = setrlimit(*what, hard, hard);
        }
    }
}

/// How nice this process is to others: from -20, which gets the processor first, to 19.
pub fn niceness() -> i32 {
    // SAFETY: it takes two integers and gives one.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

/// Has this process be so nice. *Errors*: only root may be less nice than it was.
pub fn be_nice(niceness: i32) -> io::Result<()> {
    // SAFETY: it takes three integers.
    match unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, niceness) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Has a command that is not executed yet begin with this file mode creation mask and these limits.
pub fn begin_with(command: &mut std::process::Command, mask: u32, limits: Limits) {
    use std::os::unix::process::CommandExt;
    let mask = Mode::from_bits_truncate(mask);
    // SAFETY: between fork and exec it makes system calls alone; looking up a limit takes no memory
    // and no lock.
    unsafe {
        command.pre_exec(move || {
            umask(mask);
            take_on(&limits)
        });
    }
}

/// Takes on these limits. One that is higher than may be had is taken as high as it may be.
pub fn take_on(limits: &Limits) -> io::Result<()> {
    for (name, what) in &ALL {
        let Some(&(soft, hard)) = limits.get(*name) else { continue };
        let (has_soft, has_hard) = getrlimit(*what)?;
        if (soft, hard) != (has_soft, has_hard) && setrlimit(*what, soft, hard).is_err() {
            let hard = hard.min(has_hard);
            setrlimit(*what, soft.min(hard), hard)?;
        }
    }
    Ok(())
}
