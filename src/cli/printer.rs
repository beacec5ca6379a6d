//! Printing a log, chunk by chunk, and waiting for one that is to come.

use std::io::{self, Write};
use std::path::Path;

use crossbeam_channel::select;

use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::Filter;
use crate::client::fs_events::changes;
use crate::client::wait_exit::ends;
use crate::logs::store::segments::Gap;
use crate::logs::text::dedup::Dedup;
use crate::logs::text::redact::{Redactor, Secrets};
use crate::store::layout::Home;
use crate::task::id::TaskId;

/// How bytes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayMode {
    /// As text that is safe for a terminal, with colours where somebody looks, and what repeats is
    /// folded, if so.
    Still(Folding),
    /// As they are (`--raw`).
    Raw,
}

/// What becomes of lines that repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// They are told once, and how often they came.
    Folded,
    /// They are shown.
    Shown,
}

/// Waits until a task has a log, or will not have one.
pub fn begun(home: &Home, id: TaskId, path: &Path) -> Result<(), Failure> {
    let Some(directory) = path.parent().filter(|_| !path.exists()) else { return Ok(()) };
    let changes = changes(&[directory.to_owned()], None)?;
    let ends = ends(home, &[id])?;
    while !path.exists() {
        select! {
            recv(changes) -> _ => {}
            recv(ends) -> _ => break,
        }
    }
    Ok(())
}

/// What is safe to show of bytes, straight to the reader.
pub struct LogPrinter<W> {
    filter: Option<Filter>,
    safe: Vec<u8>,
    mask: Redactor,
    shown: Vec<u8>,
    repeats: Option<Dedup>,
    folded: Vec<u8>,
    out: W,
}

impl<W: Write> LogPrinter<W> {
    /// A printer at the beginning of a stream.
    pub fn new(show: DisplayMode, secrets: Secrets, out: W) -> LogPrinter<W> {
        let filter = match show {
            DisplayMode::Raw => None,
            DisplayMode::Still(_) => Some(Filter::still(output::colours())),
        };
        let repeats = matches!(show, DisplayMode::Still(Folding::Folded)).then(Dedup::default);
        let mask = Redactor::new(secrets);
        LogPrinter { filter, safe: Vec::new(), mask, shown: Vec::new(), repeats, folded: Vec::new(), out }
    }

    /// Prints the next bytes.
    pub fn print(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.shown.clear();
        match &mut self.filter {
            None => self.mask.feed(bytes, &mut self.shown),
            Some(filter) => {
                self.safe.clear();
                filter.feed(bytes, &mut self.safe);
                self.mask.feed(&self.safe, &mut self.shown);
            }
        }
        self.write()?;
        self.out.flush()
    }

    /// Prints what was held back. Nothing is printed after that.
    pub fn finish(&mut self) -> io::Result<()> {
        self.safe.clear();
        self.shown.clear();
        if let Some(filter) = &mut self.filter {
            filter.finish(&mut self.safe);
        }
        self.mask.feed(&self.safe, &mut self.shown);
        self.mask.finish(&mut self.shown);
        self.write()?;
        if let Some(repeats) = &mut self.repeats {
            self.folded.clear();
            repeats.finish(&mut self.folded);
            self.out.write_all(&self.folded)?;
        }
        self.out.flush()
    }

    fn write(&mut self) -> io::Result<()> {
        let Some(repeats) = &mut self.repeats else { return self.out.write_all(&self.shown) };
        self.folded.clear();
        repeats.feed(&self.shown, &mut self.folded);
        self.out.write_all(&self.folded)
    }
}

/// Says, to standard error, which parts are not there.
pub fn tell_gaps(gaps: &[Gap]) -> io::Result<()> {
    gaps.iter().try_for_each(|gap| writeln!(output::talk(), "aos: {gap}"))
}
