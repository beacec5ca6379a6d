//! `aos sandbox`: what a sandbox holds on this machine, and what a command runs into in one.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use serde_json::json;

use crate::actions::failure::{Failure, NOT_HELD, USAGE, VerbResult};
use crate::actions::sandbox::{ChosenSandbox, choose, confine};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::launch::apply::{Standard, apply};
use crate::launch::plan::LaunchPlan;
use crate::launch::sandbox::decider::Refusal;
use crate::launch::sandbox::{self, probes};
use crate::store::layout::Home;
use crate::sys::{dispositions, tty};
use crate::task::command::{Command, UseShell};
use crate::task::id::TaskId;
use crate::task::os_bytes::OsBytes;
use crate::task::spec::Spec;
use crate::ui::style;
use crate::units::wall_time::WallTime;

/// Show what a sandbox holds on this machine, or try a command in one
///
/// `check` tries each guarantee by doing what it forbids. `try` runs a command in the foreground,
/// as `aos run --sandbox` would, and lists what it was refused.
#[derive(Args)]
pub struct Sandbox {
    /// What to do
    #[arg(value_enum, value_name = "ACTION")]
    action: Action,
    /// The profile: default, strict, best-effort, the name of one of yours, or a file
    #[arg(long, value_name = "PROFILE", default_value = "default")]
    profile: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The command to try
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Show what holds
    Check,
    /// Run a command, and list what it was refused
    Try,
}

/// Who has ended tells within this time what else it was refused.
const LAST_WORDS: Duration = Duration::from_millis(500);

const EXAMPLES: &str = "  aos sandbox check                    show what the default profile holds here
  aos sandbox try -- npm install       run it, and list what it was refused
  aos sandbox try --profile strict -- make

Exit codes: check: 0 if all holds, 78 if not; try: that of the command";

impl Verb for Sandbox {
    const NAME: &'static str = "sandbox";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, caller: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let cwd = select::here()?;
        match (self.action, self.command.is_empty()) {
            (Action::Check, true) => self.check(&choose(&home, &self.profile, &cwd)?),
            (Action::Try, false) => self.try_command(&home, cwd, caller),
            (Action::Check, false) => Err(Failure::new(USAGE, "check takes no command").hint("aos sandbox try -- CMD")),
            (Action::Try, true) => Err(Failure::new(USAGE, "which command?").hint("aos sandbox try -- CMD")),
        }
    }
}

impl Sandbox {
    fn check(&self, chosen: &ChosenSandbox) -> VerbResult {
        let found = probes::all(&chosen.sandbox);
        let code = if found.iter().all(|finding| finding.found.is_ok()) { 0 } else { NOT_HELD };
        if self.json {
            let rows: Vec<_> = found
                .iter()
                .map(|finding| {
                    json!({
                        "name": finding.guarantee, "meaning": finding.guarantee.meaning(),
                        "holds": finding.found.is_ok(),
                        "by": finding.found.as_ref().ok(), "why": finding.found.as_ref().err(),
                    })
                })
                .collect();
            output::object(json!({
                "profile": chosen.sandbox.profile, "network": chosen.sandbox.network, "guarantees": rows,
            }))?;
            return Ok(code);
        }
        let mut out = output::data();
        for finding in found {
            let (mark, style, by) = match &finding.found {
                Ok(by) => ("holds", anstyle::Style::new(), by),
                Err(why) => ("missing", style::ERROR, why),
            };
            let what = format!("{} ({})", finding.guarantee.meaning(), printable(by));
            writeln!(out, "{style}{mark:8}{style:#} {:13} {what}", finding.guarantee)?;
        }
        Ok(code)
    }

