//! Tasks as a table.

use super::style;
use super::table::{Cell, Table};
use crate::ansi::{self, printable};
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;

/// The rows as a table.
pub fn table(rows: &[Summary<'_>], now: Stamp) -> Table {
    let mut table = Table::new(&["ID", "NAME", "STATUS", "TIME", "COMMAND"]);
    for row in rows {
        table.row(vec![
            Cell::new(row.id.to_string()),
            Cell::new(printable(&row.name)),
            Cell::styled(status_text(row), style::of(row.status)),
            Cell::new(time_text(row, now)),
            Cell::new(ansi::command(&row.command)),
        ]);
    }
    table
}

/// The status with what makes it particular: `failed (1)`, `failed (SIGSEGV)`.
fn status_text(row: &Summary<'_>) -> String {
    let signal = row.signal.and_then(Signal::from_number);
    match (row.status, row.exit_code, signal) {
        (Status::Failed | Status::Stopped | Status::TimedOut, _, Some(signal)) => format!("{} ({signal})", row.status),
        (Status::Failed | Status::Stopped | Status::TimedOut, Some(code), None) => format!("{} ({code})", row.status),
        _ => row.status.to_string(),
    }
}

/// How long it runs, or ran and how long ago that was.
fn time_text(row: &Summary<'_>, now: Stamp) -> String {
    let started: Option<Stamp> = row.started.parse().ok();
    let ended: Option<Stamp> = row.ended.as_deref().and_then(|text| text.parse().ok());
    match (started, ended) {
        (Some(started), Some(ended)) => format!("{}, {} ago", ended.since(started), now.since(ended)),
        (Some(started), None) if row.status.is_living() => now.since(started).to_string(),
        (Some(started), None) => format!("begun {} ago", now.since(started)),
        (None, _) => String::new(),
    }
}
