//! Logs as they are, or what is found in them.

use std::io::{self, Read, Write};

use super::super::failure::Failure;
use super::super::following::{Folding, Printer, Show};
use super::super::output;
use super::super::paged::Paged;
use super::follow::follow_one;
use super::grep::{Bytes, How};
use super::{Fold, Logs};
use crate::ansi::Colours;
use crate::client::log::Log;
use crate::logs::head::{After, Head};
use crate::logs::search::Search;
use crate::logs::settled::{Pieces, Settled};
use crate::store::home::Home;
use crate::ui::style::{HEADING, of_name};

impl Logs {
    /// Each log as a whole, or what is found in it.
    pub(super) fn whole(
        &self,
        home: &Home,
        logs: Vec<Log>,
        search: Option<&Search>,
        out: &mut Paged,
    ) -> Result<bool, Failure> {
        let is_one_of_several = logs.len() > 1;
        let mut has_printed = false;
        for (place, log) in logs.into_iter().enumerate() {
            let label = is_one_of_several.then(|| log.spec.id.to_string());
            has_printed |= match search {
                Some(search) => {
                    let label = label.as_deref().map(|label| (label, of_name(place)));
                    let how = How { bytes: self.bytes(), secrets: self.secrets(&log), label, out: out.clone() };
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

    fn bytes(&self) -> Bytes {
        if self.raw { Bytes::Raw } else { Bytes::Visible }
    }

    fn folding(&self) -> Folding {
        let is_folded = match self.fold {
            Fold::Auto => output::is_seen(),
            Fold::Always => true,
            Fold::Never => false,
        };
        if is_folded { Folding::Folded } else { Folding::Shown }
    }

    fn print(&self, home: &Home, log: Log, out: &mut Paged) -> Result<(), Failure> {
        let (log, surplus) = match self.lines() {
            Some(lines) if self.raw => (log.last(lines)?, 0),
            Some(lines) => log.last_left(lines)?,
            None => (log, 0),
        };
        let secrets = self.secrets(&log);
        let show = if self.raw { Show::Raw } else { Show::Still(self.folding()) };
        if self.follow && log.end.is_none() {
            return follow_one(home, &log, surplus, show, secrets);
        }
        self.print_still(&log, surplus, Printer::new(show, secrets, out.clone()), out)
    }

    /// Prints what there is now, without so many lines at its beginning.
    fn print_still(
        &self,
        log: &Log,
        surplus: u64,
        mut printer: Printer<Paged>,
        out: &mut Paged,
    ) -> Result<(), Failure> {
        let mut whole = if self.raw { log.read()? } else { log.read_run_by_run()? };
        let watched = out.watching(&mut whole);
        let left: Box<dyn Read> = match (self.raw, output::colours()) {
            (true, _) => Box::new(watched),
            (false, Colours::Drop) => Box::new(Settled::plain(watched, Pieces::Joined)),
            (false, Colours::Pass) => Box::new(Settled::coloured(watched, Pieces::Joined)),
        };
        let mut reader: Box<dyn Read> = match self.head {
            Some(lines) => Box::new(Head::new(left, lines)),
            None => Box::new(After::new(left, surplus)),
        };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => break,
                n => printer.print(&buffer[..n])?,
            }
        }
        drop(reader);
        printer.finish()?;
        Ok(whole.gaps().iter().try_for_each(|gap| out.tell(gap))?)
    }
}

fn heading(out: &mut impl Write, label: &str) -> io::Result<()> {
    match output::colours() {
        Colours::Pass => writeln!(out, "{HEADING}==> {label} <=={HEADING:#}"),
        Colours::Drop => writeln!(out, "==> {label} <=="),
    }
}
