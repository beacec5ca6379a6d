//! `aos debug`: what is wrong, from what a task or any command printed.

mod json;
mod packs;
mod quickfix;
mod sarif;
mod source;
mod surroundings;
mod text;
mod uri;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{acknowledge, select};
use crate::cli::verb::{Caller, Verb};
use crate::diagnose::rules::Rules;
use crate::diagnose::suggest::suggest;
use crate::diagnose::{Context, Diagnosis, diagnose};
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::task::end::Outcome;
use crate::task::id::TaskId;
use crate::task_log::diagnosis::hide;
use crate::task_log::log_range::{self, LogRange};
use surroundings::Directory;

const EXAMPLES: &str =
    "  aos debug                             what is wrong with the only running task, else with the newest
  aos debug web                         with the newest run of web; web#2: with its second
  aos debug --file build.log            with any log; `-` reads standard input
  make 2>&1 | aos debug --file - -x 2   the same, where the exit code is known";

/// Tell what is wrong, from what a task printed
///
/// Without an id: the only running task, else the newest. The most important finding comes first.
/// The exit code is 0 when nothing is wrong, and 1 when something is.
#[derive(Args)]
pub struct Debug {
    /// The task
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Read this log instead of a task's; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    file: Option<PathBuf>,
    /// The exit code of the command that printed the file
    #[arg(short = 'x', long, value_name = "N", requires = "file", allow_negative_numbers = true)]
    exit_code: Option<i32>,
    /// The command that printed the file
    #[arg(long, value_name = "COMMAND", requires = "file")]
    command: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["sarif", "quickfix"])]
    json: bool,
    /// Print SARIF 2.1.0
    #[arg(long, conflicts_with = "quickfix")]
    sarif: bool,
    /// Print a line each, as vim's quickfix list and Emacs read it
    #[arg(long)]
    quickfix: bool,
    /// Print no more than about N tokens, the most important first
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "sarif", "quickfix"])]
    budget: Option<usize>,
}

/// Whose log it is.
struct Subject {
    /// The task, if it is one's.
    task: Option<TaskId>,
    /// What it is called.
    name: String,
    /// Where names of files are relative to.
    directory: PathBuf,
    /// Where its log is.
    log: PathBuf,
    /// What printed it.
    command: Option<String>,
}

impl Verb for Debug {
    const NAME: &'static str = "debug";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let rules = packs::rules();
        let (subject, diagnosis) = match &self.file {
            Some(path) => self.of_file(&rules, path)?,
            None => self.of_task(&rules)?,
        };
        let has_errors = diagnosis.has_errors();
        if self.sarif {
            sarif::print(&diagnosis)?;
        } else if self.quickfix {
            quickfix::print(&subject, &diagnosis)?;
        } else {
            let around = Directory(&subject.directory);
            let suggestions = suggest(&diagnosis, subject.command.as_deref(), &around);
            if self.json {
                json::print(&subject, &diagnosis, &suggestions)?;
            } else {
                text::print(&subject, &diagnosis, &suggestions, self.budget)?;
            }
        }
        Ok(if has_errors { NO } else { 0 })
    }
}

impl Debug {
    fn of_file(&self, rules: &Rules, path: &Path) -> Result<(Subject, Diagnosis), Failure> {
        let context = Context { exit_code: self.exit_code, command: self.command.clone() };
        let name = path.display().to_string();
        let unreadable = |e: io::Error| Failure::new(USAGE, format!("cannot read {name}: {e}"));
        let log: Box<dyn Read> = match path.to_str() {
            Some("-") => Box::new(io::stdin().lock()),
            _ => Box::new(BufReader::new(File::open(path).map_err(unreadable)?)),
        };
        let diagnosis = diagnose(rules, log, &context).map_err(unreadable)?;
        let directory = select::here().unwrap_or_default();
        let subject =
            Subject { task: None, name: name.clone(), directory, log: path.to_owned(), command: self.command.clone() };
        Ok((subject, diagnosis))
    }

    fn of_task(&self, rules: &Rules) -> Result<(Subject, Diagnosis), Failure> {
        let home = Home::open()?;
        let words: Vec<String> = self.id.iter().cloned().collect();
        let found = select::readings(&home, &words)?;
        let run = found.run;
        let mut all = Vec::new();
        let code = found.each(self.json, |task, reading| {
            all.push(of_run(&home, rules, task, reading, run)?);
            Ok(())
        })?;
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Failure::new(USAGE, "debug tells of one task").hint("name it by its id")),
            (None, _) => Err(Failure::told(code)),
        }
    }
}

fn of_run(
    home: &Home,
    rules: &Rules,
    task: &TaskDir,
    reading: &TaskSnapshot,
    run: Option<u32>,
) -> Result<(Subject, Diagnosis), Failure> {
    let newest = last_run(task);
    let number = run.unwrap_or(newest);
    let log = LogRange::of(home, task.id, Some(number))?;
    let context =
        Context { exit_code: exit_code(reading, number == newest), command: Some(log.spec.command.to_string()) };
    let read = log.read().map_err(Failure::from)?;
    let mut diagnosis = diagnose(rules, read, &context)?;
    hide(&mut diagnosis, &log_range::secrets(home, &log.spec));
    acknowledge::saw_as(home, reading);
    let subject = Subject {
        task: Some(task.id),
        name: if run.is_some() { format!("{}#{number}", task.id) } else { task.id.to_string() },
        directory: PathBuf::from(log.spec.cwd.to_string()),
        log: log.path.clone(),
        command: context.command.clone(),
    };
    Ok((subject, diagnosis))
}

/// The exit code of the newest run, once it is over; of earlier ones it is not kept.
fn exit_code(reading: &TaskSnapshot, is_newest: bool) -> Option<i32> {
    let end = reading.end().filter(|_| is_newest)?;
    match &end.outcome {
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } => end.outcome.exit_code(),
        Outcome::Unbegun | Outcome::Unseen => None,
    }
}
