//! `aos clean`: removes what ended long ago, and brings the logs within their budget.

use std::collections::HashMap;
use std::io::Write;

use clap::Args;
use serde_json::json;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::output;
use crate::ansi;
use crate::cli::cleared;
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::store::disk_usage::DiskUsage;
use crate::store::gc::{GcResult, WHOLE, end_times, keep_logs, unless_busy};
use crate::store::layout::Home;
use crate::store::removal::{self, EndTimes, Removed};
use crate::store::removed_files::weight;
use crate::store::task_dir::TaskDir;
use crate::store::{StoreError, dependencies};
use crate::task::id::TaskId;
use crate::task::retention::{Keep, Past, outdated};
use crate::units::size::{self, Bytes};
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// Remove old finished tasks and their logs
///
/// Without --older: tasks that finished more than 7 days ago (or keep_days in config.toml, if that
/// is less), and those beyond keep_tasks. Failures that nobody has looked at are kept three times
/// as long. Then all logs together are brought below `total`: logs of finished tasks are
/// compressed, and only if that is not enough the oldest are dropped.
#[derive(Args)]
pub struct Clean {
    /// Remove exactly the tasks that finished longer ago than this: 7d, 12h, 0s
    #[arg(long, value_name = "TIME")]
    older: Option<Span>,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// By hand nothing older is kept, unless the user says. *Units*: milliseconds.
const USUAL: Span = Span(7 * 24 * 60 * 60 * 1000);

/// What was done, or would be.
#[derive(Default)]
struct Done {
    removed: Vec<TaskId>,
    /// Of so many of these the files are still there.
    uncleared: usize,
    freed: u64,
    dropped: u64,
    /// What logs would still take more than they may, as long as nothing is done about it.
    excess: u64,
    code: i32,
}

impl Verb for Clean {
    const NAME: &'static str = "clean";

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        settle(&home)?;
        let stock = DiskUsage::take(&home)?;
        let (ids, logs) = match self.older {
            Some(age) => (older(&stock.past, age), None),
            None => {
                let logs = home.config()?.logs;
                let keep = logs.keep();
                let keep = Keep { age: keep.age.min(USUAL), ..keep };
                (outdated(&stock.past, keep, WallTime::now()), Some(logs))
            }
        };
        let ids = self.without_awaited(&home, ids)?;
        let commands = cleared::commands(&home, &ids)?;
        let done = match self.dry_run {
            true => foretell(&home, &stock, ids, logs.map(|logs| logs.total)),
            false => self.clean(&home, &ids, &end_times(&stock.past), logs.map(|logs| logs.total))?,
        };
        self.tell(&done, &commands)?;
        Ok(done.code)
    }
}

impl Clean {
    /// What a queued task waits for stays, and that is said.
    fn without_awaited(&self, home: &Home, ids: Vec<TaskId>) -> Result<Vec<TaskId>, Failure> {
        let awaited = dependencies::awaited(home)?;
        let (kept, going): (Vec<TaskId>, Vec<TaskId>) = ids.into_iter().partition(|id| awaited.contains(id));
        for id in kept.iter().filter(|_| !self.json) {
            writeln!(output::talk(), "aos: {id} is kept: another task waits for it")?;
        }
        Ok(going)
    }

    fn clean(&self, home: &Home, ids: &[TaskId], ended: &EndTimes, budget: Option<Bytes>) -> Result<Done, Failure> {
        let removed = removal::remove(home, ids, ended)?;
        let uncleared = cleared::leave_rest(home, &removed)?;
        let Removed { ids, kept, freed, .. } = removed;
        let shortened = match budget {
            Some(budget) => unless_busy(home, || keep_logs(home, budget.0, WHOLE))?,
            None => GcResult::default(),
        };
        // Somebody else was faster, or began it again.
        let kept = kept.into_iter().filter(|why| !matches!(why, StoreError::NoTask(_) | StoreError::RunAgain(_)));
        let code = kept.map(|why| Failure::from(why).tell(self.json)).last().unwrap_or(0);
        let freed = freed + shortened.freed;
        Ok(Done { removed: ids, uncleared, freed, dropped: shortened.dropped, excess: 0, code })
    }

    fn tell(&self, done: &Done, commands: &HashMap<TaskId, String>) -> Result<(), Failure> {
        let Done { removed, freed, dropped, .. } = done;
        if self.json {
            let told = json!({
                "removed": removed, "dry_run": self.dry_run, "freed": freed, "dropped": dropped,
                "excess": done.excess, "uncleared": done.uncleared,
            });
            return Ok(output::object(told)?);
        }
        let mut out = output::data();
        let word = if self.dry_run { "would be removed" } else { "removed" };
        for id in removed {
            let command = commands.get(id).map_or("", String::as_str);
            writeln!(out, "[{id}] {word}: {}", ansi::command(command))?;
        }
        if *dropped > 0 {
            writeln!(out, "the oldest {} of all logs dropped", size::of_bytes(*dropped))?;
        }
        if done.excess > 0 {
            let excess = size::of_bytes(done.excess);
            writeln!(out, "logs would take {excess} too much: they would be compressed, then the oldest dropped")?;
        }
        let freed = format!("{} freed", size::of_bytes(*freed));
        match removed.len() {
            count if done.uncleared > 0 => writeln!(out, "{count} tasks {word}")?,
            0 if done.freed == 0 => {}
            0 => writeln!(out, "{freed}")?,
            1 => writeln!(out, "1 task {word}, {freed}")?,
            count => writeln!(out, "{count} tasks {word}, {freed}")?,
        }
        drop(out);
        cleared::tell_rest(done.uncleared)
    }
}

fn older(past: &[Past], age: Span) -> Vec<TaskId> {
    let before = WallTime(WallTime::now().0.saturating_sub_unsigned(age.0));
    past.iter().filter(|past| past.ended <= before).map(|past| past.id).collect()
}

/// What this would come to.
fn foretell(home: &Home, stock: &DiskUsage, ids: Vec<TaskId>, budget: Option<Bytes>) -> Done {
    let of_log = |id: &TaskId| stock.log_of(*id).map_or(0, |shelf| shelf.holding.size());
    let of_dir = |id: &TaskId| TaskDir::open(home, *id).map_or(0, |task| weight(&task.dir));
    let of_logs: u64 = ids.iter().map(of_log).sum();
    let freed = of_logs + ids.iter().map(of_dir).sum::<u64>();
    let excess = budget.map_or(0, |budget| (stock.size() - of_logs).saturating_sub(budget.0));
    Done { removed: ids, freed, excess, ..Done::default() }
}
