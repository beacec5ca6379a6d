//! What the kernel allows a process: its resource limits, and how soon it gets the processor.
//! *Source*: getrlimit(2), setpriority(2).
#![allow(unsafe_code)]

use std::io;

use nix::errno::Errno;
use nix::libc::RLIM_INFINITY;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// A process's limits by name, soft and hard, as `ulimit` sets them.
pub type Limits = std::collections::BTreeMap<String, (u64, u64)>;

/// One limit that a process is to have.
#[derive(Clone, Copy, Debug)]
pub struct RlimitSetting {
    what: Resource,
    soft: u64,
    hard: u64,
}

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
        if (soft, hard) == (RLIM_INFINITY, RLIM_INFINITY) {
            continue;
        }
        // The first is for root alone, and never for descriptors.
        if setrlimit(*what, RLIM_INFINITY, RLIM_INFINITY).is_err() && soft != hard {
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
pub fn set_niceness(niceness: i32) -> io::Result<()> {
    // SAFETY: it takes three integers.
    match unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, niceness) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// These limits, ready to be taken on.
pub fn settings(limits: &Limits) -> Vec<RlimitSetting> {
    let asked = |(name, what): &(&str, Resource)| {
        limits.get(*name).map(|&(soft, hard)| RlimitSetting { what: *what, soft, hard })
    };
    ALL.iter().filter_map(asked).collect()
}

/// Has another process have at most so much memory of its own. *Units*: bytes.
pub fn change_data(pid: i32, most: u64) -> Result<(), Errno> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel fills in what is as large as it thinks.
    Errno::result(unsafe { libc::prlimit(pid, libc::RLIMIT_DATA, std::ptr::null(), &raw mut now) })?;
    let newer = libc::rlimit { rlim_cur: most.min(now.rlim_max), ..now };
    // SAFETY: as above, and it only reads this one.
    Errno::result(unsafe { libc::prlimit(pid, libc::RLIMIT_DATA, &raw const newer, std::ptr::null_mut()) }).map(drop)
}

/// Takes on these limits. One that is higher than may be had is taken as high as it may be. Takes
/// no memory.
pub fn take_on(settings: &[RlimitSetting]) -> Result<(), Errno> {
    for &RlimitSetting { what, soft, hard } in settings {
        let (has_soft, has_hard) = getrlimit(what)?;
        if (soft, hard) != (has_soft, has_hard) && setrlimit(what, soft, hard).is_err() {
            let hard = hard.min(has_hard);
            setrlimit(what, soft.min(hard), hard)?;
        }
    }
    Ok(())
}
