//! Where a task's processes are: enough to tell them from any others, on any machine, at any
//! time. An address says whom to ask; only the lock says whether anybody is home.

use serde::{Deserialize, Serialize};

/// One process, told from all that ever had its pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// Process id, in the place's pid namespace.
    pub pid: i32,
    /// When it began. *Units*: clock ticks since boot.
    pub start: u64,
}

/// The machine, boot and pid namespace in which pids mean something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The kernel's boot id.
    pub boot: String,
    /// The machine's id; empty where it has none.
    pub machine: String,
    /// The pid namespace's inode.
    pub pid_namespace: u64,
}

/// One directory, told from every copy of it. *Source*: stat(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The file system's device number.
    pub device: u64,
    /// The inode's number.
    pub inode: u64,
}

/// How one place looks from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// The same: pids can be trusted.
    Here,
    /// The same machine before a reboot: nothing of it is alive.
    BeforeReboot,
    /// Another machine or pid namespace: nothing can be said.
    Elsewhere,
}

impl Host {
    /// How `other` looks from here.
    pub fn distance(&self, other: &Host) -> Reachability {
        if self.boot != other.boot {
            let is_known = !self.machine.is_empty();
            return if is_known && self.machine == other.machine {
                Reachability::BeforeReboot
            } else {
                Reachability::Elsewhere
            };
        }
        if self.pid_namespace == other.pid_namespace { Reachability::Here } else { Reachability::Elsewhere }
    }
}

#[cfg(test)]
mod tests {
    use super::{Host, Reachability};

    fn place(boot: &str, machine: &str, pid_namespace: u64) -> Host {
        Host { boot: boot.into(), machine: machine.into(), pid_namespace }
    }

    #[test]
    fn only_the_same_machine_can_have_rebooted() {
        let here = place("b2", "m", 1);
        assert_eq!(here.distance(&place("b2", "m", 1)), Reachability::Here);
        assert_eq!(here.distance(&place("b1", "m", 1)), Reachability::BeforeReboot);
        assert_eq!(here.distance(&place("b1", "other", 1)), Reachability::Elsewhere);
        assert_eq!(here.distance(&place("b2", "m", 2)), Reachability::Elsewhere);
        assert_eq!(place("b2", "", 1).distance(&place("b1", "", 1)), Reachability::Elsewhere);
    }
}
