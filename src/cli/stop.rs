//! `aos stop`: ends tasks, and says so only when nothing of them is left.

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::stop_all::{StopOptions, stop_all};
use crate::cli::verb::{Caller, Verb};
use crate::task::task_filter::TaskFilter;
use crate::units::signal::Signal;
use crate::units::span::Span;

/// End tasks: every process of them
///
/// Each process gets TERM (or what -s says), and KILL after the grace. Asked a second time, they are
/// killed at once. Success means that none is left.
#[derive(Args)]
pub struct Stop {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// What to send first
    #[arg(short, long, value_name = "SIGNAL")]
    signal: Option<Signal>,
    /// How long they may take before they are killed
    #[arg(long, value_name = "TIME")]
    grace: Option<Span>,
    /// Kill at once
    #[arg(long, conflicts_with_all = ["signal", "grace"])]
    now: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Stop {
    const NAME: &'static str = "stop";
    const FIT: TaskFilter = TaskFilter::Living;

    fn run(self, _: &mut Caller) -> VerbResult {
        let how = if self.now { StopOptions::KILL } else { StopOptions { signal: self.signal, grace: self.grace } };
        stop_all(&self.ids, how, "aos stop", self.json)
    }
}
