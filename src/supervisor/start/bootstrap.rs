//! The first moments of a supervisor: away from its caller, under its watchdog, with everything at
//! hand that it will need to the end.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::sys::stat::{Mode, umask};

use crate::handshake::{PendingSupervisor, send_report, wait_for_call, wait_to_begin, wait_until_listed};
use crate::launch::NOT_STARTED;
use crate::logs::store::writer::LogWriter;
use crate::store::{host, markers};
use crate::supervisor::queue::queued::{self, QueueExit};
use crate::supervisor::rerun::runs;
use crate::supervisor::start::early_setup::EarlySetup;
use crate::supervisor::start::task_setup::{SetupError, TaskFiles, TaskSetup};
use crate::supervisor::start::{never_started, pty};
use crate::supervisor::state::{Supervisor, Waiters};
use crate::supervisor::watchdog;
use crate::sys::{dispositions, faults, fds, memory, process, rlimit, sched};
use crate::task::end::{Cause, Outcome};
use crate::task::phase::Phase;
use crate::task::process_id::ProcessId;
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;
use crate::wire::Report;

/// Signals that a supervisor has no use for; a full or limited disk (XFSZ) is told by the write
/// itself. INT and QUIT are keys of a terminal that is not the supervisor's to read.
const UNHEARD: [i32; 6] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGPIPE, libc::SIGXFSZ, libc::SIGTTOU];
/// The watchdog outlives whatever is sent to its session.
const UNHEARD_BY_KEEPER: [i32; 2] = [libc::SIGTERM, libc::SIGUSR1];

/// Forks a spare supervisor, and gives the caller's end of the socket at which it waits for its
/// task. At the very start of a process, so that what it is forked from is small.
pub fn fork_spare() -> io::Result<PendingSupervisor> {
    let (ours, theirs) = UnixStream::pair()?;
    match sched::fork_beside()? {
        Some(watchdog) => {
            // Caller and supervisor wait for each other in turn: with short slices neither waits
            // out the other's.
            sched::shorten_slices();
            Ok(PendingSupervisor::new(ours, watchdog.unsigned_abs()))
        }
        // It ends here: to return would run the caller's verb once more.
        None => {
            // With a copy of that open, the other end never hears that the caller is gone.
            drop(ours);
            process::leave(serve_as_spare(theirs.as_raw_fd()))
        }
    }
}

/// Is a spare supervisor that was executed: its socket is standard input.
pub fn spare() -> i32 {
    serve_as_spare(0)
}

/// Waits for a task and supervises it to its end, in a process that nobody knows yet.
fn serve_as_spare(socket: RawFd) -> i32 {
    match detach_from_caller(socket) {
        Ok(Detached::Watchdog { supervisor, told }) => watchdog::keep(supervisor, told),
        Ok(Detached::Supervisor(newborn)) => supervise(newborn),
        Err(why) => unborn(socket, &why),
    }
}

/// Says why there will be no supervisor: mostly that no more processes may be made.
#[inline(never)]
fn unborn(socket: RawFd, why: &io::Error) -> i32 {
    if let Ok(socket) = fds::duplicate(socket) {
        let why = format!("cannot make a process for it: {why}");
        let _ = send_report(&mut UnixStream::from(socket), &Report::Failed { why });
    }
    0
}

fn supervise(newborn: Newborn) -> i32 {
    // 0 also where nothing was begun, which is told: after any other code the watchdog clears up.
    wait_for_task(newborn).map_or(0, runs::supervise)
}

/// Waits for a task and begins it; `None` where there is nothing to supervise, which is told.
///
/// Not inlined: what it needs on the stack is some 16 KiB, which would stay as long as the task.
#[inline(never)]
fn wait_for_task(newborn: Newborn) -> Option<Box<Supervisor>> {
    let Newborn { mut socket, tell: watchdog, own, niceness } = newborn;
    // While the caller still reads its options. If it fails it is tried again, and then the reason
    // told.
    let terminal = pty::open().ok();
    faults::point("sup-forked");
    // While the task gets its place.
    let Ok(early) = EarlySetup::wait_for(&mut socket, own, niceness) else { return None };
    faults::point("sup-described");
    // While the caller writes the task down.
    let Ok(Some(call)) = wait_for_call(&mut socket) else { return None };
    let taken = TaskSetup::take(early, call);
    faults::point("sup-called");
    // Without that word the task is not written down whole, and its caller is gone.
    if !wait_to_begin(&mut socket) {
        return None;
    }
    let begun = taken.and_then(|setup| {
        // A copy of the socket: should the setup fail, the reason goes through the first.
        let waiters = Waiters { report: Some(socket.try_clone()?), watchdog: Some(watchdog) };
        if setup.is_held() { queue_task(setup, waiters) } else { begin(setup, terminal, waiters) }
    });
    begun.unwrap_or_else(|why| {
        fail(&mut socket, why);
        None
    })
}

