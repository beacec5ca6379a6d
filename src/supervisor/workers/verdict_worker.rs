//! The worker that reads what a run printed, once that is over: `aos __verdict DIR REQUEST`. It
//! puts down what was found, has the task's row made again, and ends. Nobody waits for it.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Child;

use serde::{Deserialize, Serialize};

use crate::diagnose::{Context, Diagnosis, diagnose};
use crate::events::outlet::Outlet;
use crate::store::findings::{self, FindingsWriter};
use crate::store::history;
use crate::store::journal_file::{self, Journal};
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{markers, solutions};
use crate::supervisor::workers::detached_worker::{request_of, send_with};
use crate::supervisor::workers::learning::JudgedRun;
use crate::supervisor::workers::unusual_worker;
use crate::supervisor::workers::worker::take_name;
use crate::sys::rlimit;
use crate::task::journal::{JournalEntry, JournalEvent};
use crate::task::run_findings::{FoundProblem, MOST_SEEN, ProblemSeverity, RunFindings, SeenFinding};
use crate::task::run_record::FoundLine;
use crate::task::spec::Spec;
use crate::task::usual;
use crate::task_log::diagnosis::{kept, problem};
use crate::task_log::log_range::{self, LogRange};
use crate::task_log::run_diagnosis::{ReadOutput, RunOutput};
use crate::task_log::{beside_output, rules};
use crate::units::wall_time::WallTime;

/// The worker's verb.
pub const VERDICT: &str = "__verdict";

/// No more findings of a run go to the journal.
const MOST_NOTED: usize = 20;
/// As much less of the processor as others want it.
const NICENESS: i32 = 10;

/// Which run is over, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRequest {
    /// Its number.
    pub run: u32,
    /// When it began.
    pub started: WallTime,
    /// Its exit code, where it says anything of its work.
    pub exit_code: Option<i32>,
    /// Where its output begins. *Units*: bytes, a logical position.
    pub log_start: u64,
    /// Where it ends.
    pub log_end: u64,
    /// Whether its output may tell of anything. Else the run is only compared with others.
    pub is_to_be_read: bool,
}

type VerdictError = Box<dyn std::error::Error>;

/// Has the worker begin.
pub fn begin(dir: &Path, request: &VerdictRequest) -> io::Result<Child> {
    send_with(VERDICT, dir, request)
}

/// Reads what a run printed; gives the exit code.
pub fn judge(words: &[OsString]) -> i32 {
    request_of(words).map_or(2, |(dir, request)| i32::from(judge_run(dir, request).is_err()))
}

fn judge_run(dir: &Path, request: VerdictRequest) -> Result<(), VerdictError> {
    take_name("verdict")?;
    // Whoever may not be nicer reads all the same.
    let _ = rlimit::set_niceness(NICENESS);
    let (home, task) = TaskDir::at(dir)?;
    let spec = task.spec()?;
    let mut events = Outlet::open(&home, &task, request.run, &spec);
    let written = read_and_write(&home, &task, &spec, request, &mut events);
    match written {
        Ok(true) => Ok(markers::mark_judged(&home, task.id, request.run)?),
        Ok(false) => Ok(()),
        // A task that is removed needs no verdict.
        Err(_) if task.is_removed() => Ok(()),
        Err(why) => {
            events.publish(JournalEvent::Problem { what: format!("its output was not looked into: {why}") });
            Err(why)
        }
    }
}

/// Says whether the row is to be made again.
fn read_and_write(
    home: &Home,
    task: &TaskDir,
    spec: &Spec,
    request: VerdictRequest,
    events: &mut Outlet,
) -> Result<bool, VerdictError> {
    let known = solutions::read(home).unwrap_or_default();
    let beside = BesideOutput::of(home, task, spec, request);
    if !request.is_to_be_read && !beside.has_unusual() {
        return Ok(false);
    }
    tell_unusual(&beside.unusual, &beside.told, (task, request.run), events);
    let mut read = found(home, task, spec, request, beside)?;
    let writer = FindingsWriter::of(task)?;
    // Whoever mutes something from now on waits for this writer, and counts anew.
    if solutions::read(home).unwrap_or_default().muted() != known.muted() {
        read = found(home, task, spec, request, BesideOutput::of(home, task, spec, request))?;
    }
    let (found, diagnosis) = &read;
    let printed = request.log_end.saturating_sub(request.log_start);
    // Of each run, also where the findings of a later one stand in the file already.
    history::append_found(home, &FoundLine::of(task.id, request.started, found, printed));
    // Before it is written over.
    let before = findings::newest(task).filter(|before| before.run < request.run);
    if !writer.write(found)? {
        return Ok(false);
    }
    note(task, request.run, diagnosis);
    let judged = JudgedRun { home, task, spec, run: request.run, before };
    let learned = match request.exit_code {
        Some(0) => judged.learn(),
        Some(_) | None => judged.remember(diagnosis),
    };
    if let Err(why) = learned {
        events.publish(JournalEvent::Problem { what: format!("nothing is remembered of its problems: {why}") });
    }
    Ok(true)
}

/// What no line of a run's output tells of, but for what is muted.
struct BesideOutput {
    /// What was told while it went on.
    told: Vec<FoundProblem>,
    /// What is out of the ordinary, now that it is over.
    unusual: Vec<FoundProblem>,
}

