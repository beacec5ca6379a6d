//! `aos kill`: ends tasks at once.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::stop_all::{StopOptions, stop_all};
use crate::cli::verb::{Caller, Verb};
use crate::task::task_filter::TaskFilter;

/// Kill every process of tasks at once
#[derive(Args)]
pub struct Kill {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Kill {
    const NAME: &'static str = "kill";
    const FIT: TaskFilter = TaskFilter::Living;

    fn run(self, _: &mut Caller) -> VerbResult {
        stop_all(&self.ids, StopOptions::KILL, "aos kill", self.json)
    }
}
