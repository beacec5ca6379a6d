//! A bare `aos`: what goes on in this directory.

use std::io::Write;

use clap::Args;

use super::{Answer, Caller, Verb, choose, looking, output};
use crate::client::settle::settle;
use crate::store::home::Home;
use crate::store::registry::Registry;
use crate::task::summary::Summary;
use crate::ui::style::{FAINT, HEADING};
use crate::ui::tasks::table;
use crate::units::stamp::Stamp;

/// Tell what goes on in this directory
#[derive(Args, Default)]
pub struct Overview {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// So many of this directory's tasks that are over are shown.
const MOST_OVER: usize = 5;

impl Verb for Overview {
    const NAME: &'static str = "overview";

    fn run(self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        settle(&home)?;
        let mut registry = Registry::open(&home)?;
        looking::look_for_ports(&home, &mut registry);
        let (living, over): (Vec<_>, Vec<_>) = registry.rows().into_iter().partition(|row| row.status.is_living());
        let elsewhere = living.iter().filter(|row| !choose::is_here(&row.cwd)).count();
        let mut here: Vec<Summary<'_>> = over.into_iter().filter(|row| choose::is_here(&row.cwd)).collect();
        here.drain(..here.len().saturating_sub(MOST_OVER));
        here.extend(living.into_iter().filter(|row| choose::is_here(&row.cwd)));
        here.sort_by_key(|row| row.id);
        if self.json {
            return output::json(&serde_json::json!({ "here": here, "running_elsewhere": elsewhere })).map(|()| 0);
        }
        let mut out = output::data();
        if here.is_empty() {
            writeln!(out, "No tasks in this directory. `aos run -b COMMAND` begins one; `aos --help` tells more.")?;
        } else {
            out.write_all(table(&here, Stamp::now()).render(output::width(), HEADING).as_bytes())?;
            looking::saw(&home, &here.iter().map(|row| row.id).collect::<Vec<_>>());
        }
        if elsewhere > 0 {
            writeln!(out, "{FAINT}{elsewhere} running elsewhere: aos tasks{FAINT:#}")?;
        }
        Ok(0)
    }
}
