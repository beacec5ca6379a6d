//! `aos logs`: what tasks printed.

mod grep;
mod lines;
mod streams;

use std::io::{Read, Write};

use clap::{Args, ValueEnum};

use super::failure::{Failure, NO, USAGE};
use super::following::{Folding, Printer, Show, begun, follow_as, tell_gaps};
use super::{Answer, Caller, Verb, choose, looking, output, session};
use crate::ansi::printable;
use crate::client::log::{self, Log};
use crate::client::stream::{Counting, Stream};
use crate::launch;
use crate::logs::head::Head;
use crate::logs::level::Level;
use crate::logs::mask::Secrets;
use crate::logs::search::Search;
use crate::store::home::Home;
use crate::store::seen::Seen;
use crate::task::id::TaskId;
use crate::ui::style::{HEADING, of_name};
use crate::units::stamp::Stamp;
use crate::units::when::When;
use grep::{Bytes, Grep, How, Prints, Share};
use lines::{Choice, Form, Labelled, Lines, Timestamps};

const EXAMPLES: &str = "\
Examples:
  aos logs -n 20 web                the last 20 lines
  aos logs -f web                   go on until the task is over
  aos logs -g 'error|warn' -i web   lines that match; -C 3 shows what is around them
  aos logs -g TODO -c @all          how many, in each task
  aos logs --level warn --since 10m what went wrong in the last ten minutes
  aos logs --merge web db           both, in order of time; -f goes on
  aos logs 7#2                      the second run of task 7";

/// Print what tasks printed
///
/// Without an id: the only running task's log, else the newest's.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Logs {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Go on printing what is added, until the task is over
    #[arg(short, long, conflicts_with_all = ["until", "new", "count"])]
    follow: bool,
    /// Only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<u64>,
    /// Only the first N lines
    #[arg(long, value_name = "N", conflicts_with_all = ["lines", "follow"])]
    head: Option<u64>,
    #[command(flatten)]
    grep: Grep,
    /// Only lines of this level and above: trace, debug, info, warn, error, fatal
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Only what was written since: 10m (ago), 14:05, 2026-11-22, '2026-11-22 14:05'
    #[arg(long, value_name = "TIME")]
    since: Option<When>,
    /// Only what was written before: the same
    #[arg(long, value_name = "TIME")]
    until: Option<When>,
    /// Only what was added since you last asked, in this terminal or as READER
    #[arg(long, value_name = "READER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with = "head")]
    new: Option<String>,
    /// Several tasks' lines in order of time
    #[arg(long)]
    merge: bool,
    /// When each line was written; =rel: since its run began
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "local")]
    timestamps: Option<Timestamps>,
    /// Print JSON: an object for each line
    #[arg(long)]
    json: bool,
    /// Only this run of a restarted task (as in 7#2)
    #[arg(long, value_name = "RUN")]
    run: Option<u32>,
    /// Tell lines that repeat once, and how often they came: auto (on a terminal, without -f), always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true, hide_possible_values = true)]
    fold: Fold,
    /// The bytes as they are, but for secrets: on a terminal they may do anything
    #[arg(long)]
    raw: bool,
    /// Show secrets too: values of the task's variables such as *_TOKEN and *_PASSWORD, which are *** without it
    #[arg(long)]
    unmask: bool,
    /// Print where the log is
    #[arg(long)]
    path: bool,
}

/// When lines that repeat are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Fold {
    /// Where somebody looks
    Auto,
    /// In a pipe too
    Always,
    /// Not even there
    Never,
}

impl Verb for Logs {
    const NAME: &'static str = "logs";
    const ALIASES: &'static [&'static str] = &["log"];

    fn run(mut self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        let search = self.search(&home)?;
        let chosen = choose::tasks_or_usual(&home, &self.ids)?;
        self.run = self.run.or(chosen.run);
        let mut seen = self.new.as_ref().map(|reader| Seen::by(&home, &session::reader(reader))).transpose()?;
        let logs = self.logs(&home, &chosen.ids, seen.as_ref())?;
        let ends: Vec<(TaskId, Option<u64>)> = logs.iter().map(|log| (log.spec.id, log.end)).collect();
        let is_by_line = self.is_by_line(logs.len());
        let has_printed = if self.path {
            logs.iter().try_for_each(|log| writeln!(output::data(), "{}", log.path.display()))?;
            !logs.is_empty()
        } else if is_by_line {
            self.by_line(&home, logs, search.as_ref())?
        } else {
            self.whole(&home, logs, search.as_ref())?
        };
        if let Some(mut seen) = seen.take() {
            ends.iter().for_each(|(id, end)| seen.read(*id, end.unwrap_or(0)));
            seen.keep(&home)?;
        }
        looking::saw(&home, &chosen.ids);
        Ok(if has_printed { 0 } else { NO })
    }
}

