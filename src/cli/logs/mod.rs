//! `aos logs`: what tasks printed.

mod by_line;
mod follow_view;
mod grep;
mod last_lines;
mod line_output;
mod mark;
mod parsed_words;
mod part;
mod streams;
mod whole_logs;

use std::io::{self, IsTerminal, Write};

use clap::{Args, ValueEnum};

use super::number::whole;
use super::pager::Opens;
use super::pager_output::PagerOutput;
use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{acknowledge, output, session};
use crate::ansi::{self, printable};
use crate::cli::pager;
use crate::cli::verb::{Caller, Verb};
use crate::config;
use crate::logs::text::level::Level;
use crate::logs::text::redact::Secrets;
use crate::store::layout::Home;
use crate::store::read_positions::ReadPositions;
use crate::task::id::TaskId;
use crate::task::spec::Spec;
use crate::task_log::log_range::LogRange;
use crate::units::time_spec::TimeSpec;
use grep::{Grep, Share};
use line_output::Timestamps;

/// What of a long log is its end. *Units*: lines. *Source*: journalctl(1), `--pager-end`.
const THE_END: u64 = 1000;

const EXAMPLES: &str = "\
Examples:
  aos logs -n 20 web                the last 20 lines
  aos logs -f web                   go on until the task is over
  aos logs -g 'error|warn' -i web   lines that match; -C 3 shows what is around them
  aos logs web error                lines of web that match, unless there is a task `error`, or one called nearly so
  aos logs -g TODO -c @all          how many, in each task
  aos logs --level warn --since 10m what went wrong in the last ten minutes
  aos logs --merge web db           both, in order of time; -f goes on
  aos logs 7#2                      the second run of task 7";

/// Print what tasks printed
///
/// Without an id: the only running task's log, else the newest's; before either, that of a failure which came later and
/// which nobody has looked at. On a terminal, what is longer than the screen goes to a pager:
/// $AOS_PAGER, else pager below [logs] in config.toml, else $PAGER, else less; `cat` means none.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Logs {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Go on printing what is added, until the task is over; of one run (7#2), until that is
    #[arg(short, long, conflicts_with_all = ["until", "new", "count"])]
    follow: bool,
    /// Only the last N lines
    #[arg(short = 'n', long, value_name = "N", value_parser = whole::<u64>)]
    lines: Option<u64>,
    /// Begin at the end: the last 1000 lines, if -n does not say how many, and in the pager the last of them
    #[arg(short, long, conflicts_with_all = ["head", "follow"])]
    end: bool,
    /// Only the first N lines
    #[arg(long, value_name = "N", value_parser = whole::<u64>, conflicts_with_all = ["lines", "follow"])]
    head: Option<u64>,
    #[command(flatten)]
    grep: Grep,
    /// Only lines of this level and above: trace, debug, info, warn, error, fatal
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Only what was written since: 10m (ago), 14:05, 2026-11-22, '2026-11-22 14:05'
    #[arg(long, value_name = "TIME")]
    since: Option<TimeSpec>,
    /// Only what was written before: the same
    #[arg(long, value_name = "TIME")]
    until: Option<TimeSpec>,
    /// Only what was added since you last asked, in this terminal or as READER
    #[arg(long, value_name = "READER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with = "head")]
    new: Option<String>,
    /// Several tasks' lines in order of time
    #[arg(long)]
    merge: bool,
    /// When each line was written; =rel: since its run began
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "local")]
    #[arg(hide_possible_values = true)]
    timestamps: Option<Timestamps>,
    /// Print JSON: an object for each line
    #[arg(long)]
    json: bool,
    /// Only this run of a restarted task (as in 7#2)
    #[arg(long, value_name = "RUN", value_parser = whole::<u32>)]
    run: Option<u32>,
    /// Tell lines that repeat once, and how often they came: auto (on a terminal), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true, hide_possible_values = true)]
    fold: FoldRepeats,
    /// The bytes as they are, but for secrets: on a terminal they may do anything
    #[arg(long)]
    raw: bool,
    /// Show secrets too: values of the task's variables such as *_TOKEN and *_PASSWORD, which are *** without it
    #[arg(long)]
    unmask: bool,
    /// On a terminal: print what is longer than the screen without a pager
    #[arg(long)]
    no_pager: bool,
    /// Print where the log is: its newest part; =all: every part, the oldest first
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "newest")]
    #[arg(hide_possible_values = true)]
    path: Option<Which>,
}

/// When lines that repeat are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FoldRepeats {
    /// Where somebody looks
    Auto,
    /// In a pipe too
    Always,
    /// Not even there
    Never,
}

/// Which files of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The one that grows
    Newest,
    /// Every one
    All,
}

