//! `aos prompt`: what a status line shows, for those that are not a shell. In a shell the
//! integration knows it without running anything.

use std::env;
use std::io::Write;

use clap::Args;
use serde_json::json;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::output;
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::settle;
use crate::store::layout::{Home, MarkerState};
use crate::store::markers;
use crate::ui::prompt_segment::{self, Counts};

/// Print the task counts of a prompt, for tmux and other status lines
///
/// Prints nothing if all counts are 0. In bash and zsh use $AOS_PROMPT, which starts no process.
#[derive(Args)]
pub struct Prompt {
    /// The format; a part in braces is printed if its count is not 0
    #[arg(short, long, value_name = "FORMAT")]
    format: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const FORMAT: &str = "AOS_PROMPT_FORMAT";

impl Verb for Prompt {
    const NAME: &'static str = "prompt";

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        settle(&home)?;
        // The living first: one that fails meanwhile is marked so before it is off the living.
        let states = markers::states(&home)?;
        let in_state = |wanted| states.values().filter(|state| **state == wanted).count();
        let queued = in_state(MarkerState::Queued);
        let counts = Counts {
            running: states.len() - queued,
            queued,
            waiting: in_state(MarkerState::Waiting),
            with_errors: markers::with_errors(&home)?.len(),
            failed: markers::failed(&home)?.len(),
        };
        if self.json {
            let Counts { running, queued, waiting, with_errors, failed } = counts;
            let counts = json!({
                "running": running, "queued": queued, "waiting": waiting, "failed": failed, "with_errors": with_errors,
            });
            return output::object(counts).map(|()| 0).map_err(Failure::from);
        }
        let set = || env::var(FORMAT).ok().filter(|format| !format.is_empty());
        let format = self.format.or_else(set).unwrap_or_else(|| prompt_segment::USUAL.to_owned());
        let text = prompt_segment::render(&format, counts);
        if !text.is_empty() {
            // The format is the user's own, and so are its colours.
            writeln!(std::io::stdout(), "{text}")?;
        }
        Ok(0)
    }
}
