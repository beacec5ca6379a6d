//! `aos logs -f` of one task: its lines as they come, and on a terminal as they change.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use super::super::printer::{DisplayMode, Folding, LogPrinter, tell_gaps};
use super::mark;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::{self, Colours};
use crate::client::fs_events::{LogChanges, Wakeup};
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::text::numbered_lines::{Line, NumberedLines};
use crate::logs::text::redact::Secrets;
use crate::store::layout::Home;
use crate::sys::tty;
use crate::task_log::log_range::{LogRange, RunRange};
use crate::ui::live_region::{LiveRegion, ShownLine};
use crate::units::size::Size;

/// A line that was printed and is drawn over is printed once more when it has stayed as it is for
/// so long.
pub const AT_REST: Duration = Duration::from_millis(500);

/// What is printed at a time. *Units*: bytes.
const CHUNK: usize = 64 * 1024;

/// Where a log's lines are shown as it grows.
trait FollowView {
    /// Shows what is there.
    fn catch_up(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()>;

    /// Hears of the runs that have begun.
    fn know_runs(&mut self, runs: &[RunRange]);

    /// Shows what is left: nothing more comes.
    fn finish(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()>;
}

/// Follows a log until its task, or the one run that is wanted, is over; so many lines at its
/// beginning are too many.
pub fn follow_one(
    home: &Home,
    log: &LogRange,
    surplus: u64,
    show: DisplayMode,
    secrets: Secrets,
) -> Result<(), Failure> {
    let terminal = tty::size(io::stdout()).filter(|_| !output::is_dumb());
    match (show, terminal) {
        (DisplayMode::Raw, _) => follow(home, log, AsItIs(LogPrinter::new(show, secrets, io::stdout().lock()))),
        (DisplayMode::Still(folding), Some(size)) => {
            follow(home, log, OnTerminal::new(size, surplus, secrets, folding))
        }
        (DisplayMode::Still(folding), None) => follow(home, log, InPipe::new(surplus, secrets, folding)),
    }
}

fn follow(home: &Home, log: &LogRange, mut view: impl FollowView) -> Result<(), Failure> {
    let mut changes = LogChanges::begin(home, log.spec.id, &log.directories(home), &log.path)?;
    let mut lines = NumberedLines::new(TailFollow::new(&log.path, log.start), log.start, 1);
    let (mut journal, mut is_over) = (0, false);
    loop {
        if let Some(runs) = log.new_runs(&mut journal) {
            lines.know_runs(runs.iter().map(|run| run.start));
            view.know_runs(&runs);
        }
        if let Some(end) = log.end_of_run()? {
            lines.log_mut().end_at(end);
            is_over = true;
        }
        view.catch_up(&mut lines)?;
        tell_gaps(lines.new_gaps())?;
        if is_over {
            return Ok(view.finish(&mut lines)?);
        }
        match changes.wait(lines.is_changing().then_some(AT_REST))? {
            Wakeup::Changed => {}
            Wakeup::Ended => is_over = true,
            Wakeup::Nothing => lines.give_changes(),
        }
    }
}

/// Bytes, whatever they are.
struct AsItIs(LogPrinter<io::StdoutLock<'static>>);

impl FollowView for AsItIs {
    fn catch_up(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        while let Some((_, bytes)) = lines.log_mut().read(&mut buffer)? {
            self.0.print(bytes)?;
        }
        Ok(())
    }

    fn know_runs(&mut self, _: &[RunRange]) {}

    fn finish(&mut self, _: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        self.0.finish()
    }
}

/// Lines one after the other, each when it has ended.
struct InPipe {
    printer: LogPrinter<io::StdoutLock<'static>>,
    surplus: u64,
    /// Whether what the log had at first was shown: what comes now comes as it is written.
    has_begun: bool,
}

impl InPipe {
    fn new(surplus: u64, secrets: Secrets, folding: Folding) -> InPipe {
        let printer = LogPrinter::new(DisplayMode::Still(folding), secrets, io::stdout().lock());
        InPipe { printer, surplus, has_begun: false }
    }

    fn add(&mut self, line: &Line, batch: &mut Vec<u8>) {
        if self.surplus > 0 {
            self.surplus -= 1;
            return;
        }
        batch.extend_from_slice(&line.bytes);
        batch.extend(line.has_ended.then_some(b'\n'));
    }
}

impl FollowView for InPipe {
    fn catch_up(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            // Before it is looked whether there is more.
            let mut batch = Vec::new();
            lines.read_once()?.for_each(|line| self.add(&line, &mut batch));
            self.printer.print(&batch)?;
        }
        let mut batch = Vec::new();
        while let Some(line) = lines.next()? {
            self.add(&line, &mut batch);
            if batch.len() > CHUNK {
                self.printer.print(&batch)?;
                batch.clear();
            }
        }
        self.printer.print(&batch)
    }

    /// What a program reads has no marks.
    fn know_runs(&mut self, _: &[RunRange]) {}

    fn finish(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        let mut batch = Vec::new();
        while let Some(line) = lines.rest() {
            self.add(&line, &mut batch);
        }
        self.printer.print(&batch)?;
        self.printer.finish()
    }
}

/// Lines where they stand: what is drawn over is seen moving, and what repeats is counted.
struct OnTerminal {
    moving: LiveRegion,
    surplus: u64,
    secrets: Secrets,
    colours: Colours,
    runs: Vec<RunRange>,
    /// The first line of each run that was shown, by its number. The first run of all has no mark.
    firsts: BTreeMap<u32, u64>,
}

impl OnTerminal {
    fn new(size: Size, surplus: u64, secrets: Secrets, folding: Folding) -> OnTerminal {
        let moving = LiveRegion::new(size, folding == Folding::Folded);
        OnTerminal { moving, surplus, secrets, colours: output::colours(), runs: Vec::new(), firsts: BTreeMap::new() }
    }

    /// A line, below a mark where another run begins with it.
    fn marked(&mut self, line: &Line) -> Vec<ShownLine> {
        let run = self.runs.iter().rev().find(|run| run.start <= line.drawn).copied();
        let mark = run.filter(|run| self.is_first_of(run.number, line.id));
        // Marks have even numbers, and lines odd ones, in the order in which they stand.
        let mark =
            mark.map(|run| ShownLine { id: line.id * 2, text: mark::of(run.number, Some(run.began)), has_ended: true });
        mark.into_iter().chain([ShownLine { id: line.id * 2 + 1, ..self.shown(line) }]).collect()
    }

    fn is_first_of(&mut self, run: u32, line: u64) -> bool {
        let is_earliest = self.firsts.keys().next().is_none_or(|earliest| *earliest >= run);
        *self.firsts.entry(run).or_insert(line) == line && !is_earliest
    }

    fn shown(&self, line: &Line) -> ShownLine {
        let text = ansi::line(&line.bytes, self.colours);
        let text = if line.has_ended { self.secrets.hide_in(&text) } else { self.secrets.hide_in_part(&text) };
        ShownLine { id: line.id, text: text.with_colours_ended().into(), has_ended: line.has_ended }
    }

    fn frame(&mut self, settled: &[Line], open: &[Line]) -> io::Result<()> {
        let surplus = usize::try_from(self.surplus).unwrap_or(usize::MAX);
        self.surplus = self.surplus.saturating_sub(settled.len() as u64);
        let passed = surplus.min(settled.len());
        let settled = settled[passed..].iter().flat_map(|line| self.marked(line)).collect();
        let open = open.iter().skip(surplus - passed).flat_map(|line| self.marked(line)).collect();
        let size = tty::size(io::stdout()).unwrap_or(Size::USUAL);
        let mut out = io::stdout().lock();
        out.write_all(self.moving.frame(size, settled, open).as_bytes())?;
        out.flush()
    }
}

impl FollowView for OnTerminal {
    fn catch_up(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        while lines.fill()? > 0 {
            let (settled, open) = lines.picture();
            self.frame(&settled, &open)?;
        }
        Ok(())
    }

    fn know_runs(&mut self, runs: &[RunRange]) {
        self.runs = runs.to_vec();
    }

    fn finish(&mut self, lines: &mut NumberedLines<TailFollow>) -> io::Result<()> {
        let mut rest = Vec::new();
        while let Some(mut line) = lines.rest() {
            line.has_ended = true;
            rest.push(line);
        }
        self.frame(&rest, &[])?;
        io::stdout().write_all(self.moving.finish().as_bytes())
    }
}
