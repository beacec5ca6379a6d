//! The terminal, taken over and given back as it was, however this process ends.

use std::io::{self, Write};

use nix::sys::termios::{InputFlags, LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use crate::sys::tty;
use crate::terminal::guard::Guard;
use crate::tui::window::{self, Mouse};

/// The terminal behind standard input and output.
pub struct FullScreen {
    before: Termios,
    meanwhile: Termios,
    /// Gives it back where this process cannot: killed, or panicking, as nothing unwinds here.
    guard: Option<Guard>,
    is_taken: bool,
    mouse: Mouse,
}

impl FullScreen {
    /// Takes it over.
    pub fn begin(mouse: Mouse) -> io::Result<FullScreen> {
        let before = tcgetattr(io::stdin())?;
        let meanwhile = key_by_key(&before);
        let guard = Some(Guard::set(&tty::open("/dev/tty".as_ref())?, &before, &meanwhile)?);
        let mut terminal = FullScreen { before, meanwhile, guard, is_taken: false, mouse };
        terminal.take()?;
        Ok(terminal)
    }

    /// Takes it over again.
    pub fn take(&mut self) -> io::Result<()> {
        // Also where somebody else has changed it since: who lets a stopped program go on says
        // nothing of it. From the background it stops this process (SIGTTOU): the terminal is
        // somebody else's then.
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.meanwhile)?;
        self.is_taken = true;
        self.note(&window::give_back(self.mouse));
        self.write(&window::take_over(self.mouse))
    }

    /// Gives it back.
    pub fn give_back(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_taken) {
            return Ok(());
        }
        let written = self.write(&window::give_back(self.mouse));
        tcsetattr(io::stdin(), SetArg::TCSADRAIN, &self.before)?;
        self.note("");
        written
    }

    /// Has the terminal report the mouse, or not; says which.
    pub fn change_mouse(&mut self) -> io::Result<&'static str> {
        let before = window::give_back(self.mouse);
        let said = match self.mouse {
            Mouse::Reported => "the mouse selects text",
            Mouse::Left => "the mouse chooses and scrolls",
        };
        self.mouse = match self.mouse {
            Mouse::Reported => Mouse::Left,
            Mouse::Left => Mouse::Reported,
        };
        // Whichever ends it takes the mouse back, too.
        self.note(&(before + &window::give_back(self.mouse)));
        self.write(window::of_mouse(self.mouse))?;
        Ok(said)
    }

    /// Writes to it.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    fn note(&mut self, undo: &str) {
        if let Some(guard) = &mut self.guard {
            guard.note(undo.as_bytes());
        }
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing back.
        let _ = self.give_back();
        if let Some(guard) = self.guard.take() {
            guard.dismiss();
        }
    }
}

/// Keys come as they are pressed, unseen; those that make signals still do, and none stops the
/// output.
fn key_by_key(before: &Termios) -> Termios {
    use nix::sys::termios::SpecialCharacterIndices::{VMIN, VTIME};
    let mut modes = before.clone();
    modes.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
    modes.input_flags.remove(InputFlags::IXON);
    (modes.control_chars[VMIN as usize], modes.control_chars[VTIME as usize]) = (1, 0);
    modes
}
