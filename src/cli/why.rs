//! `aos why`: how a task came to stand as it does.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{Answer, Caller, Verb, choose, ending, looking, output};
use crate::ansi::printable;
use crate::store::home::Home;
use crate::store::journal::History;
use crate::ui::style::{self, FAINT};

/// Tell how a task came to stand as it does
///
/// Without an id: the only running task, else the newest. 7#2: only what happened in the second run of task 7.
#[derive(Args)]
pub struct Why {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Why {
    const NAME: &'static str = "why";

    fn run(self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        let found = choose::readings(&home, &self.ids)?;
        let run = found.run;
        found.each(self.json, |task, reading| {
            let id = task.id;
            let History { entries: mut events, lack } = History::of(task);
            events.retain(|entry| run.is_none_or(|run| entry.run == run));
            if self.json {
                let reason = reading.summary(&home).reason;
                let mut told = json!({ "id": id, "status": reading.status(), "reason": reason, "events": events });
                if let Some(lack) = lack {
                    told["lack"] = json!(lack);
                }
                return output::json(&told);
            }
            looking::saw_as(&home, reading);
            let mut out = output::data();
            let colour = style::of(reading.status());
            writeln!(out, "{id} {colour}{}{colour:#}", printable(&ending::tell(&home, reading)))?;
            if let Some(lack) = lack {
                writeln!(out, "{FAINT}  {}{FAINT:#}", printable(&lack))?;
            }
            for entry in events {
                writeln!(
                    out,
                    "{FAINT}  {} run {}{FAINT:#}  {}",
                    entry.at.local(),
                    entry.run,
                    printable(&entry.event.to_string())
                )?;
            }
            Ok(())
        })
    }
}
