//! How the live view looks: rows of text, as many as the window has.

use anstyle::Style;

use crate::ansi::{self, Colours};
use crate::task::usual::Remark;
use crate::tui::view::keymap::HELP;
use crate::tui::view::model::{KeyMode, LogFindings, Model, TaskLoad, TaskView};
use crate::tui::view::tail::{TailLine, TailLineKind};
use crate::ui::style::{self, FAINT, HEADING};
use crate::ui::table::{Step, Table, TableCell};
use crate::ui::text::{fit, padded, width};
use crate::ui::{plot, task_table::progress_cell};
use crate::units::size::{self, Size};
use crate::units::wall_time::WallTime;

/// What a view depends on beside the model.
#[derive(Clone, Copy, Debug)]
pub struct ViewSettings {
    /// The window's size.
    pub size: Size,
    /// Whether colours are wanted.
    pub colours: Colours,
    /// The time.
    pub now: WallTime,
}

/// A piece of a row that is not torn apart.
struct RowPiece {
    style: Style,
    text: String,
}

const GAP: &str = "  ";
/// Names beside lines are cut to so many cells.
const WIDEST_LABEL: usize = 16;
/// How tasks stand, in a table.
const WIDEST_STANDING: usize = 28;
const KEYS: &str = "q leave  ? help  s stop  r restart  p pause  a attach  ↑↓ scroll";
const KEYS_OF_SEVERAL: &str =
    "q leave  ? help  Tab choose  Enter only it  s stop  r restart  p pause  a attach  ↑↓ scroll";

/// The window's rows, from the top.
pub fn rows(model: &Model, look: &ViewSettings) -> Vec<String> {
    let mut rows = head(model, look);
    rows.extend(body(model, look, page(model, look)));
    rows.push(foot(model, look));
    rows.truncate(usize::from(look.size.rows));
    rows
}

/// How many lines of the logs fit between head and foot.
pub fn page(model: &Model, look: &ViewSettings) -> usize {
    usize::from(look.size.rows).saturating_sub(head(model, look).len() + 1)
}

/// What is known of the tasks, and a rule; leaves at least a third of the window to the logs.
fn head(model: &Model, look: &ViewSettings) -> Vec<String> {
    let most = (usize::from(look.size.rows) * 2 / 3).saturating_sub(1);
    let (mut head, hidden) = match model.chosen() {
        Some(task) if model.shows_one() => (one(task, model.chosen, look), 0),
        _ => (table(model, look, most), model.tasks.len() - rows_of_tasks(model, most)),
    };
    head.truncate(most);
    head.push(rule(model, hidden, look));
    head
}

/// What is known of one task, in rows. The place among others says which colour its name has.
pub fn one(task: &TaskView, place: usize, look: &ViewSettings) -> Vec<String> {
    let mut first = vec![
        RowPiece::new(style::of_name(place), &task.name),
        RowPiece::new(Style::new(), task.id),
        RowPiece::new(style::of(task.status), &task.standing),
        RowPiece::new(Style::new(), format!("run {}", task.run)),
    ];
    first.extend(time(task, look.now));
    first.push(RowPiece::new(FAINT, &task.command));
    let mut rows = flow(&first, look);
    rows.extend(flow(&facts(task), look));
    rows.extend(flow(&found(&task.found), look));
    rows
}

/// The headings of the table of tasks, and what it gives up, one after another, where the window is
/// narrow.
const HEADINGS: [&str; 12] =
    ["  ID", "NAME", "STATUS", "TIME", "DONE", "RUN", "CPU", "MEMORY", "PROCESSES", "ERRORS", "WARNINGS", "NOTES"];
const NARROWER: [Step; 15] = [
    Step::Cut { column: NOTES, least: 12 },
    Step::Cut { column: STATUS, least: 16 },
    Step::Shorten(DONE),
    Step::Drop(5),
    Step::Drop(8),
    Step::Cut { column: NAME, least: 12 },
    Step::Drop(NOTES),
    Step::Drop(10),
    Step::Drop(7),
    Step::Drop(9),
    Step::Drop(6),
    Step::Drop(DONE),
    Step::Cut { column: STATUS, least: 9 },
    Step::Cut { column: NAME, least: 6 },
    Step::Drop(3),
];
const NAME: usize = 1;
const STATUS: usize = 2;
const DONE: usize = 4;
const NOTES: usize = 11;
/// Fewer rows have no heading.
const LEAST_WITH_HEADINGS: usize = 3;