/// `None` when the leader could not be made, and that is recorded.
fn begin(
    mut setup: TaskSetup,
    terminal: Option<pty::TaskPty>,
    mut waiters: Waiters,
) -> Result<Option<Box<Supervisor>>, SetupError> {
    // Before its files: the leader begins its work while these are laid out, and its output waits
    // in the terminal.
    let made = match setup.make(terminal) {
        Ok(made) => made,
        Err(why) => return record_unmade(setup, waiters, why).map(|()| None),
    };
    let laid_out = TaskFiles::lay_out(&setup).inspect(|_| faults::point("sup-laid-out"));
    match laid_out.and_then(|files| ensure_listed(&setup, &mut waiters).map(|()| files)) {
        Ok(files) => {
            faults::point("sup-listed");
            Ok(Some(setup.into_supervisor(made, files, waiters)))
        }
        Err(why) => {
            // Without these nobody could see or stop it.
            made.undo();
            Err(why)
        }
    }
}

/// A task of which there is a directory has an end, also if there was no terminal to be had for it.
fn record_unmade(setup: TaskSetup, mut waiters: Waiters, why: SetupError) -> Result<(), SetupError> {
    let files = TaskFiles::lay_out(&setup)?;
    ensure_listed(&setup, &mut waiters)?;
    let state = setup.state(Phase::Starting, None, WallTime::now(), files.log.as_ref().map_or(0, LogWriter::len));
    let outcome = Outcome::Unlaunched { why: why.to_string(), code: NOT_STARTED };
    let end = never_started::end(setup.run, outcome, Cause::Itself);
    never_started::close(setup, files, state, waiters, &end);
    Ok(())
}

/// Waits first; `None` when the task is over without having begun.
fn queue_task(setup: TaskSetup, mut waiters: Waiters) -> Result<Option<Box<Supervisor>>, SetupError> {
    let files = TaskFiles::lay_out(&setup)?;
    ensure_listed(&setup, &mut waiters)?;
    match queued::wait(setup, files, waiters)? {
        QueueExit::Begins(queued) => Ok(queued.begin()),
        QueueExit::Over => Ok(None),
    }
}

/// No living task is ever unlisted, once anybody has been told of it.
fn ensure_listed(setup: &TaskSetup, waiters: &mut Waiters) -> Result<(), SetupError> {
    // The caller does it meanwhile. Where it could not, or is gone, nobody else would.
    if let Some(place) = waiters.report.as_mut().and_then(wait_until_listed) {
        host::learn(place);
        return Ok(());
    }
    Ok(markers::mark_living(&setup.task.home, setup.task.dir.id, setup.task.supervisor.pid.unsigned_abs())?)
}

/// The two processes behind each task.
enum Detached {
    Watchdog { supervisor: i32, told: PipeReader },
    Supervisor(Newborn),
}

/// A supervisor that has no task yet.
struct Newborn {
    /// Where it hears of its task.
    socket: UnixStream,
    /// Where its watchdog hears.
    tell: PipeWriter,
    /// Itself.
    own: ProcessId,
    /// How nice its caller is.
    niceness: i32,
}

/// Away from the caller, as two processes. The supervisor leads the session in which the task will
/// live: the kernel hangs up a session's terminal when its leader ends, and a command that ends may
/// leave others at their work. The watchdog learns the task's name through a pipe, and with it that
/// the caller has its answer.
#[inline(never)]
fn detach_from_caller(socket: RawFd) -> io::Result<Detached> {
    // What the caller ignores or blocks is the caller's affair. An ignored SIGCHLD would even hide
    // how children end.
    dispositions::reset_all();
    dispositions::ignore(&UNHEARD);
    let niceness = rlimit::niceness();
    take_own_limits(niceness);
    process::become_subreaper()?;
    let (told, tell) = io::pipe()?;
    let before = Uptime::now();
    match process::fork_single_threaded()? {
        Some(supervisor) => {
            // With its own copy open, `told` would never come to its end.
            drop(tell);
            dispositions::ignore(&UNHEARD_BY_KEEPER);
            Ok(Detached::Watchdog { supervisor, told })
        }
        None => {
            let own = own_address(before);
            drop(told);
            // A child does not inherit this (prctl(2)).
            process::become_subreaper()?;
            // While the caller still reads its options: this can take longer than all the rest, as
            // the kernel makes a scheduling group for each session.
            process::start_session()?;
            let socket = UnixStream::from(fds::duplicate(socket)?);
            watchdog::settle(&[socket.as_raw_fd(), tell.as_raw_fd()]);
            sched::shorten_slices();
            Ok(Detached::Supervisor(Newborn { socket, tell, own, niceness }))
        }
    }
}

/// The address of this process, which was made since then.
fn own_address(before: Uptime) -> ProcessId {
    let pid = std::process::id().cast_signed();
    host::start_between(before, Uptime::now()).map_or_else(host::own_address, |start| ProcessId { pid, start })
}

/// Frees both processes of what the caller may use at most: that must not end the supervisor, or
/// keep it from writing. The command has these limits by its spec.
fn take_own_limits(niceness: i32) {
    rlimit::lift();
    if niceness > 0 {
        // Only root may.
        let _ = rlimit::set_niceness(0);
    }
    memory::limit_heap();
    // What it makes is for its user alone; the command has the caller's mask by its spec.
    umask(Mode::from_bits_truncate(0o077));
}

fn fail(socket: &mut UnixStream, why: SetupError) {
    let _ = send_report(socket, &Report::Failed { why: why.to_string() });
}
