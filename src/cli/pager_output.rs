//! Standard output that goes through a pager as soon as it is longer than the screen.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, IsTerminal, Read, Write};
use std::rc::Rc;

use memchr::memchr;

use super::pager::{Opens, Pager};
use crate::sys::tty;
use crate::ui::text;
use crate::units::size::Size;

/// Where it is written to; its clones are the same place.
#[derive(Clone)]
pub struct PagerOutput(Rc<RefCell<PagerState>>);

enum PagerState {
    /// To standard output itself.
    Straight,
    /// It is held back until it is known whether it fits.
    Held(HeldOutput),
    /// To the pager.
    Through(Pager),
}

/// What may fit the screen.
struct HeldOutput {
    pager: String,
    opens: Opens,
    screen: Size,
    bytes: Vec<u8>,
    /// How many rows its whole lines take, and where the line after them begins.
    rows: usize,
    begun: usize,
}

/// No more is held back, however few cells it takes. *Units*: bytes.
const MOST_HELD: usize = 1 << 20;

impl PagerOutput {
    /// Standard output as it is, or by way of a pager if there is a screen to fill.
    pub fn by(pager: Option<String>, opens: Opens) -> PagerOutput {
        let state = match (pager, tty::size(io::stdout())) {
            (Some(pager), Some(screen)) => {
                PagerState::Held(HeldOutput { pager, opens, screen, bytes: Vec::new(), rows: 0, begun: 0 })
            }
            _ => PagerState::Straight,
        };
        PagerOutput(Rc::new(RefCell::new(state)))
    }

    /// Standard output as it is.
    pub fn straight() -> PagerOutput {
        PagerOutput(Rc::new(RefCell::new(PagerState::Straight)))
    }

    /// A log, read as long as anybody looks.
    pub fn watching<R: Read>(&self, log: R) -> WatchedLog<R> {
        WatchedLog { log, out: self.clone() }
    }

    /// Tells something: to standard error, but where a pager has the screen, in the midst of what
    /// it shows.
    pub fn tell(&mut self, told: impl fmt::Display) -> io::Result<()> {
        let is_apart = matches!(*self.0.borrow(), PagerState::Straight) || !io::stderr().is_terminal();
        if is_apart { writeln!(crate::actions::output::talk(), "aos: {told}") } else { writeln!(self, "aos: {told}") }
    }

    /// Writes what was held back; where there is a pager, waits until its user has seen enough.
    pub fn finish(self) -> io::Result<()> {
        drop(self.0.replace(PagerState::Straight));
        io::stdout().flush()
    }

    /// An error where nobody looks any more.
    pub fn heed(&self) -> io::Result<()> {
        match &*self.0.borrow() {
            PagerState::Through(pager) if !pager.is_there() => Err(io::ErrorKind::BrokenPipe.into()),
            PagerState::Through(_) | PagerState::Straight | PagerState::Held(_) => Ok(()),
        }
    }
}

impl Write for PagerOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &*self.0.borrow() {
            PagerState::Straight => io::stdout().flush(),
            PagerState::Held(_) | PagerState::Through(_) => Ok(()),
        }
    }
}

impl PagerState {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            PagerState::Straight => io::stdout().write_all(bytes),
            PagerState::Through(pager) => pager.write(bytes),
            PagerState::Held(held) => {
                held.bytes.extend_from_slice(bytes);
                if held.fits() { Ok(()) } else { self.let_go() }
            }
        }
    }

    /// What was held back is too much for the screen. Where the pager cannot be begun, it is shown
    /// without.
    fn let_go(&mut self) -> io::Result<()> {
        let PagerState::Held(held) = self else { return Ok(()) };
        let (bytes, begun) = (std::mem::take(&mut held.bytes), Pager::begin(&held.pager, held.opens));
        *self = begun.map_or(PagerState::Straight, PagerState::Through);
        self.write(&bytes)
    }
}

impl HeldOutput {
    /// Whether there is room for it above the prompt that comes after.
    fn fits(&mut self) -> bool {
        let cols = usize::from(self.screen.cols);
        while let Some(length) = memchr(b'\n', &self.bytes[self.begun..]) {
            self.rows += rows(&self.bytes[self.begun..self.begun + length], cols);
            self.begun += length + 1;
            if self.rows >= usize::from(self.screen.rows) {
                return false;
            }
        }
        let rest = &self.bytes[self.begun..];
        let rest = if rest.is_empty() { 0 } else { rows(rest, cols) };
        self.rows + rest < usize::from(self.screen.rows) && self.bytes.len() <= MOST_HELD
    }
}

/// How many rows a line takes.
fn rows(line: &[u8], cols: usize) -> usize {
    text::width(&String::from_utf8_lossy(line)).div_ceil(cols).max(1)
}

/// Who did not get as far as [`PagerOutput::finish`] shows what there is all the same.
impl Drop for HeldOutput {
    fn drop(&mut self) {
        let _ = io::stdout().write_all(&self.bytes);
    }
}

/// A log that is read as long as anybody looks: in a long one, little may be found that is to be
/// written.
pub struct WatchedLog<R> {
    log: R,
    out: PagerOutput,
}

impl<R: Read> Read for WatchedLog<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.out.heed()?;
        self.log.read(buffer)
    }
}