impl BesideOutput {
    fn of(home: &Home, task: &TaskDir, spec: &Spec, request: VerdictRequest) -> BesideOutput {
        let told = solutions::unmuted(home, beside_output::told(task, request.run));
        BesideOutput { told, unusual: unusual_worker::problems(home, spec, (request.run, request.started)) }
    }

    fn has_unusual(&self) -> bool {
        !self.unusual.is_empty() || self.told.iter().any(|problem| problem.tool == usual::TOOL)
    }

    /// Each once.
    fn all(self) -> Vec<FoundProblem> {
        let mut all = self.told;
        self.unusual.into_iter().for_each(|problem| beside_output::add(problem, &mut all));
        all
    }
}

/// What is found in the run, but for what is muted, and what its output tells.
fn found(
    home: &Home,
    task: &TaskDir,
    spec: &Spec,
    request: VerdictRequest,
    beside: BesideOutput,
) -> Result<(RunFindings, Diagnosis), VerdictError> {
    let read = read(home, spec, request)?;
    let mut found = kept(&RunFindings::new(request.run, request.log_start), &read.diagnosis, request.log_end, true);
    if read.unread > 0 {
        found.counts.unread = read.unread;
        add_unread(home, task, &request, read.unread_lines, &mut found);
    }
    beside_output::count(beside.all(), &mut found);
    Ok((found, read.diagnosis))
}

/// Tells what the end of the run shows to be out of the ordinary. What takes the place of something
/// that was told while it went on is put down, and is no news.
fn tell_unusual(unusual: &[FoundProblem], told: &[FoundProblem], run: (&TaskDir, u32), events: &mut Outlet) {
    for problem in unusual {
        let event = JournalEvent::Finding(problem.clone());
        match told.iter().any(|known| usual::replaces(problem, known)) {
            true => Journal::open(run.0, run.1).write(WallTime::now(), event),
            false => events.publish(event),
        }
    }
}

/// Adds the errors that were told while the run went on, and still stood, of lines that are not
/// read now. Where all went well, it says, what looked like an error is none.
fn add_unread(home: &Home, task: &TaskDir, request: &VerdictRequest, lines: u64, found: &mut RunFindings) {
    let Some(live) = findings::of(task, request.run).filter(|_| request.exit_code != Some(0)) else { return };
    let is_among =
        |seen: &[SeenFinding], problem: &FoundProblem| seen.iter().any(|seen| seen.fingerprint == problem.fingerprint);
    let told = |entry: JournalEntry| match entry.event {
        JournalEvent::Finding(problem) if entry.run == request.run && (1..=lines).contains(&problem.line) => {
            Some(problem)
        }
        _ => None,
    };
    let told: Vec<FoundProblem> = journal_file::read(task).into_iter().filter_map(told).collect();
    for problem in solutions::unmuted(home, told) {
        if is_among(&found.seen, &problem) || !is_among(&live.seen, &problem) {
            continue;
        }
        let (fingerprint, severity) = (problem.fingerprint.clone(), ProblemSeverity::Error);
        found.seen.push(SeenFinding { fingerprint, severity });
        found.counts.errors += 1;
        // What came first is to be fixed first.
        let is_first = |first: &FoundProblem| first.severity != severity || problem.line < first.line;
        if found.first.as_ref().is_none_or(is_first) {
            found.first = Some(problem);
        }
    }
    found.seen.truncate(MOST_SEEN);
}

fn read(home: &Home, spec: &Spec, request: VerdictRequest) -> Result<ReadOutput, VerdictError> {
    if spec.adopted.is_some() {
        // It has no log.
        let (rules, _) = rules::of_directory(Some(&home.path), spec.cwd.as_path());
        let diagnosis = diagnose(&rules, io::empty(), &Context { exit_code: request.exit_code, command: None })?;
        return Ok(ReadOutput { diagnosis, end: request.log_end, unread: 0, unread_lines: 0 });
    }
    let mut log = LogRange::of(home, spec.id, None)?;
    (log.start, log.end, log.run) = (request.log_start, Some(request.log_end), Some(request.run));
    let secrets = log_range::secrets(home, spec);
    let output = RunOutput { home, log: &log, exit_code: request.exit_code, patterns: &[], secrets: &secrets };
    Ok(output.diagnose(|_| {})?)
}

/// Notes the errors that nobody has noted while it ran. Not as news: hooks hear of a run's errors
/// as it ends.
fn note(task: &TaskDir, run: u32, diagnosis: &Diagnosis) {
    let said = diagnosis.findings.iter().filter(|finding| finding.rule != crate::diagnose::EXIT_ONLY);
    let mut news: Vec<_> = said.map(problem).filter(|problem| problem.severity == ProblemSeverity::Error).collect();
    if news.is_empty() {
        return;
    }
    let of_run = |entry: JournalEntry| match entry.event {
        JournalEvent::Finding(problem) if entry.run == run => Some(problem.fingerprint),
        _ => None,
    };
    let noted: Vec<String> = journal_file::read(task).into_iter().filter_map(of_run).collect();
    let room = MOST_NOTED.saturating_sub(noted.len());
    let mut known: HashSet<String> = noted.into_iter().collect();
    news.retain(|problem| known.insert(problem.fingerprint.clone()));
    let mut journal = Journal::open(task, run);
    for problem in news.into_iter().take(room) {
        journal.write(WallTime::now(), JournalEvent::Finding(problem));
    }
}
