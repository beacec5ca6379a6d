//! `aos adopt`: what is running already becomes a task.

use std::io::Write;
use std::str::FromStr;

use clap::Args;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, session};
use crate::ansi;
use crate::cli::environment_args;
use crate::cli::health_args::HealthArgs;
use crate::cli::verb::{Caller, Verb};
use crate::client::adoption::{AdoptionCandidate, find};
use crate::client::reconcile::settle;
use crate::client::start::{StartedTask, begin, spare_supervisor};
use crate::store::layout::{Home, ONCE};
use crate::sys::dir::OpenMode;
use crate::sys::lock;
use crate::task::health::HealthCheck;
use crate::task::id::TaskId;
use crate::task::limits::ResourceLimits;
use crate::task::name::Name;
use crate::task::probe::Probe;
use crate::task::spec::{Spec, Survivors, Terminal, TimeLimits, VERSION};
use crate::task::start_condition::Schedule;
use crate::task::streams::Streams;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// Track a process or job that is already running
///
/// The process keeps its terminal, and aos has no log of it. Its exit code goes to the shell that
/// started it, so aos does not know it. stop, kill, pause, resume and signal reach it and all its
/// descendants. The pid of a process group leader, as `jobs -p` prints it, adopts the whole group:
/// every part of a pipeline.
#[derive(Args)]
pub struct Adopt {
    /// The process; in a shell with the integration also a job, as in %1
    #[arg(value_name = "PID")]
    pid: Pid,
    /// Name the task; the default is made from its command
    #[arg(short, long)]
    name: Option<Name>,
    /// Stop the task after this time from now (10s, 5m, 1h30m)
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,
    /// Time between the stop signal and KILL
    #[arg(long, value_name = "TIME", default_value = "10s")]
    grace: Span,
    /// Signal that stops the task
    #[arg(long, value_name = "SIGNAL", default_value = "TERM")]
    stop_signal: Signal,
    #[command(flatten)]
    checking: HealthArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A process id.
#[derive(Clone, Copy)]
struct Pid(i32);

/// Why a text is no process id.
#[derive(Debug, thiserror::Error)]
#[error("it is no process id, which is a number (jobs -p %1 tells a job's)")]
struct BadPid;

impl FromStr for Pid {
    type Err = BadPid;

    fn from_str(text: &str) -> Result<Pid, BadPid> {
        text.parse().ok().filter(|pid| *pid > 0).map(Pid).ok_or(BadPid)
    }
}

const EXAMPLES: &str = "  aos adopt 4711        track a process
  aos adopt %1          track a job (in a shell with the integration)
  aos adopt 4711 --health http://localhost:8080/up";

impl Verb for Adopt {
    const NAME: &'static str = "adopt";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, caller: &mut Caller) -> VerbResult {
        let health = self.checking.check()?;
        let home = Home::open()?;
        // What was lost tracks nothing any more.
        settle(&home)?;
        // Looks and begins under one lock, so that nothing is adopted twice.
        let held = home.tasks.own_file(ONCE, OpenMode::Make)?;
        lock::take(&held)?;
        let found = find(&home, self.pid.0)?;
        let is_stopped = found.is_stopped;
        let mut spec = self.spec(found, health, caller);
        let begun = begin(&home, &mut spec, None, &mut spare_supervisor()?)?;
        drop(held);
        self.tell(&begun, &spec)?;
        if is_stopped {
            let id = begun.id;
            writeln!(output::talk(), "{id} is stopped where it is: bg in its shell, or aos signal CONT {}", id.0)?;
        }
        Ok(0)
    }
}

impl Adopt {
    fn spec(&self, found: AdoptionCandidate, health: Option<HealthCheck>, caller: &Caller) -> Spec {
        // A command that looks after it needs one; that of the processes is theirs.
        let is_asked = matches!(&health, Some(HealthCheck { probe: Probe::Command(_), .. }));
        let env = if is_asked { environment_args::callers() } else { Vec::new() };
        Spec {
            version: VERSION,
            id: TaskId::NONE_YET,
            name: self.name.clone().unwrap_or_else(|| Name::of(&found.command)),
            command: found.command,
            adopted: Some(found.adopted),
            shell_state: None,
            cwd: found.cwd,
            created: WallTime::now(),
            terminal: Terminal::Kept,
            begins: Schedule::default(),
            modes: None,
            streams: Streams::default(),
            time_limits: TimeLimits {
                timeout: self.timeout,
                idle_timeout: None,
                grace: self.grace,
                stop_signal: self.stop_signal,
            },
            // What outlives it was never begun by aos.
            ready: None,
            health,
            survivors: Survivors::Kept,
            restart: None,
            watch: Vec::new(),
            notify: None,
            nonce: String::new(),
            session: session::of_shell(),
            agent_session: session::of_agent(),
            umask: caller.umask,
            sandbox: None,
            rlimits: Default::default(),
            resource_limits: ResourceLimits::default(),
            must_understand: Vec::new(),
            env,
        }
    }

    fn tell(&self, begun: &StartedTask, spec: &Spec) -> Result<(), Failure> {
        let command = spec.command.to_string();
        if self.json {
            let processes = spec.adopted.as_ref().map(|adopted| &adopted.processes);
            return Ok(output::object(serde_json::json!({
                "id": begun.id, "name": spec.name, "command": command, "pid": begun.start.pid(),
                "processes": processes, "tracked_only": true,
            }))?);
        }
        let mut out = output::data();
        if output::is_seen() {
            let only = "tracked only: it keeps its terminal, and aos has no log of it";
            writeln!(out, "[{}] {} {}  ({only})", begun.id, begun.start, ansi::command(&command))?;
        } else {
            writeln!(out, "{}", begun.id)?;
        }
        Ok(())
    }
}
