//! The live view: one loop over the keyboard, signals, changes of tasks and logs, and a clock.

mod commands;

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signalfd::SignalFd;
use nix::unistd::read;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{acknowledge, output};
use crate::client::task_watch::TaskWatch;
use crate::sys::{dispositions, polling, tty};
use crate::tui::app::App;
use crate::tui::attach_child::AttachChild;
use crate::tui::board::draw::draw;
use crate::tui::board_app::BoardApp;
use crate::tui::frame_clock::{self, FrameClock, Wants};
use crate::tui::full_screen::FullScreen;
use crate::tui::paint;
use crate::tui::verb_child::VerbChild;
use crate::tui::view::frame::{self, ViewSettings};
use crate::tui::view::keys::{Key, Keys};
use crate::tui::window::{Mouse, Window};
use crate::ui::locale;
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
    Debug,
    Search,
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
    /// How long a dashboard rests while nothing moves.
    rest: Duration,
    /// When a dashboard was drawn by its clock.
    redrawn: Instant,
    /// When it was last looked how tasks stand.
    looked: Instant,
    /// The exit code, once it is to be left.
    leaving: Option<i32>,
}

/// While nothing moves, what tasks use is measured no more often.
const LONGEST_REST: Duration = Duration::from_secs(16);
/// Ages are told in minutes.
const REDRAW: Duration = Duration::from_secs(60);
/// How tasks stand is looked at so often though nothing tells of a change.
const LOOK_ANYWAY: Duration = Duration::from_secs(300);
const SIGNALS: [i32; 7] =
    [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGTSTP, libc::SIGCONT, libc::SIGWINCH];

/// Shows tasks until the reader leaves.
pub fn show(watching: TaskWatch, board: Option<BoardApp>) -> VerbResult {
    let mouse = if board.is_some() { Mouse::Reported } else { Mouse::Left };
    let app = App::begin(watching, board)?;
    let mut live = LiveView {
        app,
        window: Window::default(),
        // Before the terminal is taken over, so that none of them comes in between.
        signals: dispositions::as_descriptor(&SIGNALS)?,
        terminal: FullScreen::begin(mouse)?,
        keyboard: io::stdin(),
        keys: Keys::default(),
        verbs: Vec::new(),
        attached: None,
        pace: FrameClock::new(Instant::now()),
        wants: Wants { read: true, draw: true },
        rest: frame_clock::TICK,
        redrawn: Instant::now(),
        looked: Instant::now(),
        leaving: None,
    };
    let code = live.run()?;
    acknowledge::saw(&live.app.watching.home, &live.app.over());
    Ok(code)
}

impl LiveView {
    fn run(&mut self) -> VerbResult {
        loop {
            self.run_due(Instant::now())?;
            for source in self.wait()? {
                self.hear(source)?;
            }
            if let Some(code) = self.leaving {
                return Ok(code);
            }
        }
    }

    fn run_due(&mut self, now: Instant) -> Result<(), Failure> {
        if self.app.board.is_some() {
            self.tick_slowly(now)?;
        } else if self.app.watching.is_over() {
            self.pace.tick = None;
        } else if self.pace.tick.is_none_or(|tick| tick <= now) {
            self.app.measure();
            self.app.portray();
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

    /// As long as nothing moves, a dashboard rests longer and longer, and draws only what gets
    /// older.
    fn tick_slowly(&mut self, now: Instant) -> Result<(), Failure> {
        if self.pace.tick.is_some_and(|tick| tick > now) {
            return Ok(());
        }
        let is_moving = self.app.measure() || self.app.is_young();
        if is_moving || now >= self.redrawn + REDRAW {
            self.app.portray();
            self.wants.draw = true;
            self.redrawn = now;
        }
        // Whatever no event has told of.
        if now >= self.looked + LOOK_ANYWAY {
            self.look()?;
        }
        self.rest = if is_moving { frame_clock::TICK } else { (self.rest * 2).min(LONGEST_REST) };
        self.pace.ticked_for(now, self.rest);
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
        let board = self.app.board.as_ref();
        sources.extend(board.and_then(|board| board.debug.as_ref()).map(|debug| (WakeSource::Debug, debug.as_fd())));
        sources.extend(board.and_then(|board| board.search.as_ref()).map(|one| (WakeSource::Search, one.as_fd())));
        sources.extend(verbs.map(|(number, verb)| (WakeSource::VerbChild(number), verb.as_fd())));
        sources
    }

    fn hear(&mut self, source: WakeSource) -> Result<(), Failure> {
        match source {
            WakeSource::Keys => self.receive_keys(),
            WakeSource::Signals => self.receive_signals()?,
            WakeSource::Tasks => self.look()?,
            WakeSource::Logs => self.read_logs(),
            WakeSource::VerbChild(number) => self.hear_verb(number)?,
            WakeSource::Attached => self.detach_all()?,
            WakeSource::Debug | WakeSource::Search => {
                if let Err(e) = self.app.receive_board() {
                    self.note(Some(e.to_string()));
                }
                self.draw_now();
            }
        }
        Ok(())
    }

    fn receive_keys(&mut self) {
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

    fn receive_signals(&mut self) -> io::Result<()> {
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
        self.draw_now();
        let command = match &mut self.app.board {
            Some(board) => board.board.press(key, &self.app.model.tasks),
            None => {
                let page = frame::page(&self.app.model, &self.look_of_window());
                self.app.model.press(key, page)
            }
        };
        if let Some(command) = command
            && let Err(e) = self.obey(command)
        {
            self.note(Some(e.into_text().0));
        }
        self.app.keep_up();
        self.wake_clock();
    }

    /// The reader is there: what moves is looked at more often again.
    fn wake_clock(&mut self) {
        if self.app.board.is_some() && self.rest > frame_clock::TICK {
            self.rest = frame_clock::TICK;
            self.pace.ticked(Instant::now());
        }
    }

    fn look(&mut self) -> Result<(), Failure> {
        self.looked = Instant::now();
        match (self.app.look(), &mut self.app.board) {
            (Ok(false), _) => {}
            (Ok(true), _) => {
                self.wake_clock();
                self.draw_now();
            }
            // What is shown is all that is known; it may come back.
            (Err(e), Some(board)) => board.board.note = Some(e.into_text().0),
            (Err(e), None) => return Err(e),
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
            let look = self.look_of_window();
            let mut next = Window::blank(look.size);
            match &mut self.app.board {
                Some(board) => draw(&mut board.board, &self.app.model.tasks, &look, &mut next),
                None => paint::rows(&mut next, &frame::rows(&self.app.model, &look)),
            }
            if !locale::is_utf8() {
                paint::to_ascii(&mut next);
            }
            let text = self.window.draw(next);
            self.terminal.write(&text)?;
        }
        self.pace.drew(Instant::now());
        Ok(())
    }

    fn look_of_window(&self) -> ViewSettings {
        ViewSettings { size: tty::callers_size(), colours: output::colours(), now: WallTime::now() }
    }
}
