//! `aos kill`: ends tasks at once.

use clap::Args;

use super::stopping::{How, stop_all};
use super::{Answer, Caller, Verb};
use crate::task::fit::Fit;

/// Kill tasks at once: every process of them
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
    const FIT: Fit = Fit::Living;

    fn run(self, _: &mut Caller) -> Answer {
        stop_all(&self.ids, How::KILL, "aos kill", self.json)
    }
}
