//! The worker that reads a log as it grows: `aos __scan DIR REQUEST`. It says what is wrong, once a
//! problem is told to its end or all is quiet for a second, keeps the counts that lists show, and
//! goes when it has found nothing for a while. One that was begun for hooks, with patterns of
//! theirs, tells the lines of each problem as well, keeps no counts, and stays.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use memchr::memchr_iter;
use serde::{Deserialize, Serialize};

use crate::diagnose::Diagnosis;
use crate::diagnose::live::LiveLog;
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::store::segments::Segments;
use crate::logs::text::redact::Secrets;
use crate::store::findings::{self, FindingsWriter};
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{markers, snapshot, solutions};
use crate::supervisor::workers::detached_worker::request_of;
use crate::supervisor::workers::worker::{become_worker, say};
use crate::sys::fs_watch::Watch;
use crate::sys::rlimit;
use crate::task::id::TaskId;
use crate::task::run_findings::{FoundProblem, MOST_SEEN, ProblemSeverity, RunFindings, SeenFinding};
use crate::task_log::diagnosis::{hide, kept, leave_muted, problem, problem_in_full};
use crate::task_log::{log_range, rules};

/// The worker's verb.
pub const SCAN: &str = "__scan";

/// A block is over when so long nothing follows. The worker goes only after that.
pub const QUIET: Duration = Duration::from_secs(1);
/// It goes when so long nothing was found.
const PATIENCE: Duration = Duration::from_secs(10);
/// Looks at what was found are so far apart.
const APART: Duration = Duration::from_millis(200);
/// So much before what looked like a problem is read as well: what it begins with. *Units*: bytes.
const BEFORE: u64 = 64 << 10;
/// As much less of the processor as others want it.
const NICENESS: i32 = 5;

/// Where to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanRequest {
    /// Which run it is.
    pub run: u32,
    /// Where its output begins. *Units*: bytes, a logical position.
    pub start: u64,
    /// Where something looked like a problem.
    pub from: u64,
    /// Patterns of hooks: any line that matches one is a problem.
    pub patterns: Vec<String>,
}

type ScanError = Box<dyn std::error::Error>;

/// Is the worker; gives the exit code.
pub fn scan(words: &[OsString]) -> i32 {
    request_of(words).map_or(2, |(dir, request)| i32::from(scan_log(dir, &request).is_err()))
}

fn scan_log(dir: &Path, request: &ScanRequest) -> Result<(), ScanError> {
    become_worker("scan")?;
    // Whoever may not be nicer reads all the same.
    let _ = rlimit::set_niceness(NICENESS);
    let (home, task) = TaskDir::at(dir)?;
    let spec = task.spec()?;
    let (rules, _) = rules::of_directory(Some(&home.path), spec.cwd.as_path());
    let rules = rules.and_lines(&request.patterns);
    let path = home.log_path(task.id, &spec.name);
    let is_for_hooks = !request.patterns.is_empty();
    let writer = if is_for_hooks { None } else { Some(FindingsWriter::of(&task)?) };
    let known = writer.as_ref().and_then(|_| findings::of(&task, request.run));
    let known = known.unwrap_or_else(|| RunFindings::new(request.run, request.start));
    let (start, number) = beginning(&path, request, known.read_to)?;
    let log = GrowingLog(TailFollow::new(&path, start));
    let mut scan = Scan {
        home: &home,
        id: task.id,
        start,
        live: LiveLog::new(&rules, log, number).of_command(&spec.command.to_string()),
        told: known.seen.iter().map(|seen| seen.fingerprint.clone()).collect(),
        before: known.seen.clone(),
        known,
        writer,
        secrets: log_range::secrets(&home, &spec),
        looked: 0,
        cycles: 0,
    };
    let changes = Watch::new()?;
    scan.follow(&changes, &path)
}

/// Where it begins to read: at a line's beginning, and the number of that line in the run's output.
fn beginning(path: &Path, request: &ScanRequest, read_to: u64) -> io::Result<(u64, u64)> {
    // Not again what was read before, but for its end, where a block may go on.
    let from = request.from.saturating_sub(BEFORE).max(read_to.saturating_sub(BEFORE));
    if from <= request.start {
        return Ok((request.start, 1));
    }
    let log = Segments::open(path)?;
    // From the run's beginning, as findings name lines by their numbers in its output.
    let (mut lines, mut start, mut buffer) = (1, request.start, vec![0; 256 * 1024]);
    let (mut reader, mut at) = (log.reader(request.start).until(from), request.start);
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok((start, lines));
        }
        for end in memchr_iter(b'\n', &buffer[..length]) {
            (lines, start) = (lines + 1, at + end as u64 + 1);
        }
        at += length as u64;
    }
}

/// A log that says that there is nothing for now.
struct GrowingLog(TailFollow);

impl Read for GrowingLog {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            Some((_, bytes)) => Ok(bytes.len()),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

struct Scan<'a> {
    home: &'a Home,
    id: TaskId,
    /// Where it began to read.
    start: u64,
    live: LiveLog<'a, GrowingLog>,
    /// What the file says.
    known: RunFindings,
    /// What those who read before had found.
    before: Vec<SeenFinding>,
    /// What the supervisor knows, by its fingerprints.
    told: BTreeSet<String>,
    /// Who writes what is found; nobody where that is for hooks.
    writer: Option<FindingsWriter<'a>>,
    secrets: Secrets,
    looked: u64,
    cycles: u64,
}

