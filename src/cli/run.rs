//! `aos run`: begins a task.

use std::env;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::attach_args::{AttachArgs, AttachPlace, CallerStreams};
use super::environment_args::EnvironmentArgs;
use super::limit_args::LimitArgs;
use super::notify_args::NotifyArgs;
use super::queue_args::QueueArgs;
use super::ready_args::{ReadyArgs, WaitFor};
use super::restart_args::RestartArgs;
use super::run_line::RunLine;
use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::actions::{output, own_task, sandbox, session};
use crate::ansi;
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::client::start::{Start, StartedTask, begin, spare_supervisor};
use crate::config::Config;
use crate::handshake::PendingSupervisor;
use crate::store::layout::{Home, ONCE};
use crate::store::markers;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::{LONGEST_SHELL_STATE, TaskDir};
use crate::sys::dir::OpenMode;
use crate::sys::regular::NotRegular;
use crate::sys::{lock, tty};
use crate::task::command::{Command, UseShell};
use crate::task::id::TaskId;
use crate::task::limits::ResourceLimits;
use crate::task::name::Name;
use crate::task::os_bytes::OsBytes;
use crate::task::session::Session;
use crate::task::shell_state;
use crate::task::spec::{Spec, Survivors, Terminal, TimeLimits, VERSION};
use crate::task::start_condition::Schedule;
use crate::task::streams::Streams;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// Run a command as a task that survives this terminal
///
/// Several words are executed as they are; a single one is run by your shell: `aos run -b 'npm t |
/// tee l'`. Without -b you are attached to the task's terminal, as if you had typed the command
/// alone, or the task is a part of your pipeline. ^] detaches and leaves it running; so does
/// closing the terminal.
#[derive(Args)]
#[cfg_attr(test, derive(Debug))]
pub struct Run {
    /// Return as soon as the command is executed
    #[arg(short, long)]
    background: bool,
    /// Name the task; the default is made from its command
    #[arg(short, long)]
    name: Option<Name>,
    #[command(flatten)]
    surroundings: EnvironmentArgs,
    /// Start nothing if a task of this name is running; print its id instead
    #[arg(long)]
    once: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The command
    #[arg(trailing_var_arg = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    #[command(flatten, next_help_heading = "Terminal")]
    foreground: AttachArgs,
    /// Use pipes instead of a terminal; the log then has the output to the byte
    #[arg(long, help_heading = "Terminal")]
    no_pty: bool,
    /// Have your shell run the command, also if it is several words
    #[arg(long, conflicts_with = "no_shell", help_heading = "Shell")]
    shell: bool,
    /// Execute the command without a shell, also if it is a single word
    #[arg(long, help_heading = "Shell")]
    no_shell: bool,
    /// Restore this shell state first, as the shell integration writes it (-: standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["shell", "no_shell"], help_heading = "Shell")]
    shell_state: Option<PathBuf>,
    /// Stop the task after this time (10s, 5m, 1h30m)
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    timeout: Option<Span>,
    /// Stop the task when it prints nothing for this time
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    idle_timeout: Option<Span>,
    /// Time between the stop signal and KILL
    #[arg(long, value_name = "TIME", default_value = "10s", help_heading = "Limits")]
    grace: Span,
    /// Signal that stops the task
    #[arg(long, value_name = "SIGNAL", default_value = "TERM", help_heading = "Limits")]
    stop_signal: Signal,
    #[command(flatten, next_help_heading = "Limits")]
    limits: LimitArgs,
    /// Start nothing where a limit would be enforced by less than a control group
    #[arg(long, help_heading = "Limits")]
    strict_limits: bool,
    /// Leave processes running that outlive the command
    #[arg(long, help_heading = "Limits")]
    keep_children: bool,
    /// Keep the task from secrets, from other programs and from what is outside its project
    ///
    /// PROFILE is default, strict, best-effort, the name of a file in ~/.agent-os/sandbox, or a
    /// path. Where a guarantee cannot be had nothing starts (exit code 78), but with best-effort.
    #[arg(
        long,
        value_name = "PROFILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "default",
        help_heading = "Sandbox"
    )]
    sandbox: Option<String>,
    #[command(flatten, next_help_heading = "Readiness and health")]
    readying: ReadyArgs,
    #[command(flatten, next_help_heading = "Notices")]
    notifying: NotifyArgs,
    #[command(flatten, next_help_heading = "Queue")]
    order: QueueArgs,
    #[command(flatten, next_help_heading = "Restarts")]
    again: RestartArgs,
}

