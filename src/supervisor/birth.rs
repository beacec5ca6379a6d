//! The first moments of a supervisor: away from its caller, under its keeper, with everything at
//! hand that it will need to the end.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

use nix::sys::signalfd::SignalFd;
use nix::sys::stat::{Mode, umask};

use super::adopted::Adopted;
use super::control::Control;
use super::desk::{Supervisor, Told};
use super::keeper;
use super::kin::Kin;
use super::machine::Machine;
use super::perform::BUFFER;
use super::source::{LaunchPipe, Terminal};
use super::{pty, sweep};
use crate::client::cradle::{Charge, Cradle, send_report, wait_for_charge};
use crate::client::supervisors;
use crate::logs::writer::{LineEnds, LogWriter};
use crate::store::end_record::EndRecord;
use crate::store::home::{Home, log_name};
use crate::store::journal::Journal;
use crate::store::task_dir::TaskDir;
use crate::store::{place, requests};
use crate::sys::{fds, process, signal, title};
use crate::task::journal::Event;
use crate::task::phase::Phase;
use crate::task::spec::{Spec, Terminal as Wanted, VERSION};
use crate::task::state::State;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;
use crate::wire::Report;

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 4] = [libc::SIGCHLD, libc::SIGUSR1, libc::SIGTERM, libc::SIGINT];
/// Signals that a supervisor has no use for; a full or limited disk (XFSZ) is told by the write itself.
const UNHEARD: [i32; 5] = [libc::SIGHUP, libc::SIGQUIT, libc::SIGPIPE, libc::SIGXFSZ, libc::SIGTTOU];
/// The keeper outlives whatever is sent to its session.
const UNHEARD_BY_KEEPER: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1];

/// Forks an unborn supervisor, and gives the caller's end of the socket at which it waits for its task. At
/// the very start of a process, so that what it is forked from is small.
pub fn fork_unborn() -> io::Result<Cradle> {
    let (ours, theirs) = UnixStream::pair()?;
    match process::fork_single_threaded()? {
        Some(keeper) => Ok(Cradle::new(ours, keeper.unsigned_abs())),
        None => process::leave(be_unborn(theirs.as_raw_fd())),
    }
}

/// Is an unborn supervisor that was executed: its socket is standard input.
pub fn unborn() -> i32 {
    be_unborn(0)
}

/// Waits for a task and supervises it to its end, in a process that nobody knows yet.
fn be_unborn(socket: RawFd) -> i32 {
    process::stay_small();
    umask(Mode::from_bits_truncate(0o077));
    match get_away(socket) {
        Ok(Away::Keeper { supervisor, told }) => keeper::keep(supervisor, told),
        Ok(Away::Supervisor { socket, tell }) => supervise(socket, tell),
        Err(_) => 0,
    }
}

fn supervise(mut socket: UnixStream, tell: PipeWriter) -> i32 {
    // While the caller still reads its options. If it fails it is tried again, and then the reason told.
    let terminal = pty::open().ok();
    match wait_for_charge(&mut socket) {
        Ok(None) | Err(_) => 0,
        Ok(Some(charge)) => match make_leader(charge, terminal) {
            Ok(child) => child.supervise(tell, &mut socket),
            Err(why) => fail(&mut socket, why),
        },
    }
}

/// The two processes behind each task.
enum Away {
    Keeper { supervisor: i32, told: PipeReader },
    Supervisor { socket: UnixStream, tell: PipeWriter },
}

/// Away from the caller's files. Sessions of their own both start when the caller has its answer, as that
/// can take longer than all the rest (the kernel makes a scheduling group for each). The keeper
/// learns the task's name through a pipe, and with it that it is time.
fn get_away(socket: RawFd) -> io::Result<Away> {
    let socket = UnixStream::from(fds::let_go_of_all_but(socket)?);
    title::set_name(supervisors::NAME)?;
    process::become_subreaper()?;
    signal::ignore(&UNHEARD);
    let (told, tell) = io::pipe()?;
    match process::fork_single_threaded()? {
        Some(supervisor) => {
            signal::ignore(&UNHEARD_BY_KEEPER);
            Ok(Away::Keeper { supervisor, told })
        }
        None => {
            process::become_subreaper()?;
            Ok(Away::Supervisor { socket, tell })
        }
    }
}

