//! A supervisor that is not born yet: a process that waits at the other end of a socket for the
//! task it is to supervise. Made either by forking at the very start of `aos run`, so that it is
//! ready by the time it is needed and as small as a fresh process, or by executing `aos` anew.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};
use serde::{Deserialize, Serialize};

use crate::store::host;
use crate::sys::{own_program, polling};
use crate::task::os_bytes::OsBytes;
use crate::task::process_id::Host;
use crate::task::streams::Input;
use crate::wire::{AttachRequest, Report};

/// How long a supervisor may prepare a launch, deaf to requests: it has files watched before the
/// command is executed, and a tree may be large and a disk slow.
pub const MOST_PREPARING: Duration = Duration::from_secs(30);
/// The verb of a spare supervisor that was executed: its socket is its standard input.
pub const SPARE_SUPERVISOR: &str = "__supervise";

/// Room for a long path in a supervisor's title. *Units*: bytes.
const TITLE_ROOM: usize = 1024;

/// Said when a task that was called for may begin.
const GO: &[u8] = b"!";

/// The caller's end.
#[derive(Debug)]
pub struct PendingSupervisor {
    socket: UnixStream,
    watchdog: u32,
    /// What was read beyond the last report.
    heard: Vec<u8>,
    /// How this process stays at the task's terminal, if it does.
    attach: Option<AttachRequest>,
    /// Whether the command is given this process's standard input.
    input: Input,
}

impl PendingSupervisor {
    /// Takes the caller's end of a socket whose other end a spare supervisor has.
    /// `watchdog` is the pid of the process that was made.
    pub fn new(socket: UnixStream, watchdog: u32) -> PendingSupervisor {
        PendingSupervisor { socket, watchdog, heard: Vec::new(), attach: None, input: Input::Terminal }
    }

    /// The pid of the process that will keep the task.
    pub fn watchdog(&self) -> u32 {
        self.watchdog
    }

    /// Has this process stay at the task's terminal, and give the command its own standard input.
    pub fn stay(&mut self, attach: AttachRequest, input: Input) {
        (self.attach, self.input) = (Some(attach), input);
    }

    /// Executes `aos` anew as a spare supervisor.
    pub fn execute() -> io::Result<PendingSupervisor> {
        let (ours, theirs) = UnixStream::pair()?;
        let watchdog = own_program::worker(SPARE_SUPERVISOR)
            // The title that `ps` shows goes where words and environment stand: this is its room.
            .env("AOS_TITLE", " ".repeat(TITLE_ROOM))
            .stdin(OwnedFd::from(theirs))
            .spawn()?;
        Ok(PendingSupervisor::new(ours, watchdog.id()))
    }

    /// Says what the task is to be, so that it is understood while the task gets its place; its id
    /// comes with that.
    pub fn describe(&self, spec: &[u8]) -> io::Result<()> {
        self.send(spec)
    }

    /// Calls for a supervisor of the task in `dir` that was described, handing over its lock, which
    /// is held.
    pub fn call(&self, dir: &Path, held: &File) -> io::Result<()> {
        let head = serde_json::to_vec(&RequestHeader { dir: dir.as_os_str().to_owned().into(), attach: self.attach })?;
        let input = match self.input {
            Input::Terminal => None,
            Input::Given => Some(io::stdin().as_raw_fd()),
        };
        let fds: Vec<RawFd> = [Some(held.as_raw_fd()), input].into_iter().flatten().collect();
        let handed_over = [ControlMessage::ScmRights(&fds)];
        let length = length(&head)?;
        sendmsg::<UnixAddr>(self.socket.as_raw_fd(), &[IoSlice::new(&length)], &handed_over, MsgFlags::empty(), None)?;
        (&self.socket).write_all(&head)
    }

    /// Has the task begin that was called for, now that it is written down. While it does, `list`
    /// puts it among the living, and it is read and told where both processes are: nobody waits for
    /// that. Where one of them fails it is left to the supervisor, whose report follows. A
    /// supervisor that hears none of it any more has reported why, or has ended, which is found
    /// then.
    pub fn start(&mut self, list: impl FnOnce() -> bool) {
        let _ = self.socket.write_all(GO);
        let is_told = list() && serde_json::to_vec(&host::here()).is_ok_and(|place| self.send(&place).is_ok());
        if !is_told {
            let _ = self.socket.shutdown(Shutdown::Write);
        }
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        (&self.socket).write_all(&[&length(message)?, message].concat())
    }