/// A row for each task, as many as fit, around the chosen one.
fn table(model: &Model, look: &ViewSettings, most: usize) -> Vec<String> {
    let styled = |style: Style| if look.colours == Colours::Pass { style } else { Style::new() };
    let cell = |style: Style, text: String| TableCell::styled(text, styled(style));
    let plain = |text: Option<String>| TableCell::new(text.unwrap_or_default());
    let mut table = Table::new(&HEADINGS, &NARROWER).with_optional(&[DONE]);
    let first = first_shown(model, most);
    for (place, task) in model.tasks.iter().enumerate().skip(first).take(rows_of_tasks(model, most)) {
        let is_chosen = place == model.chosen;
        let mark = if is_chosen { ">" } else { " " };
        let mut cells = vec![
            cell(if is_chosen { HEADING } else { Style::new() }, format!("{mark} {}", task.id)),
            cell(style::of_name(place), task.name.clone()),
            cell(style::of(task.status), fit(&task.standing, WIDEST_STANDING)),
            time(task, look.now).map_or(TableCell::new(""), |piece| cell(piece.style, piece.text)),
            progress_cell(task.progress.as_ref()),
            cell(FAINT, task.run.to_string()),
        ];
        let load = task.load.as_ref();
        cells.push(plain(load.and_then(|load| load.cpu).map(|cpu| format!("{cpu}%"))));
        cells.push(plain(load.map(|load| size::of_bytes(load.memory))));
        cells.push(plain(load.map(|load| load.processes.to_string())));
        cells.extend(counts(&task.found).map(|(_, count, style)| cell(style, count)));
        cells.push(cell(HEADING, notes(task).join(", ")));
        table.row(cells);
    }
    let mut lines = table.lines(Some(look.cols()), styled(HEADING));
    if most < LEAST_WITH_HEADINGS {
        lines.remove(0);
    }
    lines
}

/// How many tasks have a row, where the table has at most so many lines.
fn rows_of_tasks(model: &Model, most: usize) -> usize {
    let heading = usize::from(most >= LEAST_WITH_HEADINGS);
    model.tasks.len().min((most - heading.min(most)).max(1))
}

/// The first of them, so that the chosen one is among them.
fn first_shown(model: &Model, most: usize) -> usize {
    let shown = rows_of_tasks(model, most);
    (model.chosen + 1).saturating_sub(shown).min(model.tasks.len() - shown)
}

/// Where a task listens, and what else is to be said of it.
fn notes(task: &TaskView) -> Vec<String> {
    let ports: Vec<String> = task.load.iter().flat_map(|load| &load.ports).map(u16::to_string).collect();
    let listens = (!ports.is_empty()).then(|| format!("listens on {}", ports.join(" ")));
    let unusual = task.unusual.iter().map(Remark::short);
    unusual.chain(task.remarks.iter().cloned()).chain(listens).collect()
}

fn time(task: &TaskView, now: WallTime) -> Option<RowPiece> {
    match task.ended {
        Some(ended) => Some(RowPiece::new(FAINT, format!("ended {}", ended.local_near(now)))),
        None => task.status.is_living().then(|| RowPiece::new(Style::new(), now.since(task.started))),
    }
}

fn facts(task: &TaskView) -> Vec<RowPiece> {
    let plain = |text: String| RowPiece::new(Style::new(), text);
    let mut facts = Vec::new();
    if let Some(TaskLoad { cpu, memory, processes, ports }) = &task.load {
        facts.extend(cpu.map(|cpu| plain(format!("cpu {cpu}%"))));
        facts.push(plain(format!("memory {}", size::of_bytes(*memory))));
        facts.push(plain(format!("processes {processes}")));
        if !ports.is_empty() {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            facts.push(plain(format!("listens on {}", ports.join(", "))));
        }
    }
    let progress = task.progress.map(|progress| format!("{} {progress}", plot::progress(&progress)));
    facts.extend(progress.map(plain));
    facts.extend(task.unusual.iter().map(|remark| RowPiece::new(style::WARNING, remark)));
    facts.extend(task.remarks.iter().map(|remark| RowPiece::new(HEADING, remark)));
    facts
}

