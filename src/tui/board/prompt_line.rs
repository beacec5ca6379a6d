//! A line that the reader types.

use regex::bytes::RegexBuilder;

use crate::tui::board::keymap::{INTERRUPT, begin};
use crate::tui::board::state::{Board, BoardMode, DetailTab, PromptLine};
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::keys::Key;
use crate::units::wall_time::WallTime;

/// Nobody types more.
const LONGEST: usize = 4096;
/// What a pattern may take, once it is compiled. *Units*: bytes.
const LARGEST: usize = 1 << 20;
const ERASE_LINE: char = '\x15';

impl PromptLine {
    /// What stands before what is typed.
    pub fn text(self) -> &'static str {
        match self {
            PromptLine::Search => "/",
            PromptLine::Time => "time: ",
            PromptLine::Command => "new task: ",
        }
    }
}

impl Board {
    /// Takes in a key of a line that is being typed.
    pub fn type_on(&mut self, prompt: PromptLine, mut typed: String, key: Key) -> Option<ViewCommand> {
        match key {
            Key::Enter => return self.typed(prompt, typed),
            Key::Escape | Key::Char(INTERRUPT) => return None,
            Key::Char(ERASE_LINE) => typed.clear(),
            Key::Backspace if typed.is_empty() => return None,
            Key::Backspace => drop(typed.pop()),
            Key::Char(c) if !c.is_control() && typed.len() < LONGEST => typed.push(c),
            _ => {}
        }
        self.mode = BoardMode::Typing(prompt, typed);
        None
    }

    fn typed(&mut self, prompt: PromptLine, typed: String) -> Option<ViewCommand> {
        match prompt {
            PromptLine::Search if typed.is_empty() => self.page.search = None,
            PromptLine::Search => {
                // As less and vim have it: what is typed in small letters means large ones, too.
                let is_small = !typed.chars().any(char::is_uppercase);
                match RegexBuilder::new(&typed).case_insensitive(is_small).size_limit(LARGEST).build() {
                    Ok(search) => {
                        self.page.search = Some(search);
                        self.turn_to(DetailTab::Log);
                        if !self.page.bottom_matches() {
                            return self.search_on(true);
                        }
                    }
                    Err(_) => self.note = Some(format!("`{typed}` is no pattern")),
                }
            }
            PromptLine::Time => self.go_to_time(typed.trim(), WallTime::now()),
            PromptLine::Command if typed.trim().is_empty() => {}
            PromptLine::Command => return Some(ViewCommand::Run { words: begin(typed), directory: None }),
        }
        None
    }
}