    /// Whether the supervisor has said something, or has ended.
    pub fn is_reported(&self) -> bool {
        polling::is_readable(self.socket.as_fd())
    }

    /// The next line that the supervisor has to say.
    pub fn report(&mut self) -> io::Result<Report> {
        let mut buffer = [0; 4096];
        let end = loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                break end;
            }
            // Not in `read`, which wakes up also whenever the supervisor has read something.
            polling::wait_for_any(&[((), self.socket.as_fd())], None)?;
            match self.socket.read(&mut buffer) {
                Ok(0) => return Ok(Report::Failed { why: "its supervisor ended before the command began".into() }),
                Ok(n) => self.heard.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        };
        let line: Vec<u8> = self.heard.drain(..=end).collect();
        Ok(serde_json::from_slice(&line)?)
    }

    /// The socket, at which the supervisor has an attached client now, and what was heard from it
    /// already.
    pub fn into_parts(self) -> (UnixStream, Vec<u8>) {
        (self.socket, self.heard)
    }
}

/// What stands before a message: how long it is. *Units*: bytes.
type Length = [u8; 4];

fn length(message: &[u8]) -> io::Result<Length> {
    Ok(u32::try_from(message.len()).map_err(io::Error::other)?.to_le_bytes())
}

/// What is said in a call.
#[derive(Debug, Serialize, Deserialize)]
struct RequestHeader {
    dir: OsBytes,
    attach: Option<AttachRequest>,
}

/// What a spare supervisor is called for.
#[derive(Debug)]
pub struct StartRequest {
    /// The task's directory.
    pub dir: PathBuf,
    /// Its lock, held.
    pub held: File,
    /// What the command is given to read.
    pub input: Option<OwnedFd>,
    /// How the caller stays at the task's terminal, if he does.
    pub attach: Option<AttachRequest>,
}

/// Waits for what a task is to be. *Errors*: when the caller has gone without one.
pub fn wait_for_spec(socket: &mut UnixStream) -> io::Result<Vec<u8>> {
    sized(socket)
}

/// Reads a message behind its length.
fn sized(socket: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = Length::default();
    socket.read_exact(&mut length)?;
    rest(socket, length)
}

fn rest(socket: &mut UnixStream, length: Length) -> io::Result<Vec<u8>> {
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    socket.read_exact(&mut message)?;
    Ok(message)
}

/// Waits for a task to supervise; `None` when the caller has gone without one.
pub fn wait_for_call(socket: &mut UnixStream) -> io::Result<Option<StartRequest>> {
    let mut length = Length::default();
    let mut space = nix::cmsg_space!([RawFd; 2]);
    let fds = {
        let mut parts = [IoSliceMut::new(&mut length)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_WAITALL;
        let message = recvmsg::<UnixAddr>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags)?;
        message.cmsgs()?.find_map(|m| match m {
            ControlMessageOwned::ScmRights(fds) => Some(fds),
            _ => None,
        })
    };
    let mut fds = fds.into_iter().flatten().map(crate::sys::fds::received);
    let Some(held) = fds.next() else { return Ok(None) };
    let RequestHeader { dir, attach } = serde_json::from_slice(&rest(socket, length)?)?;
    Ok(Some(StartRequest { dir: dir.as_path().to_owned(), held: held.into(), input: fds.next(), attach }))
}

/// Waits until the task may begin that was called for; `false` when the caller has gone without
/// saying so.
pub fn wait_to_begin(socket: &mut UnixStream) -> bool {
    socket.read_exact(&mut [0; GO.len()]).is_ok()
}

/// Waits until the task is among the living, and is told where both processes are; `None` when the
/// caller could not put it there, or has gone.
pub fn wait_until_listed(socket: &mut UnixStream) -> Option<Host> {
    let place = sized(socket).ok()?;
    serde_json::from_slice(&place).ok()
}

/// Sends the one line that [`PendingSupervisor::start`] waits for.
pub fn send_report(to: &mut UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    to.write_all(&line)
}