impl Logs {
    /// What is wanted of each log. That there is none of an adopted task is said, and does not keep the others.
    fn logs(&self, home: &Home, ids: &[TaskId], seen: Option<&Seen>) -> Result<Vec<Log>, Failure> {
        let mut logs = Vec::new();
        for &id in ids {
            match Log::of(home, id, self.run) {
                Err(adopted @ log::Error::Adopted(_)) => drop(Failure::from(adopted).tell(false)),
                log => logs.push(self.part(home, log?, seen)?),
            }
        }
        Ok(logs)
    }

    fn part(&self, home: &Home, mut log: Log, seen: Option<&Seen>) -> Result<Log, Failure> {
        if launch::is_part_of(&log.spec) {
            log = self.own(log)?;
        }
        if self.follow && log.end.is_none() {
            begun(home, log.spec.id, &log.path)?;
        }
        let now = Stamp::now();
        if let Some(since) = self.since {
            log = log.since(since.stamp(now))?;
        }
        if let Some(until) = self.until {
            log = log.until(until.stamp(now))?;
        }
        if let Some(seen) = seen {
            let position = seen.position(log.spec.id);
            log = log.until_now()?.beyond(position)?;
        }
        Ok(log)
    }

    /// A task that reads its own log gets what is there, and not what it makes of that.
    fn own(&self, log: Log) -> Result<Log, Failure> {
        if self.follow {
            let why = format!("{} cannot follow its own log: what it prints would come back for ever", log.spec.id);
            return Err(Failure::new(USAGE, why).hint(format!("aos logs {} prints what is there", log.spec.id)));
        }
        Ok(log.until_now()?)
    }

    /// Whether lines are to be looked at one by one.
    fn is_by_line(&self, logs: usize) -> bool {
        let is_of_each = self.json || self.timestamps.is_some() || self.level.is_some() || self.merge;
        is_of_each || self.follow && (logs > 1 || self.grep.grep.is_some())
    }

    fn by_line(&self, home: &Home, logs: Vec<Log>, search: Option<&Search>) -> Result<bool, Failure> {
        if self.raw {
            return Err(Failure::new(USAGE, "--raw takes a log as it is, and not line by line")
                .hint("leave out --raw, or what it was combined with"));
        }
        let counting = if self.json { Counting::FromStart } else { Counting::FromHere };
        let labels = self.labelled(&logs);
        if self.follow && logs.iter().all(|log| log.end.is_none()) {
            let logs = logs.into_iter().map(|log| match self.lines {
                Some(lines) => log.last(lines),
                None => Ok(log),
            });
            let streams = logs.map(|log| Stream::growing(log?, counting)).collect::<Result<_, _>>()?;
            let mut lines = Lines::new(self.choice(search, Share::All), self.form(), labels);
            streams::as_they_come(home, streams, &mut lines)?;
            return lines.finish();
        }
        let streams = logs.into_iter().map(|log| Stream::of(log, counting)).collect::<Result<Vec<_>, _>>()?;
        if self.merge {
            let mut lines = Lines::new(self.choice(search, self.share()), self.form(), labels);
            streams::merged(streams, &mut lines)?;
            return lines.finish();
        }
        let mut has_printed = false;
        for (stream, labelled) in streams.into_iter().zip(labels) {
            let mut lines = Lines::new(self.choice(search, self.share()), self.form(), vec![labelled]);
            streams::whole(stream, &mut lines)?;
            has_printed |= lines.finish()?;
        }
        Ok(has_printed)
    }

