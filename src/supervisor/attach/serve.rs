//! What clients want, and what they get: the terminal's picture, its size, what is typed.

use crate::supervisor::attach::attached_client::Demand;
use crate::supervisor::run::effects;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::output_source::{OutputSource, OutputStream};
use crate::supervisor::state::Supervisor;
use crate::sys::{memory, tty};
use crate::task::request::{AnswerTo, Ask, Request};
use crate::units::moment::Moment;
use crate::units::size::Size;
use crate::units::tty_modes::LineFeed;
use crate::wire::{AttachRequest, Flow, FrameKind, Query, Reply, Screen};

impl Supervisor {
    /// Hears and answers all clients.
    pub fn attend(&mut self) {
        self.control.admit_all();
        let count = self.control.count();
        for at in 0..self.control.count() {
            while let Some(demand) = self.control.demand(at, !self.keyboard.is_full()) {
                match demand {
                    Demand::Query(query) => self.answer(at, query),
                    Demand::Input(input) => self.type_in(at, &input),
                }
            }
        }
        self.pass_on_typed();
        self.control.send_all(self.log_length());
        // What it took to answer is needed again only when the next one comes.
        if count > 0 && self.control.count() == 0 {
            memory::shed();
        }
    }

    /// Takes in a client that is at the terminal from the beginning: who began the task.
    pub fn attach_from_birth(&mut self, stream: std::os::unix::net::UnixStream, how: AttachRequest) {
        if let Some(at) = self.control.admit(stream) {
            self.attach(at, how);
            let log_end = self.log_length();
            self.control.client(at).send(log_end);
        }
    }

    /// The terminal of another run is as large as that of whoever stayed at it.
    pub fn resize_as_attached(&mut self) {
        let sizes = (0..self.control.count()).filter_map(|at| {
            let client = self.control.client(at);
            client.size.filter(|_| client.is_attached() && client.may_type())
        });
        if let Some(size) = sizes.last() {
            self.resize(size);
        }
    }

    /// Has those who stay at the terminal leave the screen of a full-screen program that has ended
    /// without.
    pub fn leave_alternate(&mut self) {
        if self.alternate.picture().is_some() {
            let log_length = self.log_length();
            self.control.broadcast(OutputStream::Terminal, LEAVE_ALTERNATE, log_length);
        }
    }

    /// Gives the terminal what was typed, and tells of it.
    pub fn pass_on_typed(&mut self) {
        if let Some(terminal) = terminal_of(&self.outputs) {
            // A terminal that takes nothing any more hangs up, and is heard of by that.
            let _ = self.keyboard.flush(terminal);
        }
        if self.keyboard.is_empty() && self.control.is_asked_what_is_typed() {
            self.control.tell_typed(self.keyboard.take_lost());
        }
    }

    /// What a line feed in the output means now.
    pub fn line_feed_now(&self) -> LineFeed {
        match terminal_of(&self.outputs).is_none_or(tty::adds_returns) {
            true => LineFeed::Returns,
            false => LineFeed::Keeps,
        }
    }

    /// The terminal's size.
    pub fn size_now(&self) -> Size {
        terminal_of(&self.outputs).and_then(tty::size).unwrap_or(Size::USUAL)
    }