fn found(found: &LogFindings) -> Vec<RowPiece> {
    let first = found.first.as_ref().map(|line| RowPiece::new(Style::new(), line.trim()));
    counts(found).map(|(word, count, style)| RowPiece::new(style, format!("{word} {count}"))).chain(first).collect()
}

/// How many errors and warnings.
fn counts(found: &LogFindings) -> impl Iterator<Item = (&'static str, String, Style)> {
    let words = [("errors", found.errors, style::ERROR), ("warnings", found.warnings, style::WARNING)];
    words.into_iter().map(move |(word, count, style)| (word, count.to_string(), if count > 0 { style } else { FAINT }))
}

/// A line across, which says what is out of sight above and below it.
fn rule(model: &Model, hidden: usize, look: &ViewSettings) -> String {
    let above = (hidden > 0).then(|| format!("{hidden} more tasks: Tab goes through all"));
    let below = match model.below {
        0 => None,
        1 => Some("1 line below: End follows".into()),
        below => Some(format!("{below} lines below: End follows")),
    };
    let mut row: String = [above, below].into_iter().flatten().map(|said| format!("── {said} ")).collect();
    row.extend(std::iter::repeat_n('─', look.cols().saturating_sub(width(&row))));
    RowPiece::new(FAINT, fit(&row, look.cols())).shown(look)
}

/// The lines of the logs, the newest at the bottom once they fill the window.
fn body(model: &Model, look: &ViewSettings, page: usize) -> Vec<String> {
    let mut rows: Vec<String> = match model.mode {
        KeyMode::Help => {
            HELP.iter().map(|(keys, what)| fit(&format!("  {} {what}", padded(keys, 14)), look.cols())).collect()
        }
        KeyMode::Looking | KeyMode::Asking(_) => {
            let shown = model.tail.lines().rev().filter(|line| model.shows_lines_of(line.of));
            let below = model.below.min(model.line_count().saturating_sub(page));
            shown.skip(below).take(page).map(|line| crate::tui::view::frame::line(model, line, look)).collect()
        }
    };
    if model.mode != KeyMode::Help {
        rows.reverse();
    }
    rows.resize(page, String::new());
    rows
}

fn line(model: &Model, line: &TailLine, look: &ViewSettings) -> String {
    let place = model.tasks.iter().position(|task| task.id == line.of);
    let text = match &line.what {
        TailLineKind::Output { bytes, .. } => ansi::line(bytes, look.colours),
        TailLineKind::Remark(text) => RowPiece::new(FAINT, format!("── {text} ──")).shown(look),
    };
    let label = match place {
        Some(place) if !model.shows_one() => {
            let widest = model.tasks.iter().map(|task| width(&model.label(task))).max().unwrap_or(0);
            let label = padded(&model.label(&model.tasks[place]), widest.min(WIDEST_LABEL));
            RowPiece::new(style::of_name(place), format!("{label} │ ")).shown(look)
        }
        _ => String::new(),
    };
    fit(&format!("{label}{text}"), look.cols())
}

/// What the keys are, a question, or what there is to say.
fn foot(model: &Model, look: &ViewSettings) -> String {
    let named = |id| model.tasks.iter().find(|task| task.id == id).map_or("", |task| &task.name);
    let piece = match (model.mode, &model.note) {
        (KeyMode::Asking(id), _) => RowPiece::new(HEADING, format!("stop {id} ({})? y/n", named(id))),
        (KeyMode::Help, _) => RowPiece::new(FAINT, "? back"),
        (KeyMode::Looking, Some(note)) => RowPiece::new(HEADING, note),
        (KeyMode::Looking, None) => RowPiece::new(FAINT, if model.tasks.len() > 1 { KEYS_OF_SEVERAL } else { KEYS }),
    };
    fit(&piece.shown(look), look.cols())
}

