//! What the kernel allows a process: its resource limits. *Source*: getrlimit(2).

use std::io;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

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

/// Allows this process as many descriptors as it may have.
pub fn raise_descriptors() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
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
