//! Who decides of what a sandboxed process asks for: a worker beside it, which is begun here.

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::sys::own_program;
use crate::task::sandbox::Sandbox;

/// The verb of the worker that decides; the sandbox is the word after it.
pub const DECIDE: &str = "__decide";

/// The process that decides, begun.
#[derive(Debug)]
pub struct Decider {
    /// It is nobody's to wait for but its parent's.
    pub child: Child,
    /// What it tells, a JSON object a line, if it was to tell anything.
    pub told: Option<PipeReader>,
}

/// Something that was refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Refusal {
    /// A connection.
    Connect {
        /// Where it led.
        to: String,
    },
    /// A socket.
    Socket {
        /// Of which kind.
        family: String,
    },
    /// A file, to read.
    Read {
        /// Its path.
        path: String,
    },
    /// A file, to write.
    Write {
        /// Its path.
        path: String,
    },
    /// Another call of the kernel.
    Call {
        /// What it is called.
        name: String,
    },
}

impl Decider {
    /// Begins it; gives the socket through which it gets what it decides by.
    pub fn begin(sandbox: &Sandbox, tell: Tell) -> io::Result<(Decider, OwnedFd)> {
        let (own, other) = UnixStream::pair()?;
        let (told, output) = match tell {
            Tell::Nothing => (None, Stdio::null()),
            Tell::Refusals => {
                let (reader, writer) = io::pipe()?;
                (Some(reader), writer.into())
            }
        };
        // It looks at files only to tell of them.
        let nothing = Vec::new;
        let known = match tell {
            Tell::Refusals => sandbox.clone(),
            Tell::Nothing => Sandbox {
                allow_read: nothing(),
                deny_read: nothing(),
                allow_write: nothing(),
                deny_write: nothing(),
                dropped: nothing(),
                ..sandbox.clone()
            },
        };
        let child = own_program::worker(DECIDE)
            .arg(serde_json::to_string(&known)?)
            .stdin(OwnedFd::from(other))
            .stdout(output)
            .process_group(0)
            .spawn()?;
        Ok((Decider { child, told }, own.into()))
    }
}
