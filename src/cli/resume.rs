//! `aos resume`: lets paused tasks go on.

use clap::Args;

use super::asking::ask_all;
use super::{Answer, Caller, Verb};
use crate::task::fit::Fit;
use crate::task::request::Ask;

/// Let paused tasks go on
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
    const FIT: Fit = Fit::Paused;

    fn run(self, _: &mut Caller) -> Answer {
        ask_all(&self.ids, Self::FIT, Ask::Resume, "aos resume", self.json)
    }
}
