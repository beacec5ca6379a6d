//! `aos show`: everything that is known of a task.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::actions::dropped_output::DroppedOutput;
use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::actions::{acknowledge, describe_task, describe_wait, living, output, remarks, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::client::connection::{Connection, Message};
use crate::client::work::Work;
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::ui::style;
use crate::units::wall_time::WallTime;
use crate::wire::{Query, Reply};

/// Show everything about a task
///
/// Without an id: the only running task, else the newest; before either, a failure that came later
/// and that nobody has looked at.
#[derive(Args)]
pub struct Show {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A supervisor answers at once; one that is stopped or stuck, and does not only wait for a
/// processor, is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "  aos show              the only running task, else the newest
  aos show --json web   every fact, for programs";

impl Verb for Show {
    const NAME: &'static str = "show";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let found = select::readings(&home, &self.ids)?;
        let run = found.run;
        let mut is_first = true;
        found.each(self.json, |task, reading| {
            of_newest(task, run)?;
            let live = reading.status().is_living().then(|| ask_info(&home, task)).flatten();
            if self.json {
                print_json(&home, task, reading, live.as_ref())?;
            } else {
                if !std::mem::replace(&mut is_first, false) {
                    writeln!(output::data())?;
                }
                print_text(&home, task, reading, live.as_ref())?;
                acknowledge::saw_as(&home, reading);
            }
            Ok(())
        })
    }
}

/// Of an older run only its events and its output are kept.
fn of_newest(task: &TaskDir, run: Option<u32>) -> Result<(), Failure> {
    let (id, newest) = (task.id, last_run(task));
    let Some(run) = run.filter(|run| *run != newest) else { return Ok(()) };
    let failure = Failure::new(USAGE, format!("show tells of the newest run, and that of {id} is {newest}"));
    Err(failure
        .hint(format!("aos why {id}#{run} tells what happened in run {run}, aos logs {id}#{run} what it printed")))
}

fn print_json(home: &Home, task: &TaskDir, reading: &TaskSnapshot, live: Option<&Reply>) -> VerbResult {
    let mut row = describe_wait::summary(home, reading);
    let now = WallTime::now();
    living::add(home, reading, &mut row, now);
    remarks::add(home, &mut [&mut row], now);
    let mut shown = serde_json::to_value(row).map_err(std::io::Error::from)?;
    if reading.lack.is_none() {
        shown["terminal"] = json!(reading.spec.terminal);
        shown["time_limits"] = json!(reading.spec.time_limits);
    }
    shown["end"] = json!(reading.end());
    if let Some(restart) = &reading.spec.restart {
        shown["restart"] = json!(restart);
    }
    if let Some(check) = &reading.spec.health {
        shown["health_check"] = json!(check);
    }
    if !reading.spec.watch.is_empty() {
        shown["watch"] = json!(reading.spec.watch);
    }
    if let Some(notify) = &reading.spec.notify {
        shown["notify"] = json!(notify);
    }
    if let Some(adopted) = &reading.spec.adopted {
        shown["adopted"] = json!(adopted);
    }
    if let Some(found) = &reading.found {
        shown["first_finding"] = json!(found.first);
        shown["build"] = json!(found.build);
    }
    if let Some(dropped) = DroppedOutput::of(task) {
        shown["log_dropped"] = json!(dropped);
    }
    if let Some(Reply::Info { processes, log_bytes, .. }) = live {
        shown["processes"] = json!(processes);
        if reading.spec.adopted.is_none() {
            shown["log_bytes"] = json!(log_bytes);
        }
    }
    output::object(shown).map(|()| 0).map_err(Failure::from)
}

fn print_text(home: &Home, task: &TaskDir, reading: &TaskSnapshot, live: Option<&Reply>) -> VerbResult {
    let mut out = output::data();
    let status = style::of(reading.status());
    let dropped = DroppedOutput::of(task).map(|dropped| ("dropped", dropped.words()));
    for (label, value) in describe_task::lines(home, reading, live).into_iter().chain(dropped) {
        let style = if label == "status" { status } else { anstyle::Style::new() };
        writeln!(out, "{:>10}  {style}{}{style:#}", label, printable(&value))?;
    }
    Ok(0)
}

/// What the supervisor itself says; `None` if it does not answer.
fn ask_info(home: &Home, task: &TaskDir) -> Option<Reply> {
    let mut connection = Connection::open(home, task.id).ok()?;
    connection.ask(Query::Info).ok()?;
    let work = Work::of(task.state().ok()??.supervisor.pid);
    loop {
        match connection.next_until(Instant::now() + PATIENCE).ok()? {
            Some(Message::Reply(reply)) => return Some(reply),
            Some(Message::Output(..)) => return None,
            None if !connection.is_over() && work.waits_for_processor() => {}
            None => return None,
        }
    }
}
