//! Doing what the machine decided: signals, files, answers.

use crate::handshake::send_report;
use crate::logs::store::writer::{LogWriter, Trouble};
use crate::store::layout::MarkerState;
use crate::store::task_dir::STATUS;
use crate::store::{requests, shells, solutions, start_trees};
use crate::supervisor::attach::serve;
use crate::supervisor::processes::survivors;
use crate::supervisor::processes::survivors::survivors;
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::rerun::handover;
use crate::supervisor::run::event::{Effect, RunEvent};
use crate::supervisor::run::output_source::{OutputStream, ReadResult};
use crate::supervisor::run::record::{self, EndRecorder};
use crate::supervisor::run::{health, limits, live_scan, ready, unusual};
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::compress_worker;
use crate::supervisor::workers::tree_worker::{self, TreeRequest};
use crate::sys::proc::{self, OomKills};
use crate::sys::{faults, process};
use crate::task::end::{Cause, End, Outcome, Usage};
use crate::task::journal::JournalEvent as Note;
use crate::task::phase::Phase;
use crate::task::request::{AnswerTo, RequestAnswer};
use crate::units::moment::Moment;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::uptime::Uptime;
use crate::units::wall_time::WallTime;
use crate::wire::{Reply, Report};

/// So many batches of last output are taken in from somebody who never stops writing.
const LAST_BATCHES: usize = 1000;

impl Supervisor {
    /// Has an event taken in, and what follows from it done.
    pub fn happen(&mut self, event: RunEvent) {
        for effect in self.machine.step(event, Moment::now()) {
            self.perform(effect);
        }
    }

    /// Takes in what output there is, up to a batch from each source; says whether there is more.
    pub fn take_output(&mut self) -> bool {
        let mut is_more = false;
        // From the last, as one that hangs up is taken out on the way.
        for at in (0..self.outputs.len()).rev() {
            let mut filled = 0;
            let found = self.outputs[at].fill(&mut self.buffer, &mut filled);
            if filled > 0 {
                self.take_in(self.outputs[at].stream, filled);
            }
            if found == ReadResult::HangUp {
                self.outputs.remove(at);
            }
            is_more |= found == ReadResult::More;
        }
        if self.outputs.is_empty() {
            self.happen(RunEvent::HungUp);
        }
        is_more
    }

    /// Has what was read kept, followed and passed on.
    fn take_in(&mut self, stream: OutputStream, filled: usize) {
        let now = Moment::now();
        self.machine.note_output(now);
        let log_before = self.log_length();
        // First: a client that falls behind with this is told to read on in the log.
        let troubles = self.log.as_mut().map_or_else(Vec::new, |log| log.write(&self.buffer[..filled]));
        if self.control.has_attached() {
            self.tell_line_feed(log_before);
        }
        if stream == OutputStream::Terminal {
            let mut alternate = std::mem::take(&mut self.alternate);
            let (size, line_feed) = (|| serve::size_now(self), || serve::line_feed_now(self));
            alternate.watch(&self.buffer[..filled], log_before, size, line_feed);
            self.alternate = alternate;
            self.prompting.note_output(&self.buffer[..filled], now);
        }
        self.control.broadcast(stream, &self.buffer[..filled], log_before);
        live_scan::scan(self, filled, log_before, now);
        self.note_troubles(troubles);
    }

    /// Tells those at the terminal what a line feed means from here on, if that is new.
    fn tell_line_feed(&mut self, log_end: u64) {
        let line_feed = serve::line_feed_now(self);
        if self.line_feed != line_feed {
            self.line_feed = line_feed;
            self.control.tell_attached(&Reply::LineFeed(line_feed), log_end);
        }
    }

