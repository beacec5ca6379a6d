//! A terminal's whole window, drawn in rows: only those that changed are written.

use std::fmt::Write as _;

/// Takes the window over: its own page, no cursor, nothing wraps.
pub const TAKE_OVER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J";
/// Gives it back as it was.
pub const GIVE_BACK: &str = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/// What stands in the window.
#[derive(Debug, Default)]
pub struct Window {
    rows: Vec<String>,
}

impl Window {
    /// Forgets what stands there: the next drawing is whole.
    pub fn forget(&mut self) {
        self.rows.clear();
    }

    /// What is to be written for these rows to stand in the window; each fits its width.
    pub fn draw(&mut self, rows: Vec<String>) -> String {
        let mut out = String::new();
        if self.rows.len() != rows.len() {
            out.push_str("\x1b[H\x1b[2J");
            self.rows = vec![String::new(); rows.len()];
        }
        for (number, (old, new)) in self.rows.iter_mut().zip(rows).enumerate() {
            if *old != new {
                // Emptied first: behind a row that fills the width, the cursor stands on its last
                // cell.
                let _ = write!(out, "\x1b[{};1H\x1b[2K{new}", number + 1);
                *old = new;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    fn rows(all: [&str; 2]) -> Vec<String> {
        all.map(str::to_owned).to_vec()
    }

    #[test]
    fn only_rows_that_changed_are_drawn() {
        let mut window = Window::default();
        assert_eq!(window.draw(rows(["a", "b"])), "\x1b[H\x1b[2J\x1b[1;1H\x1b[2Ka\x1b[2;1H\x1b[2Kb");
        assert_eq!(window.draw(rows(["a", "c"])), "\x1b[2;1H\x1b[2Kc");
        assert_eq!(window.draw(rows(["a", "c"])), "");
        window.forget();
        assert!(window.draw(rows(["a", "c"])).contains('a'));
    }
}
