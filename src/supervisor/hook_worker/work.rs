//! The loop of the worker: events in, hooks out.

use std::cell::LazyCell;
use std::io;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;

use super::analysis;
use super::chain::{self, HookCall};
use super::error_scan::ErrorScan;
use super::facts::{EventDetails, TaskFacts};
use super::file_watch::{self, FileWatch};
use super::hook_queue::HookQueue;
use super::run_analysis::RunAnalysis;
use super::selection::{Choice, choose};
use super::tested_tree;
use super::told_errors::ToldErrors;
use crate::diagnose::finding_json;
use crate::hooks::sources::{HookSources, SourceStamp};
use crate::hooks::{notice_rule, trust};
use crate::store::journal_file::Journal;
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::take_name;
use crate::sys::process::{self, Collected, collect};
use crate::task::hook_event::{HookCause, HookEvent, HookMessage};
use crate::task::journal::JournalEvent;
use crate::task::run_findings::FoundProblem;
use crate::units::moment::Moment;
use crate::units::wall_time::WallTime;

type WorkError = Box<dyn std::error::Error>;

/// Runs hooks for a task until nobody tells of it any more, and all is done; gives the exit code.
pub fn run_hooks(dir: &std::path::Path) -> i32 {
    i32::from(serve(dir).is_err())
}

fn serve(dir: &std::path::Path) -> Result<(), WorkError> {
    take_name("hooks")?;
    // Away from the task: what ends that does not end this, and no directory is held.
    let _ = process::start_session();
    let _ = std::env::set_current_dir("/");
    let (home, task) = TaskDir::at(dir)?;
    Dispatcher::new(TaskFacts::of(home, task)?).serve()
}

struct Dispatcher {
    facts: TaskFacts,
    sources: HookSources,
    /// How the files were when they were read.
    read: Option<SourceStamp>,
    queue: HookQueue,
    scan: Option<ErrorScan>,
    files: Option<FileWatch>,
    told: ToldErrors,
    analysis: Option<(u32, RunAnalysis)>,
}

/// What was heard.
struct HookNews {
    is_event: bool,
    has_scanned: bool,
    has_watched: bool,
}

impl Dispatcher {
    fn new(facts: TaskFacts) -> Dispatcher {
        let queue = HookQueue::of(&facts);
        Dispatcher {
            facts,
            sources: HookSources::default(),
            read: None,
            queue,
            scan: None,
            files: None,
            told: ToldErrors::default(),
            analysis: None,
        }
    }

