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

/// Print the output of tasks
///
/// Without an id: the only running task's log, else the newest's; before either, that of a failure
/// which came later and which nobody has looked at. On a terminal, what is longer than the screen
/// goes to a pager: $AOS_PAGER, else pager below [logs] in config.toml, else $PAGER, else less;
/// `cat` means none.
#[derive(Args)]
pub struct Logs {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Print new output as it comes, until the task is finished; of one run (7#2), until that is
    #[arg(short, long, conflicts_with_all = ["until", "new", "count"])]
    follow: bool,
    /// Merge the lines of several tasks in order of time
    #[arg(long)]
    merge: bool,
    /// Print only the last N lines
    #[arg(short = 'n', long, value_name = "N", value_parser = whole::<u64>, help_heading = "Part of the log")]
    lines: Option<u64>,
    /// Start at the end: print the last 1000 lines, or N with -n; a pager opens at the last one
    #[arg(short, long, conflicts_with_all = ["head", "follow"], help_heading = "Part of the log")]
    end: bool,
    /// Print only the first N lines
    #[arg(long, value_name = "N", value_parser = whole::<u64>, conflicts_with_all = ["lines", "follow"], help_heading = "Part of the log")]
    head: Option<u64>,
    #[command(flatten, next_help_heading = "Search")]
    grep: Grep,
    /// Print only lines of this level or above: trace, debug, info, warn, error, fatal
    #[arg(long, value_name = "LEVEL", help_heading = "Search")]
    level: Option<Level>,
    /// Print only what was written since: 10m (ago), 14:05, 2026-11-22, '2026-11-22 14:05'
    #[arg(long, value_name = "TIME", help_heading = "Part of the log")]
    since: Option<TimeSpec>,
    /// Print only what was written before this time
    #[arg(long, value_name = "TIME", help_heading = "Part of the log")]
    until: Option<TimeSpec>,
    /// Print only what is new since the last --new of this terminal, or of READER
    #[arg(long, value_name = "READER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with = "head", help_heading = "Part of the log")]
    new: Option<String>,
    /// Print the time of each line; =rel: since its run started
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "local")]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    timestamps: Option<Timestamps>,
    /// Print JSON: one object a line
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Print only this run of a restarted task, as in 7#2
    #[arg(long, value_name = "RUN", value_parser = whole::<u32>, help_heading = "Part of the log")]
    run: Option<u32>,
    /// Print a repeated line once with its count: auto (on a terminal), always, never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    fold: FoldRepeats,
    /// Print the bytes as they are, but for secrets; they may drive your terminal
    #[arg(long, help_heading = "Output")]
    raw: bool,
    /// Print secrets too: values of variables such as *_TOKEN, which are *** otherwise
    #[arg(long, help_heading = "Output")]
    unmask: bool,
    /// Start no pager for output that is longer than the screen
    #[arg(long, help_heading = "Output")]
    no_pager: bool,
    /// Print the path of the log's newest segment; =all: of all segments, oldest first
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "newest")]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    path: Option<PathChoice>,
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

/// PathChoice files of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PathChoice {
    /// The one that grows
    Newest,
    /// Every one
    All,
}

const EXAMPLES: &str = "  aos logs -n 20 web                  the last 20 lines
  aos logs -f web                     follow until the task is finished
  aos logs -g 'error|warn' -i web     lines that match; -C 3 adds what is around them
  aos logs web error                  lines of web that match, if no task is called `error`
  aos logs -g TODO -c @all            how many, in each task
  aos logs --level warn --since 10m   what went wrong in the last ten minutes
  aos logs --merge web db             both, in order of time; -f follows
  aos logs 7#2                        the second run of task 7";

impl Verb for Logs {
    const NAME: &'static str = "logs";
    const ALIASES: &'static [&'static str] = &["log"];
    const EXAMPLES: &str = EXAMPLES;

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
fn paths(logs: &[LogRange], which: PathChoice) -> Result<bool, Failure> {
    for log in logs {
        let paths = match which {
            PathChoice::Newest => vec![log.path.clone()],
            PathChoice::All => log.open()?.paths(&log.path),
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
