//! `aos stats`: how runs of one command in one directory went.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, NO_TASK, VerbResult};
use crate::actions::{output, select};
use crate::ansi::{self, printable};
use crate::cli::verb::{Caller, Verb};
use crate::store::history::{self, RunHistory};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::solutions;
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::run_findings::counted;
use crate::task::run_record::RunRecord;
use crate::task::usual::{Remark, Spread, Usual};
use crate::ui::plot;
use crate::ui::style::{self, FAINT, HEADING};
use crate::ui::table::{Step, Table, TableCell};
use crate::units::size;
use crate::units::span::Span;

/// Show how long runs of a command take, and what they use
///
/// Of all runs of the task's command in its directory, whichever task they were of, also when it is
/// removed. Usual is what the last 20 good runs took; nothing is called unusual before 5 of them.
#[derive(Args)]
pub struct Stats {
    /// The task; without it the only running one, else the newest
    #[arg(value_name = "ID", conflicts_with = "name")]
    id: Option<String>,
    /// The command of the newest run that was called so, though no task of it is left
    #[arg(short, long, value_name = "NAME")]
    name: Option<String>,
    /// List so many runs
    #[arg(long, value_name = "N", default_value_t = 10)]
    runs: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos stats web         runs of the same command in the same directory
  aos stats -n tests    the same by name, when the tasks are long removed";
/// So many runs are drawn.
const MOST_DRAWN: usize = 40;

/// Runs of one command.
struct CommandRuns {
    command: String,
    cwd: String,
    runs: Vec<RunRecord>,
    usual: Usual,
    /// What is remarkable about the last run.
    remarks: Vec<Remark>,
}

impl Verb for Stats {
    const NAME: &'static str = "stats";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let history = RunHistory::open(&home)?;
        let (command, cwd) = self.wanted(&home, &history)?;
        let runs = history.like(&command, &cwd);
        let usual = Usual::of(runs.iter());
        let mut remarks =
            runs.split_last().map_or_else(Vec::new, |(last, before)| Usual::of(before.iter()).remarks(last));
        remarks.retain(|remark| !solutions::is_muted(&home, &remark.fingerprint()));
        let stats = CommandRuns { command, cwd, runs, usual, remarks };
        if self.json {
            output::object(stats.json()?)?;
        } else if stats.runs.is_empty() {
            let why = format!("no run of `{}` has ended in {}", ansi::command(&stats.command), printable(&stats.cwd));
            return Err(
                Failure::new(NO, why).hint("runs that were begun by this version or a later one are remembered")
            );
        } else {
            stats.print(self.runs)?;
        }
        Ok(0)
    }
}

impl Stats {
    /// The command and directory that are asked for.
    fn wanted(&self, home: &Home, history: &RunHistory) -> Result<(String, String), Failure> {
        let of_run = |run: RunRecord| (run.command, run.cwd);
        if let Some(name) = &self.name {
            let none = || Failure::new(NO_TASK, format!("no run of a task called {} is remembered", printable(name)));
            return history.named(name).map(of_run).ok_or_else(none);
        }
        let words: Vec<String> = self.id.iter().cloned().collect();
        let missing = match select::tasks_or_usual(home, &words).and_then(select::Selection::whole) {
            Ok(ids) => {
                match ids.first().map(|id| TaskDir::open(home, *id).and_then(|task| TaskSnapshot::of(home, &task))) {
                    Some(Ok(reading)) => return Ok((reading.spec.command.to_string(), reading.spec.cwd.to_string())),
                    Some(Err(e)) => e.into(),
                    None => Failure::new(NO_TASK, "there is no task"),
                }
            }
            Err(missing) => missing,
        };
        // One that is removed may be remembered.
        let id = self.id.as_deref().and_then(|id| id.parse::<u32>().ok().map(TaskId).or_else(|| id.parse().ok()));
        let of_removed = id.and_then(|id| history.runs().into_iter().rfind(|run| run.id == id));
        of_removed.map(of_run).ok_or(missing)
    }
}

impl CommandRuns {
    fn json(&self) -> Result<Value, Failure> {
        let run = |run: &RunRecord| {
            let mut told = json!({
                "id": run.id,
                "run": run.run,
                "started": run.started.to_string(),
                "status": run.status,
                "wall_ms": run.wall_ms,
                "cpu_ms": run.cpu_ms,
                "peak_memory": run.peak_memory,
                "read_bytes": run.read_bytes,
                "written_bytes": run.written_bytes,
            });
            if let Some(found) = run.found {
                told["findings"] = json!(found.counts);
                told["log_bytes"] = json!(found.log_bytes);
            }
            if let Some(tests) = run.found.and_then(|found| found.tests) {
                told["tests"] = json!(tests);
            }
            told
        };
        let spread = |spread: &Option<Spread>| {
            spread
                .as_ref()
                .map(|spread| json!({ "median": spread.median(), "p90": spread.p90(), "runs": spread.count() }))
        };
        Ok(json!({
            "version": 1,
            "command": self.command,
            "cwd": self.cwd,
            "runs": self.runs.iter().map(run).collect::<Vec<_>>(),
            "usual": {
                "wall_ms": spread(&self.usual.wall_ms),
                "cpu_ms": spread(&self.usual.cpu_ms),
                "peak_memory": spread(&self.usual.peak_memory),
            },
            "remarks": self.remarks,
        }))
    }

