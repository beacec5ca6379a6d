//! `aos clean`: removes what ended long ago.

use std::io::Write;

use clap::Args;

use super::{Answer, Caller, Verb, output, removing};
use crate::ansi;
use crate::client::settle::settle;
use crate::store::home::Home;
use crate::store::registry::Registry;
use crate::task::id::TaskId;
use crate::units::span::Span;
use crate::units::stamp::Stamp;

/// Remove tasks that ended long ago, with their logs
#[derive(Args)]
pub struct Clean {
    /// How long ago: 7d, 12h, 0s
    #[arg(long, value_name = "TIME", default_value = "7d")]
    older: Span,
    /// Only say which
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Clean {
    const NAME: &'static str = "clean";

    fn run(self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        settle(&home)?;
        let registry = Registry::open(&home)?;
        let before = Stamp(Stamp::now().0.saturating_sub_unsigned(self.older.0)).to_string();
        let mut removed: Vec<TaskId> = Vec::new();
        let mut code = 0;
        for row in registry.rows() {
            if !row.is_over() || row.ended.as_deref().unwrap_or(&row.started) > before.as_str() {
                continue;
            }
            match if self.dry_run { Ok(()) } else { removing::remove(&home, row.id) } {
                Err(failure) => code = failure.tell(self.json),
                Ok(()) => {
                    removed.push(row.id);
                    if !self.json {
                        let done = if self.dry_run { "would be removed" } else { "removed" };
                        writeln!(output::data(), "[{}] {done}: {}", row.id, ansi::command(&row.command))?;
                    }
                }
            }
        }
        if self.json {
            output::json(&serde_json::json!({ "removed": removed, "dry_run": self.dry_run }))?;
        }
        Ok(code)
    }
}
