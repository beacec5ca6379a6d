//! `aos rm`: removes tasks that are over.

use std::io::Write;

use clap::Args;
use serde_json::json;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, select};
use crate::ansi;
use crate::cli::cleared;
use crate::cli::verb::{Caller, Verb};
use crate::store::StoreError;
use crate::store::layout::Home;
use crate::store::removal::{self, EndTimes};
use crate::store::snapshot::RunFacts;
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::task_filter::TaskFilter;

/// Remove finished tasks and their logs
///
/// What can be removed is, and what not is told. A class or glob (@all, 'web*') means those that
/// are over.
#[derive(Args)]
pub struct Rm {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Rm {
    const NAME: &'static str = "rm";
    const FIT: TaskFilter = TaskFilter::Over;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let mut chosen = select::tasks_for(&home, &self.ids, Self::FIT)?;
        let is_search = chosen.is_search;
        let passed_over = std::mem::take(&mut chosen.passed_over);
        let ids = chosen.whole()?;
        // What cannot be listed is removed all the same.
        let commands = cleared::commands(&home, &ids).unwrap_or_default();
        let removed = removal::remove(&home, &ids, &EndTimes::new())?;
        let uncleared = cleared::leave_rest(&home, &removed)?;
        if self.json {
            output::object(json!({ "removed": removed.ids, "uncleared": uncleared }))?;
        } else {
            let mut out = output::data();
            for id in &removed.ids {
                let command = commands.get(id).map_or("", String::as_str);
                writeln!(out, "[{id}] removed: {}", ansi::command(command))?;
            }
            drop(out);
            cleared::tell_rest(uncleared)?;
            passed_over.into_iter().try_for_each(|id| tell_kept(&home, id))?;
        }
        // Somebody else was faster.
        let is_done = |why: &StoreError| is_search && matches!(why, StoreError::NoTask(_));
        let told = removed.kept.into_iter().filter(|why| !is_done(why)).map(|why| Failure::from(why).tell(self.json));
        Ok(told.last().unwrap_or(0))
    }
}

/// Says of a task that a class or glob has, too, why it stays.
fn tell_kept(home: &Home, id: TaskId) -> Result<(), Failure> {
    let bearing = TaskDir::open(home, id).and_then(|task| RunFacts::of(&task, None));
    match bearing {
        Ok(bearing) => Ok(writeln!(output::talk(), "aos: {id} is kept: it is {}", bearing.status())?),
        // It is gone by now, or nothing is known of it.
        Err(_) => Ok(()),
    }
}
