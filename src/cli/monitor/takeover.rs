//! The terminal, taken over and given back as it was, however this process ends.

use std::io::{self, Write};
use std::panic;

use crate::sys::modes::Modes;
use crate::ui::window::{GIVE_BACK, TAKE_OVER};

/// The terminal behind standard input and output.
pub struct Takeover {
    before: Modes,
    is_taken: bool,
}

impl Takeover {
    /// Takes it over.
    pub fn begin() -> io::Result<Takeover> {
        let before = Modes::of(io::stdin())?;
        let usual = panic::take_hook();
        // Nothing unwinds here: what is to be done in the end is done before.
        panic::set_hook(Box::new(move |what| {
            let _ = give_back(&before);
            usual(what);
        }));
        let mut terminal = Takeover { before, is_taken: false };
        terminal.take()?;
        Ok(terminal)
    }

    /// Takes it over again.
    pub fn take(&mut self) -> io::Result<()> {
        // Also where somebody else has changed it since: who lets a stopped program go on says nothing of it.
        self.before.key_by_key().put(io::stdin())?;
        self.is_taken = true;
        self.write(TAKE_OVER)
    }

    /// Gives it back.
    pub fn give_back(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_taken) { give_back(&self.before) } else { Ok(()) }
    }

    /// Writes to it.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

impl Drop for Takeover {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing back.
        let _ = self.give_back();
    }
}

fn give_back(before: &Modes) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(GIVE_BACK.as_bytes()).and_then(|()| out.flush());
    before.put(io::stdin())?;
    written
}
