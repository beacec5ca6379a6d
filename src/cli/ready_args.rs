//! What `aos run` has to say of readiness: what shows it, and whether it is waited for.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, USAGE};
use crate::actions::{acknowledge, describe_end, describe_wait};
use crate::ansi::{Colours, Filter};
use crate::cli::health_args::HealthArgs;
use crate::client::wait::{Met, WaitResult, Waiting};
use crate::logs::read::last_lines::start_of_last;
use crate::logs::store::segments::Segments;
use crate::readiness::is_known;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::condition::Condition;
use crate::task::health::HealthCheck;
use crate::task::id::TaskId;
use crate::task::probe::Probe;
use crate::task_log::log_range::secrets;
use crate::units::span::Span;

/// How long readiness is waited for where nobody says how long.
const PATIENCE: Span = Span(5 * 60 * 1000);
/// After this it is said that there is still something to wait for.
const SILENCE: Duration = Duration::from_secs(10);
/// So much of the end of a log is shown of a task that was never ready. *Units*: lines.
const LAST_LINES: u64 = 20;
/// The same in *units* of bytes.
const MOST_SHOWN: u64 = 64 * 1024;

/// The options of `aos run` that are about readiness.
#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct ReadyArgs {
    /// Take the task as ready when: auto (it listens on a port), port:N (it listens on N), http:URL
    /// (it answers), log:REGEX (it prints a match), cmd:COMMAND (the command succeeds)
    #[arg(long, value_name = "READY")]
    ready: Option<Probe>,
    /// Return when the task is ready, or finished with its exit code; without a value: finished
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "exit")]
    wait: Option<WaitFor>,
    /// Return with 124 if the task is not ready after this time; it runs on
    #[arg(long, value_name = "TIME", requires = "wait")]
    ready_timeout: Option<Span>,
    #[command(flatten)]
    checking: HealthArgs,
}

/// When `aos run` comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WaitFor {
    /// When the task is ready.
    Ready,
    /// When it is over.
    Exit,
}

impl ReadyArgs {
    /// What shows that the task is ready, if anybody wants to know. *Errors*: when the options
    /// contradict each other.
    pub fn probe(&self) -> Result<Option<Probe>, Failure> {
        if let Some(Probe::Http(url)) = &self.ready
            && !is_known(&url.host)
        {
            let why = "it is no address, not localhost and not in /etc/hosts";
            return Err(Failure::new(USAGE, format!("nobody knows the host {}: {why}", url.host))
                .hint(format!("--ready 'cmd:curl -fs {url}' asks the name service")));
        }
        match (&self.ready, self.wait) {
            (_, None | Some(WaitFor::Exit)) if self.ready_timeout.is_some() => {
                Err(Failure::new(USAGE, "--ready-timeout says how long --wait=ready waits")
                    .hint("aos run -b --wait=ready --ready-timeout 30s COMMAND"))
            }
            (None, Some(WaitFor::Ready)) => Ok(Some(Probe::Auto)),
            (probe, _) => Ok(probe.clone()),
        }
    }

    /// How it is looked whether the task is healthy, if anybody wants to know. *Errors*: when that
    /// cannot be.
    pub fn health(&self) -> Result<Option<HealthCheck>, Failure> {
        self.checking.check()
    }

    /// When `aos run` is to come back, if not at once.
    pub fn when(&self) -> Option<WaitFor> {
        self.wait
    }

    /// Adds to JSON what came of waiting for readiness.
    pub fn add(&self, told: &mut Value, home: &Home, id: TaskId) -> Result<(), Failure> {
        if self.wait == Some(WaitFor::Ready) {
            let row = describe_wait::summary(home, &TaskSnapshot::of(home, &TaskDir::open(home, id)?)?);
            told["ready"] = json!(row.ready == Some(true));
            told["ready_after_ms"] = json!(row.ready_after_ms);
            told["url"] = json!(row.url);
            told["ports"] = json!(row.ports);
        }
        Ok(())
    }

    /// Waits as was asked for; gives the exit code.
    pub fn wait(&self, home: &Home, id: TaskId, when: WaitFor) -> Result<i32, Failure> {
        match when {
            WaitFor::Exit => wait_for_end(home, id),
            WaitFor::Ready => self.wait_until_ready(home, id),
        }
    }

    fn wait_until_ready(&self, home: &Home, id: TaskId) -> Result<i32, Failure> {
        let patience = self.ready_timeout.unwrap_or(PATIENCE);
        let _telling = acknowledge::telling(home, id);
        let Some(word) = next(home, id, patience.duration())? else {
            return Err(describe_wait::gave_up(home, &[id], &[Condition::Ready], Some(patience)));
        };
        if let Met::Condition(..) = word.met {
            let what = describe_wait::told(home, &word);
            writeln!(crate::actions::output::talk(), "{id} {}", what.replacen("ready after", "is ready after", 1))?;
            return Ok(0);
        }
        print_last_lines(home, &word.reading)?;
        acknowledge::saw(home, &[id]);
        let code = describe_end::exit_code(&word.reading).filter(|code| *code != 0).unwrap_or(NO);
        Err(describe_wait::ended_before(home, &word.reading, &[Condition::Ready]).with_code(code))
    }
}

fn wait_for_end(home: &Home, id: TaskId) -> Result<i32, Failure> {
    let word = Waiting::begin(home, &[id], &[Condition::Exit])?.next(None)?;
    acknowledge::saw(home, &[id]);
    Ok(word.and_then(|word| describe_end::exit_code(&word.reading)).unwrap_or(NO))
}

/// What became of its readiness; `None` when the time is up. Whoever waits long is told once what
/// for.
fn next(home: &Home, id: TaskId, patience: Duration) -> Result<Option<WaitResult>, Failure> {
    let mut waiting = Waiting::begin(home, &[id], &[Condition::Ready])?;
    let began = Instant::now();
    let word = waiting.next(Some(began + patience.min(SILENCE)))?;
    if word.is_some() || patience <= SILENCE {
        return Ok(word);
    }
    still(id);
    Ok(waiting.next(Some(began + patience))?)
}

fn still(id: TaskId) {
    let _ = writeln!(
        crate::actions::output::talk(),
        "{id} is not ready yet; ^C leaves it running, and aos why {id} tells more"
    );
}

/// The last lines of the run's log, made safe, to standard error.
fn print_last_lines(home: &Home, reading: &TaskSnapshot) -> Result<(), Failure> {
    let Ok(log) = Segments::open(&home.log_path(reading.spec.id, &reading.spec.name)) else { return Ok(()) };
    let from = reading.state.as_ref().map_or(0, |state| state.log_start);
    let start = start_of_last(&log, LAST_LINES, from)?.max(log.end().saturating_sub(MOST_SHOWN));
    let (mut raw, mut safe) = (Vec::new(), Vec::new());
    log.reader(start).take(MOST_SHOWN).read_to_end(&mut raw)?;
    let mut filter = Filter::new(Colours::Drop);
    filter.feed(&raw, &mut safe);
    filter.finish(&mut safe);
    if safe.last().is_some_and(|byte| *byte != b'\n') {
        safe.push(b'\n');
    }
    Ok(io::stderr().lock().write_all(&secrets(home, &reading.spec).hide(&safe))?)
}