/// Pieces beside each other, in as many rows as they need; the last is cut where it stands.
fn flow(pieces: &[RowPiece], look: &ViewSettings) -> Vec<String> {
    let mut rows: Vec<(String, usize)> = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let wide = width(&piece.text);
        let is_last = number + 1 == pieces.len();
        match rows.last_mut() {
            Some((row, used)) if *used + GAP.len() + wide <= look.cols() || is_last && *used + 12 <= look.cols() => {
                row.push_str(GAP);
                row.push_str(&piece.shown(look));
                *used += GAP.len() + wide;
            }
            _ => rows.push((piece.shown(look), wide)),
        }
    }
    rows.into_iter().map(|(row, _)| fit(&row, look.cols())).collect()
}

impl RowPiece {
    fn new(style: Style, text: impl ToString) -> RowPiece {
        RowPiece { style, text: text.to_string() }
    }

    fn shown(&self, look: &ViewSettings) -> String {
        match look.colours {
            Colours::Pass if self.style != Style::new() => format!("{}{}{:#}", self.style, self.text, self.style),
            Colours::Pass | Colours::Drop => self.text.clone(),
        }
    }
}

impl ViewSettings {
    fn cols(&self) -> usize {
        usize::from(self.size.cols)
    }
}

#[cfg(test)]
mod tests {
    use crate::ansi::Colours;
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::tui::view::frame::{ViewSettings, page, rows};
    use crate::tui::view::model::{KeyMode, LogFindings, Model, TaskLoad, TaskView};
    use crate::ui::snapshot;
    use crate::ui::text::width;
    use crate::units::size::Size;
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    fn look(rows: u16, cols: u16) -> ViewSettings {
        ViewSettings { size: Size { rows, cols }, colours: Colours::Drop, now: WallTime(12_000) }
    }

    fn busy(number: u32, name: &str) -> TaskView {
        let load = TaskLoad { cpu: Some(12), memory: 52 << 20, processes: 3, ports: vec![3000, 9229] };
        let found = LogFindings { errors: 2, warnings: 5, first: Some("error: no such thing".into()) };
        TaskView { load: Some(load), found, ..TaskView::blank(number, name) }
    }

    #[test]
    fn one_task_has_its_facts_above_its_lines() {
        let mut model = Model { tasks: vec![busy(1, "web")], ..Model::default() };
        model.output(TaskId(1), b"one\n\x1b[2J\x1b[31mtwo\x1b[0m\n", 0);
        assert_eq!(
            rows(&model, &look(8, 72)),
            [
                "web  task-001  running  run 1  12s  npm run dev",
                "cpu 12%  memory 52.0 MiB  processes 3  listens on 3000, 9229",
                "errors 2  warnings 5  error: no such thing",
                &"─".repeat(72),
                "one",
                "two",
                "",
                "q leave  ? help  s stop  r restart  p pause  a attach  ↑↓ scroll",
            ]
        );
    }

    #[test]
    fn several_are_a_table_and_their_lines_bear_names() {
        let mut model = Model { tasks: vec![busy(1, "web"), TaskView::blank(2, "worker")], ..Model::default() };
        model.tasks[1].status = Status::Failed;
        model.tasks[1].standing = "failed (exit 1)".into();
        model.output(TaskId(1), b"one\n", 0);
        model.output(TaskId(2), b"two\n", 0);
        model.tail.remark(TaskId(2), "run 2".into());
        let shown = rows(&model, &look(10, 60));
        assert_eq!(
            shown[..7],
            [
                "  ID        NAME    STATUS           TIME  CPU  ERRORS",
                "> task-001  web     running          12s   12%  2",
                "  task-002  worker  failed (exit 1)             0",
                &"─".repeat(60),
                "web    │ one",
                "worker │ two",
                "worker │ ── run 2 ──",
            ]
        );
        model.is_alone = true;
        assert!(rows(&model, &look(10, 60)).join("\n").contains("\none\n"));
        assert!(!rows(&model, &look(10, 60)).join("\n").contains("two"));
    }

