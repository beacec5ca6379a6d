//! How the dashboard looks: the list beside the chosen task, or above it where the window is
//! narrow.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::Modifier;

use crate::ansi::{Colours, printable};
use crate::task::status::Status;
use crate::tui::board::help::HELP;
use crate::tui::board::state::{Board, BoardAreas, BoardMode};
use crate::tui::paint;
use crate::tui::view::frame::ViewSettings;
use crate::tui::view::model::TaskView;
use crate::ui::style::{self, FAINT, HEADING};
use crate::ui::text::{fit, fit_end, padded, width};

/// From so many columns on, the list stands beside the chosen task.
const BESIDE: u16 = 110;
/// The list is no wider.
const WIDEST_LIST: u16 = 72;
/// Keys, the most needed first: as many as there is room for.
const KEYS: [&str; 13] = [
    "q leave",
    "? help",
    "↑↓ choose",
    "Tab page",
    "r again",
    "s stop",
    "p pause",
    "a attach",
    "d debug",
    "/ search",
    "Enter only it",
    "c new",
    "e edit",
];

/// Draws all of it.
pub fn draw(board: &mut Board, tasks: &[TaskView], look: &ViewSettings, buffer: &mut Buffer) {
    let area = buffer.area;
    board.areas = BoardAreas::default();
    if area.height < 4 || area.width < 8 {
        paint::row(buffer, area, &fit("too small", usize::from(area.width)));
        return;
    }
    title(board, tasks, look, Rect { height: 1, ..area }, buffer);
    let body = Rect { y: area.y + 1, height: area.height - 2, ..area };
    if board.mode == BoardMode::Help {
        help(board, body, buffer);
    } else if board.is_wide {
        board.draw_detail(tasks, look, body, buffer);
    } else if area.width >= BESIDE {
        let wide = (body.width * 9 / 20).min(WIDEST_LIST);
        let rule = Rect { x: body.x + wide, width: 1, ..body };
        board.draw_list(tasks, look, Rect { width: wide, ..body }, buffer);
        (rule.top()..rule.bottom()).for_each(|y| {
            paint::plain(buffer, Rect { y, height: 1, ..rule }, rule.x, "│", dimmed(look));
        });
        let detail = Rect { x: rule.x + 2, width: body.width - wide - 2, ..body };
        board.draw_detail(tasks, look, detail, buffer);
    } else {
        let most = (body.height * 2 / 5).max(2);
        let wanted = u16::try_from(board.items.len()).unwrap_or(u16::MAX).saturating_add(1);
        let high = wanted.clamp(2, most);
        board.draw_list(tasks, look, Rect { height: high, ..body }, buffer);
        let detail = Rect { y: body.y + high, height: body.height - high, ..body };
        board.draw_detail(tasks, look, detail, buffer);
    }
    foot(board, look, Rect { y: area.bottom() - 1, height: 1, ..area }, buffer);
}

/// A style, where colours are wanted; else nothing of it but what is no colour.
pub fn styled(style: anstyle::Style, look: &ViewSettings) -> anstyle::Style {
    match look.colours {
        Colours::Pass => style,
        Colours::Drop => anstyle::Style::new().effects(style.get_effects()),
    }
}

/// What stands back.
pub fn dimmed(look: &ViewSettings) -> anstyle::Style {
    styled(FAINT, look)
}

fn title(board: &Board, tasks: &[TaskView], look: &ViewSettings, area: Rect, buffer: &mut Buffer) {
    let mut col = paint::plain(buffer, area, area.x, "aos", styled(HEADING, look));
    for (count, word, status) in board.counts(tasks) {
        if count > 0 || status == Status::Running {
            let shown = if count > 0 { style::of(status) } else { FAINT };
            col = paint::plain(buffer, area, col, &format!("  {count} {word}"), styled(shown, look));
        }
    }
    let place = board.here.as_ref().map(|here| format!("  {}", printable(&here.to_string_lossy())));
    paint::plain(buffer, area, col, &place.unwrap_or_default(), dimmed(look));
}

/// All keys; where they do not fit, from the row that the reader has scrolled to.
fn help(board: &mut Board, area: Rect, buffer: &mut Buffer) {
    let columns = if area.height < HELP.len() as u16 && area.width >= 100 { 2 } else { 1 };
    let wide = usize::from(area.width) / columns;
    let rows = help_rows(wide);
    let high = rows.len().div_ceil(columns);
    board.help_from = board.help_from.min(high.saturating_sub(usize::from(area.height)));
    for (number, text) in rows.iter().enumerate() {
        let (column, row) = (number / high, (number % high).checked_sub(board.help_from));
        if let Some(row) = row.filter(|row| *row < usize::from(area.height)) {
            let (x, y) = (area.x + (column * wide) as u16, area.y + row as u16);
            paint::row(buffer, Rect { x, y, width: wide as u16, height: 1 }, text);
        }
    }
}

/// Each key with what it does, in as many rows as that takes.
fn help_rows(wide: usize) -> Vec<String> {
    const KEY: usize = 12;
    let room = wide.saturating_sub(KEY).max(8);
    let rows = HELP.iter().flat_map(|(keys, what)| {
        let named = [*keys].into_iter().chain(std::iter::repeat(""));
        named.zip(by_words(what, room)).map(|(keys, part)| format!(" {} {part}", padded(keys, 10)))
    });
    rows.map(|row| fit(&row, wide)).collect()
}

/// A text in rows of so many cells at most, if its words are no wider.
fn by_words(text: &str, room: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        match rows.last_mut() {
            Some(row) if row.is_empty() => row.push_str(word),
            Some(row) if width(row) + 1 + width(word) <= room => row.extend([" ", word]),
            Some(_) | None => rows.push(word.to_owned()),
        }
    }
    rows
}

fn foot(board: &Board, look: &ViewSettings, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width);
    match (&board.mode, &board.note) {
        (BoardMode::Asking(question, _), _) => {
            paint::plain(buffer, area, area.x, &fit(question, room), styled(HEADING, look));
        }
        (BoardMode::Typing(prompt, typed), _) => {
            let text = format!("{}{}", prompt.text(), printable(typed));
            // What is typed last stays in sight.
            let text = fit_end(&text, room.saturating_sub(1));
            let col = paint::plain(buffer, area, area.x, &text, styled(HEADING, look));
            if col < area.right() {
                paint::effect(buffer, Rect { x: col, width: 1, ..area }, Modifier::REVERSED);
            }
        }
        (BoardMode::Help, _) => drop(paint::plain(buffer, area, area.x, "? back  ↑↓ scroll", dimmed(look))),
        (BoardMode::Looking, Some(note)) => {
            paint::plain(buffer, area, area.x, &fit(&printable(note), room), styled(HEADING, look));
        }
        (BoardMode::Looking, None) => {
            let mut text = String::new();
            for key in KEYS {
                if width(&text) + width(key) + 2 <= room || text.is_empty() {
                    text.push_str(if text.is_empty() { "" } else { "  " });
                    text.push_str(key);
                }
            }
            paint::plain(buffer, area, area.x, &text, dimmed(look));
        }
    }
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
