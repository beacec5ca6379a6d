//! `aos logs`: what tasks printed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use clap::Args;

use super::failure::{Failure, NO, NO_TASK, USAGE};
use super::following::{Printer, Show, follow_as};
use super::{Answer, Caller, Verb, choose, looking, output};
use crate::logs::search::{Case, Search, Want};
use crate::logs::tail::start_of_last;
use crate::store::home::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{journal, reading::last_run};
use crate::task::id::TaskId;
use crate::task::journal::Event;
use crate::ui::style::{FOUND, HEADING};

/// Print what tasks printed
///
/// Without an id: the only running task's log, else the newest's.
#[derive(Args)]
pub struct Logs {
    /// The tasks
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Go on printing what is added, until the task is over
    #[arg(short, long)]
    follow: bool,
    /// Only the last N lines
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<u64>,
    /// Only lines that match this regular expression
    #[arg(short, long, value_name = "REGEX", conflicts_with = "follow")]
    grep: Option<String>,
    /// With --grep: only lines that do not match
    #[arg(short = 'v', long, requires = "grep")]
    invert_match: bool,
    /// With --grep: whatever the case
    #[arg(short, long, requires = "grep")]
    ignore_case: bool,
    /// Only this run of a restarted task (as in 7#2)
    #[arg(long, value_name = "RUN")]
    run: Option<u32>,
    /// The bytes as they are: on a terminal they may do anything
    #[arg(long)]
    raw: bool,
    /// Print where the log is
    #[arg(long)]
    path: bool,
}

/// A part of a log. *Units*: bytes.
struct Part {
    start: u64,
    end: Option<u64>,
}

impl Verb for Logs {
    const NAME: &'static str = "logs";
    const ALIASES: &'static [&'static str] = &["log"];

    fn run(mut self, _: &mut Caller) -> Answer {
        let home = Home::open()?;
        let search = self.search(&home)?;
        let chosen = choose::tasks_or_usual(&home, &self.ids)?;
        self.run = self.run.or(chosen.run);
        if self.follow && chosen.ids.len() > 1 {
            return Err(Failure::new(USAGE, "one task can be followed at a time").hint("aos logs -f ID"));
        }
        let mut has_printed = false;
        for &id in &chosen.ids {
            if TaskDir::open(&home, id)?.spec()?.adopted.is_some() {
                let why = "it was adopted, keeps its terminal, and is only tracked";
                Failure::new(NO, format!("there is no log of {id}: {why}")).tell(false);
                continue;
            }
            if self.path {
                self.print_path(&home, id)?;
                has_printed = true;
                continue;
            }
            if chosen.ids.len() > 1 && search.is_none() {
                writeln!(output::data(), "{HEADING}==> {id} <=={HEADING:#}")?;
            }
            let label = (chosen.ids.len() > 1).then(|| id.to_string());
            has_printed |= match &search {
                Some(search) => self.grep(&home, id, search, label.as_deref())?,
                None => self.print(&home, id).map(|()| true)?,
            };
        }
        looking::saw(&home, &chosen.ids);
        Ok(if has_printed { 0 } else { NO })
    }
}

impl Logs {
    /// The search, if one is asked for. `--grep PATTERN ID` and the older tool's `--grep ID PATTERN` both
    /// mean what they say, as long as only one of the two is a task.
    fn search(&mut self, home: &Home) -> Result<Option<Search>, Failure> {
        let Some(pattern) = self.grep.clone() else { return Ok(None) };
        let pattern = match &self.ids[..] {
            [other] if is_task(home, &pattern) && !is_task(home, other) => std::mem::replace(&mut self.ids[0], pattern),
            _ => pattern,
        };
        let case = if self.ignore_case { Case::Ignored } else { Case::Exact };
        let want = if self.invert_match { Want::Others } else { Want::Matching };
        Search::new(&pattern, case, want).map(Some).map_err(|e| {
            Failure::new(USAGE, format!("the pattern is no regular expression: {e}"))
                .hint("a \\ before ( [ { . * + ? | takes it as it is")
        })
    }

