//! A supervisor's way from its request to its supervisor: what it was given, what it makes, what it
//! works with.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use crate::events::outlet::Outlet;
use crate::handshake::StartRequest;
use crate::launch::limits::RunLimits;
use crate::launch::plan::LaunchPlan;
use crate::launch::{LaunchFailure, sandbox};
use crate::logs::store::writer::{LineEnds, LogAge, LogWriter};
use crate::processes::{group, sweep};
use crate::store::end_record::EndRecord;
use crate::store::layout::{Home, log_name};
use crate::store::snapshot::next_run;
use crate::store::task_dir::{SPEC, TaskDir};
use crate::store::{host, requests};
use crate::supervisor::attach::alt_screen::AltScreen;
use crate::supervisor::attach::control_socket::Control;
use crate::supervisor::attach::input_buffer::InputBuffer;
use crate::supervisor::attach::input_wait::InputWait;
use crate::supervisor::processes::adopted_processes::AdoptedProcesses;
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::rerun::decision::Rerun;
use crate::supervisor::run::event::RunEvent as Happening;
use crate::supervisor::run::machine::Machine;
use crate::supervisor::run::output_source::OutputSource;
use crate::supervisor::run::scan_state::LiveScan;
use crate::supervisor::start::early_setup::EarlySetup;
use crate::supervisor::start::pty;
use crate::supervisor::state::{HealthWatch, MemorySampling, NotifyTarget, Supervisor, UnusualWatch, Waiters};
use crate::supervisor::supervised_task::SupervisedTask;
use crate::sys::memory::PageBuffer;
use crate::sys::{faults, process};
use crate::task::between::LastRun;
use crate::task::enforcement::Enforcement;
use crate::task::journal::JournalEvent;
use crate::task::limits::ResourceLimits;
use crate::task::outlived::Outliving;
use crate::task::phase::Phase;
use crate::task::process_id::ProcessId;
use crate::task::spec::{Spec, Terminal as Wanted};
use crate::task::start_condition::StartCondition;
use crate::task::state::{State, VERSION};
use crate::task::streams::Output;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::tty_modes::LineFeed;
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;
use crate::wire::AttachRequest;

/// So much output is taken in before anything else is looked at. *Units*: bytes.
const BATCH: NonZeroUsize = NonZeroUsize::new(32 * 1024).expect("more than nothing");

/// Why a task could not be begun.
pub type SetupError = Box<dyn std::error::Error>;

/// A task that has a supervisor, and nothing else yet.
pub struct TaskSetup {
    /// What outlives its runs.
    pub task: SupervisedTask,
    /// What was asked for.
    pub spec: Spec,
    /// Which run this is.
    pub run: u32,
    /// How the run before ended, where this one follows it without having been asked for.
    pub last_run: Option<LastRun>,
    /// What is to be waited for first.
    pub holds: Vec<StartCondition>,
    /// What the run may use at most.
    pub limits: ResourceLimits,
    /// What the command is given to read.
    pub input: Option<OwnedFd>,
    /// How whoever began the task stays at its terminal, if he does.
    pub attach: Option<AttachRequest>,
    /// Whether whoever began it has heard that it is queued, and hears no more.
    pub was_queued: bool,
    /// When this run was asked for.
    pub asked: WallTime,
}

/// A task's processes, just made or just taken up.
pub struct Spawned {
    processes: TaskProcesses,
    outputs: Vec<OutputSource>,
    terminal: Option<OwnedFd>,
    launch: Option<Happening>,
    limits: RunLimits,
    started: WallTime,
    begun: Uptime,
}

/// What a supervisor works with.
pub struct TaskFiles {
    /// Where the end will be written.
    pub record: EndRecord,
    /// The log; what was adopted has none.
    pub log: Option<LogWriter>,
    /// Where what happens is told.
    pub events: Outlet,
    /// Clients.
    pub control: Control,
    /// For output on its way into the log.
    pub buffer: PageBuffer,
}

