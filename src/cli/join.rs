//! `aos __join`: enters a shell that wants to hear of tasks. What the shell scripts call; not for
//! people.

use clap::Args;

use crate::actions::failure::{NO, VerbResult};
use crate::actions::output;
use crate::cli::verb::{Caller, Verb};
use crate::store::layout::{Home, SHELLS};
use crate::store::shells::{self, ShellFile};
use crate::task::session::Session;

/// Enter a shell that wants to hear of tasks
#[derive(Args)]
pub struct Join {
    /// The shell: its pid, a hyphen, letters and digits
    session: Session,
    /// It wants a bell that rings when something changes
    #[arg(long)]
    bell: bool,
    /// It wants to hear of every task, not only of its own
    #[arg(long)]
    any: bool,
}

impl Verb for Join {
    const NAME: &'static str = "__join";

    fn run(self, _: &mut Caller) -> VerbResult {
        // A shell makes no home: where there is none, there is nothing to hear of.
        let Some(home) = Home::open_if_there()? else { return Ok(NO) };
        let mut roles = vec![if self.any { ShellFile::Any } else { ShellFile::Own }];
        roles.extend(self.bell.then_some(ShellFile::Bell));
        for name in shells::join(&home, &self.session, &roles)? {
            output::path(&home.path.join(SHELLS).join(name))?;
        }
        Ok(0)
    }
}
