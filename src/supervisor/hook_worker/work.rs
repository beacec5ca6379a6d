//! The loop of the worker: events in, hooks out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::analysis::RunAnalysis;
use super::chain::{self, HookCall, RunningHook};
use super::facts::{EventDetails, TaskFacts};
use super::selection::{Choice, choose};
use super::tested_tree;
use crate::hooks::hook_log::{self, HookRecord};
use crate::hooks::rule::{Concurrency, HookRule};
use crate::hooks::sources::HookSources;
use crate::hooks::trust;
use crate::store::journal_file::Journal;
use crate::store::task_dir::TaskDir;
use crate::supervisor::workers::worker::take_name;
use crate::sys::process::{self, Collected, collect};
use crate::task::hook_event::{HookCause, HookEvent, HookMessage};
use crate::task::journal::JournalEvent;
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::wall_time::WallTime;

/// So many handlers of a task run at once.
const MOST_AT_ONCE: usize = 8;
/// More wait for them to end; what comes then is left out.
const MOST_WAITING: usize = 256;
/// A task's event runs no more handlers in a minute.
const MOST_IN_A_MINUTE: usize = 30;
const MINUTE_MS: i64 = 60_000;
/// A hook's task may have hooks, and their tasks: no more of that.
const DEEPEST: u32 = 3;

type WorkError = Box<dyn std::error::Error>;

/// Runs hooks for a task until nobody tells of it any more, and all is done; gives the exit code.
pub fn run_hooks(dir: &Path) -> i32 {
    i32::from(serve(dir).is_err())
}

fn serve(dir: &Path) -> Result<(), WorkError> {
    take_name("hooks")?;
    // Away from the task: what ends that does not end this.
    let _ = process::start_session();
    let (home, task) = TaskDir::at(dir)?;
    Dispatcher::new(TaskFacts::of(home, task)?).serve()
}

struct Dispatcher {
    facts: TaskFacts,
    waiting: VecDeque<HookCall>,
    settling: Vec<(Moment, HookCall)>,
    running: Vec<(HookCall, RunningHook)>,
    /// Errors that were told, by run and fingerprint.
    told: BTreeSet<(u32, String)>,
    /// When handlers were begun, by event.
    begun: BTreeMap<HookEvent, VecDeque<WallTime>>,
    /// Those that run once and have.
    once: BTreeSet<(HookEvent, String)>,
    analysis: Option<(u32, RunAnalysis)>,
}

impl Dispatcher {
    fn new(facts: TaskFacts) -> Dispatcher {
        let (mut begun, mut once) = (BTreeMap::<HookEvent, VecDeque<WallTime>>::new(), BTreeSet::new());
        for record in hook_log::read(&facts.home) {
            if record.task == facts.spec.id && record.skipped.is_none() {
                begun.entry(record.event).or_default().push_back(record.time);
                once.insert((record.event, record.command));
            }
        }
        Dispatcher {
            facts,
            waiting: VecDeque::new(),
            settling: Vec::new(),
            running: Vec::new(),
            told: BTreeSet::new(),
            begun,
            once,
            analysis: None,
        }
    }

