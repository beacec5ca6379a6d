//! What a task is kept from: a sandbox as a spec holds it. Pure: paths are compared here, and
//! looked at by whoever enforces it.

pub mod defaults;
pub mod guarantee;
pub mod profile;
pub mod profile_text;

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::os_bytes::OsBytes;
use guarantee::Guarantee;

/// A sandbox: a profile in which every path is absolute. *Shape*: `sandbox` in `spec.json`, and in
/// `aos show --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// What the profile is called, or its file.
    pub profile: String,
    /// How far its network goes.
    pub network: Network,
    /// Whether it may speak to other programs over Unix sockets.
    pub unix_sockets: bool,
    /// What it may read, where nothing below says otherwise.
    pub allow_read: Vec<OsBytes>,
    /// What it may not read, where nothing below says otherwise.
    pub deny_read: Vec<OsBytes>,
    /// What it may write.
    pub allow_write: Vec<OsBytes>,
    /// What it may not write, wherever that is.
    pub deny_write: Vec<OsBytes>,
    /// The directory in which it gets one of its own for temporary files.
    pub temporary: OsBytes,
    /// Variables that it did not get of its caller's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<OsBytes>,
    /// What was not to be had when it was asked for, and is gone without (`best-effort`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Guarantee>,
}

/// What a task is held to. *Shape*: `sandbox` of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What the profile is called, or its file.
    pub profile: String,
    /// How far the network goes.
    pub network: Network,
    /// The promises that are kept: where one cannot be, nothing is begun.
    pub holds: Vec<Guarantee>,
    /// Those that it goes without.
    pub missing: Vec<Guarantee>,
}

impl Held {
    /// What this sandbox holds a task to.
    pub fn of(sandbox: &Sandbox) -> Held {
        Held {
            profile: sandbox.profile.clone(),
            network: sandbox.network,
            holds: sandbox.holds(),
            missing: sandbox.without.clone(),
        }
    }
}

/// How far a network goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nowhere.
    None,
    /// To this machine, by TCP; it may be reached.
    Loopback,
    /// Anywhere.
    Full,
}

impl Network {
    /// Every one.
    pub const ALL: [Network; 3] = [Network::None, Network::Loopback, Network::Full];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Network::None => "none",
            Network::Loopback => "loopback",
            Network::Full => "full",
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Sandbox {
    /// Whether a path may be read: the most specific word about it counts, and of two equal ones
    /// the denial.
    pub fn may_read(&self, path: &Path) -> bool {
        let allowed = deepest(self.allow_read.iter().chain(&self.allow_write), path);
        allowed.is_some_and(|allowed| deepest(&self.deny_read, path).is_none_or(|denied| denied < allowed))
    }

    /// Whether a path may be written; a denial counts wherever it stands.
    pub fn may_write(&self, path: &Path) -> bool {
        deepest(&self.allow_write, path).is_some() && deepest(&self.deny_write, path).is_none()
    }

    /// Whether it is held to this. What a profile gives away nobody promises.
    pub fn promises(&self, guarantee: Guarantee) -> bool {
        let is_asked = match guarantee {
            Guarantee::UnixSockets => !self.unix_sockets,
            Guarantee::Network => self.network != Network::Full,
            Guarantee::Reads
            | Guarantee::Writes
            | Guarantee::Protected
            | Guarantee::Environment
            | Guarantee::Privileges
            | Guarantee::Syscalls => true,
        };
        is_asked && !self.without.contains(&guarantee)
    }

    /// All that it is held to.
    pub fn holds(&self) -> Vec<Guarantee> {
        Guarantee::ALL.into_iter().filter(|guarantee| self.promises(*guarantee)).collect()
    }

    /// What of these lies in what it may write: what its rules alone cannot keep from it.
    pub fn within_writable<'a>(&'a self, paths: &'a [OsBytes]) -> impl Iterator<Item = &'a Path> {
        paths.iter().map(OsBytes::as_path).filter(|path| deepest(&self.allow_write, path).is_some())
    }
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (network {}", self.profile, self.network)?;
        if self.unix_sockets {
            write!(f, ", unix sockets")?;
        }
        if !self.without.is_empty() {
            let without: Vec<&str> = self.without.iter().map(|guarantee| guarantee.word()).collect();
            write!(f, "; not held: {}", without.join(", "))?;
        }
        write!(f, ")")
    }
}

/// How long the longest of these is that is the path or above it.
fn deepest<'a>(entries: impl IntoIterator<Item = &'a OsBytes>, path: &Path) -> Option<usize> {
    let above = entries.into_iter().map(OsBytes::as_path).filter(|entry| rest_below(path, entry).is_some());
    above.map(|entry| entry.as_os_str().len()).max()
}

/// What of a path stands below another that is it or above it. Both are plain: as their bytes are
/// compared, hundreds of them with hundreds take no time to speak of.
pub fn rest_below<'a>(path: &'a Path, above: &Path) -> Option<&'a Path> {
    let (path, above) = (path.as_os_str().as_bytes(), above.as_os_str().as_bytes());
    let rest = path.strip_prefix(above)?;
    let rest = match (rest.strip_prefix(b"/"), rest.is_empty() || above.ends_with(b"/")) {
        (Some(rest), _) => rest,
        (None, true) => rest,
        (None, false) => return None,
    };
    Some(Path::new(OsStr::from_bytes(rest)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::guarantee::Guarantee;
    use super::{Network, Sandbox};
    use crate::task::os_bytes::OsBytes;

    fn paths(all: &[&str]) -> Vec<OsBytes> {
        all.iter().map(|path| OsBytes::from(*path)).collect()
    }

    fn sandbox() -> Sandbox {
        Sandbox {
            profile: "default".into(),
            network: Network::Loopback,
            unix_sockets: false,
            allow_read: paths(&["/", "/home/me/.ssh/known_hosts"]),
            deny_read: paths(&["/home/me/.ssh", "/p/.env"]),
            allow_write: paths(&["/p"]),
            deny_write: paths(&["/p/.git/hooks", "/home/me/.bashrc"]),
            temporary: OsBytes::from("/tmp"),
            dropped: Vec::new(),
            without: vec![Guarantee::Protected],
        }
    }

    #[test]
    fn the_deepest_word_counts_for_reading_and_a_denial_for_writing() {
        let it = sandbox();
        for (path, reads, writes) in [
            ("/etc/passwd", true, false),
            ("/home/me/.sshx", true, false),
            ("/home/me/.ssh", false, false),
            ("/home/me/.ssh/id", false, false),
            ("/home/me/.ssh/known_hosts", true, false),
            ("/p/x", true, true),
            ("/p/.env", false, true),
            ("/p/.git/hooks/pre-commit", true, false),
        ] {
            assert_eq!((it.may_read(Path::new(path)), it.may_write(Path::new(path))), (reads, writes), "{path}");
        }
        let within: Vec<&Path> = it.within_writable(&it.deny_write).collect();
        assert_eq!(within, [Path::new("/p/.git/hooks")]);
    }

    #[test]
    fn what_it_holds_is_what_was_asked_and_was_to_be_had() {
        let it = sandbox();
        assert!(it.promises(Guarantee::Network) && !it.promises(Guarantee::Protected));
        assert!(!Sandbox { network: Network::Full, ..it.clone() }.promises(Guarantee::Network));
        assert_eq!(it.to_string(), "default (network loopback; not held: protected)");
        let text = serde_json::to_string(&it).expect("JSON");
        assert_eq!(serde_json::from_str::<Sandbox>(&text).expect("a sandbox"), it);
    }
}