    fn serve(&mut self) -> Result<(), WorkError> {
        let (mut line, mut is_open) = (Vec::new(), true);
        loop {
            self.queue.begin(&self.facts);
            if let Some(files) = &mut self.files {
                files.begin_if_due(&self.facts);
            }
            if !is_open && self.queue.is_empty() {
                return Ok(());
            }
            let HookNews { is_event, has_scanned, has_watched } = self.wait(is_open);
            if has_watched {
                self.hear_files();
            }
            if has_scanned {
                self.receive_findings();
            }
            if is_event {
                let mut buffer = [0; 4096];
                // Not through std's buffer: no poll tells of what that has kept.
                let length = read(io::stdin(), &mut buffer)?;
                is_open = length > 0;
                line.extend_from_slice(&buffer[..length]);
            }
            while let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                let message: Vec<u8> = line.drain(..=end).collect();
                if let Ok(message) = serde_json::from_slice(&message) {
                    self.hear(message);
                }
            }
            self.queue.settle(&self.facts);
        }
    }

    /// Waits for whatever comes next.
    fn wait(&mut self, is_open: bool) -> HookNews {
        let stdin = io::stdin();
        let due = self.queue.next_due().into_iter().chain(self.files.as_ref().and_then(FileWatch::due)).min();
        let timeout = due.map_or(PollTimeout::NONE, |due| {
            PollTimeout::try_from(Moment::now().until(due).as_millis() + 1).unwrap_or(PollTimeout::MAX)
        });
        let mut polled: Vec<PollFd<'_>> = self.queue.descriptors().collect();
        let running = polled.len();
        let scan = self.scan.as_ref().and_then(ErrorScan::descriptor);
        polled.extend(scan.map(|scan| PollFd::new(scan, PollFlags::POLLIN)));
        let watching = polled.len();
        let files = self.files.as_ref().and_then(FileWatch::descriptor);
        polled.extend(files.map(|files| PollFd::new(files, PollFlags::POLLIN)));
        let events = polled.len();
        if is_open {
            polled.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
        }
        let _ = poll(&mut polled, timeout);
        let is_ready: Vec<bool> = polled.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        drop(polled);
        self.queue.clear(is_ready[..running].iter().copied());
        // Hooks and workers alike: that they are over is told by their pipes.
        while !matches!(collect(), Collected::NoneEnded | Collected::NoneLeft) {}
        let has = |range: std::ops::Range<usize>| is_ready[range].contains(&true);
        HookNews {
            is_event: has(events..is_ready.len()),
            has_scanned: has(running..watching),
            has_watched: has(watching..events),
        }
    }

    fn hear(&mut self, HookMessage { run, at, what }: HookMessage) {
        self.read_sources(run);
        match &what {
            // What waits for its next run is watched on, so that no change is missed.
            HookCause::RunOver { .. } => {}
            HookCause::Over => self.files = None,
            _ => self.watch_files(run, at),
        }
        match what {
            HookCause::Launched => {
                tested_tree::note(&self.facts, &self.sources, run);
                self.look_for_patterns(run);
                self.fire(HookEvent::BackgroundTaskStart, run, at, &EventDetails::default());
            }
            HookCause::Ready { how, url } => {
                let searched = Some(url.iter().cloned().chain([how]).collect());
                let details = EventDetails { url, searched, ..EventDetails::default() };
                self.fire(HookEvent::BackgroundTaskReady, run, at, &details);
            }
            HookCause::Changed { paths } => self.tell_change(run, at, paths),
            HookCause::Waits => {
                let line = self.facts.last_line(run);
                let details = EventDetails { searched: Some(vec![line]), ..EventDetails::default() };
                self.fire(HookEvent::TaskWaitingInput, run, at, &details);
            }
            HookCause::Finding(problem) => {
                self.look_for_patterns(run);
                // Whoever looks for patterns finds the rest as well, and knows more of it; but not
                // what no line tells.
                if problem.line == 0 || !self.scan.as_ref().is_some_and(ErrorScan::is_at_work) {
                    self.tell_error(run, at, &problem);
                }
            }
            HookCause::RunOver { exit_code, is_telling } => {
                self.scan = None;
                self.run_over(run, at, exit_code, is_telling);
            }
            HookCause::Over => {
                self.scan = None;
                // One whose supervisor was ended has an end that nobody told.
                if self.analysis.as_ref().is_none_or(|(of, _)| *of != run) {
                    self.run_over(run, at, None, true);
                }
                self.fire(HookEvent::BackgroundTaskComplete, run, at, &EventDetails::default());
            }
        }
    }

    /// Reads the files again if they may have changed.
    fn read_sources(&mut self, run: u32) {
        let stamp = SourceStamp::of(&self.facts.home, self.facts.cwd());
        if self.read.as_ref().is_some_and(|read| read.is_still(&stamp)) {
            return;
        }
        self.sources = HookSources::read(&self.facts.home, self.facts.cwd());
        self.read = Some(stamp);
        self.tell_of_sources(run);
        self.sources.rules.extend(notice_rule::of(&self.facts.spec));
    }

    /// Has somebody look for what patterns of hooks know, while the run goes on.
    fn look_for_patterns(&mut self, run: u32) {
        let patterns = self.sources.patterns();
        if self.scan.as_ref().is_some_and(|scan| scan.is_for(run, &patterns)) {
            return;
        }
        self.scan = (!patterns.is_empty()).then(|| ErrorScan::begin(&self.facts, run, patterns));
    }

    fn receive_findings(&mut self) {
        let Some(scan) = &mut self.scan else { return };
        let (run, problems) = (scan.run, scan.listen());
        if !problems.is_empty() {
            self.read_sources(run);
        }
        for problem in problems {
            self.tell_error(run, WallTime::now(), &problem);
        }
    }

    /// Has somebody look for files that change, if a hook wants to know and the task does not watch
    /// them.
    fn watch_files(&mut self, run: u32, at: WallTime) {
        let Some(directory) = file_watch::wanted(&self.facts, &self.sources) else {
            self.files = None;
            return;
        };
        if !self.files.as_mut().is_some_and(|files| files.goes_on(run, &directory)) {
            self.files = Some(FileWatch::soon(run, directory, at));
        }
    }

    fn hear_files(&mut self) {
        let Some(files) = &mut self.files else { return };
        let (run, news) = (files.run, files.listen());
        if !news.changed.is_empty() {
            self.read_sources(run);
        }
        for paths in news.changed {
            self.tell_change(run, WallTime::now(), paths);
        }
        if let Some(why) = news.blind {
            let what = format!("no hook hears of files that change: {why}");
            Journal::open(&self.facts.task, run).write(WallTime::now(), JournalEvent::Problem { what });
        }
    }

    fn tell_change(&mut self, run: u32, at: WallTime, paths: Vec<String>) {
        let details = EventDetails { searched: Some(paths.clone()), changed: Some(paths), ..EventDetails::default() };
        self.fire(HookEvent::FileChange, run, at, &details);
    }

    fn tell_error(&mut self, run: u32, at: WallTime, problem: &FoundProblem) {
        if self.told.is_new(run, problem) {
            let details =
                EventDetails { findings: vec![finding_json::of_problem(problem)], ..EventDetails::of_error(problem) };
            self.fire(HookEvent::LogError, run, at, &details);
        }
    }

    /// Reads what a run has printed, if any hook wants to know, and fires what follows from it.
    fn run_over(&mut self, run: u32, at: WallTime, exit_code: Option<i32>, is_telling: bool) {
        // Before all else: by this the task's end knows that its last run's was told.
        self.analysis = Some((run, RunAnalysis::default()));
        if !self.sources.rules.iter().any(|rule| rule.event.is_of_end() && !rule.handler.runs_aos) {
            return;
        }
        let telling = exit_code.filter(|_| is_telling);
        // What never began has printed nothing.
        let analysis = analysis::of(&self.facts, run, telling, &self.sources.patterns()).unwrap_or_default();
        for error in &analysis.errors {
            if self.told.is_new(run, &error.problem) {
                let findings = vec![error.told.clone()];
                let details = EventDetails { exit_code, findings, ..EventDetails::of_error(&error.problem) };
                self.fire(HookEvent::LogError, run, at, &details);
            }
        }
        let (is_test, is_build) = (analysis.is_test(), analysis.build.is_some());
        self.analysis = Some((run, analysis));
        for (event, is_it) in [(HookEvent::TestResult, is_test), (HookEvent::BuildStatus, is_build)] {
            if is_it {
                self.fire(event, run, at, &EventDetails { exit_code, ..EventDetails::default() });
            }
        }
    }

    /// Has the hooks of an event run that are meant.
    fn fire(&mut self, event: HookEvent, run: u32, at: WallTime, details: &EventDetails) {
        let rules: Vec<_> = self.sources.rules.iter().filter(|rule| rule.event == event).collect();
        let Some(first) = rules.first() else { return };
        let may_wait = rules.iter().any(|rule| rule.handler.debounce.is_some() || rule.handler.runs_aos);
        // The payload, for which files are read, is not made where nothing may run.
        if !may_wait && self.queue.is_full(event) {
            return self.queue.tell_full(&self.facts, first, run);
        }
        let analysis = self.analysis.as_ref().filter(|(of, _)| *of == run).map(|(_, analysis)| analysis);
        let payload = LazyCell::new(|| self.facts.payload(event, run, at, details, analysis));
        let chosen = choose(&self.sources.rules, event, &self.facts, details, analysis, &|| &payload);
        for (rule, _) in chosen.into_iter().filter(|(_, choice)| *choice == Choice::Runs) {
            let call = HookCall { rule: rule.clone(), event, run, payload: payload.clone() };
            self.queue.take(&self.facts, call);
        }
    }

    /// Tells once of what is wrong in the files, and of hooks that are not trusted.
    fn tell_of_sources(&self, run: u32) {
        let home = &self.facts.home;
        let is_news = |path, content: &[u8]| trust::is_news(home, path, content).unwrap_or(false);
        let say = |what: String| {
            chain::tell(&self.facts, &what);
            Journal::open(&self.facts.task, run).write(WallTime::now(), JournalEvent::Problem { what });
        };
        for problem in &self.sources.problems {
            // Told by its words: another mistake is told again.
            let told = problem.to_string();
            if is_news(&home.path, told.as_bytes()) {
                say(format!("hooks: {told}"));
            }
        }
        if let Some(project) = &self.sources.project
            && self.sources.rules.iter().any(|rule| !rule.is_trusted)
            && is_news(&project.path, &project.content)
        {
            say(format!("hooks of {} are not allowed to run: aos hooks allow", project.path.display()));
        }
    }
}