    /// Runs it as a task would be, without being one.
    fn try_command(&self, home: &Home, cwd: PathBuf, caller: &Caller) -> VerbResult {
        let mut spec = self.spec(cwd, caller)?;
        confine(home, &self.profile, &mut spec, &[])?;
        let mut plan = LaunchPlan::trial(&spec).map_err(|why| Failure::new(why.code, why.why))?;
        let told = plan.decider.as_mut().and_then(|decider| decider.told.take());
        let refusals = collect(told);
        let (input, out, errors) = (io::stdin(), io::stdout(), io::stderr());
        let terminal = input.is_terminal().then(|| input.as_fd());
        let standard = Standard { terminal, input: input.as_fd(), output: out.as_fd(), errors: errors.as_fd() };
        let plan = Ok(plan);
        let (pid, launched) = apply(&plan, standard)?;
        drop(plan);
        // The terminal comes back from the background.
        dispositions::ignore(&[libc::SIGTTOU]);
        let status = waitpid(Pid::from_raw(pid), None).map_err(io::Error::from)?;
        terminal.map_or(Ok(()), tty::take_foreground)?;
        sandbox::remove(spec.sandbox.as_ref().map(|held| sandbox::directory(held, &spec)).as_deref()).ok();
        launched.map_err(|why| Failure::new(why.code, why.why))?;
        let code = match status {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            _ => 0,
        };
        self.tell(&refusals(), code)?;
        Ok(code)
    }

    fn spec(&self, cwd: PathBuf, caller: &Caller) -> Result<Spec, Failure> {
        let words = self.command.iter().cloned().map(OsBytes::from).collect();
        let shell = env::var_os("SHELL").filter(|s| !s.is_empty()).unwrap_or_else(|| "/bin/sh".into());
        Ok(Spec {
            command: Command::new(words, shell.into(), UseShell::AsNeeded)?,
            cwd: cwd.into_os_string().into(),
            notify: None,
            nonce: format!("try-{}", std::process::id()),
            umask: caller.umask,
            rlimits: caller.rlimits.clone(),
            env: env::vars_os().map(|(name, value)| (name.into(), value.into())).collect(),
            ..Spec::unknown(TaskId::NONE_YET, None, WallTime::now())
        })
    }

    fn tell(&self, refusals: &BTreeMap<Refusal, u64>, code: i32) -> io::Result<()> {
        if self.json {
            let rows: Vec<_> = refusals
                .iter()
                .map(|(refusal, times)| {
                    let mut row = serde_json::to_value(refusal).unwrap_or_default();
                    row["times"] = json!(times);
                    row
                })
                .collect();
            // What the command prints goes first, on standard output.
            return output::object(json!({ "exit_code": code, "refused": rows }));
        }
        let mut talk = output::talk();
        writeln!(
            talk,
            "aos: exit code {code}; {}",
            if refusals.is_empty() { "nothing was refused" } else { "refused:" }
        )?;
        for (refusal, times) in refusals {
            let what = match refusal {
                Refusal::Connect { to } => format!("connect to {to}"),
                Refusal::Socket { family } => format!("make a socket: {family}"),
                Refusal::Read { path } => format!("read {path}"),
                Refusal::Write { path } => format!("write {path}"),
                Refusal::Call { name } => format!("call {name}"),
            };
            let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
            writeln!(talk, "  {}{times}", printable(&what))?;
        }
        Ok(())
    }
}

/// Reads what is told while the command runs; what is given waits for the rest of it.
fn collect(told: Option<io::PipeReader>) -> impl FnOnce() -> BTreeMap<Refusal, u64> {
    let (sender, receiver) = mpsc::channel();
    if let Some(told) = told {
        let read = move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                if let Ok(refusal) = serde_json::from_str::<Refusal>(&line)
                    && sender.send(refusal).is_err()
                {
                    break;
                }
            }
        };
        // Where no thread is had, nothing is listed.
        let _ = thread::Builder::new().name("refusals".into()).spawn(read);
    }
    move || {
        let mut all = BTreeMap::new();
        while let Ok(refusal) = receiver.recv_timeout(LAST_WORDS) {
            *all.entry(refusal).or_insert(0) += 1;
        }
        all
    }
}
