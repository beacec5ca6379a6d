//! What a supervisor has before it is called to its task.

use std::io;
use std::os::unix::net::UnixStream;

use nix::sys::signalfd::SignalFd;

use crate::handshake::wait_for_spec;
use crate::sys::dispositions;
use crate::task::format::{self, BadFormat};
use crate::task::process_id::ProcessId;
use crate::task::spec::Spec;

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 3] = [libc::SIGCHLD, libc::SIGUSR1, libc::SIGTERM];

/// What a supervisor has before it is called to its task.
pub struct EarlySetup {
    /// What the task is to be. Its id comes with the call.
    pub spec: Result<Spec, BadFormat>,
    /// Signals, as bytes.
    pub signals: SignalFd,
    /// The supervisor.
    pub own: ProcessId,
    /// How nice its caller is, and so the command.
    pub niceness: i32,
}

impl EarlySetup {
    /// Waits for what the task is to be, and reads it. *Errors*: when the caller has gone.
    pub fn wait_for(socket: &mut UnixStream, own: ProcessId, niceness: i32) -> io::Result<EarlySetup> {
        let spec = wait_for_spec(socket)?;
        Ok(EarlySetup {
            own,
            niceness,
            spec: format::parse(&spec),
            // Before there is a child: its end waits on the descriptor, however early it comes.
            signals: dispositions::as_descriptor(&HEARD)?,
        })
    }
}
