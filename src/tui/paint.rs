//! Text that is safe to show, with its colours, as cells of a buffer.

use anstyle::{Color, Effects, Style as Sgr};
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color as CellColour, Modifier, Style};

use crate::screen::colour;

/// Cells from one tab stop to the next.
const TAB: u16 = 8;

/// Rows of text, from the top.
pub fn rows(buffer: &mut Buffer, rows: &[String]) {
    let area = buffer.area;
    for (at, text) in (area.top()..area.bottom()).zip(rows) {
        row(buffer, Rect { y: at, height: 1, ..area }, text);
    }
}

/// One row of text, which is cut where its area ends. Gives the column behind it.
pub fn row(buffer: &mut Buffer, area: Rect, text: &str) -> u16 {
    let mut col = area.left();
    if area.is_empty() || area.bottom() > buffer.area.bottom() || area.right() > buffer.area.right() {
        return col;
    }
    let mut style = Sgr::new();
    let mut pieces = text.split("\x1b[");
    col = plain(buffer, area, col, pieces.next().unwrap_or_default(), style);
    for piece in pieces {
        let Some((parameters, rest)) = piece.split_once('m') else { continue };
        style = colour::after(style, parameters.as_bytes());
        col = plain(buffer, area, col, rest, style);
    }
    col
}

/// Text of one look.
pub fn plain(buffer: &mut Buffer, area: Rect, col: u16, text: &str, style: Sgr) -> u16 {
    let mut col = col;
    for (number, part) in text.split('\t').enumerate() {
        if number > 0 {
            col = (area.left() + ((col - area.left()) / TAB + 1) * TAB).min(area.right());
        }
        let room = usize::from(area.right().saturating_sub(col));
        if room > 0 && !part.is_empty() {
            (col, _) = buffer.set_stringn(col, area.y, part, room, Style::from(style));
        }
    }
    col
}

/// Has a whole area look so too.
pub fn effect(buffer: &mut Buffer, area: Rect, effect: Modifier) {
    buffer.set_style(area.intersection(buffer.area), Style::new().add_modifier(effect));
}

/// How a cell looks, as a terminal is told.
pub fn sgr_of(cell: &Cell) -> Sgr {
    const EFFECTS: [(Modifier, Effects); 8] = [
        (Modifier::BOLD, Effects::BOLD),
        (Modifier::DIM, Effects::DIMMED),
        (Modifier::ITALIC, Effects::ITALIC),
        (Modifier::UNDERLINED, Effects::UNDERLINE),
        (Modifier::SLOW_BLINK, Effects::BLINK),
        (Modifier::REVERSED, Effects::INVERT),
        (Modifier::HIDDEN, Effects::HIDDEN),
        (Modifier::CROSSED_OUT, Effects::STRIKETHROUGH),
    ];
    let mut effects = Effects::new();
    for (modifier, effect) in EFFECTS {
        effects = effects.set(effect, cell.modifier.contains(modifier));
    }
    Sgr::new().fg_color(colour_of(cell.fg)).bg_color(colour_of(cell.bg)).effects(effects)
}

fn colour_of(colour: CellColour) -> Option<Color> {
    match colour {
        CellColour::Reset => None,
        other => Some(Color::from(other)),
    }
}

/// What stands for signs that a terminal has not which knows nothing but ASCII.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let sign = match cell.symbol() {
                "─" | "—" => "-",
                "│" | "┃" => "|",
                "├" | "└" | "┴" | "┬" | "┼" => "+",
                "▾" => "v",
                "▸" | "›" => ">",
                "·" | "▁" | "▂" | "░" => ".",
                "▃" | "▄" => ":",
                "▅" | "▆" => "=",
                "▇" | "█" => "#",
                "…" => "~",
                "↑" => "^",
                "↓" => "v",
                _ => "?",
            };
            cell.set_symbol(sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{rows, sgr_of, to_ascii};
    use crate::tui::window::Window;
    use crate::units::size::Size;

    #[test]
    fn colours_and_tabs_are_cells() {
        let mut buffer = Window::blank(Size { rows: 2, cols: 12 });
        rows(&mut buffer, &["a\tb\x1b[1;31mred".to_owned(), "日本\x1b[0m▸".to_owned()]);
        let text = |row: u16| (0..12).map(|col| buffer[(col, row)].symbol().to_owned()).collect::<String>();
        assert_eq!(text(0), "a       bred");
        assert_eq!(sgr_of(&buffer[(9, 0)]).to_string(), "\x1b[1m\x1b[31m");
        assert!(text(1).starts_with("日 本 ▸"), "{}", text(1));
        to_ascii(&mut buffer);
        assert_eq!(buffer[(4, 1)].symbol(), ">");
    }
}
