//! Tasks as a table.

use std::borrow::Cow;

use super::table::{Step, Table, TableCell};
use super::{plot, style};
use crate::ansi::{self, printable};
use crate::task::progress::Progress;
use crate::task::spec::UNKNOWN;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;

/// The rows of a screen that the headings of a table and the prompt below it take.
pub const AROUND: usize = 2;
const HEADINGS: [&str; 7] = ["ID", "NAME", "STATUS", "TIME", "PROGRESS", "SERVES", "COMMAND"];
const NAME: usize = 1;
const STATUS: usize = 2;
const TIME: usize = 3;
const PROGRESS: usize = 4;
const SERVES: usize = 5;
const COMMAND: usize = 6;
/// What a table of tasks gives up, one after another, where it would not fit the terminal
/// otherwise.
const NARROWER: [Step; 14] = [
    Step::Cut { column: COMMAND, least: 24 },
    Step::Shorten(PROGRESS),
    Step::Cut { column: NAME, least: 12 },
    Step::Shorten(TIME),
    Step::Shorten(SERVES),
    Step::Shorten(STATUS),
    Step::Cut { column: COMMAND, least: 12 },
    Step::Drop(SERVES),
    Step::Drop(PROGRESS),
    Step::Cut { column: NAME, least: 6 },
    Step::Drop(TIME),
    Step::Cut { column: COMMAND, least: 6 },
    Step::Cut { column: STATUS, least: 10 },
    Step::Drop(NAME),
];

/// How this machine is called in an address.
const LOCAL: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];

