//! Logs as they are, or what is found in them.

use std::io::{self, Read, Write};

use super::super::pager_output::PagerOutput;
use super::super::printer::{DisplayMode, Folding, LogPrinter};
use super::follow_view::follow_one;
use super::grep::{ByteSafety, GrepOptions};
use super::{FoldRepeats, Logs, mark};
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::Colours;
use crate::logs::read::head::{HeadReader, Skip};
use crate::logs::text::line_search::Search;
use crate::logs::text::rendered::{Pieces, Rendered};
use crate::store::layout::Home;
use crate::task_log::log_range::LogRange;
use crate::ui::style::{HEADING, of_name};

impl Logs {
    /// Each log as a whole, or what is found in it.
    pub(super) fn whole(
        &self,
        home: &Home,
        logs: Vec<LogRange>,
        search: Option<&Search>,
        out: &mut PagerOutput,
    ) -> Result<bool, Failure> {
        let is_one_of_several = logs.len() > 1;
        let mut has_printed = false;
        for (place, log) in logs.into_iter().enumerate() {
            let label = is_one_of_several.then(|| log.spec.id.to_string());
            has_printed |= match search {
                Some(search) => {
                    let label = label.as_deref().map(|label| (label, of_name(place)));
                    let how = GrepOptions { bytes: self.bytes(), secrets: self.secrets(&log), label, out: out.clone() };
                    self.grep.print(log, search, self.share(), how)?
                }
                None => {
                    if let Some(label) = label {
                        heading(out, &label)?;
                    }
                    self.print(home, log, out).map(|()| true)?
                }
            };
        }
        Ok(has_printed)
    }

    fn bytes(&self) -> ByteSafety {
        if self.raw { ByteSafety::Raw } else { ByteSafety::Visible }
    }

    fn folding(&self) -> Folding {
        let is_folded = match self.fold {
            FoldRepeats::Auto => output::is_seen(),
            FoldRepeats::Always => true,
            FoldRepeats::Never => false,
        };
        if is_folded { Folding::Folded } else { Folding::Shown }
    }

    fn print(&self, home: &Home, log: LogRange, out: &mut PagerOutput) -> Result<(), Failure> {
        let (log, surplus) = match self.lines() {
            Some(lines) if self.raw => (log.last(lines)?, 0),
            Some(lines) => log.last_left(lines)?,
            None => (log, 0),
        };
        let secrets = self.secrets(&log);
        let show = if self.raw { DisplayMode::Raw } else { DisplayMode::Still(self.folding()) };
        if self.follow && log.end.is_none() {
            return follow_one(home, &log, surplus, show, secrets);
        }
        self.print_still(&log, surplus, LogPrinter::new(show, secrets, out.clone()), out)
    }

    /// Prints what there is now, without so many lines at its beginning.
    fn print_still(
        &self,
        log: &LogRange,
        surplus: u64,
        mut printer: LogPrinter<PagerOutput>,
        out: &mut PagerOutput,
    ) -> Result<(), Failure> {
        if self.raw {
            let mut whole = log.read()?;
            let mut lines = Lines::new(self.head, surplus);
            lines.copy(out.watching(&mut whole), &mut printer)?;
            printer.finish()?;
            return Ok(whole.gaps().iter().try_for_each(|gap| out.tell(gap))?);
        }
        let pieces = if mark::is_shown() { log.read_in_runs()? } else { vec![(None, log.read_by_run()?)] };
        let (mut lines, mut gaps) = (Lines::new(self.head, surplus), Vec::new());
        for (run, mut piece) in pieces {
            if let Some(run) = run.filter(|_| lines.is_wanted()) {
                let end = if lines.has_open { "\n" } else { "" };
                printer.print(format!("{end}{}\n", mark::of(run.number, Some(run.began))).as_bytes())?;
                lines.has_open = false;
            }
            let watched = out.watching(&mut piece);
            match output::colours() {
                Colours::Drop => lines.copy(Rendered::plain(watched, Pieces::Joined), &mut printer)?,
                Colours::Pass => lines.copy(Rendered::coloured(watched, Pieces::Joined), &mut printer)?,
            }
            gaps.extend(piece.gaps().to_vec());
        }
        printer.finish()?;
        Ok(gaps.iter().try_for_each(|gap| out.tell(gap))?)
    }
}

/// Which lines of all pieces together are wanted.
struct Lines {
    share: Counted,
    /// Whether the last line that was printed has no end.
    has_open: bool,
}

/// The first lines, or those behind the first. *Units*: lines, of those that were not read yet.
#[derive(Clone, Copy)]
enum Counted {
    First(u64),
    After(u64),
}

impl Lines {
    fn new(head: Option<u64>, surplus: u64) -> Lines {
        Lines { share: head.map_or(Counted::After(surplus), Counted::First), has_open: false }
    }

    /// Whether the next line is wanted.
    fn is_wanted(&self) -> bool {
        match self.share {
            Counted::First(left) => left > 0,
            Counted::After(left) => left == 0,
        }
    }

    /// Prints what is wanted of a piece.
    fn copy(&mut self, piece: impl Read, printer: &mut LogPrinter<PagerOutput>) -> io::Result<()> {
        self.share = match self.share {
            Counted::First(left) => {
                let mut reader = HeadReader::new(piece, left);
                self.print(&mut reader, printer)?;
                Counted::First(reader.left())
            }
            Counted::After(left) => {
                let mut reader = Skip::new(piece, left);
                self.print(&mut reader, printer)?;
                Counted::After(reader.left())
            }
        };
        Ok(())
    }

    fn print(&mut self, reader: &mut impl Read, printer: &mut LogPrinter<PagerOutput>) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = reader.read(&mut buffer)?;
            let Some(last) = buffer[..length].last() else { return Ok(()) };
            self.has_open = *last != b'\n';
            printer.print(&buffer[..length])?;
        }
    }
}

/// A line above a task's log.
pub fn heading(out: &mut impl Write, label: &str) -> io::Result<()> {
    match output::colours() {
        Colours::Pass => writeln!(out, "{HEADING}==> {label} <=={HEADING:#}"),
        Colours::Drop => writeln!(out, "==> {label} <=="),
    }
}
