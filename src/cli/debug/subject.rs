//! Whose log is looked into: a run of a task, or a file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::packs;
use super::source::Sources;
use crate::actions::failure::{Failure, USAGE};
use crate::actions::{acknowledge, living, remarks, select};
use crate::diagnose::{Context, Diagnosis, diagnose};
use crate::logs::text::redact::Secrets;
use crate::store::journal_file;
use crate::store::layout::{self, Home};
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::task::end::{Cause, Outcome};
use crate::task::health;
use crate::task::id::TaskId;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::run_findings::FoundProblem;
use crate::task::status::Status;
use crate::task::usual::Remark;
use crate::task_log::beside_output;
use crate::task_log::diagnosis::hide;
use crate::task_log::log_range::{self, LogRange};
use crate::task_log::run_diagnosis::RunOutput;
use crate::units::wall_time::WallTime;

/// Whose log it is.
pub struct Subject {
    /// The run, if it is a task's.
    pub run: Option<SubjectRun>,
    /// What it is called.
    pub name: String,
    /// Where names of files are relative to.
    pub directory: PathBuf,
    /// Where its log is.
    pub log: PathBuf,
    /// What printed it.
    pub command: Option<String>,
    /// When it was written, if that is known: what changed later may not be what it speaks of.
    pub written: Option<WallTime>,
}

/// A run of a task.
pub struct SubjectRun {
    /// Where tasks are.
    pub home: Home,
    /// The task.
    pub id: TaskId,
    /// Its run.
    pub number: u32,
    /// What it printed.
    pub range: LogRange,
    /// What is not to be shown of it.
    pub secrets: Secrets,
    /// How it stands, where that says more than what it printed: `is running`, `was stopped`.
    pub standing: Option<String>,
}

impl Subject {
    /// The task, if it is one's.
    pub fn task(&self) -> Option<TaskId> {
        self.run.as_ref().map(|run| run.id)
    }

    /// The source files that it speaks of.
    pub fn sources(&self) -> Sources {
        Sources::new(&self.directory, self.written)
    }

    /// A text that may have a secret of the task in it.
    pub fn hidden(&self, text: &str) -> String {
        self.run.as_ref().map_or_else(|| text.to_owned(), |run| run.secrets.hide_in(text).into())
    }

    /// Any log, and what it tells.
    pub fn of_file(path: &Path, context: &Context) -> Result<(Subject, Diagnosis), Failure> {
        let name = path.display().to_string();
        let unreadable = |e: io::Error| Failure::new(USAGE, format!("cannot read {name}: {e}"));
        let (log, written): (Box<dyn Read>, _) = match path.to_str() {
            Some("-") => (Box::new(io::stdin().lock()), None),
            _ => {
                let file = File::open(path).map_err(unreadable)?;
                let written = file.metadata().and_then(|metadata| metadata.modified()).ok().map(WallTime::from);
                (Box::new(BufReader::new(file)), written)
            }
        };
        let directory = select::here().unwrap_or_default();
        let rules = packs::rules(layout::chosen_path().ok().as_deref(), &directory);
        let diagnosis = diagnose(&rules, log, context).map_err(unreadable)?;
        let (log, command) = (path.to_owned(), context.command.clone());
        Ok((Subject { run: None, name: name.clone(), directory, log, command, written }, diagnosis))
    }

    /// A run of the task that a word names, else of the usual one, and what it tells.
    pub fn of_task(word: Option<&String>, as_json: bool) -> Result<(Subject, Diagnosis), Failure> {
        let home = Home::open()?;
        let words: Vec<String> = word.cloned().into_iter().collect();
        let found = select::readings(&home, &words)?;
        let run = found.run;
        let mut all = Vec::new();
        let code = found.each(as_json, |task, reading| {
            all.push(of_run(task, reading, run)?);
            Ok(())
        })?;
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Failure::new(USAGE, "debug tells of one task").hint("name it by its id")),
            (None, _) => Err(Failure::told(code)),
        }
    }
}

