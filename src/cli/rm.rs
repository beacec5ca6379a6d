//! `aos rm`: removes tasks that are over.

use clap::Args;

use super::failure::Failure;
use super::{Answer, Caller, Verb, choose};
use crate::store::home::Home;
use crate::store::removal;
use crate::task::fit::Fit;

/// Remove tasks that are over, with their logs
#[derive(Args)]
pub struct Rm {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Print errors as JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Rm {
    const NAME: &'static str = "rm";
    const FIT: Fit = Fit::Over;

    fn run(self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        let removed = removal::remove(&home, &choose::tasks(&home, &self.ids)?.whole()?)?;
        let told = removed.kept.into_iter().map(|why| Failure::from(why).tell(self.json));
        Ok(told.last().unwrap_or(0))
    }
}
