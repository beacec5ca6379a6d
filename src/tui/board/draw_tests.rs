//! Screens of the dashboard, as files: three sizes, each page, also in ASCII, coloured or not.

use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier};

use super::draw;
use crate::ansi::Colours;
use crate::task::id::TaskId;
use crate::task::progress::Progress;
use crate::task::status::Status;
use crate::task::usual::Remark;
use crate::tui::board::findings::{FindingsPage, KnownFindings};
use crate::tui::board::past::PastTask;
use crate::tui::board::state::{Board, BoardMode, DetailTab, PromptLine};
use crate::tui::paint;
use crate::tui::view::frame::ViewSettings;
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::model::{LoadHistory, LogFindings, TaskLoad, TaskView};
use crate::tui::window::Window;
use crate::ui::snapshot;
use crate::units::size::Size;
use crate::units::wall_time::WallTime;

/// Columns and rows.
const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (160, 50)];
/// A minute and a half after each task's start.
const NOW: WallTime = WallTime(90_000);

fn look(size: (u16, u16), colours: Colours) -> ViewSettings {
    ViewSettings { size: Size { cols: size.0, rows: size.1 }, colours, now: NOW }
}

/// Of each kind one: busy and unusual, queued in a group, paused, failed, with a wide and with a
/// hostile name.
fn tasks() -> Vec<TaskView> {
    let load = TaskLoad { cpu: Some(112), memory: 52 << 20, processes: 3, ports: vec![3000, 9229] };
    let found = LogFindings { errors: 2, warnings: 5, first: Some("error: no such thing".into()) };
    let history =
        LoadHistory { cpu: (0..20).map(|n| n * 9 % 100).collect(), memory: (1..20).map(|n| n << 20).collect() };
    let section = |number: u32, name: &str, section: &str| TaskView {
        section: section.into(),
        cwd: "/home/me/shop".into(),
        ..TaskView::blank(number, name)
    };
    vec![
        TaskView {
            load: Some(load),
            found,
            history,
            reached: Some("http://localhost:3000/".into()),
            progress: Progress::usual(45_000, 100_000),
            unusual: vec![Remark::Overdue { longest: 30_000, runs: 12 }],
            remarks: vec!["healthy since 10:03".into(), "at most mem 1 GiB".into()],
            ..section(1, "web", "/home/me/shop")
        },
        TaskView { status: Status::Paused, standing: "paused".into(), ..section(2, "日本語", "/home/me/shop") },
        TaskView {
            status: Status::Failed,
            standing: "failed (exit 1) after 12s".into(),
            ended: Some(WallTime(80_000)),
            ..section(3, "a-name-that-is-longer-than-most-names-are", "/home/me/shop")
        },
        TaskView {
            status: Status::Queued,
            standing: "queued: 2nd of 2".into(),
            ..section(4, "nightly", "group deploy")
        },
    ]
}

fn board() -> Board {
    let past = |number: u32, name: &str, status: Status| PastTask {
        id: TaskId(number),
        name: name.into(),
        cwd: "/home/me/shop".into(),
        status,
        ended: WallTime(60_000).to_string().into(),
        errors: u64::from(status != Status::Succeeded),
    };
    let mut board =
        Board { past: vec![past(5, "lint", Status::Succeeded), past(6, "test", Status::Failed)], ..Board::default() };
    board.page.feed(b"starting\nGET / 200\n\x1b[31mERROR\x1b[0m: no such thing\n\x1b[2J\x1b]0;x\x07hostile\n", 0);
    board.page.feed("日本語 and a line that is a good deal longer than forty columns are wide\n".as_bytes(), 90);
    board.facts = vec![("command", "npm run dev".into()), ("directory", "/home/me/shop".into())];
    let found = r#"{"diagnostics": [
        {"line": 3, "severity": "error", "tool": "rustc", "message": "mismatched types", "file": "src/main.rs",
         "source_line": 2, "hints": ["try u32"], "count": 2},
        {"line": 0, "severity": "warning", "tool": "usual", "message": "3.1x slower than usual (median 2.0s of 12 runs)"}],
        "suggestions": [{"title": "Install what is missing", "command": "npm install"}]}"#;
    board.findings = FindingsPage::Known(KnownFindings::of(found.as_bytes()).expect("findings"));
    board
}