    fn print(&self, most: usize) -> Result<(), Failure> {
        let mut out = output::data();
        writeln!(
            out,
            "{HEADING}{}{HEADING:#}  {FAINT}{}{FAINT:#}",
            ansi::command(&self.command),
            printable(&self.cwd)
        )?;
        let good = self.runs.iter().filter(|run| run.is_good()).count();
        writeln!(out, "{} remembered, {good} of them good", counted(self.runs.len() as u64, "run"))?;
        let last = self.runs.last().filter(|run| !run.is_good());
        if let Some((last, good)) = last.and_then(|last| Some((last, history::last_good(&self.runs, last.started)?))) {
            let ago = last.started.since(good.started);
            writeln!(out, "the last good one was {}#{}, {ago} before the last one", good.id, good.run)?;
        }
        for remark in &self.remarks {
            writeln!(out, "the last one: {remark}")?;
        }
        writeln!(out)?;
        out.write_all(self.values().render(output::width(), HEADING).as_bytes())?;
        writeln!(out)?;
        let from = self.runs.len().saturating_sub(most);
        out.write_all(table(&self.runs[from..]).render(output::width(), HEADING).as_bytes())?;
        Ok(())
    }

    /// What is usual, and how it went of late.
    fn values(&self) -> Table {
        let mut table = Table::new(&["GOOD RUNS", "MEDIAN", "P90", "LAST", "OF LATE"], &[Step::Drop(4), Step::Drop(2)]);
        let time = |ms: u64| Span(ms).to_string();
        self.row(&mut table, "time", &self.usual.wall_ms, |run| Some(run.wall_ms), time);
        self.row(&mut table, "processor", &self.usual.cpu_ms, |run| run.cpu_ms, time);
        self.row(&mut table, "memory", &self.usual.peak_memory, |run| run.peak_memory, size::of_bytes);
        self.row(&mut table, "disk read", &self.usual.read_bytes, |run| run.read_bytes, size::of_bytes);
        self.row(&mut table, "written", &self.usual.written_bytes, |run| run.written_bytes, size::of_bytes);
        table
    }

    fn row(
        &self,
        table: &mut Table,
        what: &str,
        usual: &Option<Spread>,
        value: impl Fn(&RunRecord) -> Option<u64>,
        words: impl Fn(u64) -> String,
    ) {
        let from = self.runs.len().saturating_sub(MOST_DRAWN);
        let values: Vec<u64> = self.runs[from..].iter().filter_map(&value).collect();
        let cell = |value: Option<u64>| TableCell::new(value.map_or_else(|| "-".into(), &words));
        table.row(vec![
            TableCell::new(what),
            cell(usual.as_ref().map(Spread::median)),
            cell(usual.as_ref().map(Spread::p90)),
            cell(self.runs.last().and_then(&value)),
            TableCell::new(plot::bars(&values)),
        ]);
    }
}

/// The runs, the newest last.
fn table(runs: &[RunRecord]) -> Table {
    let steps = [Step::Drop(6), Step::Drop(4), Step::Drop(5)];
    let mut table = Table::new(&["RUN", "STARTED", "STATUS", "TIME", "PROCESSOR", "MEMORY", "TESTS"], &steps);
    for run in runs {
        let tests = run.found.and_then(|found| found.tests).map(|tests| match (tests.passed, tests.failed) {
            (Some(passed), 0) => format!("{passed} passed"),
            (Some(passed), failed) => format!("{passed} passed, {failed} failed"),
            (None, failed) => format!("{failed} failed"),
        });
        let status = match run.exit_code.filter(|code| *code != 0) {
            Some(code) => format!("{} ({code})", run.status),
            None => run.status.to_string(),
        };
        let of = |value: Option<String>| TableCell::new(value.unwrap_or_default());
        table.row(vec![
            TableCell::new(format!("{}#{}", run.id, run.run)),
            TableCell::new(run.started.local()),
            TableCell::styled(status, style::of(run.status)),
            TableCell::new(Span(run.wall_ms).to_string()),
            of(run.cpu_ms.map(|ms| Span(ms).to_string())),
            of(run.peak_memory.map(size::of_bytes)),
            of(tests),
        ]);
    }
    table
}
