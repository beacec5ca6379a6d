//! `aos signal`: sends a signal to tasks.

use clap::Args;

use super::asking::ask_all;
use super::{Answer, Caller, Verb};
use crate::task::fit::Fit;
use crate::task::request::Ask;
use crate::units::signal;

/// Send a signal to tasks, as a terminal would: to the command's own process group
#[derive(Args)]
pub struct Signal {
    /// Which: HUP, USR1, INT, 10, …
    #[arg(value_name = "SIGNAL")]
    signal: signal::Signal,
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print errors as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Signal {
    const NAME: &'static str = "signal";
    const FIT: Fit = Fit::Begun;

    fn run(self, _: &mut Caller) -> Answer {
        ask_all(&self.ids, Self::FIT, Ask::Signal(self.signal), "aos signal", self.json)
    }
}
