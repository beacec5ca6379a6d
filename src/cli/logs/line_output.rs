//! `aos logs` line by line: chosen by level and pattern, with times, as JSON, of several tasks in
//! order of time.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;

use super::super::pager_output::PagerOutput;
use super::grep::Share;
use super::last_lines::LastLines;
use super::mark;
use crate::actions::failure::Failure;
use crate::actions::output;
use crate::ansi::{self, Colours, in_json};
use crate::logs::store::segments::Gap;
use crate::logs::text::context::{ContextLines, Passed};
use crate::logs::text::level::Level;
use crate::logs::text::line_search::Search;
use crate::logs::text::masked::Masked;
use crate::logs::text::redact::Secrets;
use crate::logs::text::unmasked::Unmasked;
use crate::task::id::TaskId;
use crate::task_log::line_stream::{LineStream, LogLine};
use crate::ui::style::{FAINT, FOUND, of_name};
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// What stands before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Timestamps {
    /// The date and the time
    Local,
    /// The time since the run began
    Rel,
}

/// How lines are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFormat {
    /// For people.
    Text(Option<Timestamps>),
    /// An object each.
    Json,
    /// Not at all: only how many.
    Count,
    /// The parts that match.
    Matches,
}

/// Which lines are wanted.
#[derive(Debug)]
pub struct LineFilter<'a> {
    /// Those of this level, and above.
    pub level: Option<Level>,
    /// Those that match.
    pub search: Option<&'a Search>,
    /// So many before and after each too.
    pub around: (usize, usize),
    /// Which of them.
    pub share: Share,
}

/// Where lines come out.
pub struct LineOutput<'a> {
    choice: LineFilter<'a>,
    form: LineFormat,
    around: ContextLines<LogLine>,
    tasks: Vec<Labelled>,
    colours: Colours,
    out: BufWriter<PagerOutput>,
    /// Whether runs are told apart, and which one each task's last line was of.
    tells_runs: bool,
    runs: BTreeMap<TaskId, u32>,
    /// The last ones, where only these are printed.
    last: LastLines,
    found: u64,
    looked_at: u64,
}

/// Only now and then it is asked whether anybody reads. *Units*: lines.
const NOW_AND_THEN: u64 = 1000;

/// A task among others.
pub struct Labelled {
    /// Which.
    pub id: TaskId,
    /// Its place among them.
    pub place: usize,
    /// What its lines begin with, if with anything.
    pub label: Option<String>,
    /// What is not shown of it.
    pub secrets: Secrets,
}

/// *Shape* of a line in JSON.
#[derive(Serialize)]
struct JsonLine {
    task: TaskId,
    run: u32,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<WallTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Masked>,
    text: Masked,
    /// It stands near one that was looked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    context: bool,
}

impl<'a> LineOutput<'a> {
    /// Prints lines of these tasks.
    pub fn new(choice: LineFilter<'a>, form: LineFormat, tasks: Vec<Labelled>, out: PagerOutput) -> LineOutput<'a> {
        LineOutput {
            around: ContextLines::new(choice.around.0, choice.around.1),
            choice,
            form,
            tasks,
            colours: output::colours(),
            out: BufWriter::new(out),
            tells_runs: mark::is_shown(),
            runs: BTreeMap::new(),
            last: LastLines::default(),
            found: 0,
            looked_at: 0,
        }
    }

    /// Takes in the next line of a stream; says whether more are wanted.
    pub fn take(&mut self, stream: &mut LineStream, entry: LogLine) -> Result<bool, Failure> {
        self.looked_at += 1;
        if self.looked_at.is_multiple_of(NOW_AND_THEN) {
            self.out.get_ref().heed()?;
        }
        let is_wanted = self.is_wanted(stream, &entry);
        for passed in self.around.feed(entry, is_wanted) {
            let before = self.found;
            self.found += u64::from(matches!(passed, Passed::Wanted(_)));
            match self.choice.share {
                Share::Last(lines) => self.last.keep(passed, lines),
                Share::After(lines) if before < lines => {}
                Share::All | Share::First(_) | Share::After(_) => self.print(&passed)?,
            }
        }
        Ok(!matches!(self.choice.share, Share::First(lines) if self.found >= lines))
    }

    /// Whether the last ones were too many to be held. Then all are to be taken in once more, and
    /// this is ready for it.
    pub fn begins_anew(&mut self) -> bool {
        let Share::Last(lines) = self.choice.share else { return false };
        if self.last.is_too_much() {
            self.choice.share = Share::After(self.found.saturating_sub(lines));
            self.around = ContextLines::new(self.choice.around.0, self.choice.around.1);
            self.found = 0;
        }
        self.last.is_too_much()
    }

    /// Prints what is left to print; says whether anything was found.
    pub fn finish(mut self) -> Result<bool, Failure> {
        while let Some(passed) = self.last.pop() {
            self.print(&passed)?;
        }
        if self.form == LineFormat::Count {
            match &self.tasks[..] {
                [Labelled { id, label: Some(_), .. }] => writeln!(self.out, "{id}: {}", self.found)?,
                _ => writeln!(self.out, "{}", self.found)?,
            }
        }
        self.out.flush()?;
        Ok(self.found > 0 || self.choice.search.is_none() && self.choice.level.is_none())
    }

    /// Says what is missing before the next line.
    pub fn tell(&mut self, gaps: &[Gap]) -> io::Result<()> {
        let is_told = matches!(self.choice.share, Share::After(_));
        for gap in gaps.iter().filter(|_| !is_told) {
            self.out.flush()?;
            self.out.get_mut().tell(gap)?;
        }
        Ok(())
    }

    /// Lets the reader see what there is so far.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn is_wanted(&self, stream: &mut LineStream, entry: &LogLine) -> bool {
        let is_grave = self.choice.level.is_none_or(|least| stream.level(entry).is_some_and(|level| level >= least));
        is_grave && self.choice.search.is_none_or(|search| entry.text.seen_by(|text| search.wants(text.as_bytes())))
    }