impl Scan<'_> {
    fn follow(&mut self, changes: &Watch, path: &Path) -> Result<(), ScanError> {
        let now = Instant::now();
        let (mut came, mut found, mut is_settled) = (now, now, true);
        // The first look is at once.
        let mut looked = now.checked_sub(APART).unwrap_or(now);
        loop {
            // Before reading: what comes after that ends the wait below.
            let _ = changes.name(path);
            while self.live.read()? {
                (came, is_settled) = (Instant::now(), false);
                if self.live.changes() != self.looked && looked.elapsed() >= APART {
                    (found, looked) = (Instant::now(), Instant::now());
                    self.take_settled()?;
                }
            }
            // What came too soon after the last look, if nothing more came since.
            if self.live.changes() != self.looked && looked.elapsed() >= APART {
                (found, looked) = (Instant::now(), Instant::now());
                self.take_settled()?;
            }
            if !is_settled && came.elapsed() >= QUIET {
                is_settled = true;
                if self.take_all()? {
                    found = Instant::now();
                }
            }
            let is_for_hooks = self.writer.is_none();
            if is_settled && !is_for_hooks && found.elapsed() >= PATIENCE {
                return Ok(());
            }
            let until = if is_settled { found + PATIENCE } else { came + QUIET };
            let most = until.saturating_duration_since(Instant::now()).max(APART / 10);
            changes.wait(Some(most).filter(|_| !is_settled || !is_for_hooks))?;
        }
    }

    /// What is certain by now. What comes later may be part of it, so nothing is taken back.
    fn take_settled(&mut self) -> Result<(), ScanError> {
        self.looked = self.live.changes();
        let settled = self.live.settled();
        if self.clears() || !settled.findings.is_empty() {
            self.take(settled)?;
        }
        Ok(())
    }

    /// What it tells if nothing follows; says whether there is anything new.
    fn take_all(&mut self) -> Result<bool, ScanError> {
        self.looked = self.live.changes();
        let has_cleared = self.clears();
        let all = self.live.at_rest()?;
        let standing: BTreeSet<String> = all.findings.iter().map(|finding| problem(finding).fingerprint).collect();
        let is_new = self.take(all)?;
        if has_cleared {
            // What comes again after a cycle without it is news.
            self.told.retain(|told| standing.contains(told));
        }
        Ok(is_new)
    }

    /// Whether a watcher has begun anew: what was found before is of the past.
    fn clears(&mut self) -> bool {
        let has_begun = self.live.cycles() != self.cycles;
        if has_begun {
            self.cycles = self.live.cycles();
            self.before.clear();
        }
        has_begun
    }

    /// Has prompts count it, or no longer. They can do without.
    fn mark(&self, has_errors: bool) {
        // The marker stands for what is out of the ordinary, too, which this does not look for.
        let is_unusual = || {
            let task = TaskDir::open(self.home, self.id).ok();
            let state = task.and_then(|task| task.state().ok()?);
            state.is_some_and(|state| !snapshot::unusual(self.home, &state).is_empty())
        };
        if (self.known.counts.errors > 0) != has_errors && (has_errors || !is_unusual()) {
            let _ = markers::mark_errors(self.home, self.id, has_errors);
        }
    }

    fn take(&mut self, mut diagnosis: Diagnosis) -> Result<bool, ScanError> {
        // First: nothing is compared, kept or told with a secret in it.
        hide(&mut diagnosis, &self.secrets);
        // Its user may have said something meanwhile.
        let solutions = solutions::read(self.home).unwrap_or_default();
        leave_muted(&mut diagnosis, &solutions);
        self.before.retain(|seen| !solutions.is_muted(&seen.fingerprint));
        let read_to = self.start + self.live.length();
        let mut found = kept(&self.known, &diagnosis, read_to, false);
        let is_again = |seen: &&SeenFinding| !found.seen.iter().any(|other| other.fingerprint == seen.fingerprint);
        let earlier: Vec<SeenFinding> = self.before.iter().filter(is_again).cloned().collect();
        for seen in earlier {
            match seen.severity {
                ProblemSeverity::Error => found.counts.errors += 1,
                ProblemSeverity::Warning => found.counts.warnings += 1,
            }
            found.seen.push(seen);
        }
        found.seen.truncate(MOST_SEEN);
        if found.first.is_none() && !self.before.is_empty() {
            let is_told = |first: &FoundProblem| !solutions.is_muted(&first.fingerprint);
            found.first = self.known.first.clone().filter(is_told);
        }
        let mut is_new = false;
        if found != (RunFindings { read_to, ..self.known.clone() }) {
            if let Some(writer) = &self.writer {
                writer.write(&found)?;
                self.mark(found.counts.errors > 0);
            }
            self.known = found;
        }
        for finding in &diagnosis.findings {
            let mut problem = problem_in_full(finding);
            if let Some(details) = problem.details.as_mut().filter(|_| self.writer.is_some()) {
                // Only the patterns of hooks are searched in them.
                details.lines.clear();
            }
            if problem.severity == ProblemSeverity::Error && self.told.insert(problem.fingerprint.clone()) {
                is_new = true;
                say(&problem)?;
            }
        }
        Ok(is_new)
    }
}