    /// Does one thing.
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::SignalAll(signal) => self.signal_all(signal),
            Effect::SignalGroup(signal) => self.signal_group(signal),
            Effect::HangUpShells => survivors::hang_up_shells(self),
            Effect::Enter(phase) => self.enter(phase),
            Effect::Note(Note::Finding(problem)) if solutions::is_muted(&self.task.home, &problem.fingerprint) => {}
            Effect::Note(note) => self.note(note),
            Effect::ReportLaunched => self.report_launched(),
            Effect::Suspend => self.control.suspend(self.log_length()),
            Effect::NameOutliving => survivors::record_outliving(self),
            Effect::NameUnstoppable => survivors::record_unstoppable(self),
            Effect::Answer { to, refused } => {
                let now = Moment::now();
                let mut answer = RequestAnswer::new(refused, self.machine.ends_within(now).map(Span::from));
                answer.killed_after = self.machine.killed_after(now).map(Span::from);
                match to {
                    AnswerTo::File(name) => requests::answer(&self.task.dir, &name, &answer),
                    AnswerTo::Client(at) => self.control.client(at).tell(&Reply::Answer(answer)),
                }
            }
            Effect::Finish { outcome, cause } => self.finish(outcome, cause),
        }
    }

    /// Puts down in the journal what the log ran into.
    fn note_troubles(&mut self, troubles: Vec<Trouble>) {
        for trouble in troubles {
            match trouble {
                Trouble::Losing(why) => self.note(Note::OutputLost { bytes: 0, why }),
                Trouble::Recovered { lost } => {
                    self.note(Note::OutputLost { bytes: lost, why: "there is room again".into() })
                }
                Trouble::Removed => self.note(Note::LogRemoved),
                Trouble::Cut => self.note(Note::LogCut),
                Trouble::Rotated => compress_worker::begin(self),
                Trouble::NotRotated(why) => {
                    self.note(Note::Problem { what: format!("the log grows on in one part: {why}") })
                }
            }
        }
    }

    fn signal_all(&mut self, signal: Signal) {
        let count = self.processes.signal(signal);
        // CONT goes with every stop, and tells nothing by itself.
        let is_told = signal != Signal::CONT || self.state.phase == Phase::Paused;
        // What cannot be killed is tried again and again.
        if is_told && self.signalled.replace((signal, count)) != Some((signal, count)) {
            self.note(Note::Signalled { signal, count });
        }
    }

    fn signal_group(&mut self, signal: Signal) {
        if let Err(why) = self.processes.signal_group(signal) {
            self.note(Note::Problem { what: format!("{signal} to the leader's group: {why}") });
        }
    }

    fn enter(&mut self, phase: Phase) {
        // A new attempt to end it: its signals are told though the last one's were the same, and
        // what that could not end is open again.
        if phase == Phase::Stopping {
            (self.signalled, self.state.unstoppable) = (None, None);
        }
        self.state.phase = phase;
        self.save_state();
        self.control.tell_attached(&Reply::Phase(phase), self.log_length());
    }

    /// Puts the state on disk.
    pub fn save_state(&mut self) {
        if let Err(e) = self.task.dir.write_json(STATUS, &self.state) {
            self.note(Note::Problem { what: e.to_string() });
        }
    }

    fn report_launched(&mut self) {
        // Before all else: the caller's prompt waits for it. That the caller is gone changes
        // nothing.
        let mut report = self.waiters.report.take();
        if let Some(report) = &mut report {
            let _ =
                send_report(report, &Report::Launched { pid: self.processes.leader(), weaker: self.limits.weaker() });
        }
        record::tell_watchdog(&self.task, self.waiters.watchdog.take());
        self.prompting.note(Moment::now());
        self.note(match &self.processes {
            TaskProcesses::Own { .. } => Note::Launched,
            TaskProcesses::Adopted(adopted) => Note::Adopted { pids: adopted.pids() },
        });
        for what in self.limits.weaker() {
            self.note(Note::Problem { what });
        }
        if let (Some(report), Some(how)) = (report, self.attach) {
            serve::attach_from_birth(self, report, how);
        }
        self.after_report();
        faults::point("sup-reported");
    }

    /// What nobody waits for; and the kernel's counter is read. Memory is given back later, once
    /// the first looks whether it waits for input are over: who ends before that needs the same
    /// pages.
    fn after_report(&mut self) {
        record::arrive(&self.task, MarkerState::Active);
        self.oom_kills = proc::oom_kills();
        shells::ring(&self.task.home);
        ready::begin_probing(self);
        // Else health is looked at from when the task is ready on.
        if self.probe.is_none() {
            health::begin(self);
        }
        limits::begin_measuring(self);
        self.note_tree();
    }

    /// Where somebody commits what passes, it is put down what there is to be tested.
    fn note_tree(&mut self) {
        if matches!(self.processes, TaskProcesses::Adopted(_)) || !start_trees::is_any_wanted(&self.task.home) {
            return;
        }
        let spec = self.task.dir.spec_without_surroundings();
        if !spec.is_ok_and(|spec| start_trees::is_wanted_in(&self.task.home, spec.cwd.as_path())) {
            return;
        }
        let request = TreeRequest { run: self.state.run, started: self.state.started };
        // Where that fails `aos commit` says that it was not put down.
        if let Ok(child) = tree_worker::begin(&self.task.path, &request) {
            self.task.rerun.add_own(child.id().cast_signed());
        }
    }

    fn finish(&mut self, outcome: Outcome, cause: Cause) {
        // The terminal may hold output still, and whoever hears of the end reads all of it.
        for _ in 0..LAST_BATCHES {
            if !self.take_output() {
                break;
            }
        }
        let troubles = self.log.as_mut().map_or_else(Vec::new, LogWriter::finish);
        self.note_troubles(troubles);
        ready::end_probing(self);
        health::end(self);
        unusual::receive(self);
        unusual::end(self);
        let mut end = self.end(outcome, cause);
        live_scan::end_scan(self, &end);
        faults::point("sup-ending");
        // Before the record: the counts that go with the group, and why no run follows, stand in
        // the end.
        limits::close_group(self, &mut end);
        self.following = handover::plan_next_run(self, &mut end);
        let is_told = handover::wants_run_notice(self);
        let recorder = EndRecorder {
            task: &self.task,
            state: &mut self.state,
            events: &mut self.events,
            record: &self.record,
            told: &self.told,
        };
        if let Some(next) = &self.following {
            return recorder.turn_over(&end, next.holds.first(), is_told);
        }
        recorder.close(&end);
        faults::point("sup-recorded");
        // Last: whoever began it finds the end on disk when it hears of it.
        if let (Some(mut report), Outcome::Unlaunched { why, code }) = (self.waiters.report.take(), end.outcome) {
            let _ = send_report(&mut report, &Report::Unlaunched { why, code });
        }
    }

    fn end(&mut self, outcome: Outcome, cause: Cause) -> End {
        let ended = WallTime::now();
        End {
            run: self.state.run,
            outcome,
            cause,
            ended,
            wall: Uptime::now().since(self.begun),
            usage: self.usage(),
            left: if self.is_nobody_left { Vec::new() } else { survivors(&mut self.processes) },
            outlived: std::mem::take(&mut self.outliving),
            lost_output: self.log.as_ref().map_or(0, LogWriter::lost),
            counts: None,
            ran_into: Vec::new(),
            unneeded: false,
            gave_up: None,
        }
    }

    /// The kernel tells what children used, and of nobody else.
    fn usage(&self) -> Option<Usage> {
        match self.processes {
            TaskProcesses::Own { .. } => {
                let used = self.used;
                Some(Usage {
                    user_time: used.user_time.into(),
                    system_time: used.system_time.into(),
                    peak_memory: used.peak_memory,
                    // Until it executes its program a child has this process's memory, which the
                    // kernel counts as the child's.
                    peak_is_bound: used.peak_memory <= process::own_peak_memory(),
                    read_bytes: Some(used.read),
                    written_bytes: Some(used.written),
                })
            }
            TaskProcesses::Adopted(_) => None,
        }
    }
}

/// How the kernel is known to have killed the leader for memory: it was killed outright, and the
/// kernel's counter rose while it ran.
pub fn out_of_memory(outcome: &Outcome, at_launch: Option<OomKills>) -> Option<String> {
    if !outcome.is_by_kill() {
        return None;
    }
    let (before, now) = (at_launch?, proc::oom_kills()?);
    // The count of a group and that of the machine cannot be compared.
    let kills = now.count.checked_sub(before.count).filter(|n| *n > 0 && now.scope == before.scope)?;
    Some(format!(
        "the kernel killed {kills} process{} in {} for memory while it ran",
        if kills == 1 { "" } else { "es" },
        now.scope
    ))
}
