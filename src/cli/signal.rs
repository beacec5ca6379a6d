//! `aos signal`: sends a signal to tasks.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::request_all::ask_all;
use crate::cli::verb::{Caller, Verb};
use crate::task::request::Ask;
use crate::task::task_filter::TaskFilter;
use crate::units::signal;

/// Send a signal to the process group of a task's command
#[derive(Args)]
pub struct SendSignal {
    /// The signal, by name or number: HUP, USR1, INT, 10
    #[arg(value_name = "SIGNAL")]
    signal: signal::Signal,
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print errors as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for SendSignal {
    const NAME: &'static str = "signal";
    const FIT: TaskFilter = TaskFilter::Begun;

    fn run(self, _: &mut Caller) -> VerbResult {
        ask_all(&self.ids, Self::FIT, Ask::Signal(self.signal), "aos signal", self.json)
    }
}
