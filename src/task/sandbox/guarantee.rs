//! What a sandbox promises, each by itself: each is held, or nothing starts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// What may not be read cannot be read.
    Reads,
    /// What may not be written cannot be written.
    Writes,
    /// The same of single files within what may be written.
    Protected,
    /// No other program can be spoken to over a Unix socket.
    UnixSockets,
    /// The network goes no further than it may.
    Network,
    /// No variable with a secret, or with the way to another program, is passed on.
    Environment,
    /// No program that is executed gains privileges.
    Privileges,
    /// What the kernel offers beyond what a program needs is not there.
    Syscalls,
}

impl Guarantee {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Guarantee; 8] = [
        Guarantee::Reads,
        Guarantee::Writes,
        Guarantee::Protected,
        Guarantee::UnixSockets,
        Guarantee::Network,
        Guarantee::Environment,
        Guarantee::Privileges,
        Guarantee::Syscalls,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Guarantee::Reads => "reads",
            Guarantee::Writes => "writes",
            Guarantee::Protected => "protected",
            Guarantee::UnixSockets => "unix-sockets",
            Guarantee::Network => "network",
            Guarantee::Environment => "environment",
            Guarantee::Privileges => "privileges",
            Guarantee::Syscalls => "syscalls",
        }
    }

    /// What it says, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Guarantee::Reads => "secrets and the state of aos cannot be read",
            Guarantee::Writes => "nothing outside the project and the caches can be written",
            Guarantee::Protected => "git hooks and the like in the project cannot be written",
            Guarantee::UnixSockets => "no other program is reached over a Unix socket",
            Guarantee::Network => "the network goes no further than it may",
            Guarantee::Environment => "no variable with a secret is passed on",
            Guarantee::Privileges => "no program gains privileges (set-user-ID)",
            Guarantee::Syscalls => "io_uring, ptrace, mount, bpf and the like are refused",
        }
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
