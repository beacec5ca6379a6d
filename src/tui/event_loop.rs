//! The live view: one loop over the keyboard, signals, changes of tasks and logs, and a clock.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::signalfd::SignalFd;
use nix::unistd::read;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{acknowledge, output};
use crate::client::task_watch::TaskWatch;
use crate::sys::{dispositions, polling, tty};
use crate::task::id::TaskId;
use crate::tui::app::App;
use crate::tui::attach_child::AttachChild;
use crate::tui::frame_clock::{FrameClock, Wants};
use crate::tui::full_screen::FullScreen;
use crate::tui::verb_child::{Progress, VerbChild};
use crate::tui::view::frame::{self, ViewSettings};
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::keys::{Key, Keys};
use crate::tui::window::Window;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;

/// What can wake the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WakeSource {
    Keys,
    Signals,
    Tasks,
    Logs,
    VerbChild(usize),
    Attached,
}

struct LiveView {
    app: App,
    window: Window,
    terminal: FullScreen,
    keyboard: io::Stdin,
    keys: Keys,
    signals: SignalFd,
    verbs: Vec<VerbChild>,
    /// Whoever has the terminal meanwhile.
    attached: Option<AttachChild>,
    pace: FrameClock,
    wants: Wants,
    /// The exit code, once it is to be left.
    leaving: Option<i32>,
}

const SIGNALS: [i32; 7] =
    [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGTSTP, libc::SIGCONT, libc::SIGWINCH];

/// Shows tasks until the reader leaves.
pub fn show(watching: TaskWatch) -> VerbResult {
    let app = App::begin(watching)?;
    let mut live = LiveView {
        app,
        window: Window::default(),
        // Before the terminal is taken over, so that none of them comes in between.
        signals: dispositions::as_descriptor(&SIGNALS)?,
        terminal: FullScreen::begin()?,
        keyboard: io::stdin(),
        keys: Keys::default(),
        verbs: Vec::new(),
        attached: None,
        pace: FrameClock::new(Instant::now()),
        wants: Wants { read: true, draw: true },
        leaving: None,
    };
    let code = live.run()?;
    acknowledge::saw(&live.app.watching.home, &live.app.over());
    Ok(code)
}

impl LiveView {
    fn run(&mut self) -> VerbResult {
        loop {
            self.do_what_is_due(Instant::now())?;
            for source in self.wait()? {
                self.hear(source)?;
            }
            if let Some(code) = self.leaving {
                return Ok(code);
            }
        }
    }

    fn do_what_is_due(&mut self, now: Instant) -> Result<(), Failure> {
        if self.app.watching.is_over() {
            self.pace.tick = None;
        } else if self.pace.tick.is_none_or(|tick| tick <= now) {
            self.app.measure();
            // Whatever no event has told of.
            self.look()?;
            self.pace.ticked(now);
        }
        if self.pace.escape.is_some_and(|end| end <= now) {
            self.pace.escape = None;
            self.keys.close().into_iter().for_each(|key| self.press(key));
        }
        if self.wants.read && self.pace.read <= now {
            self.read_logs();
        }
        if self.wants.draw && self.pace.draw <= now {
            self.draw()?;
        }
        Ok(())
    }

    /// Waits for whatever comes first.
    fn wait(&self) -> io::Result<Vec<WakeSource>> {
        let now = Instant::now();
        let patience = self.app.patience();
        let most = self.pace.timeout(now, self.wants).into_iter().chain(patience).min();
        let mut ready = polling::wait_for_any(&self.sources(now), most)?;
        if patience.is_some() {
            ready.extend([WakeSource::Tasks, WakeSource::Logs]);
        }
        ready.dedup();
        Ok(ready)
    }

    fn sources(&self, now: Instant) -> Vec<(WakeSource, BorrowedFd<'_>)> {
        let mut sources = vec![(WakeSource::Signals, self.signals.as_fd())];
        sources.push(match &self.attached {
            Some(attached) => (WakeSource::Attached, attached.as_fd()),
            None => (WakeSource::Keys, self.keyboard.as_fd()),
        });
        sources.extend(self.app.watching.descriptors().map(|fd| (WakeSource::Tasks, fd)));
        if self.pace.read <= now {
            sources.extend(self.app.log_descriptor().map(|fd| (WakeSource::Logs, fd)));
        }
        let verbs = self.verbs.iter().enumerate();
        sources.extend(verbs.map(|(number, verb)| (WakeSource::VerbChild(number), verb.as_fd())));
        sources
    }

    fn hear(&mut self, source: WakeSource) -> Result<(), Failure> {
        match source {
            WakeSource::Keys => self.hear_keys(),
            WakeSource::Signals => self.hear_signals()?,
            WakeSource::Tasks => self.look()?,
            WakeSource::Logs => self.read_logs(),
            WakeSource::VerbChild(number) => self.hear_verb(number)?,
            WakeSource::Attached => self.take_leave_of_attached()?,
        }
        Ok(())
    }

