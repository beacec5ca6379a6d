//! What is done for keys beside the view: verbs run aside, whoever has the terminal meanwhile.

use std::io;

use super::LiveView;
use crate::actions::failure::Failure;
use crate::task::id::TaskId;
use crate::tui::attach_child::AttachChild;
use crate::tui::debug_child::DebugChild;
use crate::tui::verb_child::{VerbChild, VerbOutcome};
use crate::tui::view::keymap::ViewCommand;
use crate::tui::{clipboard, editor};

impl LiveView {
    pub(super) fn obey(&mut self, command: ViewCommand) -> Result<(), Failure> {
        match command {
            ViewCommand::Leave => self.leaving = Some(0),
            ViewCommand::Repaint => self.draw_anew(),
            ViewCommand::Stop(id) => self.send("stop", id)?,
            ViewCommand::Restart(id) => self.send("restart", id)?,
            ViewCommand::Pause(id) => self.send("pause", id)?,
            ViewCommand::Resume(id) => self.send("resume", id)?,
            ViewCommand::Attach(id) => self.hand_over(|| AttachChild::begin(id))?,
            ViewCommand::Edit { path, line } => match editor::command(&path, line) {
                Ok(mut command) => self.hand_over(|| AttachChild::of(&mut command))?,
                Err(why) => self.note(Some(why)),
            },
            ViewCommand::Run { words, directory } => {
                let verb = VerbChild::run(&words, directory.as_deref())?;
                self.take_verb(verb);
            }
            ViewCommand::Mouse => {
                let text = self.terminal.change_mouse()?;
                self.note(Some(text.into()));
            }
            ViewCommand::Diagnose(_) | ViewCommand::Copy | ViewCommand::Search { .. } | ViewCommand::ListAll => {
                self.obey_board(command)?;
            }
        }
        Ok(())
    }

    /// What only a dashboard has keys for.
    fn obey_board(&mut self, command: ViewCommand) -> Result<(), Failure> {
        let Some(board) = &mut self.app.board else { return Ok(()) };
        match command {
            ViewCommand::Diagnose(id) => {
                board.debug.take().into_iter().for_each(DebugChild::end);
                board.debug = Some(DebugChild::begin(id)?);
            }
            ViewCommand::Search { upwards } => board.search_on(upwards)?,
            ViewCommand::ListAll => {
                board.list_all(&self.app.watching.home)?;
                board.board.relist(&self.app.model.tasks);
            }
            ViewCommand::Copy => {
                let text = board.board.lines_in_sight();
                board.board.note = Some(format!("{} lines copied", text.lines().count()));
                self.terminal.write(&clipboard::copy(&text))?;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn note(&mut self, text: Option<String>) {
        match &mut self.app.board {
            Some(board) => board.board.note = text,
            None => self.app.model.note = text,
        }
    }

    fn send(&mut self, verb: &str, id: TaskId) -> io::Result<()> {
        let verb = VerbChild::begin(verb, id)?;
        self.take_verb(verb);
        Ok(())
    }

    fn take_verb(&mut self, verb: VerbChild) {
        self.note(Some(verb.doing.clone()));
        self.verbs.push(verb);
    }

    pub(super) fn hear_verb(&mut self, number: usize) -> io::Result<()> {
        let Some(verb) = self.verbs.get_mut(number) else { return Ok(()) };
        let (said, begun) = match verb.listen()? {
            VerbOutcome::Going => return Ok(()),
            VerbOutcome::Over(said) => (said, None),
            VerbOutcome::Begun(id) => (None, Some(id)),
        };
        let doing = self.verbs.remove(number).doing;
        let note = self.app.board.as_ref().map_or(&self.app.model.note, |board| &board.board.note);
        if said.is_some() || note.as_ref() == Some(&doing) {
            self.note(said);
        }
        if let Err(e) = self.app.after_verb(begun) {
            self.note(Some(e.into_text().0));
        }
        self.draw_now();
        Ok(())
    }

    fn hand_over(&mut self, begin: impl FnOnce() -> io::Result<AttachChild>) -> io::Result<()> {
        self.terminal.give_back()?;
        match begin() {
            Ok(attached) => self.attached = Some(attached),
            Err(e) => {
                self.take_terminal()?;
                return Err(e);
            }
        }
        Ok(())
    }

    pub(super) fn detach_all(&mut self) -> io::Result<()> {
        if let Some(attached) = self.attached.take() {
            let said = attached.detach_client()?;
            self.note(said);
            self.take_terminal()?;
        }
        Ok(())
    }
}
