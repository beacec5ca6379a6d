//! `aos resume`: lets paused tasks go on.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::request_all::ask_all;
use crate::cli::verb::{Caller, Verb};
use crate::task::request::Ask;
use crate::task::task_filter::TaskFilter;

/// Resume paused tasks
#[derive(Args)]
pub struct Resume {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print errors as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Resume {
    const NAME: &'static str = "resume";
    const FIT: TaskFilter = TaskFilter::Paused;

    fn run(self, _: &mut Caller) -> VerbResult {
        ask_all(&self.ids, Self::FIT, Ask::Resume, "aos resume", self.json)
    }
}
