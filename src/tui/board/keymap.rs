//! What the dashboard's keys do.

use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::tui::board::findings::FindingsPage;
use crate::tui::board::listing::{ListChoice, ListItem};
use crate::tui::board::state::{Board, BoardMode, DetailTab, PromptLine};
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::keys::Key;
use crate::tui::view::model::TaskView;

pub(in crate::tui) const REPAINT: char = '\x0c';
pub(in crate::tui) const INTERRUPT: char = '\x03';

impl Board {
    /// Does what a key is for.
    pub fn press(&mut self, key: Key, tasks: &[TaskView]) -> Option<ViewCommand> {
        self.note = None;
        match std::mem::take(&mut self.mode) {
            BoardMode::Looking => self.look(key, tasks),
            BoardMode::Help => match key {
                Key::Char('?') | Key::Escape | Key::Enter => None,
                Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Home | Key::End | Key::Char('j' | 'k') => {
                    self.scroll_help(key);
                    None
                }
                other => self.look(other, tasks),
            },
            BoardMode::Asking(_, command) => match key {
                Key::Char('y' | 'Y') => Some(command),
                Key::Char(INTERRUPT) => Some(ViewCommand::Leave),
                _ => {
                    self.note = Some("nothing was done".into());
                    None
                }
            },
            BoardMode::Typing(prompt, typed) => self.type_on(prompt, typed, key),
        }
    }

    fn look(&mut self, key: Key, tasks: &[TaskView]) -> Option<ViewCommand> {
        match key {
            Key::Char('q' | 'Q' | INTERRUPT) => return Some(ViewCommand::Leave),
            Key::Escape if self.is_wide => self.is_wide = false,
            Key::Escape => return Some(ViewCommand::Leave),
            Key::Char(REPAINT) => return Some(ViewCommand::Repaint),
            Key::Char('?' | 'h') => (self.mode, self.help_from) = (BoardMode::Help, 0),
            Key::Up | Key::Char('k') => self.step(-1),
            Key::Down | Key::Char('j') => self.step(1),
            Key::Left => self.fold_here(true, tasks),
            Key::Right => self.fold_here(false, tasks),
            Key::Enter => match self.chosen.clone() {
                Some(ListChoice::Section(name)) => {
                    let is_folded = !self.folded.contains(&name);
                    self.fold(&name, is_folded, tasks);
                }
                _ => self.is_wide = !self.is_wide,
            },
            Key::Tab => self.turn(1),
            Key::BackTab => self.turn(-1),
            Key::Char('z') => self.fold_all(tasks),
            Key::Char('A') => return Some(ViewCommand::ListAll),
            Key::Char('m') => return Some(ViewCommand::Mouse),
            Key::Mouse(event) => self.click(event, tasks),
            Key::PageUp | Key::PageDown | Key::Home | Key::End => self.scroll(key),
            Key::Char(letter) => return self.letter(letter, tasks),
            Key::Backspace | Key::Delete => {}
        }
        None
    }

    fn scroll_help(&mut self, key: Key) {
        const PAGE: usize = 8;
        self.mode = BoardMode::Help;
        self.help_from = match key {
            Key::Up | Key::Char('k') => self.help_from.saturating_sub(1),
            Key::PageUp => self.help_from.saturating_sub(PAGE),
            Key::PageDown => self.help_from + PAGE,
            Key::Home => 0,
            Key::End => usize::MAX / 2,
            _ => self.help_from + 1,
        };
    }

    fn letter(&mut self, letter: char, tasks: &[TaskView]) -> Option<ViewCommand> {
        let is_of_task = matches!(letter, 's' | 'r' | 'p' | 'a' | 'D' | 'd' | 'e' | 'x' | '[' | ']');
        match letter {
            'c' => self.mode = BoardMode::Typing(PromptLine::Command, String::new()),
            'C' => {
                let words = vec!["clean".to_owned()];
                self.ask("remove old finished tasks and their logs", ViewCommand::Run { words, directory: None });
            }
            _ if is_of_task => {
                let id = self.task()?;
                return self.order(letter, id, tasks.iter().find(|task| task.id == id));
            }
            _ => return self.log_key(letter),
        }
        None
    }

