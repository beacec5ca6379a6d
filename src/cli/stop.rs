//! `aos stop`: ends tasks, and says so only when nothing of them is left.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::stop_all::{StopOptions, stop_all};
use crate::cli::verb::{Caller, Verb};
use crate::task::task_filter::TaskFilter;
use crate::units::signal::Signal;
use crate::units::span::Span;

/// Stop every process of tasks
///
/// Each process gets TERM (or the signal of -s), and KILL after the grace. A second stop kills at
/// once. Success means that no process is left.
#[derive(Args)]
pub struct Stop {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Send this signal first
    #[arg(short, long, value_name = "SIGNAL")]
    signal: Option<Signal>,
    /// Time between the signal and KILL
    #[arg(long, value_name = "TIME")]
    grace: Option<Span>,
    /// Send KILL at once
    #[arg(long, conflicts_with_all = ["signal", "grace"])]
    now: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos stop web                  TERM, and KILL after the grace
  aos stop -s INT --grace 2s 7  INT first, KILL after two seconds
  aos stop @all                 every task that lives";

impl Verb for Stop {
    const NAME: &'static str = "stop";
    const FIT: TaskFilter = TaskFilter::Living;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let how = if self.now { StopOptions::KILL } else { StopOptions { signal: self.signal, grace: self.grace } };
        stop_all(&self.ids, how, "aos stop", self.json)
    }
}
