//! A bare `aos`: what goes on in this directory.

use std::io::Write;

use clap::Args;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{acknowledge, living, output, remarks, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile;
use crate::store::layout::Home;
use crate::store::sketch::Sketch;
use crate::task::id::TaskId;
use crate::task::summary::Summary;
use crate::ui::style::{FAINT, HEADING};
use crate::ui::task_table::{AROUND, order_for, table};
use crate::units::wall_time::WallTime;

/// Show the tasks of this directory
#[derive(Args, Default)]
pub struct Overview {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// So many of this directory's tasks that are over are shown.
const MOST_OVER: usize = 5;

impl Verb for Overview {
    const NAME: &'static str = "overview";

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let mut registry = reconcile::registry(&home)?;
        let now = WallTime::now();
        living::look_at(&home, &mut registry, now);
        let sketches = registry.sketches();
        let here = select::here()?;
        let is_here = |sketch: &&Sketch<'_>| select::is_in(Some(&here), &sketch.cwd().unwrap_or_default());
        let (living, over): (Vec<_>, Vec<_>) = sketches.iter().partition(|sketch| sketch.status.is_living());
        let mut shown: Vec<&Sketch<'_>> = over.into_iter().rev().filter(is_here).take(MOST_OVER).collect();
        let seen: Vec<TaskId> = shown.iter().map(|sketch| sketch.id).collect();
        let (living_here, elsewhere): (Vec<_>, Vec<_>) = living.into_iter().partition(is_here);
        let elsewhere = elsewhere.len();
        shown.extend(living_here);
        shown.sort_by_key(|sketch| sketch.id);
        let mut here: Vec<Summary<'_>> = shown.into_iter().filter_map(Sketch::summary).collect();
        remarks::add(&home, &mut here.iter_mut().collect::<Vec<_>>(), now);
        if self.json {
            return output::object(serde_json::json!({ "here": here, "running_elsewhere": elsewhere }))
                .map(|()| 0)
                .map_err(Failure::from);
        }
        if let Some(size) = output::size() {
            order_for(&mut here, usize::from(size.rows).saturating_sub(AROUND + usize::from(elsewhere > 0)));
        }
        let mut out = output::data();
        if here.is_empty() {
            writeln!(out, "No tasks in this directory. `aos run -b COMMAND` begins one; `aos --help` tells more.")?;
        } else {
            out.write_all(table(&here, now).render(output::width(), HEADING).as_bytes())?;
            acknowledge::saw(&home, &seen);
        }
        if elsewhere > 0 {
            writeln!(out, "{FAINT}{elsewhere} running elsewhere: aos tasks{FAINT:#}")?;
        }
        Ok(0)
    }
}