    fn answer(&mut self, at: usize, query: Query) {
        match query {
            Query::Info => {
                let info = effects::info(&self.state, &mut self.processes, self.log.as_ref());
                self.control.client(at).tell(&info);
            }
            Query::Watch => self.control.client(at).begin_to_watch(),
            Query::Attach(how) => self.attach(at, how),
            Query::Resize(size) => {
                if self.control.client(at).may_type() {
                    self.control.client(at).size = Some(size);
                    self.resize(size);
                }
            }
            Query::Screen => self.show_screen(at),
            Query::Type if !self.has_terminal() => self.control.client(at).refuse(NO_TERMINAL.into()),
            Query::Type => {
                // What was dropped before is none of this client's.
                self.keyboard.take_lost();
                self.control.client(at).begin_to_type();
            }
            Query::End => {
                let key = terminal_of(&self.outputs).and_then(tty::end_key).unwrap_or(USUAL_END);
                self.type_in(at, &[key]);
            }
            Query::Typed => self.control.client(at).wants_typed = true,
            // Whoever asks sees by the lock that it is over.
            Query::Request(_) if self.machine.is_over() => {}
            Query::Request(Request { ask: Ask::Limit(newer), by, .. }) => {
                let answer = self.change_limits(&newer, &by);
                self.control.client(at).tell(&Reply::Answer(answer));
            }
            Query::Request(Request { ask, by, .. }) => {
                self.happen(RunEvent::Asked { ask, by, answer_to: Some(AnswerTo::Client(at)) });
            }
        }
    }

    fn attach(&mut self, at: usize, how: AttachRequest) {
        if !self.has_terminal() && how.flow == Flow::Screen {
            return self.control.client(at).refuse(NO_TERMINAL.into());
        }
        self.control.client(at).attach(how);
        if let Some(size) = self.control.client(at).size {
            self.resize(size);
        }
        self.line_feed = self.line_feed_now();
        // Before the screen is told: the client's terminal still has its usual one.
        let usual = self.alternate.redo_usual();
        if how.flow == Flow::Screen && !usual.is_empty() {
            self.control.client(at).pass(FrameKind::Output, &usual);
        }
        self.show_screen(at);
    }

    /// Sends the screen: where its lower part is in the log, and the picture of what lies above.
    fn show_screen(&mut self, at: usize) {
        if !self.has_terminal() && !self.control.client(at).is_attached() {
            return self.control.client(at).refuse(NO_TERMINAL.into());
        }
        let (picture, redo) = (self.alternate.picture(), self.alternate.redo());
        let log_end = picture.as_ref().map_or_else(|| self.log_length(), |(_, began)| *began);
        let screen = Screen {
            size: self.size_now(),
            log_start: self.state.log_start,
            log_end,
            is_alternate: picture.is_some(),
            line_feed: self.line_feed_now(),
            phase: self.state.phase,
            is_waiting: self.state.waiting_since.is_some(),
        };
        let client = self.control.client(at);
        client.tell(&Reply::Screen(screen));
        if let Some((picture, _)) = picture {
            client.pass(FrameKind::Output, &picture);
        }
        if client.is_attached() && !redo.is_empty() {
            client.pass(FrameKind::Output, &redo);
        }
        client.tell(&Reply::Live);
    }

    fn type_in(&mut self, at: usize, input: &[u8]) {
        if !self.control.client(at).may_type() {
            return self.control.client(at).refuse("it may not type: it is attached to look only".into());
        }
        if let Some(size) = self.control.client(at).size {
            self.resize(size);
        }
        if !self.control.client(at).is_attached() {
            self.note_answer();
        }
        self.control.note_typist(at);
        self.prompting.note(Moment::now());
        self.keyboard.take(input);
        self.pass_on_typed();
    }

    fn resize(&mut self, size: Size) {
        let Some(terminal) = terminal_of(&self.outputs) else { return };
        if tty::size(terminal) != Some(size) && tty::resize(terminal, size).is_ok() {
            self.alternate.resize(size);
        }
    }

    fn has_terminal(&self) -> bool {
        terminal_of(&self.outputs).is_some()
    }
}

/// Back to the usual screen, its cursor shown, no colours.
const LEAVE_ALTERNATE: &[u8] = b"\x1b[?1049l\x1b[?25h\x1b[0m";
const NO_TERMINAL: &str = "it has no terminal";
/// ^D.
const USUAL_END: u8 = 0x04;

fn terminal_of(outputs: &[OutputSource]) -> Option<&OutputSource> {
    outputs.iter().find(|source| source.stream == OutputStream::Terminal)
}
