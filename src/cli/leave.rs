//! `aos __leave`: a shell closes. What the shell scripts call; not for people.

use std::io::Write;

use clap::Args;

use crate::actions::failure::VerbResult;
use crate::actions::output;
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{markers, shells};
use crate::task::session::Session;

/// Say which tasks of a shell go on without it
#[derive(Args)]
pub struct Leave {
    /// The shell: its pid, a hyphen, letters and digits
    session: Session,
}

impl Verb for Leave {
    const NAME: &'static str = "__leave";

    fn run(self, _: &mut Caller) -> VerbResult {
        let Some(home) = Home::open_if_there()? else { return Ok(0) };
        shells::leave(&home, &self.session)?;
        let mut going_on = Vec::new();
        for id in markers::living(&home)? {
            let Ok(task) = TaskDir::open(&home, id) else { continue };
            if !task.is_alive()? {
                continue;
            }
            if let Ok(spec) = task.spec()
                && spec.session.as_ref() == Some(&self.session)
            {
                going_on.push(format!("{id} ({})", printable(&spec.name.to_string())));
            }
        }
        if !going_on.is_empty() {
            let verb = if going_on.len() == 1 { "goes" } else { "go" };
            writeln!(output::data(), "aos: {} {verb} on in the background", going_on.join(", "))?;
        }
        Ok(0)
    }
}
