//! What the keys do.

use std::path::PathBuf;

use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::tui::view::keys::Key;
use crate::tui::view::model::{KeyMode, Model};

/// What is to be done outside of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewCommand {
    /// Leave; the tasks run on.
    Leave,
    /// Draw all anew.
    Repaint,
    /// End a task.
    Stop(TaskId),
    /// Run a task again.
    Restart(TaskId),
    /// Stop a task where it is.
    Pause(TaskId),
    /// Let it go on.
    Resume(TaskId),
    /// Give the terminal over to it.
    Attach(TaskId),
    /// Look for what is wrong with it.
    Diagnose(TaskId),
    /// Run aos with these words.
    Run {
        /// The verb and what follows it.
        words: Vec<String>,
        /// Where.
        directory: Option<String>,
    },
    /// Open an editor.
    Edit {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
    },
    /// Copy what is in sight.
    Copy,
    /// Search on in the log, where it was not read yet.
    Search {
        /// Whether towards its beginning.
        upwards: bool,
    },
    /// List all finished tasks, or those of late.
    ListAll,
    /// Take the mouse, or leave it.
    Mouse,
}

/// What each key does, for the reader.
pub const HELP: [(&str, &str); 11] = [
    ("q Esc ^C", "leave; the tasks run on"),
    ("s", "stop the task, after asking"),
    ("r", "restart it"),
    ("p", "pause it, or let it go on"),
    ("a", "attach: your keys go to the task"),
    ("↑ ↓ PgUp PgDn", "scroll; Home: the oldest line kept"),
    ("End", "follow the newest line again"),
    ("Tab", "choose a task, of several; its id's digits: that one"),
    ("Enter", "show only that one; again: all"),
    ("^Z ^L", "suspend; draw anew"),
    ("?", "this help, and back"),
];

const REPAINT: char = '\x0c';
const INTERRUPT: char = '\x03';

impl Model {
    /// Does what a key is for; `page` is how many lines the window shows.
    pub fn press(&mut self, key: Key, page: usize) -> Option<ViewCommand> {
        self.note = None;
        if !matches!(key, Key::Char(digit) if digit.is_ascii_digit()) {
            self.typed.clear();
        }
        match self.mode {
            KeyMode::Looking => self.look(key, page),
            KeyMode::Asking(id) => self.answer(key, id),
            KeyMode::Help => {
                self.mode = KeyMode::Looking;
                match key {
                    Key::Char('?') | Key::Escape | Key::Enter => None,
                    other => self.look(other, page),
                }
            }
        }
    }

    fn look(&mut self, key: Key, page: usize) -> Option<ViewCommand> {
        let most = self.line_count().saturating_sub(page);
        match key {
            Key::Char('q' | 'Q' | INTERRUPT) => return Some(ViewCommand::Leave),
            // Out of the view of one, then out of all.
            Key::Escape if self.is_alone && self.tasks.len() > 1 => self.show(self.chosen, false),
            Key::Escape => return Some(ViewCommand::Leave),
            Key::Char(REPAINT) => return Some(ViewCommand::Repaint),
            Key::Char('?' | 'h') => self.mode = KeyMode::Help,
            Key::Char(letter @ ('s' | 'r' | 'p' | 'a')) => return self.order(letter),
            Key::Up | Key::Char('k') => self.below = (self.below + 1).min(most),
            Key::Down | Key::Char('j') => self.below = self.below.saturating_sub(1),
            Key::PageUp | Key::Char('b') => self.below = (self.below + page).min(most),
            Key::PageDown | Key::Char(' ') => self.below = self.below.saturating_sub(page),
            Key::Home | Key::Char('g') => self.below = most,
            Key::End | Key::Char('G') => self.below = 0,
            Key::Tab => self.show((self.chosen + 1) % self.tasks.len().max(1), self.is_alone),
            Key::BackTab => {
                let last = self.tasks.len().saturating_sub(1);
                self.show(self.chosen.checked_sub(1).unwrap_or(last), self.is_alone);
            }
            Key::Char(digit) if digit.is_ascii_digit() => self.choose_by_id(digit),
            Key::Enter if self.tasks.len() > 1 => self.show(self.chosen, !self.is_alone),
            Key::Enter | Key::Char(_) | Key::Left | Key::Right | Key::Backspace | Key::Delete | Key::Mouse(_) => {}
        }
        None
    }

    /// Takes in a digit of an id. One with which no id goes on begins another.
    fn choose_by_id(&mut self, digit: char) {
        let begins = |typed: &str| self.tasks.iter().any(|task| task.id.0.to_string().starts_with(typed));
        let mut typed = std::mem::take(&mut self.typed);
        typed.push(digit);
        if !begins(&typed) {
            typed = digit.to_string();
        }
        if begins(&typed) {
            if let Some(place) = self.tasks.iter().position(|task| task.id.0.to_string() == typed) {
                self.show(place, self.is_alone);
            }
            self.typed = typed;
        }
    }

    fn show(&mut self, chosen: usize, is_alone: bool) {
        if self.is_alone || is_alone {
            self.below = 0;
        }
        (self.chosen, self.is_alone) = (chosen, is_alone);
    }

