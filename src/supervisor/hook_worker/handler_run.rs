//! One run of a handler: its processes, from the first to the last, in a session of their own.

use std::ffi::OsString;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{SigSet, Signal as Known};
use nix::sys::signalfd::SignalFd;

use crate::hooks::rule::Handler;
use crate::processes::sweep;
use crate::sys::process::{Collected, WaitStatus, collect};
use crate::sys::{dispositions, fds};
use crate::units::moment::Moment;
use crate::units::signal::Signal;

/// Of what a handler prints the beginning is kept, and the end. *Units*: bytes.
const HEAD: usize = 10_000;
const TAIL: usize = 2_000;
/// So long what a handler has left behind may go on to print before it is not listened to.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// What is asked to end has so long.
const GRACE: Duration = Duration::from_secs(2);
const KILL_AGAIN: Duration = Duration::from_millis(100);

/// How it went.
#[derive(Debug, Default)]
pub struct HandlerOutcome {
    /// The exit code, if there is one.
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether its time was up.
    pub timed_out: bool,
    /// Whether somebody ended it.
    pub was_ended: bool,
    /// How long it took.
    pub duration: Duration,
    /// The beginning of its standard output.
    pub stdout: String,
    /// All that it printed: the beginning, and the end.
    pub output: String,
    /// Until when what it has left behind may live.
    pub until: Option<Moment>,
}

/// The signals that a handler's process hears of by a descriptor.
pub fn signals() -> io::Result<SignalFd> {
    dispositions::as_descriptor(&[libc::SIGCHLD, libc::SIGTERM])
}

/// Runs a handler in this process's session, which has nobody else in it, and waits for it. Its
/// descendants are this process's.
pub fn run(
    handler: &Handler,
    payload: &[u8],
    environment: &[(OsString, OsString)],
    cwd: &Path,
    signals: &SignalFd,
) -> HandlerOutcome {
    let began = Moment::now();
    let mut outcome = HandlerOutcome::default();
    match begin(handler, payload, environment, cwd) {
        Ok((pid, pipes)) => listen(pid, pipes, began + Duration::from_millis(handler.timeout.0), signals, &mut outcome),
        Err(e) => {
            outcome.exit_code = Some(if e.kind() == io::ErrorKind::NotFound { 127 } else { 126 });
            outcome.output = format!("cannot run {}: {e}", handler.command);
        }
    }
    outcome.duration = Moment::now().since(began);
    outcome
}

/// Standard output, then standard error.
type Pipes = [OwnedFd; 2];

fn begin(
    handler: &Handler,
    payload: &[u8],
    environment: &[(OsString, OsString)],
    cwd: &Path,
) -> io::Result<(i32, Pipes)> {
    // A file, so that it can be as long as it is, and nobody has to be there to write it.
    let mut input = std::fs::File::from(memfd_create(c"payload", MFdFlags::MFD_CLOEXEC)?);
    input.write_all(payload)?;
    input.seek(SeekFrom::Start(0))?;
    let (out, out_end) = io::pipe()?;
    let (errors, errors_end) = io::pipe()?;
    let mut command = match &handler.args {
        Some(args) => {
            // Whatever else the task would find by that name.
            let program = if handler.runs_aos { "/proc/self/exe" } else { &handler.command };
            let mut command = Command::new(program);
            command.arg0(&handler.command);
            command.args(args);
            command
        }
        None => {
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(&handler.command);
            command
        }
    };
    let variables = environment.iter().map(|(name, value)| (name, value));
    // It may be removed by now, and the hook runs all the same.
    let cwd = if cwd.is_dir() { cwd } else { Path::new("/") };
    // This process has signals blocked, as it reads them; a child would inherit that.
    let child = dispositions::unblock_in(&mut command)
        .env_clear()
        .envs(variables)
        .current_dir(cwd)
        .stdin(Stdio::from(input))
        .stdout(out_end)
        .stderr(errors_end)
        .process_group(0)
        .spawn()?;
    let pipes = [OwnedFd::from(out), OwnedFd::from(errors)];
    for pipe in &pipes {
        fds::set_nonblocking(pipe)?;
    }
    Ok((child.id().cast_signed(), pipes))
}

