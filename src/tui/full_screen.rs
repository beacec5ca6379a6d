//! The terminal, taken over and given back as it was, however this process ends.

use std::io::{self, Write};

use nix::sys::termios::{InputFlags, LocalFlags, Termios};

use crate::terminal::taken_terminal::TakenTerminal;
use crate::tui::window::{self, Mouse};

/// The terminal behind standard input and output.
pub struct FullScreen {
    terminal: TakenTerminal,
    mouse: Mouse,
}

impl FullScreen {
    /// Takes it over.
    pub fn begin(mouse: Mouse) -> io::Result<FullScreen> {
        let mut screen = FullScreen { terminal: TakenTerminal::take(key_by_key)?, mouse };
        screen.draw_over()?;
        Ok(screen)
    }

    /// Takes it over again.
    pub fn take(&mut self) -> io::Result<()> {
        self.terminal.take_again()?;
        self.draw_over()
    }

    /// Gives it back.
    pub fn give_back(&mut self) -> io::Result<()> {
        if !self.terminal.is_taken() {
            return Ok(());
        }
        let written = self.write(&window::give_back(self.mouse));
        self.terminal.give_back()?;
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
        self.terminal.note((before + &window::give_back(self.mouse)).as_bytes());
        self.write(window::of_mouse(self.mouse))?;
        Ok(said)
    }

    /// Writes to it.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Has the terminal show a window of its own, and report what is wanted of it.
    fn draw_over(&mut self) -> io::Result<()> {
        self.terminal.note(window::give_back(self.mouse).as_bytes());
        self.write(&window::take_over(self.mouse))
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing back.
        let _ = self.give_back();
        self.terminal.dismiss_guard();
    }
}

/// Keys come as they are pressed, unseen; those that make signals still do, and none stops the
/// output.
fn key_by_key(modes: &mut Termios) {
    use nix::sys::termios::SpecialCharacterIndices::{VMIN, VTIME};
    modes.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
    modes.input_flags.remove(InputFlags::IXON);
    (modes.control_chars[VMIN as usize], modes.control_chars[VTIME as usize]) = (1, 0);
}