    fn serve(&mut self) -> Result<(), WorkError> {
        let (mut line, mut is_open) = (Vec::new(), true);
        loop {
            self.begin_waiting();
            if !is_open && self.waiting.is_empty() && self.settling.is_empty() && self.running.is_empty() {
                return Ok(());
            }
            let heard = self.wait(is_open);
            if heard {
                let mut buffer = [0; 4096];
                let length = io::stdin().read(&mut buffer)?;
                is_open = length > 0;
                line.extend_from_slice(&buffer[..length]);
            }
            while let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                let message: Vec<u8> = line.drain(..=end).collect();
                if let Ok(message) = serde_json::from_slice(&message) {
                    self.hear(message);
                }
            }
            let now = Moment::now();
            while let Some(at) = self.settling.iter().position(|(due, _)| *due <= now) {
                let (_, call) = self.settling.remove(at);
                self.line_up(call);
            }
        }
    }

    /// Waits for whatever comes next; says whether it is an event.
    fn wait(&mut self, is_open: bool) -> bool {
        let stdin = io::stdin();
        let timeout = self.settling.iter().map(|(due, _)| *due).min().map_or(PollTimeout::NONE, |due| {
            PollTimeout::try_from(Moment::now().until(due).as_millis() + 1).unwrap_or(PollTimeout::MAX)
        });
        let mut polled: Vec<PollFd<'_>> =
            self.running.iter().map(|(_, hook)| PollFd::new(hook.over.as_fd(), PollFlags::POLLIN)).collect();
        if is_open {
            polled.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
        }
        let _ = poll(&mut polled, timeout);
        let is_ready: Vec<bool> = polled.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        drop(polled);
        let heard = is_open && is_ready.last().copied().unwrap_or(false);
        let mut at = 0;
        self.running.retain(|_| {
            at += 1;
            !is_ready[at - 1]
        });
        while !matches!(collect(), Collected::NoneEnded | Collected::NoneLeft) {}
        heard
    }

    fn hear(&mut self, HookMessage { run, at, what }: HookMessage) {
        let sources = HookSources::read(&self.facts.home, self.facts.cwd());
        self.tell_of(&sources, run);
        if matches!(what, HookCause::Launched) {
            tested_tree::note(&self.facts, &sources, run);
        }
        let mut fire = |event, details: EventDetails| self.fire(&sources, event, run, at, &details);
        match what {
            HookCause::Launched => fire(HookEvent::BackgroundTaskStart, EventDetails::default()),
            HookCause::Ready { how, url } => {
                let searched = Some(url.iter().cloned().chain([how]).collect());
                fire(HookEvent::BackgroundTaskReady, EventDetails { url, searched, ..EventDetails::default() });
            }
            HookCause::Changed { paths } => {
                let details =
                    EventDetails { searched: Some(paths.clone()), changed: Some(paths), ..EventDetails::default() };
                fire(HookEvent::FileChange, details);
            }
            HookCause::Waits => {
                let line = self.facts.last_line(run);
                let details = EventDetails { searched: Some(vec![line]), ..EventDetails::default() };
                self.fire(&sources, HookEvent::TaskWaitingInput, run, at, &details);
            }
            HookCause::Finding(problem) => {
                if self.told.insert((run, problem.fingerprint.clone())) {
                    let has_pattern = |rule: &HookRule| rule.event == HookEvent::LogError && rule.pattern.is_some();
                    let is_asked = sources.rules.iter().any(has_pattern);
                    let line = Some(problem.line).filter(|_| is_asked).and_then(|at| self.facts.log_line(run, at));
                    let searched = std::iter::once(problem.message.clone()).chain(line).collect();
                    let details = EventDetails {
                        line: Some(problem.line),
                        searched: Some(searched),
                        findings: vec![serde_json::to_value(&problem).unwrap_or_default()],
                        ..EventDetails::default()
                    };
                    self.fire(&sources, HookEvent::LogError, run, at, &details);
                }
            }
            HookCause::RunOver { exit_code } => self.run_over(&sources, run, at, exit_code),
            HookCause::Over => {
                // One whose supervisor was ended has an end that nobody told.
                if self.analysis.as_ref().is_none_or(|(of, _)| *of != run) {
                    self.run_over(&sources, run, at, None);
                }
                self.fire(&sources, HookEvent::BackgroundTaskComplete, run, at, &EventDetails::default());
            }
        }
    }

    /// Reads what a run has printed, if any hook wants to know, and fires what follows from it.
    fn run_over(&mut self, sources: &HookSources, run: u32, at: WallTime, exit_code: Option<i32>) {
        self.analysis = Some((run, RunAnalysis::default()));
        let is_wanted = |rule: &HookRule| match rule.event {
            HookEvent::BackgroundTaskComplete | HookEvent::LogError => true,
            HookEvent::TestResult | HookEvent::BuildStatus => true,
            HookEvent::BackgroundTaskStart | HookEvent::BackgroundTaskReady => false,
            HookEvent::FileChange | HookEvent::TaskWaitingInput => false,
        };
        if !sources.rules.iter().any(is_wanted) {
            return;
        }
        let errors = sources.rules.iter().filter(|rule| rule.event == HookEvent::LogError);
        let patterns: Vec<_> = errors.filter_map(|rule| rule.pattern.clone()).collect();
        // What never began has printed nothing.
        let analysis = RunAnalysis::of(&self.facts, run, exit_code, &patterns).unwrap_or_default();
        for error in &analysis.errors {
            if self.told.insert((run, error.fingerprint.clone())) {
                let details = EventDetails {
                    exit_code,
                    line: Some(error.line),
                    searched: Some(error.texts.clone()),
                    findings: vec![error.told.clone()],
                    ..EventDetails::default()
                };
                self.fire(sources, HookEvent::LogError, run, at, &details);
            }
        }
        let (is_test, is_build) = (analysis.is_test(), analysis.build.is_some());
        self.analysis = Some((run, analysis));
        for (event, is_it) in [(HookEvent::TestResult, is_test), (HookEvent::BuildStatus, is_build)] {
            if is_it {
                self.fire(sources, event, run, at, &EventDetails { exit_code, ..EventDetails::default() });
            }
        }
    }

    /// Has the hooks of an event run that are meant.
    fn fire(&mut self, sources: &HookSources, event: HookEvent, run: u32, at: WallTime, details: &EventDetails) {
        if !sources.rules.iter().any(|rule| rule.event == event) {
            return;
        }
        let analysis = self.analysis.as_ref().filter(|(of, _)| *of == run).map(|(_, analysis)| analysis);
        let payload = self.facts.payload(event, run, at, details, analysis);
        let chosen = choose(&sources.rules, event, &self.facts, details, analysis, &payload);
        let meant: Vec<&HookRule> =
            chosen.into_iter().filter(|(_, choice)| *choice == Choice::Runs).map(|(rule, _)| rule).collect();
        for rule in meant {
            let call = HookCall { rule: rule.clone(), event, run, payload: payload.clone() };
            self.settle(call);
        }
    }

    /// Waits first whether more of the same comes, where that is wanted.
    fn settle(&mut self, call: HookCall) {
        let Some(pause) = call.rule.handler.debounce else { return self.line_up(call) };
        let identity = call.rule.identity();
        self.settling.retain(|(_, other)| other.rule.identity() != identity);
        self.settling.push((Moment::now() + Duration::from_millis(pause.0), call));
    }

    fn line_up(&mut self, call: HookCall) {
        let identity = call.rule.identity();
        let handler = &call.rule.handler;
        if self.facts.depth() >= DEEPEST {
            let why = format!("hooks have begun tasks that begin hooks {DEEPEST} times over");
            return self.leave_out(&call, &why);
        }
        if handler.is_once && !self.once.insert((call.event, handler.typed())) {
            return;
        }
        let is_running = self.running.iter().any(|(other, _)| other.rule.identity() == identity);
        match handler.concurrency {
            Concurrency::Skip if is_running => return,
            Concurrency::Restart => {
                self.waiting.retain(|other| other.rule.identity() != identity);
                let same = self.running.iter().filter(|(other, _)| other.rule.identity() == identity);
                same.for_each(|(_, hook)| end(hook.pid));
            }
            Concurrency::Skip | Concurrency::Queue | Concurrency::Parallel => {}
        }
        if !self.has_room(&call) {
            return;
        }
        if self.waiting.len() >= MOST_WAITING {
            return self.leave_out(&call, "too many others wait");
        }
        self.waiting.push_back(call);
    }

    /// Whether an event may run one more; that it may not is told once a minute.
    fn has_room(&mut self, call: &HookCall) -> bool {
        let now = WallTime::now();
        let begun = self.begun.entry(call.event).or_default();
        begun.retain(|at| now.0.saturating_sub(at.0) < MINUTE_MS);
        if begun.len() > MOST_IN_A_MINUTE {
            return false;
        }
        begun.push_back(now);
        if begun.len() > MOST_IN_A_MINUTE {
            let why = format!("{} has run {MOST_IN_A_MINUTE} within a minute", call.event);
            self.leave_out(call, &why);
            return false;
        }
        true
    }

    fn begin_waiting(&mut self) {
        let mut at = 0;
        while at < self.waiting.len() {
            let busy = self.running.iter().filter(|(call, _)| !call.rule.handler.is_async).count();
            let handler = &self.waiting[at].rule.handler;
            let identity = self.waiting[at].rule.identity();
            let waits_for_same = matches!(handler.concurrency, Concurrency::Queue | Concurrency::Restart);
            let is_running = self.running.iter().any(|(other, _)| other.rule.identity() == identity);
            if busy >= MOST_AT_ONCE && !handler.is_async || waits_for_same && is_running {
                at += 1;
                continue;
            }
            let Some(call) = self.waiting.remove(at) else { return };
            match chain::begin(&self.facts, &call) {
                Ok(hook) => self.running.push((call, hook)),
                Err(e) => self.leave_out(&call, &format!("no process can be made for it: {e}")),
            }
        }
    }

    fn leave_out(&self, call: &HookCall, why: &str) {
        let HookRule { source, at, handler, .. } = &call.rule;
        let record = HookRecord {
            version: 1,
            time: WallTime::now(),
            event: call.event,
            task: self.facts.spec.id,
            run: call.run,
            source: format!("{}:{}:{}", source.display(), at.line, at.column),
            command: self.facts.secrets.hide_in(&handler.typed()).into(),
            exit_code: None,
            signal: None,
            timed_out: false,
            skipped: Some(why.to_owned()),
            duration_ms: 0,
            output: String::new(),
            message: None,
            context: None,
        };
        chain::put_down(&self.facts, &record);
    }

    /// Tells once of what is wrong in the files, and of hooks that are not trusted.
    fn tell_of(&self, sources: &HookSources, run: u32) {
        let home = &self.facts.home;
        let untold = |path: &Path, content: &[u8]| trust::is_news(home, path, content).unwrap_or(false);
        let say = |what: String| {
            chain::tell(&self.facts, &what);
            Journal::open(&self.facts.task, run).write(WallTime::now(), JournalEvent::Problem { what });
        };
        for problem in &sources.problems {
            // Told by its words: another mistake is told again.
            let told = problem.to_string();
            if untold(&home.path, told.as_bytes()) {
                say(format!("hooks: {told}"));
            }
        }
        if let Some(project) = &sources.project
            && sources.rules.iter().any(|rule| !rule.is_trusted)
            && untold(&project.path, &project.content)
        {
            say(format!("hooks of {} are not allowed to run: aos hooks allow", project.path.display()));
        }
    }
}

fn end(pid: i32) {
    // It is a child that was not collected yet, so the number is still its own.
    if let Ok(found) = crate::sys::proc::stat(pid)
        && let Ok(handle) = crate::sys::pidfd::Pidfd::of(pid, found.start)
    {
        let _ = handle.send(Signal::TERM);
    }
}