impl TaskSetup {
    /// Takes up the task.
    pub fn take(early: EarlySetup, call: StartRequest) -> Result<TaskSetup, SetupError> {
        let EarlySetup { spec, signals, own, niceness } = early;
        let StartRequest { dir, held, input, attach } = call;
        let (home, task_dir) = TaskDir::at(&dir)?;
        let mut spec = spec.map_err(|problem| task_dir.unreadable(SPEC, problem))?;
        // It was described before it had an id.
        spec.id = task_dir.id;
        let run = next_run(&task_dir);
        let holds = spec.begins.holds(run, spec.created);
        // A run again is asked for now, so that it goes before nobody who has waited longer.
        let asked = if run == 1 { spec.created } else { WallTime::now() };
        let task = SupervisedTask {
            home,
            path: dir,
            dir: task_dir,
            signals,
            supervisor: own,
            niceness,
            lock: held,
            slot: None,
            rerun: Rerun::new(&spec),
        };
        Ok(TaskSetup {
            limits: spec.resource_limits,
            task,
            spec,
            run,
            last_run: None,
            holds,
            input,
            attach,
            was_queued: false,
            asked,
        })
    }

    /// Whether anything may hold it.
    pub fn is_held(&self) -> bool {
        !self.holds.is_empty() || self.spec.begins.group.is_some()
    }

    /// Makes the leader, or takes up what was adopted.
    pub fn make(&mut self, terminal: Option<pty::TaskPty>) -> Result<Spawned, SetupError> {
        // First: a task whose files cannot be watched is not begun.
        self.task.rerun.begin(&self.task.path)?;
        let (started, begun) = (WallTime::now(), Uptime::now());
        match &self.spec.adopted {
            Some(wanted) => {
                let processes = TaskProcesses::Adopted(AdoptedProcesses::take(wanted)?);
                Ok(Spawned {
                    processes,
                    outputs: Vec::new(),
                    terminal: None,
                    launch: None,
                    limits: RunLimits::default(),
                    started,
                    begun,
                })
            }
            None => {
                let given = self.input.as_ref().map(OwnedFd::try_clone).transpose()?;
                // The group is written down before it is made: whoever finds the task without a
                // supervisor finds its group.
                let limits = RunLimits::prepare(self.limits, &self.spec, self.run, &self.task.dir);
                faults::point("sup-grouped");
                let launch = LaunchPlan::leader(&self.spec, self.run, &self.task.path, self.task.niceness, &limits);
                if let Some(decider) = launch.as_ref().ok().and_then(|plan| plan.decider.as_ref()) {
                    self.task.rerun.add_own(decider.child.id().cast_signed());
                }
                // By the clock: whoever reads /proc/PID/stat of a process that executes its program
                // waits for that.
                let before = Uptime::now();
                let made = pty::spawn(&self.spec, &launch, terminal, given);
                let start = host::start_between(before, Uptime::now());
                let pty::Leader { pid, outputs, launched, held } =
                    made.inspect_err(|_| drop(group::sweep(&self.task.dir, self.run)))?;
                faults::point("sup-made");
                // A launch that failed is no error here: there is a leader to collect, and an end
                // to record.
                let launch = match launched {
                    Ok(()) => Happening::Launched,
                    Err(LaunchFailure { why, code }) => Happening::LaunchFailed { why, code },
                };
                Ok(Spawned {
                    processes: TaskProcesses::Own { leader: pid, start, group: limits.group.clone() },
                    outputs,
                    terminal: held,
                    launch: Some(launch),
                    limits,
                    started,
                    begun,
                })
            }
        }
    }

    /// What this run's state is to begin with.
    pub fn state(&self, phase: Phase, leader: Option<ProcessId>, started: WallTime, log_start: u64) -> State {
        State {
            version: VERSION,
            id: self.task.dir.id,
            run: self.run,
            phase,
            holds: Vec::new(),
            last_run: self.last_run.filter(|_| phase == Phase::Queued),
            supervisor: self.task.supervisor,
            leader,
            place: host::here(),
            directory: host::directory_of(&self.task.dir),
            started,
            log_start,
            ready: None,
            health: None,
            resource_limits: self.limits,
            enforced: Enforcement::new(),
            unusual: Vec::new(),
            waiting_since: None,
            unstoppable: None,
            end: None,
        }
    }