/// The words that are the command, as the parser knows them.
pub const COMMAND: &str = "command";

const EXAMPLES: &str = "  aos run -b npm run dev                start a task; the prompt is back at once
  aos run -b -n web 'npm t | tee log'   name it, and have the shell run the line
  aos run -b --ready auto --wait=ready npm start
                                        return when the server answers
  aos run -b --after build:ok ./deploy  start when the task `build` has succeeded
  aos run -b --watch src cargo test     run again when a file below src changes
  aos run --timeout 5m make check       stay attached; stop after five minutes

Exit codes:
  with -b 0 when the command was executed; without it, and with --wait, that of the command;
  126 and 127 if it cannot be executed, 124 after a time limit, 125 if aos failed";

impl Verb for Run {
    const NAME: &'static str = super::RUN;
    const EXAMPLES: &str = EXAMPLES;

    fn of_plain(words: &[OsString]) -> Option<Run> {
        RunLine::read(words).map(Run::from)
    }

    fn run(self, caller: &mut Caller) -> VerbResult {
        let state = self.shell_state.as_deref().map(read_state).transpose()?;
        let place = self.place();
        let mut spec = self.spec(caller, state.as_deref(), place)?;
        let home = Home::open()?;
        let config = self.config(&home, place)?;
        let place = place.map(|streams| self.foreground.place(&home, &config, streams)).transpose()?;
        self.confine(&home, &mut spec)?;
        spec.begins = self.order.begins(&home)?;
        self.limit(&mut spec, &config, caller)?;
        if let Some(id) = own_task::task(&home)
            .filter(|id| self.stays(place.as_ref()) && spec.begins.after.iter().any(|after| after.id == *id))
        {
            return Err(
                own_task::refusal(id, "it does not end while it waits for what begins after it").hint("aos run -b")
            );
        }
        let mut pending = match caller.pending.take() {
            Some(pending) => pending,
            None => spare_supervisor()?,
        };
        if let Some(place) = &place {
            place.streams.prepare(&mut pending);
        }
        let begun = if self.once {
            self.begin_once(&home, &mut spec, state.as_deref(), &mut pending)?
        } else {
            begin(&home, &mut spec, state.as_deref(), &mut pending)?
        };
        output::weaker(&begun.weaker)?;
        if let Some(when) = self.readying.when() {
            return self.wait(&home, &begun, &spec, when);
        }
        match &place {
            None => self.tell(&home, &begun, &spec).map(|()| 0),
            Some(place) if begun.is_new => self.foreground.stay_from_start(&home, begun, &spec, pending, place),
            Some(place) => self.foreground.join(&home, &begun, &spec, place),
        }
    }
}

impl From<RunLine> for Run {
    /// As the parser has it.
    fn from(line: RunLine) -> Run {
        Run {
            background: line.background,
            name: line.name,
            surroundings: EnvironmentArgs::default(),
            once: false,
            json: false,
            command: line.command,
            foreground: AttachArgs::default(),
            no_pty: false,
            shell: false,
            no_shell: false,
            shell_state: None,
            timeout: None,
            idle_timeout: None,
            grace: Span(10_000),
            stop_signal: Signal::TERM,
            limits: LimitArgs::default(),
            strict_limits: false,
            keep_children: false,
            sandbox: None,
            readying: ReadyArgs::default(),
            notifying: NotifyArgs::default(),
            order: QueueArgs::default(),
            again: RestartArgs::default(),
        }
    }
}

