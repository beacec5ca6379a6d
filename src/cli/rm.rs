//! `aos rm`: removes tasks that are over.

use clap::Args;

use super::failure::Failure;
use super::{Answer, Caller, Verb, choose};
use crate::store::Error;
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
        let chosen = choose::tasks(&home, &self.ids)?;
        let is_search = chosen.is_search;
        let removed = removal::remove(&home, &chosen.whole()?)?;
        // Somebody else was faster.
        let is_done = |why: &Error| is_search && matches!(why, Error::NoTask(_));
        let told = removed.kept.into_iter().filter(|why| !is_done(why)).map(|why| Failure::from(why).tell(self.json));
        Ok(told.last().unwrap_or(0))
    }
}