    fn choice<'a>(&self, search: Option<&'a Search>, share: Share) -> Choice<'a> {
        Choice { level: self.level, search, around: self.grep.around(), share }
    }

    fn form(&self) -> Form {
        match (self.json, self.grep.prints()) {
            (true, _) => Form::Json,
            (false, Prints::Lines) => Form::Text(self.timestamps),
            (false, Prints::Matches) => Form::Matches,
            (false, Prints::Count) => Form::Count,
        }
    }

    /// What lines begin with where there are several tasks: their names, or ids where two have the same.
    fn labelled(&self, logs: &[Log]) -> Vec<Labelled> {
        let label = |log: &Log| {
            let is_only = logs.iter().filter(|other| other.spec.name == log.spec.name).count() < 2;
            if is_only { printable(&log.spec.name.to_string()) } else { log.spec.id.to_string() }
        };
        let labelled = logs.iter().map(|log| Labelled {
            id: log.spec.id,
            label: (logs.len() > 1).then(|| label(log)),
            secrets: self.secrets(log),
        });
        labelled.collect()
    }

    /// Each log as a whole, or what is found in it.
    fn whole(&self, home: &Home, logs: Vec<Log>, search: Option<&Search>) -> Result<bool, Failure> {
        let is_one_of_several = logs.len() > 1;
        let mut has_printed = false;
        for (place, log) in logs.into_iter().enumerate() {
            let label = is_one_of_several.then(|| log.spec.id.to_string());
            has_printed |= match search {
                Some(search) => {
                    let label = label.as_deref().map(|label| (label, of_name(place)));
                    let how = How { bytes: self.bytes(), secrets: self.secrets(&log), label };
                    self.grep.print(log, search, self.share(), how)?
                }
                None => {
                    if let Some(label) = label {
                        writeln!(output::data(), "{HEADING}==> {label} <=={HEADING:#}")?;
                    }
                    self.print(home, log).map(|()| true)?
                }
            };
        }
        Ok(has_printed)
    }

    /// The search, if one is asked for. `--grep PATTERN ID` and the older tool's `--grep ID PATTERN` both
    /// mean what they say, as long as only one of the two is a task.
    fn search(&mut self, home: &Home) -> Result<Option<Search>, Failure> {
        let Some(pattern) = self.grep.grep.clone() else { return Ok(None) };
        let pattern = match &self.ids[..] {
            [other] if is_task(home, &pattern) && !is_task(home, other) => std::mem::replace(&mut self.ids[0], pattern),
            _ => pattern,
        };
        self.grep.search(&pattern).map(Some)
    }

    fn share(&self) -> Share {
        match (self.head, self.lines) {
            (Some(lines), _) => Share::First(lines),
            (None, Some(lines)) => Share::Last(lines),
            (None, None) => Share::All,
        }
    }

    fn bytes(&self) -> Bytes {
        if self.raw { Bytes::Raw } else { Bytes::Visible }
    }

    /// What is not to be shown.
    fn secrets(&self, log: &Log) -> Secrets {
        if self.unmask { Secrets::default() } else { log::secrets(&log.spec) }
    }

    fn folding(&self) -> Folding {
        let is_folded = match self.fold {
            Fold::Auto => output::is_seen(),
            Fold::Always => true,
            Fold::Never => false,
        };
        if is_folded { Folding::Folded } else { Folding::Shown }
    }

    fn print(&self, home: &Home, log: Log) -> Result<(), Failure> {
        let log = match self.lines {
            Some(lines) => log.last(lines)?,
            None => log,
        };
        let secrets = self.secrets(&log);
        let show = match self.raw {
            true => Show::Raw,
            false if self.follow => Show::Safe,
            false => Show::Still(self.folding()),
        };
        if self.follow && log.end.is_none() {
            return follow_as(home, log.spec.id, log.start, show, secrets);
        }
        let mut printer = Printer::new(show, secrets);
        let mut whole = log.read()?;
        let mut reader: Box<dyn Read> = match self.head {
            Some(lines) => Box::new(Head::new(&mut whole, lines)),
            None => Box::new(&mut whole),
        };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => break,
                n => printer.print(&buffer[..n])?,
            }
        }
        drop(reader);
        printer.finish()?;
        Ok(tell_gaps(whole.gaps())?)
    }
}

/// Whether a word points at a task: an id that is there, or a name that somebody has.
fn is_task(home: &Home, word: &str) -> bool {
    choose::tasks(home, &[word.to_owned()]).is_ok()
}
