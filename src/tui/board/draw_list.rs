//! The list of tasks, as it is drawn.

use anstyle::Style;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use crate::ansi::printable;
use crate::tui::board::draw::{dimmed, styled};
use crate::tui::board::listing::{ListItem, ListSection};
use crate::tui::board::past::PastTask;
use crate::tui::board::sparkline;
use crate::tui::board::state::Board;
use crate::tui::paint;
use crate::tui::view::frame::ViewSettings;
use crate::tui::view::model::TaskView;
use crate::ui::plot;
use crate::ui::style::{self, ERROR, FAINT, HEADING, WARNING};
use crate::ui::table::{Step, Table, TableCell};
use crate::ui::text::{fit, fit_end};
use crate::units::size;
use crate::units::span::Span;

const HEADINGS: [&str; 9] = ["  NAME", "ID", "STATUS", "TIME", "DONE", "CPU", "MEMORY", "FOUND", "WHERE"];
const NARROWER: [Step; 14] = [
    Step::Cut { column: WHERE, least: 14 },
    Step::Shorten(2),
    Step::Cut { column: 0, least: 14 },
    Step::Drop(1),
    Step::Shorten(5),
    Step::Drop(WHERE),
    Step::Shorten(6),
    Step::Shorten(DONE),
    Step::Drop(6),
    Step::Drop(5),
    Step::Cut { column: 0, least: 9 },
    Step::Drop(7),
    Step::Drop(3),
    Step::Drop(DONE),
];
const DONE: usize = 4;
const WHERE: usize = 8;
/// How tasks stand, in a list.
const WIDEST_STANDING: usize = 26;
/// So many samples are drawn.
const SPARKS: usize = 8;
/// From this age on, it is told in minutes: then nothing changes each second.
const MINUTE: u64 = 60_000;

impl Board {
    /// Draws the list, so that what is chosen is in sight.
    pub(super) fn draw_list(&mut self, tasks: &[TaskView], look: &ViewSettings, area: Rect, buffer: &mut Buffer) {
        let rows = usize::from(area.height).saturating_sub(1);
        let list = Rect { y: area.y + 1, height: area.height - 1, ..area };
        self.areas.list = list;
        let place = self.place();
        self.scroll_to(place.unwrap_or(0), rows);
        let shown: Vec<&ListItem> = self.items.iter().skip(self.first).take(rows).collect();
        let mut table = Table::new(&HEADINGS, &NARROWER).with_optional(&[DONE, WHERE]);
        for (number, item) in shown.iter().enumerate() {
            let mark = if place == Some(self.first + number) { "> " } else { "  " };
            match item {
                ListItem::Section(_) => {}
                ListItem::Watched(at, _) => drop(tasks.get(*at).map(|task| table.row(cells(task, mark, look)))),
                ListItem::Past(at, _) => drop(self.past.get(*at).map(|task| table.row(past_cells(task, mark, look)))),
            }
        }
        let mut lines = table.lines(Some(usize::from(area.width)), dimmed(look)).into_iter();
        paint::row(buffer, Rect { height: 1, ..area }, &lines.next().unwrap_or_default());
        for (number, item) in shown.into_iter().enumerate() {
            let row = Rect { y: list.y + number as u16, height: 1, ..list };
            let is_chosen = place == Some(self.first + number);
            match item {
                ListItem::Section(section) => heading(section, is_chosen, look, row, buffer),
                ListItem::Watched(..) | ListItem::Past(..) => {
                    paint::row(buffer, row, &lines.next().unwrap_or_default());
                }
            }
            if is_chosen {
                paint::effect(buffer, row, Modifier::REVERSED);
            }
        }
        if self.items.is_empty() && rows > 0 {
            let text = "no tasks: c starts one";
            paint::plain(buffer, Rect { height: 1, ..list }, list.x, text, dimmed(look));
        }
    }

    fn scroll_to(&mut self, place: usize, rows: usize) {
        let last = self.items.len().saturating_sub(rows);
        if place < self.first {
            self.first = place;
        } else if place >= self.first + rows {
            self.first = place + 1 - rows.max(1);
        }
        self.first = self.first.min(last);
    }
}