    fn order(&mut self, letter: char, id: TaskId, task: Option<&TaskView>) -> Option<ViewCommand> {
        let status = task.map_or(Status::Unknown, |task| task.status);
        let named = task.map_or_else(|| id.to_string(), |task| format!("{id} ({})", task.name));
        match letter {
            'r' => return Some(ViewCommand::Restart(id)),
            'd' => {
                self.turn_to(DetailTab::Findings);
                self.findings = FindingsPage::Asked;
                return Some(ViewCommand::Diagnose(id));
            }
            'D' if status.is_living() => self.note = Some(format!("{id} is {status}: stop it first")),
            'D' => {
                let words = vec!["rm".to_owned(), id.to_string()];
                self.ask(&format!("remove {named} and its log"), ViewCommand::Run { words, directory: None });
            }
            '[' => self.finding = self.finding.saturating_sub(1),
            ']' => self.finding = (self.finding + 1).min(self.finding_count().saturating_sub(1)),
            'e' => return self.edit(task),
            'x' => self.suggest(task),
            _ if !status.is_living() => self.note = Some(format!("{id} is not running: it is {status}")),
            's' => self.ask(&format!("stop {named}"), ViewCommand::Stop(id)),
            'p' if status == Status::Paused => return Some(ViewCommand::Resume(id)),
            'p' => return Some(ViewCommand::Pause(id)),
            _ => return Some(ViewCommand::Attach(id)),
        }
        None
    }

    fn ask(&mut self, what: &str, command: ViewCommand) {
        self.mode = BoardMode::Asking(format!("{what}? y/n"), command);
    }

    fn finding_count(&self) -> usize {
        match &self.findings {
            FindingsPage::Known(known) => known.diagnostics.len(),
            FindingsPage::Unasked | FindingsPage::Asked | FindingsPage::Failed(_) => 0,
        }
    }

    fn edit(&mut self, task: Option<&TaskView>) -> Option<ViewCommand> {
        let FindingsPage::Known(known) = &self.findings else {
            self.note = Some("nothing to open: d looks for what is wrong".into());
            return None;
        };
        let finding = known.diagnostics.get(self.finding);
        let Some((file, line)) = finding.and_then(|found| Some((found.file.clone()?, found.source_line))) else {
            self.note = Some("the finding names no file".into());
            return None;
        };
        let directory = task.map(|task| task.cwd.clone()).unwrap_or_default();
        Some(ViewCommand::Edit { path: std::path::Path::new(&directory).join(file), line: line.unwrap_or(1) })
    }

    fn suggest(&mut self, task: Option<&TaskView>) {
        let FindingsPage::Known(known) = &self.findings else {
            self.note = Some("nothing is suggested yet: d looks for what is wrong".into());
            return;
        };
        let Some(command) = known.suggestions.iter().find_map(|suggestion| suggestion.command.clone()) else {
            self.note = Some("no command is suggested".into());
            return;
        };
        let shown = format!("run `{}` as a new task", crate::ansi::command(&command));
        let directory = task.map(|task| task.cwd.clone());
        self.ask(&shown, ViewCommand::Run { words: begin(command), directory });
    }

    fn step(&mut self, by: isize) {
        let place = self.place().unwrap_or(0);
        self.choose(place.saturating_add_signed(by));
    }

    fn turn(&mut self, by: isize) {
        let tabs: Vec<DetailTab> = self.tabs().map(|(tab, _)| tab).collect();
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let count = isize::try_from(tabs.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
        self.turn_to(tabs[next.unsigned_abs()]);
    }

    /// The section of what is chosen.
    fn fold_here(&mut self, is_folded: bool, tasks: &[TaskView]) {
        let place = self.place().unwrap_or(0);
        let above = self.items.iter().take(place + 1).rev().find_map(|item| match item {
            ListItem::Section(section) => Some(section.name.clone()),
            ListItem::Watched(..) | ListItem::Past(..) => None,
        });
        if let Some(name) = above
            && self.folded.contains(&name) != is_folded
        {
            self.fold(&name, is_folded, tasks);
        }
    }

    fn fold_all(&mut self, tasks: &[TaskView]) {
        let names = self.items.iter().filter_map(|item| match item {
            ListItem::Section(section) => Some(section.name.clone()),
            ListItem::Watched(..) | ListItem::Past(..) => None,
        });
        self.folded = if self.folded.is_empty() { names.collect() } else { Default::default() };
        self.relist(tasks);
    }
}

/// The words that begin a task with a line of shell.
pub fn begin(command: String) -> Vec<String> {
    // What begins with a dash is no option of ours.
    vec!["run".into(), "-b".into(), "--".into(), command]
}
