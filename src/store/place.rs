//! Where this process is.

use crate::sys::proc;
use crate::task::address::{Address, Place};

/// The machine, boot and pid namespace this process is in.
pub fn here() -> Place {
    Place { boot: proc::boot_id(), machine: proc::machine_id(), pid_namespace: proc::pid_namespace() }
}

/// The address of a living process of this place.
pub fn address_of(pid: i32) -> std::io::Result<Address> {
    Ok(Address { pid, start: proc::stat(pid)?.start })
}

/// This process's own address.
pub fn own_address() -> Address {
    let pid = std::process::id() as i32;
    // Without /proc nothing else would work either.
    address_of(pid).unwrap_or(Address { pid, start: 0 })
}