/// A task whose processes exist already, while most of what its supervisor needs does not.
struct Child {
    charge: Charge,
    home: Home,
    task: TaskDir,
    spec: Spec,
    run: u32,
    signals: SignalFd,
    kin: Kin,
    terminal: Option<Terminal>,
    launch: Option<LaunchPipe>,
    started: Stamp,
}

type Why = Box<dyn std::error::Error>;

/// The leader comes to be as early as it can: the rest is done while the kernel is busy with it.
fn make_leader(charge: Charge, terminal: Option<pty::Terminal>) -> Result<Child, Why> {
    let (home_path, id) = keeper::task_of(&charge.dir).ok_or("not a task's directory")?;
    let home = Home::at(home_path)?;
    let task = TaskDir::open(&home, id)?;
    let spec = task.spec()?;
    let run = task.state().ok().flatten().map_or(1, |previous| previous.run + 1);
    let signals = signal::as_descriptor(&HEARD)?;
    let started = Stamp::now();
    let (kin, terminal, launch) = match &spec.adopted {
        Some(wanted) => (Kin::Adopted(Adopted::take(wanted)?), None, None),
        None => {
            let leader = pty::spawn(&spec, run, &charge.dir, terminal)?;
            let (output, launch) = (Terminal::new(leader.output), LaunchPipe::new(leader.launch));
            (Kin::Own { leader: leader.pid }, Some(output), Some(launch))
        }
    };
    Ok(Child { charge, home, task, spec, run, signals, kin, terminal, launch, started })
}

impl Child {
    fn supervise(self, tell: PipeWriter, socket: &mut UnixStream) -> i32 {
        let made = match &self.kin {
            Kin::Own { leader } => Some(*leader),
            // It lives on as it did before.
            Kin::Adopted(_) => None,
        };
        match self.equip(tell, socket) {
            Ok(supervisor) => supervisor.supervise(),
            Err(why) => {
                let _ = made.map(|leader| process::signal_group(leader, Signal::KILL));
                sweep::signal(Signal::KILL);
                fail(socket, why)
            }
        }
    }

    fn equip(self, tell: PipeWriter, socket: &UnixStream) -> Result<Supervisor, Why> {
        let Child { charge, home, task, spec, run, signals, kin, terminal, launch, started } = self;
        let record = EndRecord::prepare(&task)?;
        let log = open_log(&home.path, &spec)?;
        let log_start = log.as_ref().map_or(0, LogWriter::len);
        let mut journal = Journal::open(&task, run);
        if let Kin::Own { leader } = kin {
            journal.write(started, Event::Born { pid: leader, log_start });
        }
        if let Err(e) = requests::clear(&task) {
            journal.write(Stamp::now(), Event::Problem { what: format!("cannot clear old requests: {e}") });
        }
        let control = Control::open(&task).unwrap_or_else(|e| {
            journal.write(Stamp::now(), Event::Problem { what: format!("no control socket: {e}") });
            Control::closed()
        });
        let state = State {
            version: VERSION,
            id: task.id,
            run,
            phase: Phase::Starting,
            supervisor: place::own_address(),
            leader: kin.address(),
            place: place::here(),
            started,
            log_start,
            end: None,
        };
        Ok(Supervisor {
            told: Told { session: spec.session, command: spec.command.to_string() },
            machine: Machine::new(spec.limits, spec.survivors, Moment::now()),
            journal,
            terminal,
            launch,
            report: Some(socket.try_clone()?),
            tell: Some(tell),
            home,
            dir: charge.dir,
            task,
            state,
            kin,
            log,
            record,
            control,
            signals,
            held: charge.held,
            oom_kills: None,
            is_nobody_left: false,
            buffer: vec![0; BUFFER],
        })
    }
}

/// A recorded and reported failure: not a lost supervisor, so the exit code is 0.
fn fail(socket: &mut UnixStream, why: Why) -> i32 {
    let _ = send_report(socket, &Report::Failed { why: why.to_string() });
    0
}

fn open_log(home_path: &Path, spec: &Spec) -> io::Result<Option<LogWriter>> {
    let line_ends = match spec.terminal {
        Wanted::Pty(_) => LineEnds::Folded,
        Wanted::Pipes => LineEnds::Kept,
        Wanted::Kept => return Ok(None),
    };
    let home_path = home_path.to_owned();
    let open_dir = move || Home::at(&home_path).and_then(|home| home.task_logs()).map_err(io::Error::other);
    LogWriter::open(Box::new(open_dir), log_name(spec.id, &spec.name), line_ends).map(Some)
}
