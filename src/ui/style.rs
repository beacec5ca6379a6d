//! Colours, each with a meaning that the words beside it carry too. Whether they reach the
//! reader is decided where they are written: not in a pipe, not under NO_COLOR.

use anstyle::{AnsiColor, Style};

use crate::task::status::Status;
use crate::task::summary::Summary;

/// The colour of a status.
pub fn of(status: Status) -> Style {
    let colour = match status {
        Status::Queued => AnsiColor::Blue,
        Status::Starting | Status::Running | Status::Stopping => AnsiColor::Cyan,
        Status::Paused | Status::Cancelled | Status::Lost | Status::Unknown | Status::TimedOut => AnsiColor::Yellow,
        Status::Succeeded => AnsiColor::Green,
        Status::Failed => AnsiColor::Red,
        Status::Stopped => return FAINT,
    };
    colour.on_default()
}

/// The colour of a task that is listed: of one between two runs, that of the run before.
pub fn of_row(row: &Summary<'_>) -> Style {
    match &row.between_runs {
        _ if row.unneeded => FAINT,
        Some(between) if between.last.status.is_failure() => of(between.last.status),
        Some(_) => of(Status::Running),
        None => of(row.status),
    }
}

/// The colour of a task among others that are shown together.
pub fn of_name(place: usize) -> Style {
    const PALETTE: [AnsiColor; 6] = [
        AnsiColor::Cyan,
        AnsiColor::Yellow,
        AnsiColor::Green,
        AnsiColor::Magenta,
        AnsiColor::Blue,
        AnsiColor::BrightRed,
    ];
    PALETTE[place % PALETTE.len()].on_default()
}

/// Headings.
pub const HEADING: Style = Style::new().bold();
/// What is there for completeness.
pub const FAINT: Style = Style::new().dimmed();
/// The part of a line that was looked for.
pub const FOUND: Style = AnsiColor::Red.on_default().bold();
/// An error's first word.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What looks like a warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// A hint's first word.
pub const HINT: Style = AnsiColor::Cyan.on_default();
