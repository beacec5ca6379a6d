//! `aos pause`: stops tasks where they are.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::request_all::ask_all;
use crate::cli::verb::{Caller, Verb};
use crate::task::request::Ask;
use crate::task::task_filter::TaskFilter;

/// Pause tasks until `aos resume`
#[derive(Args)]
pub struct Pause {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print errors as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Pause {
    const NAME: &'static str = "pause";
    const FIT: TaskFilter = TaskFilter::Running;

    fn run(self, _: &mut Caller) -> VerbResult {
        ask_all(&self.ids, Self::FIT, Ask::Pause, "aos pause", self.json)
    }
}