    /// Who is told of the end.
    pub fn told(&self) -> NotifyTarget {
        let Spec { session, command, .. } = &self.spec;
        NotifyTarget { session: session.clone(), command: command.to_string(), was_queued: self.was_queued }
    }

    /// Everything is at hand: the task can be supervised. It has its place on the heap, as a stack
    /// keeps room for every hand that it goes through.
    pub fn into_supervisor(self, made: Spawned, files: TaskFiles, waiters: Waiters) -> Box<Supervisor> {
        let TaskFiles { record, log, mut events, control, buffer } = files;
        let log_start = log.as_ref().map_or(0, LogWriter::len);
        if let TaskProcesses::Own { leader, .. } = made.processes {
            // As of then: there was no journal open yet.
            events.publish_at(made.started, JournalEvent::Born { pid: leader, log_start });
        }
        let sandbox = self.spec.sandbox.as_ref();
        Box::new(Supervisor {
            temporary: sandbox.map(|asked| sandbox::directory(asked, &self.spec)),
            state: State {
                enforced: made.limits.enforced.clone(),
                ..self.state(Phase::Starting, made.processes.address(), made.started, log_start)
            },
            begun: made.begun,
            limits: made.limits,
            meter: None,
            told: self.told(),
            machine: Machine::new(self.spec.time_limits, self.spec.survivors, Moment::now()),
            events,
            outputs: made.outputs,
            terminal: made.terminal,
            keyboard: InputBuffer::default(),
            alternate: AltScreen::default(),
            line_feed: LineFeed::Returns,
            prompting: InputWait::default(),
            launch: made.launch,
            attach: self.attach,
            task: self.task,
            waiters,
            processes: made.processes,
            log,
            record,
            control,
            probe: self.spec.ready,
            prober: None,
            sampling: MemorySampling::new(self.run, Moment::now()),
            unusual: UnusualWatch::new(Moment::now()),
            health: HealthWatch::new(self.spec.health),
            scan: LiveScan::default(),
            verdict: None,
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

impl Spawned {
    /// Ends what was made, as it cannot be supervised. What was adopted lives on as it did before.
    pub fn undo(self) {
        match self.processes {
            TaskProcesses::Own { leader, .. } => drop(process::signal_group(leader, Signal::KILL)),
            TaskProcesses::Adopted(_) => {}
        }
        // And whoever has left the leader's group by now.
        sweep::signal(Signal::KILL);
        if let Some(group) = &self.limits.group {
            let _ = group::clear(group);
        }
    }
}

impl TaskFiles {
    /// Lays everything out.
    pub fn lay_out(setup: &TaskSetup) -> Result<TaskFiles, SetupError> {
        // First: without room for its end no run goes on. Blank, the record tells readers that the
        // state on disk is of the run before (`snapshot::is_reborn`).
        let record = EndRecord::prepare(&setup.task.dir)?;
        let log = open_log(&setup.task.home, &setup.spec, setup.run)?;
        let mut events = Outlet::open(&setup.task.home, &setup.task.dir, setup.run, &setup.spec);
        // What lies there was meant for the supervisor before.
        if let Err(e) = requests::clear(&setup.task.dir) {
            events.publish(JournalEvent::Problem { what: format!("cannot clear old requests: {e}") });
        }
        let control = Control::open(&setup.task.dir).unwrap_or_else(|e| {
            events.publish(JournalEvent::Problem { what: format!("no control socket: {e}") });
            Control::closed()
        });
        Ok(TaskFiles { record, log, events, control, buffer: PageBuffer::new(BATCH)? })
    }
}

fn open_log(home: &Home, spec: &Spec, run: u32) -> io::Result<Option<LogWriter>> {
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
    let age = if run == 1 { LogAge::New } else { LogAge::Old };
    LogWriter::open(&dir, Box::new(open_dir), log_name(spec.id, &spec.name), age, line_ends, Box::new(segment_size))
        .map(Some)
}