    fn print_path(&self, home: &Home, id: TaskId) -> Result<(), Failure> {
        let spec = TaskDir::open(home, id)?.spec()?;
        Ok(writeln!(output::data(), "{}", home.log_path(id, &spec.name).display())?)
    }

    fn print(&self, home: &Home, id: TaskId) -> Result<(), Failure> {
        let (file, part) = self.open(home, id)?;
        let start = match self.lines {
            Some(lines) => start_of_last(&file, lines, part.start)?,
            None => part.start,
        };
        let show = if self.raw { Show::Raw } else { Show::Safe };
        if self.follow && part.end.is_none() {
            return follow_as(home, id, start, show);
        }
        let mut printer = Printer::new(show);
        let mut reader = limited(file, &Part { start, end: part.end })?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(printer.finish()?),
                n => printer.print(&buffer[..n])?,
            }
        }
    }

    fn grep(&self, home: &Home, id: TaskId, search: &Search, label: Option<&str>) -> Result<bool, Failure> {
        let (file, part) = self.open(home, id)?;
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut has_found = false;
        let mut out = output::data();
        let mut print = |line: &[u8]| {
            has_found = true;
            if let Some(label) = label {
                write!(out, "{label}: ")?;
            }
            highlighted(&mut out, line, &search.places(line))
        };
        let reader = limited(file, &part)?;
        match self.lines {
            None => search.run(reader, print)?,
            Some(most) => {
                search.run(reader, |line| {
                    lines.push(line.to_vec());
                    if lines.len() as u64 > most {
                        lines.remove(0);
                    }
                    Ok(())
                })?;
                lines.iter().try_for_each(|line| print(line))?;
            }
        }
        Ok(has_found)
    }

    fn open(&self, home: &Home, id: TaskId) -> Result<(File, Part), Failure> {
        let task = TaskDir::open(home, id)?;
        let spec = task.spec()?;
        let path = home.log_path(id, &spec.name);
        let part = match self.run {
            None => Part { start: 0, end: None },
            Some(run) => part_of(&task, run)?,
        };
        let file = File::open(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Failure::new(NO, format!("{id} has no log: {} is not there", path.display()))
                .hint("it was removed by somebody else"),
            _ => Failure::new(NO, format!("cannot read {}: {e}", path.display())),
        })?;
        Ok((file, part))
    }
}

/// Where one run's output begins and ends; the journal knows.
fn part_of(task: &TaskDir, run: u32) -> Result<Part, Failure> {
    let starts: Vec<(u32, u64)> = journal::read(task)
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::Born { log_start, .. } => Some((entry.run, log_start)),
            _ => None,
        })
        .collect();
    let Some(&(_, start)) = starts.iter().find(|(other, _)| *other == run) else {
        let last = last_run(task);
        let what = if run > 0 && run <= last { format!("never began run {run}") } else { format!("has no run {run}") };
        return Err(Failure::new(NO_TASK, format!("{} {what}", task.id)).hint(format!("its runs are 1 to {last}")));
    };
    // A run that never began printed nothing.
    let end = starts.iter().filter(|(other, _)| *other > run).map(|(_, start)| *start).next();
    Ok(Part { start, end })
}

/// Whether a word points at a task: an id that is there, or a name that somebody has.
fn is_task(home: &Home, word: &str) -> bool {
    choose::tasks(home, &[word.to_owned()]).is_ok()
}

fn limited(mut file: File, part: &Part) -> Result<io::Take<File>, Failure> {
    file.seek(SeekFrom::Start(part.start))?;
    Ok(file.take(part.end.map_or(u64::MAX, |end| end.saturating_sub(part.start))))
}

/// Prints a line with the places that were looked for made to stand out.
fn highlighted(out: &mut impl Write, line: &[u8], places: &[(usize, usize)]) -> io::Result<()> {
    let mut from = 0;
    for &(start, end) in places {
        out.write_all(&line[from..start])?;
        write!(out, "{FOUND}")?;
        out.write_all(&line[start..end])?;
        write!(out, "{FOUND:#}")?;
        from = end;
    }
    out.write_all(&line[from..])?;
    if line.last() == Some(&b'\n') { Ok(()) } else { out.write_all(b"\n") }
}
