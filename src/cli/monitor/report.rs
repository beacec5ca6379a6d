//! The same without a terminal: how tasks stand as plain lines, or JSON, as they change, until all
//! are over; with what they print, if that is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, StdoutLock, Write};
use std::os::fd::AsFd;

use memchr::memchr;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;

use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{living, output, own_task, remarks};
use crate::ansi::{self, Colours};
use crate::client::task_watch::{TaskWatch, WatchedTask};
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::text::masked::Masked;
use crate::logs::text::redact::Secrets;
use crate::processes::usage::TaskUsage;
use crate::sys::fs_watch::{BLIND, Watch};
use crate::task::id::TaskId;
use crate::task::summary::Summary;
use crate::task::survivor::Survivor;
use crate::task_log::feedback;
use crate::task_log::log_range::secrets;
use crate::tui::task_row;
use crate::units::wall_time::WallTime;

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// How tasks stand.
    States,
    /// How tasks stand, and what they print.
    Lines,
    /// How tasks stand, as JSON.
    Json,
}

/// One line of JSON: a row of `aos tasks --json`, and what the task uses just then.
#[derive(Serialize)]
struct MonitorRow {
    #[serde(flatten)]
    summary: Summary<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<u64>,
    processes: Vec<Survivor>,
}

/// A task's log, and its line that has not ended yet.
struct TaskLogStream {
    log: TailFollow,
    line: Vec<u8>,
    secrets: Secrets,
}

struct ReportPrinter {
    watching: TaskWatch,
    form: ReportFormat,
    streams: BTreeMap<TaskId, TaskLogStream>,
    /// Tasks whose logs would come back.
    left_out: BTreeSet<TaskId>,
    /// How each stood when that was last said.
    told: BTreeMap<TaskId, String>,
    changes: Watch,
    colours: Colours,
    out: StdoutLock<'static>,
    buffer: Vec<u8>,
}

/// A line that is longer is printed in pieces. *Units*: bytes.
const LONGEST: usize = 1 << 20;
const BUFFER: usize = 64 * 1024;

/// Prints until every task is over, or nobody reads on.
pub fn print(watching: TaskWatch, form: ReportFormat) -> VerbResult {
    let mut printer = ReportPrinter {
        watching,
        form,
        streams: BTreeMap::new(),
        left_out: BTreeSet::new(),
        told: BTreeMap::new(),
        changes: Watch::new()?,
        colours: output::colours(),
        out: io::stdout().lock(),
        buffer: vec![0; BUFFER],
    };
    printer.run()?;
    Ok(0)
}

impl ReportPrinter {
    fn run(&mut self) -> Result<(), Failure> {
        let mut changed: Vec<TaskId> = self.watching.tasks.iter().map(|watched| watched.task.id).collect();
        loop {
            self.print_logs()?;
            for id in changed {
                self.print_change(id)?;
            }
            // What has begun just now has said something already.
            self.print_logs()?;
            if self.watching.is_over() {
                return Ok(());
            }
            if !self.wait()? {
                return Ok(());
            }
            changed = self.watching.look()?;
        }
    }

    /// Waits until there is something to look at; says whether somebody still reads.
    fn wait(&self) -> io::Result<bool> {
        let out = io::stdout();
        let mut fds = vec![PollFd::new(out.as_fd(), PollFlags::empty())];
        let changes = self.changes.descriptor();
        fds.extend(self.watching.descriptors().chain(changes).map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        let blind = changes.is_none().then_some(BLIND);
        let most = self.watching.patience().or(blind);
        let timeout = most.and_then(|most| PollTimeout::try_from(most).ok()).unwrap_or(PollTimeout::NONE);
        match poll(&mut fds, timeout) {
            Err(Errno::EINTR) | Ok(_) => {}
            Err(e) => return Err(e.into()),
        }
        Ok(!fds[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR)))
    }

    /// How a task stands; before that its log is watched, after its end printed to the last byte.
    fn print_change(&mut self, id: TaskId) -> Result<(), Failure> {
        let Some(watched) = self.watching.task(id) else { return Ok(()) };
        if self.form == ReportFormat::Json {
            return print_json(&self.watching, watched);
        }
        let (is_living, name) = (watched.is_living(), ansi::printable(&watched.reading.spec.name.to_string()));
        let home = &self.watching.home;
        let found = watched.reading.summary(home).found().map_or_else(String::new, |found| format!(", {found}"));
        let line = format!("{id} {name} {} run {}{found}", task_row::standing(home, watched), watched.run);
        self.open_log(id);
        if !is_living {
            self.print_log(id)?;
            self.end_line(id)?;
        }
        // What changed may be nothing that is said here.
        if self.told.get(&id) != Some(&line) {
            writeln!(self.out, "{line}")?;
            self.told.insert(id, line);
        }
        Ok(self.out.flush()?)
    }

