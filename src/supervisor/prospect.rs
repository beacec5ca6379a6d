//! What a supervisor has before it is called to its task.

use std::io;
use std::os::unix::net::UnixStream;

use nix::sys::signalfd::SignalFd;

use crate::client::cradle::wait_for_spec;
use crate::store::place;
use crate::sys::signal;
use crate::task::address::{Address, Place};
use crate::task::format::{self, BadFormat};
use crate::task::spec::Spec;

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 3] = [libc::SIGCHLD, libc::SIGUSR1, libc::SIGTERM];

/// What a supervisor has before it is called to its task.
pub struct Prospect {
    /// What the task is to be. Its id comes with the call.
    pub spec: Result<Spec, BadFormat>,
    /// Signals, as bytes.
    pub signals: SignalFd,
    /// Where the supervisor is.
    pub here: Place,
    /// The supervisor.
    pub own: Address,
    /// How nice its caller is, and so the command.
    pub niceness: i32,
}

impl Prospect {
    /// Waits for what the task is to be, and reads it. *Errors*: when the caller has gone.
    pub fn wait_for(socket: &mut UnixStream, niceness: i32) -> io::Result<Prospect> {
        let (here, own) = (place::here(), place::own_address());
        let spec = wait_for_spec(socket)?;
        Ok(Prospect { here, own, niceness, spec: format::parse(&spec), signals: signal::as_descriptor(&HEARD)? })
    }
}
