//! A terminal's whole window: a buffer of cells, of which only those that changed are written.

use std::fmt::Write as _;

use anstyle::Style as Sgr;
use crossterm::Command;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;

use crate::tui::paint;
use crate::units::size::Size;

/// Whether clicks and the wheel are reported. While they are, a terminal selects no text by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// They are.
    Reported,
    /// They are not.
    Left,
}

/// Presses and the wheel, in the form that knows wide windows. Not every move of the mouse, as
/// crossterm would ask for: nobody looks at it, and each would wake the view. *Source*: xterm's
/// ctlseqs.
const REPORT_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
const LEAVE_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

/// What stands in the window.
#[derive(Debug, Default)]
pub struct Window {
    shown: Option<Buffer>,
}

/// Takes the window over: its own page, no cursor, nothing wraps.
pub fn take_over(mouse: Mouse) -> String {
    let mut out = String::new();
    put(&mut out, EnterAlternateScreen);
    put(&mut out, Hide);
    put(&mut out, DisableLineWrap);
    if mouse == Mouse::Reported {
        out.push_str(REPORT_MOUSE);
    }
    put(&mut out, MoveTo(0, 0));
    put(&mut out, Clear(ClearType::All));
    out
}

/// Has the mouse be reported, or not.
pub fn of_mouse(mouse: Mouse) -> &'static str {
    match mouse {
        Mouse::Reported => REPORT_MOUSE,
        Mouse::Left => LEAVE_MOUSE,
    }
}

/// Gives it back as it was.
pub fn give_back(mouse: Mouse) -> String {
    let mut out = String::from("\x1b[0m");
    if mouse == Mouse::Reported {
        out.push_str(LEAVE_MOUSE);
    }
    put(&mut out, EnableLineWrap);
    put(&mut out, Show);
    put(&mut out, LeaveAlternateScreen);
    out
}

impl Window {
    /// Forgets what stands there: the next drawing is whole.
    pub fn forget(&mut self) {
        self.shown = None;
    }

    /// An empty buffer of this size.
    pub fn blank(size: Size) -> Buffer {
        Buffer::empty(Rect::new(0, 0, size.cols, size.rows))
    }

    /// What is to be written for this to stand in the window.
    pub fn draw(&mut self, next: Buffer) -> String {
        let mut out = String::new();
        let empty;
        let before = match &self.shown {
            Some(shown) if shown.area == next.area => shown,
            _ => {
                put(&mut out, MoveTo(0, 0));
                put(&mut out, Clear(ClearType::All));
                empty = Buffer::empty(next.area);
                &empty
            }
        };
        write_changes(&before.diff(&next), &next, &mut out);
        self.shown = Some(next);
        out
    }
}

/// Colours are written as the sixteen that every terminal knows, where they are such: crossterm
/// would write them as indexes into a palette, which a console may not have.
fn write_changes(changes: &[(u16, u16, &Cell)], next: &Buffer, out: &mut String) {
    let (mut style, mut behind) = (Sgr::new(), None);
    let mut cleared = None;
    for (col, row, cell) in changes {
        if cleared == Some(*row) {
            continue;
        }
        // A row's end is cleared, and not filled with blanks, which would be copied with it.
        if (*col..next.area.right()).all(|right| next[(right, *row)] == Cell::EMPTY) {
            let _ = write!(out, "{style:#}");
            style = Sgr::new();
            put(out, MoveTo(*col, *row));
            put(out, Clear(ClearType::UntilNewLine));
            cleared = Some(*row);
            continue;
        }
        if behind != Some((*col, *row)) {
            put(out, MoveTo(*col, *row));
        }
        let next = paint::sgr_of(cell);
        if next != style {
            let _ = write!(out, "{style:#}{next}");
            style = next;
        }
        out.push_str(cell.symbol());
        // A terminal may take what is wide for more or fewer cells than it takes here.
        behind = (cell.symbol().len() == 1).then_some((col + 1, *row));
    }
    let _ = write!(out, "{style:#}");
}

fn put(out: &mut String, command: impl Command) {
    command.write_ansi(out).expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use super::Window;
    use crate::tui::paint;
    use crate::units::size::Size;
    use ratatui_core::buffer::Buffer;

    fn rows(all: [&str; 2]) -> Buffer {
        let mut buffer = Window::blank(Size { rows: 2, cols: 20 });
        paint::rows(&mut buffer, &all.map(str::to_owned));
        buffer
    }

    #[test]
    fn only_cells_that_changed_are_drawn() {
        let mut window = Window::default();
        assert_eq!(window.draw(rows(["a", "bold b"])), "\x1b[1;1H\x1b[2J\x1b[1;1Ha\x1b[2;1Hbold\x1b[2;6Hb");
        assert_eq!(window.draw(rows(["a", "bold \x1b[31mc\x1b[0m"])), "\x1b[2;6H\x1b[31mc\x1b[0m");
        assert_eq!(window.draw(rows(["a", "bold \x1b[31mc\x1b[0m"])), "");
        assert_eq!(window.draw(rows(["a", "bo"])), "\x1b[2;3H\x1b[K");
        window.forget();
        assert!(window.draw(rows(["a", "c"])).contains('a'));
    }
}
