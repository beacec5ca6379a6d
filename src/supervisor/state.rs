//! All that a supervisor has at hand: the state of one task, in one place.

use std::io::PipeWriter;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use crate::events::outlet::Outlet;
use crate::launch::limits::RunLimits;
use crate::logs::store::writer::LogWriter;
use crate::store::end_record::EndRecord;
use crate::supervisor::attach::alt_screen::AltScreen;
use crate::supervisor::attach::control_socket::Control;
use crate::supervisor::attach::input_buffer::InputBuffer;
use crate::supervisor::attach::input_wait::InputWait;
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::rerun::next_run::NextRun;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::machine::Machine;
use crate::supervisor::run::output_source::OutputSource;
use crate::supervisor::run::scan_state::LiveScan;
use crate::supervisor::supervised_task::SupervisedTask;
use crate::supervisor::workers::health_worker::HealthMessage;
use crate::supervisor::workers::memory_worker::MemoryMessage;
use crate::supervisor::workers::readiness_worker::ReadinessMessage;
use crate::supervisor::workers::unusual_worker::UnusualMessage;
use crate::supervisor::workers::verdict_worker::VerdictRequest;
use crate::supervisor::workers::worker::Worker;
use crate::sys::memory::PageBuffer;
use crate::sys::proc::OomKills;
use crate::sys::process::Used;
use crate::task::health::HealthCheck;
use crate::task::journal::JournalEvent;
use crate::task::memory_samples::MemorySamples;
use crate::task::outlived::Outliving;
use crate::task::probe::Probe;
use crate::task::session::Session;
use crate::task::state::State;
use crate::task::usual::SOONEST_OVERDUE;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::tty_modes::LineFeed;
use crate::units::uptime::Uptime;
use crate::wire::AttachRequest;

/// Who is told of the end, and of what.
pub struct NotifyTarget {
    /// The shell at which the task was begun.
    pub session: Option<Session>,
    /// What it runs, as typed.
    pub command: String,
    /// Whether the shell has had its prompt back since before the command was executed.
    pub was_queued: bool,
}

/// Those who are still to be told something.
pub struct Waiters {
    /// Whoever began the task.
    pub report: Option<UnixStream>,
    /// The watchdog, which learns which task it is for.
    pub watchdog: Option<PipeWriter>,
}

/// A supervisor at work: its task, and all the state of the run.
pub struct Supervisor {
    /// What outlives the run.
    pub task: SupervisedTask,
    /// Those who are still to be told something.
    pub waiters: Waiters,
    /// The directory for temporary files of its own, if it has one.
    pub temporary: Option<PathBuf>,
    /// The shell that wants to hear of the end, and what it calls the task.
    pub told: NotifyTarget,
    /// What `status.json` says.
    pub state: State,
    /// When the run began, by the clock that nobody sets.
    pub begun: Uptime,
    /// Its processes.
    pub processes: TaskProcesses,
    /// The lifecycle.
    pub machine: Machine,
    /// Where what happens is told.
    pub events: Outlet,
    /// The log; what was adopted has none.
    pub log: Option<LogWriter>,
    /// Where the end will be written.
    pub record: EndRecord,
    /// Where output comes from, until it hangs up.
    pub outputs: Vec<OutputSource>,
    /// The terminal's own end, until nobody of the task is left: whoever has closed it may open it
    /// again.
    pub terminal: Option<OwnedFd>,
    /// What was typed on the terminal.
    pub keyboard: InputBuffer,
    /// The screen of a full-screen program.
    pub alternate: AltScreen,
    /// What those at the terminal were told that a line feed means.
    pub line_feed: LineFeed,
    /// Whether it waits for input.
    pub prompting: InputWait,
    /// How the launch went, until that is taken in.
    pub launch: Option<RunEvent>,
    /// Clients.
    pub control: Control,
    /// What the run may use at most, and what sees to it.
    pub limits: RunLimits,
    /// Who looks at what the kernel does not count.
    pub meter: Option<Worker<MemoryMessage>>,
    /// The run that is to follow this one, once it is over: what was asked for, and what it waits
    /// for.
    pub following: Option<NextRun>,
    /// How whoever began it stays at its terminal, if he does.
    pub attach: Option<AttachRequest>,
    /// What shows that the task is ready, if anybody wants to know.
    pub probe: Option<Probe>,
    /// Who looks for that, until it is there.
    pub prober: Option<Worker<ReadinessMessage>>,
    /// The look at how much memory it has.
    pub sampling: MemorySampling,
    /// The look for what is out of the ordinary about it.
    pub unusual: UnusualWatch,
    /// The look at its health.
    pub health: HealthWatch,
    /// The look at what it prints.
    pub scan: LiveScan,
    /// The run that is over and whose output is to be read, once that is told.
    pub verdict: Option<VerdictRequest>,
    /// What its processes have used that were collected.
    pub used: Used,
    /// The kernel's counter as it was at the launch.
    pub oom_kills: Option<OomKills>,
    /// Whether the last look showed that none of its processes is left.
    pub is_nobody_left: bool,
    /// What was sent last to all processes, and how many there were.
    pub signalled: Option<(Signal, usize)>,
    /// What outlived the leader, and is ended for it.
    pub outliving: Outliving,
    /// Output on its way into the log.
    pub buffer: PageBuffer,
}

impl Supervisor {
    /// The logical position behind the log's last byte.
    pub fn log_length(&self) -> u64 {
        self.log.as_ref().map_or(0, LogWriter::len)
    }

    /// Puts something down in the journal.
    pub fn note(&mut self, note: JournalEvent) {
        self.events.publish(note);
    }
}

/// The look at a task's health.
#[derive(Debug, Default)]
pub struct HealthWatch {
    /// How it is looked at, if anybody wants to know.
    pub check: Option<HealthCheck>,
    /// Who looks.
    pub worker: Option<Worker<HealthMessage>>,
    /// How often somebody was begun to look.
    pub begun: u32,
}

impl HealthWatch {
    /// Looks as is asked for, once it is begun.
    pub fn new(check: Option<HealthCheck>) -> HealthWatch {
        HealthWatch { check, worker: None, begun: 0 }
    }
}

/// What was seen, and since when the run goes on.
#[derive(Debug)]
pub struct MemorySampling {
    /// Since when the run goes on.
    pub began: Moment,
    /// What was seen.
    pub seen: MemorySamples,
}

impl MemorySampling {
    /// Of a run that begins now.
    pub fn new(run: u32, began: Moment) -> MemorySampling {
        MemorySampling { began, seen: MemorySamples::new(run) }
    }

    /// When it is looked next.
    pub fn due(&self) -> Moment {
        Moment(self.began.0.saturating_add(self.seen.due()))
    }
}

/// The look for what is out of the ordinary.
#[derive(Debug)]
pub struct UnusualWatch {
    /// Since when the run goes on.
    pub began: Moment,
    /// When it is looked.
    pub due: Option<Moment>,
    /// Who looks.
    pub worker: Option<Worker<UnusualMessage>>,
}

impl UnusualWatch {
    /// Of a run that begins now.
    pub fn new(began: Moment) -> UnusualWatch {
        let due = Some(began + Duration::from_millis(SOONEST_OVERDUE));
        UnusualWatch { began, due, worker: None }
    }

    /// Memory has grown since the first sample.
    pub fn look_soon(&mut self, now: Moment) {
        self.due = Some(now);
    }
}