    #[test]
    fn the_table_at_each_width() {
        let mut model = Model {
            tasks: vec![busy(1, "web"), TaskView::blank(12, "worker"), busy(133, "日本語")],
            ..Model::default()
        };
        model.tasks[1].status = Status::Failed;
        model.tasks[1].standing = "failed (exit 1) after 12s: out of memory".into();
        model.tasks[2].remarks = vec!["ready after 0.4s: http://localhost:5173/".into()];
        let text = snapshot::at_each_width(|width| rows(&model, &look(9, width)).join("\n") + "\n");
        snapshot::assert_is("monitor", &text);
    }

    #[test]
    fn a_narrow_window_shows_all_facts_in_more_rows() {
        let model = Model { tasks: vec![busy(1, "web")], ..Model::default() };
        let shown = rows(&model, &look(20, 40)).join("\n");
        for part in ["cpu 12%", "52.0 MiB", "processes 3", "3000, 9229", "errors 2", "warnings 5", "q leave  ? help"] {
            assert!(shown.contains(part), "{part}:\n{shown}");
        }
    }

    #[test]
    fn tasks_that_do_not_fit_are_counted() {
        let tasks = (1..=20).map(|n| TaskView::blank(n, &format!("t{n}"))).collect();
        let model = Model { tasks, chosen: 15, ..Model::default() };
        let shown = rows(&model, &look(15, 60));
        assert!(shown[8].starts_with("> task-016  t16"), "{shown:?}");
        assert!(shown[9].starts_with("── 12 more tasks: Tab goes through all ──"), "{shown:?}");
    }

    #[test]
    fn the_newest_lines_are_at_the_bottom_unless_scrolled() {
        let mut model = Model { tasks: vec![TaskView::blank(1, "web")], ..Model::default() };
        (0..50).for_each(|n| model.output(TaskId(1), format!("line {n}\n").as_bytes(), n));
        let page = page(&model, &look(10, 60));
        assert_eq!(rows(&model, &look(10, 60))[8], "line 49");
        model.below = 20;
        let shown = rows(&model, &look(10, 60));
        assert_eq!(shown[8], "line 29");
        assert!(shown[9 - page - 1].starts_with("── 20 lines below: End follows ──"));
        model.below = 10_000;
        assert_eq!(rows(&model, &look(10, 60))[9 - page], "line 0");
    }

    #[test]
    fn colours_are_ended_and_can_be_left_out() {
        let mut model = Model { tasks: vec![TaskView::blank(1, "web")], ..Model::default() };
        model.output(TaskId(1), b"\x1b[31mred\n", 0);
        let coloured = rows(&model, &ViewSettings { colours: Colours::Pass, ..look(10, 60) });
        assert!(coloured.contains(&"\x1b[31mred\x1b[0m".to_owned()));
        assert!(coloured[0].contains("\x1b["));
        assert!(!rows(&model, &look(10, 60)).join("").contains('\x1b'));
    }

    #[test]
    fn a_question_and_a_note_stand_at_the_foot() {
        let mut model = Model { tasks: vec![TaskView::blank(1, "web")], ..Model::default() };
        model.mode = KeyMode::Asking(TaskId(1));
        assert_eq!(rows(&model, &look(10, 60))[9], "stop task-001 (web)? y/n");
        model.mode = KeyMode::Looking;
        model.note = Some("it was".into());
        assert_eq!(rows(&model, &look(10, 60))[9], "it was");
    }

    proptest! {
        #[test]
        fn it_fits_whatever_the_window(height in 1u16..30, wide in 1u16..100, tasks in 1u32..14, chosen in 0usize..14) {
            let tasks: Vec<TaskView> = (1..=tasks).map(|n| busy(n, &format!("task{n}"))).collect();
            let chosen = chosen.min(tasks.len() - 1);
            let mut model = Model { tasks, chosen, ..Model::default() };
            model.output(TaskId(1), "日本語\ta long line that goes on and on and on".as_bytes(), 0);
            for mode in [KeyMode::Looking, KeyMode::Help, KeyMode::Asking(TaskId(1))] {
                model.mode = mode;
                let shown = rows(&model, &look(height, wide));
                prop_assert!(shown.len() == usize::from(height), "{} rows", shown.len());
                prop_assert!(shown.iter().all(|row| width(row) <= usize::from(wide)));
                prop_assert!(height < 4 || wide < 2 || model.tasks.len() < 2 || shown.iter().any(|row| row.starts_with('>')));
            }
        }
    }
}
