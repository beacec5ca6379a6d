//! The first moments of a supervisor: away from its caller, under its keeper, with everything at
//! hand that it will need to the end.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use nix::sys::stat::{Mode, umask};

use super::control::Control;
use super::keeper;
use super::machine::Machine;
use super::pty;
use super::source::{LaunchPipe, Terminal};
use super::supervise::Supervisor;
use crate::logs::writer::{LineEnds, LogWriter};
use crate::store::end_record::EndRecord;
use crate::store::home::{Home, log_name};
use crate::store::journal::Journal;
use crate::store::task_dir::{STATUS, TaskDir};
use crate::store::{place, requests};
use crate::sys::{fds, process, signal};
use crate::task::journal::Event;
use crate::task::phase::Phase;
use crate::task::spec::{Spec, Terminal as Wanted, VERSION};
use crate::task::state::State;
use crate::units::moment::Moment;
use crate::units::stamp::Stamp;
use crate::wire::Report;

/// Signals that come as bytes on a descriptor.
const HEARD: [i32; 4] = [libc::SIGCHLD, libc::SIGUSR1, libc::SIGTERM, libc::SIGINT];
/// Signals that a supervisor has no use for; a full or limited disk (XFSZ) is told by the write itself.
const UNHEARD: [i32; 5] = [libc::SIGHUP, libc::SIGQUIT, libc::SIGPIPE, libc::SIGXFSZ, libc::SIGTTOU];
/// The keeper outlives whatever is sent to its session.
const UNHEARD_BY_KEEPER: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1];

const FAILED: i32 = 125;

/// Supervises the task in `dir` to its end. Standard input is the task's lock, held; standard output
/// takes the one line of the report.
pub fn run(dir: &OsStr) -> i32 {
    process::stay_small();
    umask(Mode::from_bits_truncate(0o077));
    let Ok((held, mut report)) = fds::detach_from_caller() else { return FAILED };
    match become_supervisor() {
        Ok(Some(child)) => {
            drop((held, report));
            signal::ignore(&UNHEARD_BY_KEEPER);
            keeper::keep(child, dir)
        }
        Ok(None) => match gather(Path::new(dir), held, &report) {
            Ok(supervisor) => supervisor.supervise(),
            Err(e) => {
                let _ = write_report(&mut report, &Report::Failed { why: e.to_string() });
                // A recorded failure, not a lost supervisor.
                0
            }
        },
        Err(e) => {
            let _ = write_report(&mut report, &Report::Failed { why: e.to_string() });
            FAILED
        }
    }
}

/// Sends the report's one line.
pub fn write_report(to: &mut File, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    to.write_all(&line)
}

/// `Some` in the keeper, `None` in the supervisor below it.
fn become_supervisor() -> io::Result<Option<i32>> {
    let _ = nix::sys::prctl::set_name(c"aos");
    process::start_session()?;
    process::become_subreaper()?;
    signal::ignore(&UNHEARD);
    let child = process::fork_single_threaded()?;
    if child.is_none() {
        process::become_subreaper()?;
    }
    Ok(child)
}

fn gather(dir: &Path, held: File, report: &File) -> Result<Supervisor, Box<dyn std::error::Error>> {
    let home_path = dir.ancestors().nth(2).ok_or("not a task's directory")?;
    let id = dir.file_name().and_then(OsStr::to_str).ok_or("not a task's directory")?.parse()?;
    let home = Home::at(home_path)?;
    let task = TaskDir::open(&home, id)?;
    task.dir.enter()?;
    let spec = task.spec()?;
    let previous = task.state().ok().flatten();
    let run = previous.map_or(1, |state| state.run + 1);
    let record = EndRecord::prepare(&task)?;
    requests::clear(&task)?;
    let signals = signal::as_descriptor(&HEARD)?;
    let log = open_log(home_path, &spec)?;
    let control = Control::open(&task)?;
    let launch = LaunchPipe::open(&task)?;
    let mut state = State {
        version: VERSION,
        id,
        run,
        phase: Phase::Starting,
        supervisor: place::address_of(std::process::id() as i32)?,
        leader: None,
        place: place::here(),
        started: Stamp::now(),
        log_start: log.len(),
        mark: new_mark(id, run),
        end: None,
    };
    let (fd, leader) = pty::spawn(&spec, &task.dir.handle_path(), run, &state.mark)?;
    state.leader = place::address_of(leader).ok();
    task.write_json(STATUS, &state)?;
    let mut journal = Journal::open(&task, run)?;
    journal.write(state.started, Event::Born { pid: leader, log_start: state.log_start });
    let machine = Machine::new(spec.limits, spec.survivors, Moment::now());
    Ok(Supervisor {
        journal,
        terminal: Some(Terminal::new(fd)),
        launch: Some(launch),
        report: Some(report.try_clone()?),
        home,
        task,
        state,
        leader,
        machine,
        log,
        record,
        control,
        signals,
        held,
        oom_kills: None,
        buffer: Vec::new(),
    })
}

fn open_log(home_path: &Path, spec: &Spec) -> io::Result<LogWriter> {
    let line_ends = match spec.terminal {
        Wanted::Pty(_) => LineEnds::Folded,
        Wanted::Pipes => LineEnds::Kept,
    };
    let home_path = home_path.to_owned();
    let open_dir = move || Home::at(&home_path).and_then(|home| home.task_logs()).map_err(io::Error::other);
    LogWriter::open(Box::new(open_dir), log_name(spec.id, &spec.name), line_ends)
}

/// Told apart from every other run anywhere.
fn new_mark(id: crate::task::id::TaskId, run: u32) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{id}.{run}.{}.{:x}", std::process::id(), now.as_nanos())
}