    fn hear_keys(&mut self) {
        let mut bytes = [0; 256];
        let length = match read(&self.keyboard, &mut bytes) {
            Ok(length @ 1..) => length,
            Err(Errno::EAGAIN | Errno::EINTR) => return,
            // The terminal has gone.
            Ok(_) | Err(_) => {
                self.leaving = Some(0);
                return;
            }
        };
        for key in self.keys.feed(&bytes[..length]) {
            self.press(key);
        }
        self.pace.pressed(Instant::now(), self.keys.is_open());
    }

    fn hear_signals(&mut self) -> io::Result<()> {
        while let Some(info) = self.signals.read_signal()? {
            let number = info.ssi_signo.cast_signed();
            match number {
                libc::SIGWINCH => self.draw_anew(),
                libc::SIGTSTP => {
                    // A attached has given the terminal back by itself.
                    self.terminal.give_back()?;
                    dispositions::stop_here();
                }
                libc::SIGCONT if self.attached.is_none() => self.take_terminal()?,
                libc::SIGCONT => {}
                // At its keyboard, ^C is the attached's business.
                libc::SIGINT | libc::SIGQUIT if self.attached.is_some() => {}
                libc::SIGINT | libc::SIGQUIT => self.leaving = Some(0),
                _ => {
                    if let (Some(attached), Some(signal)) = (self.attached.take(), Signal::from_number(number)) {
                        attached.end(signal);
                    }
                    self.leaving = Some(128 + number);
                }
            }
        }
        Ok(())
    }

    fn press(&mut self, key: Key) {
        let page = frame::page(&self.app.model, &self.look_of_window());
        self.draw_now();
        let done = match self.app.model.press(key, page) {
            None => Ok(()),
            Some(ViewCommand::Leave) => {
                self.leaving = Some(0);
                Ok(())
            }
            Some(ViewCommand::Repaint) => {
                self.draw_anew();
                Ok(())
            }
            Some(ViewCommand::Stop(id)) => self.send("stop", id),
            Some(ViewCommand::Restart(id)) => self.send("restart", id),
            Some(ViewCommand::Pause(id)) => self.send("pause", id),
            Some(ViewCommand::Resume(id)) => self.send("resume", id),
            Some(ViewCommand::Attach(id)) => self.give_over(id),
        };
        if let Err(e) = done {
            self.app.model.note = Some(e.to_string());
        }
    }

    fn send(&mut self, verb: &str, id: TaskId) -> io::Result<()> {
        let verb = VerbChild::begin(verb, id)?;
        self.app.model.note = Some(verb.doing.clone());
        self.verbs.push(verb);
        Ok(())
    }

    fn hear_verb(&mut self, number: usize) -> io::Result<()> {
        let Some(verb) = self.verbs.get_mut(number) else { return Ok(()) };
        if let Progress::Over(said) = verb.listen()? {
            let doing = self.verbs.remove(number).doing;
            if said.is_some() || self.app.model.note.as_ref() == Some(&doing) {
                self.app.model.note = said;
            }
            self.draw_now();
        }
        Ok(())
    }

    fn give_over(&mut self, id: TaskId) -> io::Result<()> {
        self.terminal.give_back()?;
        match AttachChild::begin(id) {
            Ok(attached) => self.attached = Some(attached),
            Err(e) => {
                self.take_terminal()?;
                return Err(e);
            }
        }
        Ok(())
    }

    fn take_leave_of_attached(&mut self) -> io::Result<()> {
        if let Some(attached) = self.attached.take() {
            self.app.model.note = attached.take_leave()?;
            self.take_terminal()?;
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), Failure> {
        if self.app.look()? {
            self.draw_now();
        }
        self.wants.draw = true;
        Ok(())
    }

    fn read_logs(&mut self) {
        self.wants.read = self.app.read();
        self.wants.draw = true;
        self.pace.have_read(Instant::now(), !self.wants.read);
    }

    fn take_terminal(&mut self) -> io::Result<()> {
        self.terminal.take()?;
        self.draw_anew();
        Ok(())
    }

    /// What was drawn is gone, or of another size.
    fn draw_anew(&mut self) {
        self.window.forget();
        self.draw_now();
    }

    /// The reader has done something, or a task: that is not to wait.
    fn draw_now(&mut self) {
        self.wants.draw = true;
        self.pace.draw = Instant::now();
    }

    fn draw(&mut self) -> io::Result<()> {
        self.wants.draw = false;
        if self.attached.is_none() {
            let rows = frame::rows(&self.app.model, &self.look_of_window());
            let text = self.window.draw(rows);
            self.terminal.write(&text)?;
        }
        self.pace.drew(Instant::now());
        Ok(())
    }

    fn look_of_window(&self) -> ViewSettings {
        ViewSettings { size: tty::callers_size(), colours: output::colours(), now: WallTime::now() }
    }
}