impl Run {
    fn spec(&self, caller: &Caller, state: Option<&[u8]>, place: Option<CallerStreams>) -> Result<Spec, Failure> {
        let live = state.map(shell_state::head).transpose().map_err(|e| Failure::new(USAGE, e.to_string()))?;
        let users = || env::var_os("SHELL").filter(|s| !s.is_empty()).unwrap_or_else(|| "/bin/sh".into()).into();
        let use_shell = match (self.shell || live.is_some(), self.no_shell) {
            (true, _) => UseShell::Always,
            (_, true) => UseShell::Never,
            (false, false) => UseShell::AsNeeded,
        };
        let (kind, shell) = live.unzip();
        let words = self.command.iter().cloned().map(OsBytes::from).collect();
        let command = Command::new(words, shell.unwrap_or_else(users), use_shell)?;
        let cwd = self.surroundings.directory()?;
        Ok(Spec {
            version: VERSION,
            id: TaskId::NONE_YET,
            name: self.name.clone().unwrap_or_else(|| Name::of(&command)),
            command,
            adopted: None,
            shell_state: kind,
            created: WallTime::now(),
            begins: Schedule::default(),
            terminal: if self.no_pty { Terminal::Pipes } else { Terminal::Pty(tty::callers_size()) },
            modes: if self.no_pty { None } else { tty::callers_modes() },
            streams: place.map_or_else(Streams::default, CallerStreams::streams),
            time_limits: TimeLimits {
                timeout: self.timeout,
                idle_timeout: self.idle_timeout,
                grace: self.grace,
                stop_signal: self.stop_signal,
            },
            ready: self.notifying.probe(self.readying.probe()?),
            health: self.readying.health()?,
            survivors: if self.keep_children { Survivors::Kept } else { Survivors::Swept },
            notify: self.notifying.notify,
            nonce: String::new(),
            session: self.session(),
            agent_session: session::of_agent(),
            umask: caller.umask,
            sandbox: None,
            rlimits: caller.rlimits.clone(),
            resource_limits: ResourceLimits::default(),
            must_understand: Vec::new(),
            env: self.surroundings.environment(&cwd, self.no_pty)?,
            restart: self.again.restart()?,
            watch: self.again.watch(&cwd)?,
            cwd: cwd.into_os_string().into(),
        })
    }

    /// What the user has set. Where that cannot be read, only a task that it may say something of
    /// is kept from beginning.
    fn config(&self, home: &Home, place: Option<CallerStreams>) -> Result<Config, Failure> {
        let is_asked = || self.order.group().is_some() || place.is_some() && self.foreground.is_configured();
        match home.config() {
            Ok(config) => Ok(config),
            Err(why) if is_asked() || home.config_names("limits") => Err(why.into()),
            Err(_) => Ok(Config::default()),
        }
    }

    /// What it may use at most: as is said here, else as the settings of its group have it, else as
    /// those of all tasks.
    fn limit(&self, spec: &mut Spec, config: &Config, caller: &Caller) -> Result<(), Failure> {
        let defaults = config.limits_of(spec.begins.group.as_ref());
        spec.resource_limits = self.limits.over(defaults.resources, &caller.rlimits)?;
        spec.resource_limits.strict |= self.strict_limits;
        let TimeLimits { timeout, idle_timeout, .. } = &mut spec.time_limits;
        (*timeout, *idle_timeout) = (timeout.or(defaults.timeout), idle_timeout.or(defaults.idle_timeout));
        Ok(())
    }

    /// Puts it into its sandbox; refuses what would not outlive one of somebody else's.
    fn confine(&self, home: &Home, spec: &mut Spec) -> Result<(), Failure> {
        self.background.then(sandbox::check_surroundings).transpose()?;
        self.sandbox.as_ref().map_or(Ok(()), |word| sandbox::confine(home, word, spec, self.surroundings.set()))
    }

    /// Whether the caller waits for it to begin.
    fn stays(&self, place: Option<&AttachPlace>) -> bool {
        place.is_some() || self.readying.when().is_some()
    }

    /// Where the caller stays with it, if he does.
    fn place(&self) -> Option<CallerStreams> {
        (!self.background && !self.json && self.readying.when().is_none()).then(CallerStreams::here)
    }

    /// Where a notice of its end is wanted; whoever stays to the end needs none.
    fn session(&self) -> Option<Session> {
        let stays = match self.readying.when() {
            None => !self.background,
            Some(WaitFor::Ready) => false,
            Some(WaitFor::Exit) => true,
        };
        session::of_shell().filter(|_| !stays)
    }

    /// Who waits for it can name it meanwhile; JSON is one object, and has what came of it.
    fn wait(&self, home: &Home, begun: &StartedTask, spec: &Spec, when: WaitFor) -> VerbResult {
        if !self.json {
            self.tell(home, begun, spec)?;
        }
        let code = self.readying.wait(home, begun.id, when);
        if self.json {
            self.tell(home, begun, spec)?;
        }
        code
    }

