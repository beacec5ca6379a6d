//! Keys for the chosen task's page: searching, leaving out, scrolling.

use crate::logs::text::level::Level;
use crate::tui::board::page::LogWant;
use crate::tui::board::state::{Board, BoardMode, DetailTab, PromptLine};
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::keys::Key;

/// From one press of the key to the next.
const LEVELS: [Option<Level>; 4] = [None, Some(Level::Info), Some(Level::Warn), Some(Level::Error)];

impl Board {
    /// Does what a letter is for in the log.
    pub fn log_key(&mut self, letter: char) -> Option<ViewCommand> {
        match letter {
            '/' => self.mode = BoardMode::Typing(PromptLine::Search, String::new()),
            't' => self.mode = BoardMode::Typing(PromptLine::Time, String::new()),
            'n' => return self.search_on(true),
            'N' => return self.search_on(false),
            'w' => self.page.wraps = !self.page.wraps,
            'y' => return Some(ViewCommand::Copy),
            'v' => {
                let at = LEVELS.iter().position(|level| *level == self.page.least).unwrap_or(0);
                self.page.least = LEVELS[(at + 1) % LEVELS.len()];
            }
            'F' | 'G' => self.page.follow(),
            'g' => self.scroll(Key::Home),
            'b' => self.scroll(Key::PageUp),
            ' ' => self.scroll(Key::PageDown),
            _ => {}
        }
        None
    }

    /// Goes to the next line in which something is found: here, or further on in the log.
    pub fn search_on(&mut self, upwards: bool) -> Option<ViewCommand> {
        if self.page.search.is_none() {
            self.note = Some("/ searches".into());
            return None;
        }
        self.turn_to(DetailTab::Log);
        if self.page.find(upwards) {
            return None;
        }
        self.note = Some("searching …".into());
        Some(ViewCommand::Search { upwards })
    }

    /// Scrolls what is shown of the chosen task.
    pub fn scroll(&mut self, key: Key) {
        let rows = self.page_rows();
        if self.tab == DetailTab::Log {
            match key {
                Key::PageUp => self.page.up(rows, rows),
                Key::PageDown => self.page.down(rows),
                Key::Home => self.page.go_to_start(rows),
                Key::End => self.page.follow(),
                _ => {}
            }
            return;
        }
        self.scrolled = match key {
            Key::PageUp => self.scrolled.saturating_sub(rows),
            Key::PageDown => self.scrolled + rows,
            Key::Home => 0,
            Key::End => usize::MAX / 2,
            _ => self.scrolled,
        };
    }

    /// Scrolls by the wheel.
    pub fn roll(&mut self, up: bool) {
        const ROWS: usize = 3;
        match (self.tab, up) {
            (DetailTab::Log, true) => self.page.up(ROWS, self.page_rows()),
            (DetailTab::Log, false) => self.page.down(ROWS),
            (_, true) => self.scrolled = self.scrolled.saturating_sub(ROWS),
            (_, false) => self.scrolled += ROWS,
        }
    }

    /// Wants the log's part of this time.
    pub fn go_to_time(&mut self, text: &str, now: crate::units::wall_time::WallTime) {
        match text.parse::<crate::units::time_spec::TimeSpec>() {
            Ok(time) => {
                self.turn_to(DetailTab::Log);
                self.page.wants = LogWant::At(time.stamp(now));
            }
            Err(e) => self.note = Some(e.to_string()),
        }
    }
}
