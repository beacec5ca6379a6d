//! `aos why`: how a task came to stand as it does.

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{acknowledge, describe_end, output, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::store::journal_file::JournalHistory;
use crate::store::layout::Home;
use crate::task::journal::JournalEntry;
use crate::ui::style::{self, FAINT};

/// Explain how a task got its status
///
/// Without an id: the only running task, else the newest; before either, a failure that came later
/// and that nobody has looked at. 7#2: only the second run of task 7.
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

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let found = select::readings(&home, &self.ids)?;
        let run = found.run;
        found.each(self.json, |task, reading| {
            let id = task.id;
            let JournalHistory { mut entries, lack } = JournalHistory::of(task);
            entries.retain(|entry| run.is_none_or(|run| entry.run == run));
            if self.json {
                let reason = reading.summary(&home).reason;
                let mut told =
                    json!({ "id": id, "status": reading.status(), "reason": reason, "events": events(&entries)? });
                if let Some(lack) = lack {
                    told["lack"] = json!(lack);
                }
                return Ok(output::object(told)?);
            }
            acknowledge::saw_as(&home, reading);
            let mut out = output::data();
            let colour = style::of(reading.status());
            writeln!(out, "{id} {colour}{}{colour:#}", printable(&describe_end::tell(&home, reading)))?;
            if let Some(lack) = lack {
                writeln!(out, "{FAINT}  {}{FAINT:#}", printable(&lack))?;
            }
            for entry in entries {
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

/// The events as JSON: of all that is printed the version is told once.
fn events(entries: &[JournalEntry]) -> Result<Vec<Value>, Failure> {
    let shown = entries.iter().map(|entry| {
        let mut shown = serde_json::to_value(entry)?;
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("version");
        }
        Ok(shown)
    });
    Ok(shown.collect::<serde_json::Result<_>>().map_err(std::io::Error::from)?)
}