fn listen(leader: i32, pipes: Pipes, until: Moment, signals: &SignalFd, outcome: &mut HandlerOutcome) {
    let mut pipes: Vec<(OwnedFd, bool)> = pipes.into_iter().zip([true, false]).collect();
    let (mut said, mut both) = (Kept::default(), Kept::default());
    let mut ended_at = None;
    loop {
        let due = ended_at.map_or(until, |ended: Moment| (ended + LAST_WORDS).min(until));
        let now = Moment::now();
        if due <= now || ended_at.is_some() && pipes.is_empty() {
            outcome.timed_out = ended_at.is_none();
            break;
        }
        let mut polled = vec![PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        polled.extend(pipes.iter().map(|(pipe, _)| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
        let timeout = PollTimeout::try_from(now.until(due).as_millis() + 1).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut polled, timeout);
        drop(polled);
        pipes.retain(|(pipe, is_out)| {
            take_in(pipe, |bytes| {
                both.add(bytes);
                if *is_out {
                    said.add(bytes);
                }
            })
        });
        while let Ok(Some(signal)) = signals.read_signal() {
            outcome.was_ended |= signal.ssi_signo == libc::SIGTERM.unsigned_abs();
        }
        if let Some(status) = collected(leader) {
            ended_at = Some(Moment::now());
            match status {
                WaitStatus::Exited(code) => outcome.exit_code = Some(code),
                WaitStatus::Killed { signal, .. } => outcome.signal = Some(signal),
            }
        }
        if outcome.was_ended {
            break;
        }
    }
    if outcome.timed_out || outcome.was_ended {
        end_all();
    }
    outcome.until = Some(until);
    (outcome.stdout, outcome.output) = (said.beginning(), both.text());
}

/// Collects what has ended; gives how this one did.
fn collected(leader: i32) -> Option<WaitStatus> {
    let mut found = None;
    loop {
        match collect() {
            Collected::One(pid, status, _) if pid == leader => found = Some(status),
            Collected::One(..) | Collected::Stopped(_) | Collected::Continued(_) => {}
            Collected::NoneEnded | Collected::NoneLeft => return found,
        }
    }
}

/// Reads what there is; says whether more may come.
fn take_in(pipe: &OwnedFd, mut take: impl FnMut(&[u8])) -> bool {
    let mut buffer = [0; 16 << 10];
    // Who never stops is not listened to for ever.
    for _ in 0..64 {
        match nix::unistd::read(pipe, &mut buffer) {
            Ok(0) => return false,
            Ok(length) => take(&buffer[..length]),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return true,
            Err(_) => return false,
        }
    }
    true
}

/// Ends every descendant but other tasks.
pub fn end_all() {
    let began = Moment::now();
    sweep::signal(Signal::TERM);
    sweep::signal(Signal::CONT);
    while Moment::now() < began + GRACE {
        if collected_all() {
            return;
        }
        pause_briefly();
    }
    // Not for ever: who cannot be killed is left.
    while !collected_all() && Moment::now() < began + GRACE * 2 {
        sweep::signal(Signal::KILL);
        pause_briefly();
    }
}

/// Lets what a handler has left behind go on until its time is up, then ends it.
pub fn outlive(until: Moment) {
    while !collected_all() {
        if Moment::now() >= until {
            return end_all();
        }
        pause_briefly();
    }
}

/// Whether no descendant of the handler is left.
fn collected_all() -> bool {
    // Nobody has the pid 0: all are collected.
    let _ = collected(0);
    sweep::descendants().is_ok_and(|left| left.is_empty())
}

/// Until a child ends, or a little later.
fn pause_briefly() {
    let mut ended = SigSet::empty();
    ended.add(Known::SIGCHLD);
    let _ = dispositions::wait_for(&ended, KILL_AGAIN);
}

/// The beginning and the end of bytes.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: Vec<u8>,
    dropped: u64,
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend_from_slice(rest);
        if self.tail.len() > 2 * TAIL {
            let surplus = self.tail.len() - TAIL;
            self.tail.drain(..surplus);
            self.dropped += surplus as u64;
        }
    }

    fn beginning(&self) -> String {
        String::from_utf8_lossy(&self.head).into_owned()
    }

    fn text(&self) -> String {
        let (head, tail) = (self.beginning(), String::from_utf8_lossy(&self.tail));
        match self.dropped {
            0 => head + &tail,
            dropped => format!("{head}\n… {dropped} bytes are left out …\n{tail}"),
        }
    }
}

/// Reads a pipe's end from a process that has made it, until that is closed.
pub fn wait_for_end(mut pipe: impl Read) {
    let _ = pipe.read_to_end(&mut Vec::new());
}
