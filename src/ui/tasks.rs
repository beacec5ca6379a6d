//! Tasks as a table.

use std::borrow::Cow;

use super::style;
use super::table::{Cell, Table};
use crate::ansi::{self, printable};
use crate::task::status::Status;
use crate::task::summary::{Summary, UNKNOWN};
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;

/// Which column says where tasks are reached, if any is.
const PLACE: usize = 4;

/// The rows as a table.
pub fn table(rows: &[Summary<'_>], now: Stamp) -> Table {
    let places: Vec<String> = rows.iter().map(place_text).collect();
    let has_places = places.iter().any(|place| !place.is_empty());
    let mut headings = vec!["ID", "NAME", "STATUS", "TIME", "COMMAND"];
    if has_places {
        headings.insert(PLACE, "SERVES");
    }
    let mut table = Table::new(&headings);
    for (row, place) in rows.iter().zip(places) {
        let mut cells = vec![
            Cell::new(row.id.to_string()),
            Cell::new(printable(&row.name)),
            Cell::styled(status_text(row), style::of(row.status)),
            Cell::new(time_text(row, now)),
            Cell::new(ansi::command(&command_text(row))),
        ];
        if has_places {
            cells.insert(PLACE, Cell::new(place));
        }
        table.row(cells);
    }
    table
}

/// What it runs; where that cannot be read, why not.
fn command_text<'a>(row: &'a Summary<'_>) -> Cow<'a, str> {
    match &row.reason {
        Some(why) if row.command == UNKNOWN => format!("{UNKNOWN} ({why})").into(),
        Some(_) | None => row.command.as_ref().into(),
    }
}

/// Where a living task is reached: `http://localhost:5173/`, `:3000`; or that it is not ready yet.
fn place_text(row: &Summary<'_>) -> String {
    let ports = || row.ports.iter().map(|port| format!(":{port}")).collect::<Vec<_>>().join(" ");
    match (row.ready, &row.url) {
        _ if !row.status.is_living() || row.status == Status::Queued => String::new(),
        (Some(false), _) => "not ready".into(),
        (_, Some(url)) => printable(url),
        (Some(true), None) if row.ports.is_empty() => "ready".into(),
        (_, None) => ports(),
    }
}

/// The status with what makes it particular: `failed (1)`, `failed (SIGSEGV)`.
fn status_text(row: &Summary<'_>) -> String {
    let signal = row.signal.and_then(Signal::from_number);
    match (row.status, row.exit_code, signal) {
        (Status::Failed | Status::Stopped | Status::TimedOut, _, Some(signal)) => format!("{} ({signal})", row.status),
        (Status::Failed | Status::Stopped | Status::TimedOut, Some(code), None) => format!("{} ({code})", row.status),
        (status, ..) if status.is_living() => living_text(row),
        (status, ..) => status.to_string(),
    }
}

/// The same of one that is living: `running (run 3), wants input`.
fn living_text(row: &Summary<'_>) -> String {
    let run = if row.run > 1 { format!(" (run {})", row.run) } else { String::new() };
    let input = if row.waiting_since.is_some() { ", wants input" } else { "" };
    format!("{}{run}{input}", row.status)
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
