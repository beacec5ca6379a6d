//! `aos logs`: what tasks printed.

mod grep;

use std::io::{Read, Write};

use clap::Args;

use super::failure::{Failure, NO, USAGE};
use super::following::{Printer, Show, follow_as, tell_gaps};
use super::{Answer, Caller, Verb, choose, looking, output};
use crate::client::log::{self, Log};
use crate::logs::head::Head;
use crate::logs::mask::Secrets;
use crate::logs::search::Search;
use crate::store::home::Home;
use crate::ui::style::{HEADING, of_name};
use grep::{Bytes, Grep, How, Share};

const EXAMPLES: &str = "\
Examples:
  aos logs -n 20 web                the last 20 lines
  aos logs -f web                   go on until the task is over
  aos logs -g 'error|warn' -i web   lines that match; -C 3 shows what is around them
  aos logs -g TODO -c @all          how many, in each task
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
    #[arg(short, long, conflicts_with = "grep")]
    follow: bool,
    /// Only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<u64>,
    /// Only the first N lines
    #[arg(long, value_name = "N", conflicts_with_all = ["lines", "follow"])]
    head: Option<u64>,
    #[command(flatten)]
    grep: Grep,
    /// Only this run of a restarted task (as in 7#2)
    #[arg(long, value_name = "RUN")]
    run: Option<u32>,
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

impl Verb for Logs {
    const NAME: &'static str = "logs";
    const ALIASES: &'static [&'static str] = &["log"];

    fn run(mut self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        let search = self.search(&home)?;
        let chosen = choose::tasks_or_usual(&home, &self.ids)?;
        self.run = self.run.or(chosen.run);
        if self.follow && chosen.ids.len() > 1 {
            return Err(Failure::new(USAGE, "one task can be followed at a time").hint("aos logs -f ID"));
        }
        let mut has_printed = false;
        for (place, &id) in chosen.ids.iter().enumerate() {
            let log = match Log::of(&home, id, self.run) {
                Err(adopted @ log::Error::Adopted(_)) => {
                    Failure::from(adopted).tell(false);
                    continue;
                }
                log => log?,
            };
            let label = (chosen.ids.len() > 1).then(|| id.to_string());
            has_printed |= match &search {
                _ if self.path => writeln!(output::data(), "{}", log.path.display()).map(|()| true)?,
                Some(search) => {
                    let label = label.as_deref().map(|label| (label, of_name(place)));
                    let how = How { bytes: self.bytes(), secrets: self.secrets(&log), label };
                    self.grep.print(log, search, self.share(), how)?
                }
                None => {
                    if let Some(label) = label {
                        writeln!(output::data(), "{HEADING}==> {label} <=={HEADING:#}")?;
                    }
                    self.print(&home, log).map(|()| true)?
                }
            };
        }
        looking::saw(&home, &chosen.ids);
        Ok(if has_printed { 0 } else { NO })
    }
}

impl Logs {
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

    fn print(&self, home: &Home, log: Log) -> Result<(), Failure> {
        let log = match self.lines {
            Some(lines) => log.last(lines)?,
            None => log,
        };
        let secrets = self.secrets(&log);
        let show = if self.raw { Show::Raw } else { Show::Safe };
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
