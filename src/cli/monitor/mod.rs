//! `aos monitor`: tasks, live.

mod report;

use std::io::{self, IsTerminal};

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::{output, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::client::task_watch::{Newcomers, TaskWatch};
use crate::store::counter;
use crate::store::layout::Home;
use crate::task::task_filter::TaskFilter;
use report::ReportFormat;

/// Watch tasks live: status, resource use, output
///
/// Without an id: the running tasks, and those that start meanwhile; if none runs, the newest. Keys
/// stop, restart, pause and attach to a task, and scroll; `?` lists them. Leaving leaves the tasks
/// running. In a pipe each change of status is printed as a line, until all tasks are finished.
#[derive(Args)]
pub struct Monitor {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// In a pipe: print the output of the tasks, too
    #[arg(long, conflicts_with = "json")]
    logs: bool,
    /// Print a JSON object at each change of a task, until all are finished
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos monitor           the running tasks; ? lists the keys
  aos monitor web db    these two";

impl Verb for Monitor {
    const NAME: &'static str = "monitor";
    const FIT: TaskFilter = TaskFilter::Any;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        settle(&home)?;
        // First, so that none comes in between.
        let newcomers = if self.ids.is_empty() { Newcomers::From(counter::next(&home)?) } else { Newcomers::Left };
        let chosen = select::tasks_or_living(&home, &self.ids)?;
        let is_search = chosen.is_search;
        let watching = TaskWatch::begin(home, &chosen.whole()?, is_search, newcomers)?;
        match (self.json, is_terminal()) {
            (true, _) => report::print(watching, ReportFormat::Json),
            (false, false) if self.logs => report::print(watching, ReportFormat::Lines),
            (false, false) => report::print(watching, ReportFormat::States),
            (false, true) => crate::tui::event_loop::show(watching, None),
        }
    }
}

/// Whether there is a window to draw in, and a keyboard.
fn is_terminal() -> bool {
    output::is_seen() && io::stdin().is_terminal() && !output::is_dumb()
}