impl Verb for Logs {
    const NAME: &'static str = "logs";
    const ALIASES: &'static [&'static str] = &["log"];

    fn run(mut self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let words = self.words(&home)?;
        let failed = acknowledge::failed_of(&home, &words.chosen.ids);
        let (chosen, search) = (&words.chosen, words.search.as_ref());
        self.run = self.one_run(chosen.run)?;
        let mut seen =
            self.new.as_ref().map(|reader| ReadPositions::by(&home, &session::reader(reader))).transpose()?;
        let logs = self.logs(&home, &chosen.ids, seen.as_ref())?;
        let ends: Vec<(TaskId, Option<u64>)> = logs.iter().map(|log| (log.spec.id, log.end)).collect();
        let is_by_line = self.is_by_line(logs.len(), search.is_some());
        let mut out = self.out(&home);
        if words.is_bare {
            self.say_which(&logs, &mut out)?;
        }
        let has_printed = if let Some(which) = self.path {
            paths(&logs, which)?
        } else if is_by_line {
            self.by_line(&home, logs, search, &out)?
        } else {
            self.whole(&home, logs, search, &mut out)?
        };
        out.finish()?;
        if let Some(mut seen) = seen.take() {
            ends.iter().for_each(|(id, end)| seen.read(*id, end.unwrap_or(0)));
            seen.keep(&home)?;
        }
        // Who follows a task sees it fail.
        acknowledge::saw(&home, if self.follow { &chosen.ids } else { &failed });
        match words.nothing() {
            Some(nothing) if !has_printed => Err(nothing),
            _ => Ok(if has_printed { 0 } else { NO }),
        }
    }
}

impl Logs {
    /// Where it is printed: by way of a pager what is no more than text, and comes to an end.
    fn out(&self, home: &Home) -> PagerOutput {
        if self.path.is_some() {
            return PagerOutput::straight();
        }
        let settings = settings(home);
        if self.no_pager || self.follow || self.raw {
            return PagerOutput::straight();
        }
        PagerOutput::by(pager::chosen(settings.pager), if self.end { Opens::Last } else { Opens::First })
    }

    fn say_which(&self, logs: &[LogRange], out: &mut PagerOutput) -> io::Result<()> {
        let is_for_people = !self.json && self.path.is_none() && !self.raw;
        logs.iter().filter(|_| is_for_people).try_for_each(|log| say(&log.spec, out))
    }

    /// The run that is meant: by `7#2` or `--run 2`.
    fn one_run(&self, named: Option<u32>) -> Result<Option<u32>, Failure> {
        match (self.run, named) {
            (Some(run), Some(named)) if run != named => {
                Err(Failure::new(USAGE, format!("--run {run} and #{named} are two runs")).hint("leave one of them out"))
            }
            (run, named) => Ok(run.or(named)),
        }
    }

    /// Whether lines are to be looked at one by one.
    fn is_by_line(&self, logs: usize, is_search: bool) -> bool {
        let is_of_each = self.json || self.timestamps.is_some() || self.level.is_some() || self.merge;
        is_of_each || self.follow && (logs > 1 || is_search)
    }

    fn share(&self) -> Share {
        match (self.head, self.lines()) {
            (Some(lines), _) => Share::First(lines),
            (None, Some(lines)) => Share::Last(lines),
            (None, None) => Share::All,
        }
    }

    /// Of how many lines at the end it is to be.
    fn lines(&self) -> Option<u64> {
        self.lines.or(self.end.then_some(THE_END))
    }

    /// What is not to be shown.
    fn secrets(&self, log: &LogRange) -> Secrets {
        if self.unmask { Secrets::default() } else { log.secrets() }
    }
}

/// Says which task's log it is: nobody has named it.
fn say(which: &Spec, out: &mut PagerOutput) -> io::Result<()> {
    let (name, command) = (printable(&which.name.to_string()), ansi::command(&which.command.to_string()));
    let text = format!("{} {name}: {command}", which.id);
    if output::is_seen() {
        return whole_logs::heading(out, &text);
    }
    // What a program reads has no such line; whoever has begun it may like to know.
    if io::stderr().is_terminal() { writeln!(output::talk(), "aos: {text}") } else { Ok(()) }
}

/// Prints where logs are; says whether there are any.
fn paths(logs: &[LogRange], which: Which) -> Result<bool, Failure> {
    for log in logs {
        let paths = match which {
            Which::Newest => vec![log.path.clone()],
            Which::All => log.open()?.paths(&log.path),
        };
        paths.iter().try_for_each(|path| output::path(path))?;
    }
    Ok(!logs.is_empty())
}

/// What is configured; what cannot be understood of it is told, and no reason to show nothing.
fn settings(home: &Home) -> config::LogSettings {
    let config = home.config().map_err(|e| {
        // Whoever closed our standard error cannot be told anything.
        let _ = writeln!(output::talk(), "aos: {}", printable(&e.to_string()));
    });
    config.unwrap_or_default().logs
}