fn heading(section: &ListSection, is_chosen: bool, look: &ViewSettings, row: Rect, buffer: &mut Buffer) {
    let sign = if section.is_folded { '▸' } else { '▾' };
    let mark = if is_chosen { '>' } else { ' ' };
    let failed = if section.failed > 0 { format!(", {} failed", section.failed) } else { String::new() };
    let counts = format!("  {} running{failed}, {} in all", section.living, section.total);
    let room = usize::from(row.width).saturating_sub(4);
    let name = fit_end(&printable(&section.name), room);
    let col = paint::plain(buffer, row, row.x, &format!("{mark}{sign} {name}"), styled(HEADING, look));
    paint::plain(buffer, row, col, &counts, dimmed(look));
}

fn cells(task: &TaskView, mark: &str, look: &ViewSettings) -> Vec<TableCell> {
    let cell = |style: Style, text: String| TableCell::styled(text, styled(style, look));
    let load = task.load.as_ref();
    let (cpu, memory) = (load.and_then(|load| load.cpu), load.map(|load| size::of_bytes(load.memory)));
    let cpu_bars = sparkline::of(&task.history.cpu, SPARKS, 100);
    let memory_bars = sparkline::of(&task.history.memory, SPARKS, 0);
    let per_cent = cpu.map_or_else(String::new, |cpu| format!("{cpu}%"));
    let memory = memory.unwrap_or_default();
    let bars = |bars: &str, text: &str| if text.is_empty() { String::new() } else { format!("{bars} {text}") };
    let standing = fit(&task.standing, WIDEST_STANDING);
    vec![
        TableCell::new(format!("{mark}{}", task.name)),
        cell(FAINT, task.id.to_string()),
        cell(style::of(task.status), standing).or_short(task.status.to_string()),
        TableCell::new(age(task, look)),
        done(task),
        TableCell::new(bars(&cpu_bars, &per_cent)).or_short(&per_cent),
        TableCell::new(bars(&memory_bars, &memory)).or_short(&memory),
        found(task, look),
        TableCell::new(place_of(task)),
    ]
}

fn past_cells(task: &PastTask, mark: &str, look: &ViewSettings) -> Vec<TableCell> {
    let ago = task.ended().map(|ended| format!("{} ago", short(look.now.since(ended))));
    let errors = if task.errors > 0 { format!("{}E", task.errors) } else { String::new() };
    vec![
        TableCell::new(format!("{mark}{}", task.name)),
        TableCell::styled(task.id.to_string(), styled(FAINT, look)),
        TableCell::styled(task.status.to_string(), styled(style::of(task.status), look)),
        TableCell::styled(ago.unwrap_or_default(), styled(FAINT, look)),
        TableCell::new(""),
        TableCell::new(""),
        TableCell::new(""),
        TableCell::styled(errors, styled(ERROR, look)),
        TableCell::new(""),
    ]
}

/// How far it is: `████░░░░░░ 45%`; in short `45%`.
fn done(task: &TaskView) -> TableCell {
    let Some(progress) = &task.progress else { return TableCell::new("") };
    TableCell::new(format!("{} {}", plot::progress(progress), progress.short())).or_short(progress.short())
}

/// Errors, warnings, failed tests: `2E 1W 3F`.
fn found(task: &TaskView, look: &ViewSettings) -> TableCell {
    let count = |count: u64, sign: char| (count > 0).then(|| format!("{count}{sign}"));
    let counts = [count(task.found.errors, 'E'), count(task.found.warnings, 'W'), count(task.failed_tests, 'F')];
    let text: Vec<String> = counts.into_iter().flatten().collect();
    let is_bad = task.found.errors + task.failed_tests > 0;
    TableCell::styled(text.join(" "), styled(if is_bad { ERROR } else { WARNING }, look))
}

/// Where it is reached, or that it is not ready yet.
fn place_of(task: &TaskView) -> String {
    let ports = || task.load.iter().flat_map(|load| &load.ports).map(|port| format!(":{port}")).collect::<Vec<_>>();
    task.reached.clone().unwrap_or_else(|| ports().join(" "))
}

/// How long it runs, or how long ago it ended: in seconds for the first minute, then in minutes.
fn age(task: &TaskView, look: &ViewSettings) -> String {
    match task.ended {
        Some(ended) => format!("{} ago", short(look.now.since(ended))),
        None if task.status.is_living() => short(look.now.since(task.started)),
        None => String::new(),
    }
}

/// A span, in full minutes once it is longer than one: `12s`, `3m`, `2h05m`, `4d`.
fn short(span: Span) -> String {
    let minutes = span.0 / MINUTE;
    match minutes {
        60..1440 => format!("{}h{:02}m", minutes / 60, minutes % 60),
        _ => span.short(),
    }
}