    fn order(&mut self, letter: char) -> Option<ViewCommand> {
        let task = self.chosen()?;
        let (id, is_living) = (task.id, task.status.is_living());
        match (letter, task.status) {
            ('r', _) => return Some(ViewCommand::Restart(id)),
            _ if !is_living => self.note = Some(format!("{id} is not running ({})", task.status)),
            ('s', _) => self.mode = KeyMode::Asking(id),
            ('p', Status::Paused) => return Some(ViewCommand::Resume(id)),
            ('p', _) => return Some(ViewCommand::Pause(id)),
            _ => return Some(ViewCommand::Attach(id)),
        }
        None
    }

    fn answer(&mut self, key: Key, id: TaskId) -> Option<ViewCommand> {
        self.mode = KeyMode::Looking;
        match key {
            Key::Char('y' | 'Y') => Some(ViewCommand::Stop(id)),
            Key::Char(INTERRUPT) => Some(ViewCommand::Leave),
            _ => {
                self.note = Some(format!("{id} is not stopped"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ViewCommand;
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::tui::view::keys::Key;
    use crate::tui::view::model::{KeyMode, Model, TaskView};

    const PAGE: usize = 10;

    fn two() -> Model {
        Model { tasks: vec![TaskView::blank(1, "web"), TaskView::blank(2, "api")], ..Model::default() }
    }

    fn press(model: &mut Model, letters: &str) -> Option<ViewCommand> {
        letters.chars().map(|c| model.press(Key::Char(c), PAGE)).last().flatten()
    }

    #[test]
    fn a_stop_is_asked_for_once() {
        let mut model = two();
        assert_eq!(press(&mut model, "2s"), None);
        assert_eq!(model.mode, KeyMode::Asking(TaskId(2)));
        assert_eq!(press(&mut model, "y"), Some(ViewCommand::Stop(TaskId(2))));
        assert_eq!(press(&mut model, "sn"), None);
        assert_eq!((model.mode, model.note.as_deref()), (KeyMode::Looking, Some("task-002 is not stopped")));
        model.tasks[1].status = Status::Failed;
        assert_eq!((press(&mut model, "s"), model.mode), (None, KeyMode::Looking));
        assert_eq!(press(&mut model, "r"), Some(ViewCommand::Restart(TaskId(2))));
    }

    #[test]
    fn pausing_and_resuming_are_one_key() {
        let mut model = two();
        assert_eq!(press(&mut model, "p"), Some(ViewCommand::Pause(TaskId(1))));
        model.tasks[0].status = Status::Paused;
        assert_eq!(press(&mut model, "p"), Some(ViewCommand::Resume(TaskId(1))));
        assert_eq!(press(&mut model, "a"), Some(ViewCommand::Attach(TaskId(1))));
    }

    #[test]
    fn tasks_are_chosen_by_tab_and_the_digits_of_their_ids() {
        let mut model = two();
        model.press(Key::Tab, PAGE);
        assert_eq!(model.chosen, 1);
        model.press(Key::Tab, PAGE);
        assert_eq!(model.chosen, 0);
        model.press(Key::BackTab, PAGE);
        assert_eq!(model.chosen, 1);
        press(&mut model, "19");
        assert_eq!(model.chosen, 0);
        model.tasks[0].id = TaskId(21);
        press(&mut model, "2");
        assert_eq!(model.chosen, 1);
        press(&mut model, "1");
        assert_eq!(model.chosen, 0, "21");
        press(&mut model, "2");
        assert_eq!(model.chosen, 1, "no id goes on from 21");
        press(&mut model, "21");
        assert_eq!(model.chosen, 0);
        model.press(Key::Enter, PAGE);
        assert!(model.shows_one() && !model.shows_lines_of(TaskId(2)));
        assert_eq!((model.press(Key::Escape, PAGE), model.is_alone), (None, false));
        assert_eq!(model.press(Key::Escape, PAGE), Some(ViewCommand::Leave));
    }

    #[test]
    fn what_was_scrolled_to_stays_while_lines_come() {
        let mut model = two();
        (0..30).for_each(|n| model.output(TaskId(1), format!("{n}\n").as_bytes(), n));
        model.press(Key::PageUp, PAGE);
        model.press(Key::Up, PAGE);
        assert_eq!(model.below, 11);
        model.output(TaskId(1), b"more\nand more\n", 99);
        assert_eq!(model.below, 13);
        for _ in 0..9 {
            model.press(Key::PageUp, PAGE);
        }
        assert_eq!(model.below, 22, "no further than the oldest");
        model.press(Key::End, PAGE);
        assert_eq!(model.below, 0);
    }

    #[test]
    fn help_goes_with_the_next_key() {
        let mut model = two();
        press(&mut model, "?");
        assert_eq!(model.mode, KeyMode::Help);
        assert_eq!((model.press(Key::Escape, PAGE), model.mode), (None, KeyMode::Looking));
        assert_eq!(press(&mut model, "?q"), Some(ViewCommand::Leave));
    }
}