    fn open_log(&mut self, id: TaskId) {
        let Some(watched) = self.watching.task(id) else { return };
        let spec = &watched.reading.spec;
        if self.form != ReportFormat::Lines
            || spec.adopted.is_some()
            || self.streams.contains_key(&id)
            || self.left_out.contains(&id)
        {
            return;
        }
        let home = &self.watching.home;
        let mut log = TailFollow::new(&home.log_path(id, &spec.name), watched.log_start().unwrap_or(0));
        // Opens it: whoever is about to follow us sees that, and we see who does already.
        let _ = log.pending();
        if feedback::fed_back(home).contains(&id) {
            self.left_out.insert(id);
            // Whoever closed our standard error cannot be told anything.
            let _ =
                writeln!(crate::actions::output::talk(), "aos: the log of {id} is left out: {}", own_task::COMES_BACK);
        } else {
            self.streams.insert(id, TaskLogStream { log, line: Vec::new(), secrets: secrets(home, spec) });
        }
    }

    fn print_logs(&mut self) -> io::Result<()> {
        self.changes.has_changed();
        let ids: Vec<TaskId> = self.streams.keys().copied().collect();
        ids.into_iter().try_for_each(|id| self.print_log(id))
    }

    fn print_log(&mut self, id: TaskId) -> io::Result<()> {
        let label = self.label(id);
        let Some(TaskLogStream { log, line, secrets }) = self.streams.get_mut(&id) else { return Ok(()) };
        let _ = self.changes.name(log.path());
        loop {
            let bytes = match log.read(&mut self.buffer) {
                Ok(Some((_, bytes))) => bytes,
                Ok(None) => break,
                Err(e) => {
                    self.streams.remove(&id);
                    Failure::new(NO, format!("the log of {id} cannot be read: {e}")).tell(false);
                    break;
                }
            };
            let mut rest = bytes;
            while let Some(end) = memchr(b'\n', rest) {
                line.extend_from_slice(&rest[..end]);
                writeln!(self.out, "{label}{}", shown(line, secrets, self.colours))?;
                line.clear();
                rest = &rest[end + 1..];
            }
            line.extend_from_slice(rest);
            if line.len() > LONGEST {
                writeln!(self.out, "{label}{}", shown(line, secrets, self.colours))?;
                line.clear();
            }
        }
        self.out.flush()
    }

    /// Prints the line that had not ended.
    fn end_line(&mut self, id: TaskId) -> io::Result<()> {
        let label = self.label(id);
        let Some(TaskLogStream { line, secrets, .. }) = self.streams.get_mut(&id) else { return Ok(()) };
        let line = std::mem::take(line);
        if line.is_empty() { Ok(()) } else { writeln!(self.out, "{label}{}", shown(&line, secrets, self.colours)) }
    }

    /// What stands before a task's lines, where there are several tasks.
    fn label(&self, id: TaskId) -> String {
        let tasks = &self.watching.tasks;
        let name_of = |watched: &WatchedTask| watched.reading.spec.name.to_string();
        let Some(name) = self.watching.task(id).map(name_of).filter(|_| tasks.len() > 1) else { return String::new() };
        let is_only = tasks.iter().filter(|other| name_of(other) == name).count() < 2;
        format!("{} │ ", if is_only { ansi::printable(&name) } else { id.to_string() })
    }
}

fn shown(line: &[u8], secrets: &Secrets, colours: Colours) -> Masked {
    let text = secrets.hide_in(&ansi::line(line, colours));
    // What a line leaves on is off before the next one's name.
    text.with_colours_ended()
}

fn print_json(watching: &TaskWatch, watched: &WatchedTask) -> Result<(), Failure> {
    let load = TaskUsage::of(&watched.reading);
    let memory = load.as_ref().map(|load| load.memory);
    let mut summary = watched.reading.summary(&watching.home);
    summary.run = watched.run;
    summary.cpu_ms = summary.cpu_ms.or(load.as_ref().map(|load| load.cpu_ms));
    let now = WallTime::now();
    living::add(&watching.home, &watched.reading, &mut summary, now);
    remarks::add(&watching.home, &mut [&mut summary], now);
    let TaskUsage { processes, ports, .. } = load.unwrap_or_default();
    summary.ports = ports;
    Ok(output::json(&MonitorRow { summary, memory, processes })?)
}
