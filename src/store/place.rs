//! Where this process is, and holds on others that are there.

use std::io;

use crate::sys::pidfd::Pidfd;
use crate::sys::proc;
use crate::task::address::{Address, Distance, Place};
use crate::task::state::State;

/// The machine, boot and pid namespace this process is in.
pub fn here() -> Place {
    Place { boot: proc::boot_id(), machine: proc::machine_id(), pid_namespace: proc::pid_namespace() }
}

/// The address of a living process of this place.
pub fn address_of(pid: i32) -> io::Result<Address> {
    Ok(Address { pid, start: proc::stat(pid)?.start })
}

/// A hold on the process at this address, which is of this place. *Errors*: ESRCH when it is gone.
pub fn hold(address: Address) -> io::Result<Pidfd> {
    Pidfd::of(address.pid, address.start)
}

/// A hold on the supervisor of a task, if it is there and can be reached from here.
pub fn hold_supervisor(state: &State) -> Option<Pidfd> {
    let is_here = here().distance(&state.place) == Distance::Here;
    is_here.then(|| hold(state.supervisor).ok()).flatten()
}

/// This process's own address.
pub fn own_address() -> Address {
    let pid = std::process::id() as i32;
    // Without /proc nothing else would work either.
    address_of(pid).unwrap_or(Address { pid, start: 0 })
}