fn of_run(task: &TaskDir, reading: &TaskSnapshot, run: Option<u32>) -> Result<(Subject, Diagnosis), Failure> {
    let home = Home::open()?;
    let newest = last_run(task);
    let number = run.unwrap_or(newest);
    let range = LogRange::of(&home, task.id, Some(number))?;
    let secrets = log_range::secrets(&home, &range.spec);
    let exit_code = exit_code(reading, number == newest);
    let output = RunOutput { home: &home, log: &range, exit_code, patterns: &[], secrets: &secrets };
    let mut diagnosis = output.diagnose_all(&packs::rules(Some(&home.path), range.spec.cwd.as_path()))?;
    diagnosis.findings.extend(beside_output(&home, task, reading, number).iter().map(beside_output::finding));
    hide(&mut diagnosis, &secrets);
    acknowledge::saw_as(&home, reading);
    let subject = Subject {
        name: if run.is_some() { format!("{}#{number}", task.id) } else { task.id.to_string() },
        directory: PathBuf::from(range.spec.cwd.to_string()),
        log: range.path.clone(),
        command: Some(range.spec.command.to_string()),
        written: over(task, number),
        run: Some(SubjectRun {
            home,
            id: task.id,
            number,
            range,
            secrets,
            standing: standing(reading, number == newest),
        }),
    };
    Ok((subject, diagnosis))
}

/// What no line of its output tells: what was told of it, and of one that goes on what is so now.
fn beside_output(home: &Home, task: &TaskDir, reading: &TaskSnapshot, run: u32) -> Vec<FoundProblem> {
    let mut all = beside_output::told(task, run);
    let Some(state) = reading.state.as_ref().filter(|state| state.run == run) else { return all };
    let is_living = reading.status().is_living();
    let living_ill = state.health.as_ref().filter(|_| is_living).and_then(|health| health.why.as_deref());
    let ended_ill = match reading.end().map(|end| &end.cause) {
        Some(Cause::Unhealthy(why)) => Some(why.as_str()),
        Some(_) | None => None,
    };
    let ill = living_ill.or(ended_ill);
    let mut row = reading.summary(home);
    let now = WallTime::now();
    // What is muted is counted as such.
    row.remarks.extend(living::any_growth(home, reading, now));
    remarks::add_any(home, &mut row, now);
    let now_so = ill.map(health::problem).into_iter().chain(row.remarks.iter().map(Remark::problem));
    now_so.for_each(|problem| beside_output::add(problem, &mut all));
    all
}

/// When a run was over.
fn over(task: &TaskDir, run: u32) -> Option<WallTime> {
    let is_over = |entry: &JournalEntry| entry.run == run && matches!(entry.event, JournalEvent::Over { .. });
    journal_file::read(task).into_iter().find(is_over).map(|entry| entry.at)
}

/// How the newest run stands where its output does not decide that.
fn standing(reading: &TaskSnapshot, is_newest: bool) -> Option<String> {
    if !is_newest {
        return None;
    }
    let stands = match (reading.status(), reading.end().map(|end| &end.cause)) {
        (Status::Queued, _) => "waits for its next run",
        (Status::Starting | Status::Running, _) => "is running",
        (Status::Paused, _) => "is paused",
        (Status::Stopping, _) => "is being stopped",
        (Status::Stopped, _) => "was stopped",
        (Status::Lost, _) => "is lost: its supervisor was killed",
        (_, Some(Cause::TimedOut(limit))) => return Some(format!("was ended: it ran longer than {limit}")),
        (_, Some(Cause::Idle(limit))) => return Some(format!("was ended: it printed nothing for {limit}")),
        (_, Some(Cause::Unhealthy(why))) => return Some(format!("was ended, as it was unhealthy: {why}")),
        _ => return None,
    };
    Some(stands.to_owned())
}

/// The exit code of the newest run, once it is over; of earlier ones it is not kept.
fn exit_code(reading: &TaskSnapshot, is_newest: bool) -> Option<i32> {
    let end = reading.end().filter(|_| is_newest)?;
    match &end.outcome {
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } => end.telling_exit_code(),
        Outcome::Unbegun | Outcome::Unseen => None,
    }
}