/// The rows as a table.
pub fn table(rows: &[Summary<'_>], now: WallTime) -> Table {
    let mut table = Table::new(&HEADINGS, &NARROWER).with_optional(&[PROGRESS, SERVES]);
    for row in rows {
        let (time, short_time) = time_texts(row, now);
        let place = place_text(row);
        table.row(vec![
            TableCell::new(row.id.to_string()),
            TableCell::new(printable(&row.name)),
            TableCell::styled(status_text(row), style::of_row(row)).or_short(short_status(row)),
            TableCell::new(time).or_short(short_time),
            progress_cell(row.progress.as_ref()),
            TableCell::new(&place).or_short(short_place(&place)),
            TableCell::new(ansi::command(&command_text(row))),
        ]);
    }
    table
}

/// The rows in the order in which they are shown, where only so many fit the screen: those that
/// live last, next to the prompt below them.
pub fn order_for(rows: &mut [Summary<'_>], most: usize) {
    if rows.len() > most {
        rows.sort_by_key(|row| row.status.is_living());
    }
}

/// What it runs; where that cannot be read, why not.
fn command_text<'a>(row: &'a Summary<'_>) -> Cow<'a, str> {
    match &row.reason {
        Some(why) if row.command == UNKNOWN => format!("{UNKNOWN} ({why})").into(),
        Some(_) | None => row.command.as_ref().into(),
    }
}

/// How far it is: `████░░░░░░ 45% 2m left`; in short `45%`.
pub fn progress_cell(progress: Option<&Progress>) -> TableCell {
    let Some(progress) = progress else { return TableCell::new("") };
    let text = format!("{} {} {}", plot::progress(progress), progress.short(), progress.left_words());
    TableCell::new(text.trim_end()).or_short(progress.short())
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

/// The same of a place on this machine: `:5173`.
fn short_place(place: &str) -> &str {
    let authority = place.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    let port = |authority: &str| {
        let at = authority.rfind(':')?;
        LOCAL.contains(&&authority[..at]).then_some(at)
    };
    match authority.and_then(|authority| Some((authority, port(authority)?))) {
        Some((authority, at)) => &authority[at..],
        None => place,
    }
}

/// The status with what was found in the output: `failed (1), 2 errors`.
fn status_text(row: &Summary<'_>) -> String {
    let found = row.found().filter(|_| row.status != Status::Queued && row.status != Status::Succeeded);
    found.map_or_else(|| standing_text(row), |found| format!("{}, {found}", standing_text(row)))
}

/// The status with what makes it particular: `failed (1)`, `failed (SIGSEGV)`.
fn standing_text(row: &Summary<'_>) -> String {
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
    if let Some(between) = &row.between_runs {
        return between.words();
    }
    let run = if row.run > 1 { format!(" (run {})", row.run) } else { String::new() };
    let input = if row.waiting_since.is_some() { ", wants input" } else { "" };
    let health = row.health.as_ref().map_or_else(String::new, |health| format!(", {}", health.word()));
    format!("{}{run}{health}{input}", row.status)
}

/// The status in a few cells: `failed (SEGV)`, `wants input`.
fn short_status(row: &Summary<'_>) -> String {
    if let Some(between) = &row.between_runs {
        return between.short();
    }
    let signal = row.signal.and_then(Signal::from_number).map(|signal| signal.to_string());
    match (row.status, signal) {
        (Status::Failed, Some(signal)) => {
            format!("{} ({})", row.status, signal.strip_prefix("SIG").unwrap_or(&signal))
        }
        (Status::Failed, None) => standing_text(row),
        (status, _) if status.is_living() && is_unhealthy(row) => "unhealthy".into(),
        (status, _) if status.is_living() && row.waiting_since.is_some() => "wants input".into(),
        (status, _) => status.to_string(),
    }
}

fn is_unhealthy(row: &Summary<'_>) -> bool {
    row.health.as_ref().is_some_and(|health| !health.is_healthy)
}

/// How long it runs, or ran and how long ago that was; and the same in short: how long it runs, or
/// how long ago it ended.
fn time_texts(row: &Summary<'_>, now: WallTime) -> (String, String) {
    let started: Option<WallTime> = row.started.parse().ok();
    let ended: Option<WallTime> = row.ended.as_deref().and_then(|text| text.parse().ok());
    let remark = row.remarks.first().map_or_else(String::new, |remark| format!(" ({})", remark.short()));
    match (started, ended) {
        (Some(started), Some(ended)) => {
            let (took, ago) = (ended.since(started), now.since(ended));
            (format!("{took}{remark}, {ago} ago"), format!("{} ago", ago.short()))
        }
        (Some(started), None) if row.status.is_living() => {
            (format!("{}{remark}", now.since(started)), now.since(started).short())
        }
        (Some(started), None) => {
            (format!("begun {} ago", now.since(started)), format!("{} ago", now.since(started).short()))
        }
        (None, _) => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::{order_for, short_place, table};
    use crate::task::between::{Awaits, Between, LastRun};
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use crate::ui::snapshot;
    use crate::ui::text::width;
    use anstyle::Style;

    const NOW: &str = "2026-01-01T02:00:00.000Z";

    fn row(id: u32, name: &str, command: &str, status: Status) -> Summary<'static> {
        let (name, command) = (name.to_owned().into(), command.to_owned().into());
        let ended = (!status.is_living()).then(|| "2026-01-01T00:03:04.000Z".into());
        Summary { id: TaskId(id), name, command, status, ended, ..Summary::blank() }
    }

    /// Tasks of every kind, long and short ones.
    fn every_kind() -> Vec<Summary<'static>> {
        let started = |text: &str| text.to_owned().into();
        let last = LastRun { status: Status::Failed, exit_code: Some(101), signal: None };
        vec![
            Summary { exit_code: Some(0), ..row(1, "build", "cargo build --release --locked", Status::Succeeded) },
            Summary { exit_code: Some(1), ..row(2, "test", "npm test", Status::Failed) },
            Summary {
                exit_code: Some(139),
                signal: Some(11),
                ..row(
                    3,
                    "a-rather-long-name-of-a-task",
                    "./crash --with --many --words --in --its --line",
                    Status::Failed,
                )
            },
            Summary { signal: Some(15), ..row(4, "server", "python3 -m http.server 8000", Status::TimedOut) },
            row(5, "deploy", "make deploy", Status::Cancelled),
            Summary { started: started("2025-12-24T00:00:00.000Z"), ..row(6, "lost", "sleep 1000", Status::Lost) },
            Summary {
                ready: Some(true),
                url: Some("http://localhost:5173/".into()),
                run: 3,
                started: started("2026-01-01T01:47:55.000Z"),
                ..row(7, "web", "npm run dev -- --host 0.0.0.0 --port 5173", Status::Running)
            },
            Summary {
                waiting_since: Some(NOW.into()),
                started: started("2026-01-01T01:59:51.000Z"),
                ..row(8, "日本語", "python3", Status::Running)
            },
            Summary { ports: vec![3000, 9229], ..row(120, "db", "postgres -D data", Status::Paused) },
            row(1234, "queued", "npm run e2e", Status::Queued),
            Summary {
                between_runs: Some(Between { awaits: Awaits::Change, last }),
                run: 3,
                ..row(1235, "check", "cargo check", Status::Queued)
            },
        ]
    }

    fn at(rows: &[Summary<'_>], width: u16) -> String {
        table(rows, NOW.parse().expect("a stamp")).render(Some(width.into()), Style::new())
    }

    #[test]
    fn the_table_at_each_width() {
        let ansi_stripped = |text: String| anstream::adapter::strip_str(&text).to_string();
        let text = snapshot::at_each_width(|width| ansi_stripped(at(&every_kind(), width)));
        snapshot::assert_is("tasks", &text);
        assert!(
            snapshot::WIDTHS
                .iter()
                .all(|&most| { at(&every_kind(), most).lines().all(|line| width(line) <= usize::from(most)) })
        );
    }

    #[test]
    fn a_table_without_places_at_each_width() {
        let rows: Vec<_> = every_kind().into_iter().filter(|row| row.url.is_none() && row.ports.is_empty()).collect();
        let text = snapshot::at_each_width(|width| anstream::adapter::strip_str(&at(&rows, width)).to_string());
        snapshot::assert_is("tasks-without-places", &text);
    }

    #[test]
    fn a_place_on_this_machine_is_its_port_in_short() {
        for (place, short) in [
            ("http://localhost:5173/", ":5173"),
            ("https://[::1]:8443/x?y", ":8443"),
            ("http://127.0.0.1:80", ":80"),
            ("http://web.example:80/", "http://web.example:80/"),
            ("http://localhost/", "http://localhost/"),
            (":3000 :9229", ":3000 :9229"),
            ("not ready", "not ready"),
        ] {
            assert_eq!(short_place(place), short);
        }
    }

    #[test]
    fn those_that_live_stand_last_where_the_screen_has_not_room_for_all() {
        let mut rows = vec![
            row(1, "web", "x", Status::Running),
            row(2, "a", "x", Status::Succeeded),
            row(3, "db", "x", Status::Queued),
            row(4, "b", "x", Status::Failed),
        ];
        let ids = |rows: &[Summary<'_>]| rows.iter().map(|row| row.id.0).collect::<Vec<_>>();
        order_for(&mut rows, 4);
        assert_eq!(ids(&rows), [1, 2, 3, 4]);
        order_for(&mut rows, 3);
        assert_eq!(ids(&rows), [2, 4, 1, 3]);
    }
}