    /// Looks and begins under one lock, so that two callers at once get one task.
    fn begin_once(
        &self,
        home: &Home,
        spec: &mut Spec,
        state: Option<&[u8]>,
        pending: &mut PendingSupervisor,
    ) -> Result<StartedTask, Failure> {
        let held = home.tasks.own_file(ONCE, OpenMode::Make)?;
        lock::take(&held)?;
        settle(home)?;
        for id in markers::living(home)? {
            // One that is removed by now, or cannot be read, is not the one.
            let Ok(reading) = TaskDir::open(home, id).and_then(|task| TaskSnapshot::of(home, &task)) else { continue };
            if reading.spec.name == spec.name && reading.status().is_living() {
                let start = match reading.summary(home).reason {
                    Some(why) => Start::Queued(why.into_owned()),
                    None => Start::Launched(reading.state.and_then(|s| s.leader).map_or(0, |leader| leader.pid)),
                };
                *spec = reading.spec;
                return Ok(StartedTask { id, start, is_new: false, weaker: Vec::new() });
            }
        }
        Ok(begin(home, spec, state, pending)?)
    }

    fn tell(&self, home: &Home, begun: &StartedTask, spec: &Spec) -> Result<(), Failure> {
        let command = spec.command.to_string();
        if self.json {
            let mut told = serde_json::json!({
                "id": begun.id, "name": spec.name, "command": command, "pid": begun.start.pid(),
                "status": begun.start.status(), "reason": begun.start.reason(),
            });
            self.readying.add(&mut told, home, begun.id)?;
            return Ok(output::object(told)?);
        }
        let mut out = output::data();
        if output::is_seen() {
            writeln!(out, "[{}] {} {}", begun.id, begun.start, ansi::command(&command))?;
        } else {
            writeln!(out, "{}", begun.id)?;
        }
        Ok(())
    }
}

/// Reads a shell's state from a file, or from standard input.
fn read_state(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut state = Vec::new();
    let read = match path.as_os_str().as_bytes() {
        b"-" => std::io::stdin().take(LONGEST_SHELL_STATE + 1).read_to_end(&mut state),
        // Named by the caller: it may be a FIFO, as of `<(…)`.
        _ => std::fs::File::open(path).and_then(|file| file.take(LONGEST_SHELL_STATE + 1).read_to_end(&mut state)),
    };
    let is_too_long = state.len() as u64 > LONGEST_SHELL_STATE;
    let read = if is_too_long { Err(NotRegular::TooLong(LONGEST_SHELL_STATE).into()) } else { read };
    let failed = |e| Failure::new(USAGE, format!("cannot read the shell state {}: {e}", path.display()));
    read.map_err(failed).map(|_| state)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::{Args, FromArgMatches};
    use proptest::prelude::*;

    use super::Run;
    use crate::cli::verb::Verb;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    /// What the parser makes of a line.
    fn parsed(words: &[OsString]) -> Option<Run> {
        let parser = Run::augment_args(clap::Command::new(Run::NAME)).no_binary_name(true);
        Run::from_arg_matches(&parser.try_get_matches_from(words).ok()?).ok()
    }

    /// Whether a line is read without the parser; that both make the same of it.
    fn is_plain(words: &[OsString]) -> bool {
        let plain = Run::of_plain(words);
        if let Some(plain) = &plain {
            let parsed = parsed(words).map(|run| format!("{run:?}"));
            assert_eq!(parsed.as_deref(), Some(&*format!("{plain:?}")), "{words:?}");
        }
        plain.is_some()
    }

    #[test]
    fn the_usual_lines_are_read_without_the_parser() {
        for line in ["x", "-b x", "-b -- x", "-b npm run dev", "-b -n web npm run dev", "--name web -b -- x -y"] {
            assert!(is_plain(&words(line)), "{line}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_parser() {
        let all = "|-b|-b --|-b -b x|-n|-n -b x|-n / x|-nweb x|-bn web x|--name=web x|-b --json x|--help|- x|x -- y";
        for line in all.split('|') {
            assert!(!is_plain(&words(line)), "{line}");
        }
    }

    proptest! {
        #[test]
        fn both_make_the_same_of_any_line(
            words in prop::collection::vec(prop::sample::select(&["-b", "--background", "-n", "--name", "--", "web",
                "-x", "", "a b", "ünder", "\u{200b}", "-", "--json", "7", "task-007", "@last"][..]), 0..7)
        ) {
            is_plain(&words.into_iter().map(OsString::from).collect::<Vec<_>>());
        }
    }
}