/// What the reader has before him.
#[derive(Clone, Copy, Debug)]
enum Scene {
    Log,
    OnlyLog,
    Findings,
    Facts,
    Help,
    HelpsEnd,
    Question,
    Typing,
}

const SCENES: [Scene; 8] = [
    Scene::Log,
    Scene::OnlyLog,
    Scene::Findings,
    Scene::Facts,
    Scene::Help,
    Scene::HelpsEnd,
    Scene::Question,
    Scene::Typing,
];

fn drawn(scene: Scene, look: &ViewSettings) -> Buffer {
    let (tasks, mut board) = (tasks(), board());
    board.relist(&tasks);
    board.choose_task(TaskId(1));
    match scene {
        Scene::Log => {}
        Scene::OnlyLog => board.is_wide = true,
        Scene::Findings => board.turn_to(DetailTab::Findings),
        Scene::Facts => board.turn_to(DetailTab::Facts),
        Scene::Help => board.mode = BoardMode::Help,
        Scene::HelpsEnd => (board.mode, board.help_from) = (BoardMode::Help, usize::MAX),
        Scene::Question => board.mode = BoardMode::Asking("stop task-001 (web)? y/n".into(), ViewCommand::Leave),
        Scene::Typing => board.mode = BoardMode::Typing(PromptLine::Search, "no such".into()),
    }
    let mut buffer = Window::blank(look.size);
    draw(&mut board, &tasks, look, &mut buffer);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let row = |y: u16| {
        let mut text = String::new();
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += u16::try_from(crate::ui::text::width(symbol)).unwrap_or(1).max(1);
        }
        text.trim_end().to_owned() + "\n"
    };
    (0..area.height).map(row).collect()
}

#[test]
fn each_page_at_three_sizes() {
    for size in SIZES {
        let page = |scene: Scene| {
            let (cols, drawn) = (usize::from(size.0), drawn(scene, &look(size, Colours::Drop)));
            format!("{:-<cols$}\n{}", format!("---- {scene:?} "), text(&drawn))
        };
        let mut all: String = SCENES.into_iter().map(page).collect();
        let mut ascii = drawn(Scene::Log, &look(size, Colours::Drop));
        paint::to_ascii(&mut ascii);
        let ascii = text(&ascii);
        assert!(ascii.is_ascii(), "{ascii}");
        all.push_str(&format!("---- Log, in a locale without UTF-8\n{ascii}"));
        snapshot::assert_is(&format!("dashboard-{}x{}", size.0, size.1), &all);
    }
}

#[test]
fn it_reads_well_on_a_light_background_and_without_colours() {
    for (size, scene) in SIZES.into_iter().flat_map(|size| SCENES.map(|scene| (size, scene))) {
        let coloured = drawn(scene, &look(size, Colours::Pass));
        for cell in &coloured.content {
            // Whoever has a light background sees it: white text and a background are never set.
            assert_eq!(cell.bg, Color::Reset, "{scene:?} at {size:?}: {cell:?}");
            assert!(
                !matches!(cell.fg, Color::White | Color::Black | Color::Rgb(..)),
                "{scene:?} at {size:?}: {cell:?}"
            );
        }
        let plain = drawn(scene, &look(size, Colours::Drop));
        assert!(plain.content.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)), "{scene:?}");
        assert_eq!(text(&coloured), text(&plain), "colours say nothing that no text says");
        let is_marked = |cell: &ratatui_core::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
        let has_tabs = !matches!(scene, Scene::Help | Scene::HelpsEnd);
        assert_eq!(plain.content.iter().any(is_marked), has_tabs, "{scene:?}: what is chosen is turned around");
    }
}

#[test]
fn nothing_hostile_is_in_a_cell() {
    let mut hostile = tasks();
    hostile[0].name = crate::ansi::printable("\x1b[2Jweb\u{202e}\x07");
    for size in SIZES {
        let mut board = board();
        board.relist(&hostile);
        board.choose_task(TaskId(1));
        let mut buffer = Window::blank(look(size, Colours::Pass).size);
        draw(&mut board, &hostile, &look(size, Colours::Pass), &mut buffer);
        let text = text(&buffer);
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{text:?}");
        assert!(text.contains("hostile"), "the line is there: {text}");
    }
}
