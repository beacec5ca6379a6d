//! A supervisor that is not born yet: a process that waits at the other end of a socket for
//! the task it is to supervise. Made either by forking at the very start of `aos run`, so that it is
//! ready by the time it is needed and as small as a fresh process, or by executing `aos` anew.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IoSlice, IoSliceMut, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recv, recvmsg, sendmsg};

use crate::task::hold::Hold;
use crate::wire::Report;

/// The verb of an unborn supervisor that was executed: its socket is its standard input.
pub const UNBORN: &str = "__supervise";

/// Room for a long path in a supervisor's title. *Units*: bytes.
const TITLE_ROOM: usize = 1024;

/// So long something is looked for before it is waited for.
const WATCHED: Duration = Duration::from_millis(3);

/// The caller's end.
#[derive(Debug)]
pub struct Cradle {
    socket: UnixStream,
    keeper: u32,
}

impl Cradle {
    /// Takes the caller's end of a socket whose other end an unborn supervisor has.
    /// `keeper` is the pid of the process that was made.
    pub fn new(socket: UnixStream, keeper: u32) -> Cradle {
        Cradle { socket, keeper }
    }

    /// The pid of the process that will keep the task.
    pub fn keeper(&self) -> u32 {
        self.keeper
    }

    /// Executes `aos` anew as an unborn supervisor.
    pub fn execute() -> io::Result<Cradle> {
        let (ours, theirs) = UnixStream::pair()?;
        let keeper = Command::new("/proc/self/exe")
            .arg0("aos")
            .arg(UNBORN)
            .env_clear()
            // The title that `ps` shows goes where words and environment stand: this is its room.
            .env("AOS_TITLE", " ".repeat(TITLE_ROOM))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Cradle::new(ours, keeper.id()))
    }

    /// Has the task in `dir` supervised, handing over its lock, which is held; gives back the one line that
    /// the supervisor has to say. It waits for these first, and for what the spec says.
    pub fn bear(mut self, dir: &Path, held: &File, holds: &[Hold]) -> io::Result<Report> {
        use std::os::unix::ffi::OsStrExt;
        let path = dir.as_os_str().as_bytes();
        let holds = if holds.is_empty() { Vec::new() } else { serde_json::to_vec(holds)? };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map(u32::to_le_bytes).map_err(io::Error::other);
        let lengths = [length(path)?, length(&holds)?].concat();
        let lock = [held.as_raw_fd()];
        let handed_over = [ControlMessage::ScmRights(&lock)];
        sendmsg::<UnixAddr>(self.socket.as_raw_fd(), &[IoSlice::new(&lengths)], &handed_over, MsgFlags::empty(), None)?;
        self.socket.write_all(&[path, &holds].concat())?;
        watch_closely(&self.socket);
        let mut line = String::new();
        BufReader::new(&self.socket).read_line(&mut line)?;
        let gone = |_| Report::Failed { why: "its supervisor ended before the command began".into() };
        Ok(serde_json::from_str(&line).unwrap_or_else(gone))
    }
}

/// Looks for what comes next again and again for a moment, giving way to whoever wants the processor. It
/// comes within a millisecond or two, and an idle processor takes a good part of one to wake up.
fn watch_closely(socket: &UnixStream) {
    let until = Instant::now() + WATCHED;
    let mut byte = [0];
    let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    while matches!(recv(socket.as_raw_fd(), &mut byte, peek), Err(Errno::EAGAIN)) && Instant::now() < until {
        thread::yield_now();
    }
}

/// What an unborn supervisor waits for.
#[derive(Debug)]
pub struct Charge {
    /// The task's directory.
    pub dir: PathBuf,
    /// Its lock, held.
    pub held: File,
    /// What is to be waited for, beside what the spec says.
    pub holds: Vec<Hold>,
}

/// Waits for a task to supervise; `None` when the caller has gone without one.
pub fn wait_for_charge(socket: &mut UnixStream) -> io::Result<Option<Charge>> {
    use std::io::Read;
    use std::os::unix::ffi::OsStringExt;
    let mut lengths = [[0; 4]; 2];
    let mut space = nix::cmsg_space!([i32; 1]);
    let held = {
        let mut parts = [IoSliceMut::new(lengths.as_flattened_mut())];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_WAITALL;
        let message = recvmsg::<UnixAddr>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags)?;
        let fds = message.cmsgs()?.find_map(|m| match m {
            ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
            _ => None,
        });
        match fds {
            None => return Ok(None),
            Some(fd) => crate::sys::fds::received(fd),
        }
    };
    let [mut path, mut holds] = lengths.map(|length| vec![0; u32::from_le_bytes(length) as usize]);
    socket.read_exact(&mut path)?;
    socket.read_exact(&mut holds)?;
    let holds = if holds.is_empty() { Vec::new() } else { serde_json::from_slice(&holds)? };
    Ok(Some(Charge { dir: std::ffi::OsString::from_vec(path).into(), held: held.into(), holds }))
}

/// Sends the one line that [`Cradle::bear`] waits for.
pub fn send_report(to: &mut UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    to.write_all(&line)
}
