//! A supervisor's way from its charge to its desk: what it was given, what it makes, what it works with.

use std::fs::File;
use std::io::{self, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use nix::sys::signalfd::SignalFd;

use super::adopted::Adopted;
use super::again::Again;
use super::alternate::Alternate;
use super::control::Control;
use super::desk::{Supervisor, Told};
use super::keyboard::Keyboard;
use super::kin::Kin;
use super::machine::{Event as Happening, Machine};
use super::perform::BATCH;
use super::prompting::Prompting;
use super::prospect::Prospect;
use super::source::Source;
use super::{keeper, pty, sweep};
use crate::client::cradle::Call;
use crate::launch::Failure;
use crate::launch::exec::Launch;
use crate::logs::writer::{LineEnds, LogWriter};
use crate::screen::picture::LineFeed;
use crate::store::end_record::EndRecord;
use crate::store::home::{Home, log_name};
use crate::store::journal::Journal;
use crate::store::line::Slot;
use crate::store::reading::next_run;
use crate::store::task_dir::{SPEC, TaskDir};
use crate::store::{place, requests};
use crate::sys::memory::Room;
use crate::sys::process;
use crate::task::address::{Address, Place};
use crate::task::between::LastRun;
use crate::task::hold::Hold;
use crate::task::journal::Event;
use crate::task::outliving::Outliving;
use crate::task::phase::Phase;
use crate::task::spec::{Spec, Terminal as Wanted};
use crate::task::state::{State, VERSION};
use crate::task::streams::Output;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;
use crate::wire::Attach;

/// Why a task could not be begun.
pub type Why = Box<dyn std::error::Error>;

/// A task that has a supervisor, and nothing else yet.
pub struct Post {
    /// The state's root.
    pub home: Home,
    /// The path of the task's directory.
    pub dir: PathBuf,
    /// The task's directory.
    pub task: TaskDir,
    /// What was asked for.
    pub spec: Spec,
    /// Which run this is.
    pub run: u32,
    /// How the run before ended, where this one follows it without having been asked for.
    pub last_run: Option<LastRun>,
    /// What is to be waited for first.
    pub holds: Vec<Hold>,
    /// Signals, as bytes.
    pub signals: SignalFd,
    /// Where the supervisor is.
    pub here: Place,
    /// The supervisor.
    pub own: Address,
    /// How nice the command is.
    pub niceness: i32,
    /// The proof of life.
    pub held: File,
    /// What the command is given to read.
    pub input: Option<OwnedFd>,
    /// How whoever began the task stays at its terminal, if he does.
    pub attach: Option<Attach>,
    /// Whether whoever began it has heard that it is queued, and hears no more.
    pub was_queued: bool,
    /// When this run was asked for.
    pub asked: Stamp,
    /// Its group's slot, if it is in a group and has one: kept from run to run.
    pub slot: Option<Slot>,
    /// What came of the runs before this one, and what is to follow.
    pub again: Again,
}

/// A task's processes, just made or just taken up.
pub struct Made {
    kin: Kin,
    outputs: Vec<Source>,
    terminal: Option<OwnedFd>,
    launch: Option<Happening>,
    started: Stamp,
}

/// What a supervisor works with.
pub struct Tools {
    /// Where the end will be written.
    pub record: EndRecord,
    /// The log; what was adopted has none.
    pub log: Option<LogWriter>,
    /// The journal.
    pub journal: Journal,
    /// Clients.
    pub control: Control,
    /// For output on its way into the log.
    pub buffer: Room,
}

/// Those who are still to be told something.
pub struct Listeners {
    /// Whoever began the task.
    pub report: Option<UnixStream>,
    /// The keeper.
    pub keeper: Option<PipeWriter>,
}

impl Post {
    /// Takes up the task.
    pub fn take(prospect: Prospect, call: Call) -> Result<Post, Why> {
        let Prospect { spec, signals, here, own, niceness } = prospect;
        let Call { dir, held, input, attach } = call;
        let (home_path, id) = keeper::task_of(&dir).ok_or("not a task's directory")?;
        let home = Home::at(home_path)?;
        let task = TaskDir::open(&home, id)?;
        let mut spec = spec.map_err(|problem| task.unreadable(SPEC, problem))?;
        spec.id = id;
        let run = next_run(&task);
        let holds = spec.begins.holds(run, spec.created);
        // A run again is asked for now, so that it goes before nobody who has waited longer.
        let asked = if run == 1 { spec.created } else { Stamp::now() };
        Ok(Post {
            again: Again::new(&spec),
            home,
            dir,
            task,
            spec,
            run,
            last_run: None,
            holds,
            signals,
            here,
            own,
            niceness,
            held,
            input,
            attach,
            was_queued: false,
            asked,
            slot: None,
        })
    }

    /// Whether anything may hold it.
    pub fn is_held(&self) -> bool {
        !self.holds.is_empty() || self.spec.begins.group.is_some()
    }

    /// Makes the leader, or takes up what was adopted.
    pub fn make(&mut self, terminal: Option<pty::Terminal>) -> Result<Made, Why> {
        self.again.begin(&self.dir)?;
        let started = Stamp::now();
        match &self.spec.adopted {
            Some(wanted) => {
                let kin = Kin::Adopted(Adopted::take(wanted)?);
                Ok(Made { kin, outputs: Vec::new(), terminal: None, launch: None, started })
            }
            None => {
                let given = self.input.as_ref().map(OwnedFd::try_clone).transpose()?;
                let launch = Launch::prepare(&self.spec, self.run, &self.dir, self.niceness);
                let pty::Leader { pid, outputs, launched, held } = pty::spawn(&self.spec, launch, terminal, given)?;
                let launch = match launched {
                    Ok(()) => Happening::Launched,
                    Err(Failure { why, code }) => Happening::LaunchFailed { why, code },
                };
                Ok(Made { kin: Kin::Own { leader: pid }, outputs, terminal: held, launch: Some(launch), started })
            }
        }
    }

    /// What this run's state is to begin with.
    pub fn state(&self, phase: Phase, leader: Option<Address>, started: Stamp, log_start: u64) -> State {
        State {
            version: VERSION,
            id: self.task.id,
            run: self.run,
            phase,
            holds: Vec::new(),
            last_run: self.last_run.filter(|_| phase == Phase::Queued),
            supervisor: self.own,
            leader,
            place: self.here.clone(),
            directory: place::directory_of(&self.task),
            started,
            log_start,
            ready: None,
            waiting_since: None,
            unstoppable: None,
            end: None,
        }
    }

    /// Who is told of the end.
    pub fn told(&self) -> Told {
        let Spec { session, command, .. } = &self.spec;
        Told { session: session.clone(), command: command.to_string(), was_queued: self.was_queued }
    }

    /// Everything is at hand: the task can be supervised. It has its place on the heap, as a stack keeps room for every
    /// hand that it goes through.
    pub fn staff(self, made: Made, tools: Tools, listeners: Listeners) -> Box<Supervisor> {
        let Tools { record, log, mut journal, control, buffer } = tools;
        let log_start = log.as_ref().map_or(0, LogWriter::len);
        if let Kin::Own { leader } = made.kin {
            journal.write(made.started, Event::Born { pid: leader, log_start });
        }
        Box::new(Supervisor {
            state: self.state(Phase::Starting, made.kin.address(), made.started, log_start),
            told: self.told(),
            machine: Machine::new(self.spec.time_limits, self.spec.survivors, Moment::now()),
            journal,
            outputs: made.outputs,
            terminal: made.terminal,
            keyboard: Keyboard::default(),
            alternate: Alternate::default(),
            line_feed: LineFeed::Returns,
            prompting: Prompting::default(),
            launch: made.launch,
            report: listeners.report,
            attach: self.attach,
            tell: listeners.keeper,
            home: self.home,
            dir: self.dir,
            task: self.task,
            kin: made.kin,
            log,
            record,
            control,
            signals: self.signals,
            niceness: self.niceness,
            held: self.held,
            probe: self.spec.ready,
            lookout: None,
            slot: self.slot,
            again: self.again,
            following: None,
            used: process::Used::default(),
            oom_kills: None,
            is_nobody_left: false,
            signalled: None,
            outliving: Outliving::default(),
            buffer,
        })
    }
}

impl Made {
    /// Ends what was made, as it cannot be supervised. What was adopted lives on as it did before.
    pub fn undo(self) {
        match self.kin {
            Kin::Own { leader } => drop(process::signal_group(leader, Signal::KILL)),
            Kin::Adopted(_) => {}
        }
        sweep::signal(Signal::KILL);
    }
}

impl Tools {
    /// Lays everything out.
    pub fn lay_out(post: &Post) -> Result<Tools, Why> {
        let record = EndRecord::prepare(&post.task)?;
        let log = open_log(&post.home, &post.spec)?;
        let mut journal = Journal::open(&post.task, post.run);
        if let Err(e) = requests::clear(&post.task) {
            journal.write(Stamp::now(), Event::Problem { what: format!("cannot clear old requests: {e}") });
        }
        let control = Control::open(&post.task).unwrap_or_else(|e| {
            journal.write(Stamp::now(), Event::Problem { what: format!("no control socket: {e}") });
            Control::closed()
        });
        Ok(Tools { record, log, journal, control, buffer: Room::new(BATCH)? })
    }
}

fn open_log(home: &Home, spec: &Spec) -> io::Result<Option<LogWriter>> {
    let line_ends = match spec.terminal {
        Wanted::Pty(_) if spec.streams.output == Output::Terminal => LineEnds::Folded,
        Wanted::Pty(_) | Wanted::Pipes => LineEnds::Kept,
        Wanted::Kept => return Ok(None),
    };
    let (home_path, home_of_size) = (home.path.clone(), home.path.clone());
    let open_dir = move || Home::at(&home_path).and_then(|home| home.task_logs()).map_err(io::Error::other);
    // What the user has set is read when a log has become long, and not before.
    let segment_size = move || {
        let config = Home::at(&home_of_size).and_then(|home| home.config());
        config.map(|config| config.logs).unwrap_or_default().segment.0
    };
    let dir = home.task_logs().map_err(io::Error::other)?;
    LogWriter::open(&dir, Box::new(open_dir), log_name(spec.id, &spec.name), line_ends, Box::new(segment_size))
        .map(Some)
}