    fn print(&mut self, passed: &Passed<LogLine>) -> Result<(), Failure> {
        match (self.form, passed) {
            (LineFormat::Count, _)
            | (LineFormat::Json, Passed::Gap)
            | (LineFormat::Matches, Passed::Gap | Passed::Near(_)) => Ok(()),
            (LineFormat::Text(_), Passed::Gap) => Ok(writeln!(self.out, "--")?),
            (LineFormat::Json, Passed::Wanted(entry)) => self.json(entry, false),
            (LineFormat::Json, Passed::Near(entry)) => self.json(entry, true),
            (LineFormat::Text(timestamps), Passed::Wanted(entry) | Passed::Near(entry)) => {
                Ok(self.text(entry, timestamps)?)
            }
            (LineFormat::Matches, Passed::Wanted(entry)) => Ok(self.matches(entry)?),
        }
    }

    fn json(&mut self, entry: &LogLine, context: bool) -> Result<(), Failure> {
        let Some(Labelled { secrets, .. }) = self.task(entry) else { return Ok(()) };
        let (fields, text) = (entry.fields(), entry.text.hidden(secrets));
        let message = fields.message.map(|message| Unmasked::new(message).hidden(secrets));
        let row = JsonLine {
            task: entry.id,
            run: entry.run,
            line: entry.number,
            time: entry.time.or(fields.time),
            level: fields.level,
            message,
            text,
            context,
        };
        let json = serde_json::to_vec(&row).map_err(io::Error::from)?;
        self.out.write_all(&in_json::safe(&json))?;
        Ok(self.out.write_all(b"\n")?)
    }

    fn text(&mut self, entry: &LogLine, timestamps: Option<Timestamps>) -> io::Result<()> {
        let Some((label, text)) = self.shown(entry) else { return Ok(()) };
        let before = self.runs.insert(entry.id, entry.run);
        if self.tells_runs && before.is_some_and(|run| run != entry.run) {
            writeln!(self.out, "{label}{}", mark::of(entry.run, entry.began))?;
        }
        let time = timestamps.map(|timestamps| time(entry, timestamps));
        self.out.write_all(label.as_bytes())?;
        match time {
            Some(time) if self.colours == Colours::Pass => write!(self.out, "{FAINT}{time}{FAINT:#} ")?,
            Some(time) => write!(self.out, "{time} ")?,
            None => {}
        }
        match self.colours {
            Colours::Pass => writeln!(self.out, "{}", self.highlighted(&text)),
            Colours::Drop => writeln!(self.out, "{text}"),
        }
    }

    fn matches(&mut self, entry: &LogLine) -> io::Result<()> {
        let (Some((label, _)), Some(task)) = (self.shown(entry), self.task(entry)) else { return Ok(()) };
        let text = entry.text.hidden(&task.secrets);
        let places = self.choice.search.map(|search| search.places(text.as_bytes())).unwrap_or_default();
        for (start, end) in places {
            self.out.write_all(label.as_bytes())?;
            self.out.write_all(&text.as_bytes()[start..end])?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// What stands before a line, and the line. Nothing of a task that is not among these, as its
    /// secrets are not known.
    fn shown(&self, entry: &LogLine) -> Option<(String, Masked)> {
        let task = self.task(entry)?;
        let is_coloured = self.colours == Colours::Pass;
        let label = match &task.label {
            Some(label) if is_coloured => format!("{0}{label} │{0:#} ", of_name(task.place)),
            Some(label) => format!("{label} │ "),
            None => String::new(),
        };
        // What was looked for is found in what is plain.
        let is_plain = !is_coloured || self.choice.search.is_some();
        let text = match is_plain {
            true => entry.text.hidden(&task.secrets),
            false => task.secrets.hide_in(&ansi::line(&entry.bytes, Colours::Pass)),
        };
        Some((label, text.with_colours_ended()))
    }

    fn highlighted(&self, text: &Masked) -> String {
        let places = self.choice.search.map(|search| search.places(text.as_bytes())).unwrap_or_default();
        let (mut shown, mut from) = (String::new(), 0);
        for (start, end) in places {
            let (Some(before), Some(found)) = (text.get(from..start), text.get(start..end)) else { continue };
            shown += &format!("{before}{FOUND}{found}{FOUND:#}");
            from = end;
        }
        shown + text.get(from..).unwrap_or_default()
    }

    fn task(&self, entry: &LogLine) -> Option<&Labelled> {
        self.tasks.iter().find(|task| task.id == entry.id)
    }
}

/// When it was written, as it stands before a line.
fn time(entry: &LogLine, timestamps: Timestamps) -> String {
    match (timestamps, entry.time, entry.began) {
        (Timestamps::Local, Some(time), _) => format!("{}.{:03}", time.local(), time.0.rem_euclid(1000)),
        (Timestamps::Rel, Some(time), Some(began)) => {
            let Span(ms) = time.since(began);
            format!("{:>9}", format!("+{}.{:03}s", ms / 1000, ms % 1000))
        }
        (Timestamps::Local, None, _) => format!("{:<23}", "-"),
        (Timestamps::Rel, _, _) => format!("{:>9}", "-"),
    }
}
