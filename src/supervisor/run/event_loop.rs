//! The loop: waits for whatever happens next, and turns it into events.

use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags};

use crate::launch::sandbox;
use crate::store::requests;
use crate::supervisor::attach::{input_probe, serve};
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::rerun::handover::{self, RunHandover};
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::output_source::OutputStream;
use crate::supervisor::run::{adopted_run, effects, health, limits, live_scan, memory_sampling, ready, unusual};
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::{gc_worker, verdict_worker};
use crate::sys::polling::wait_for_each;
use crate::sys::process::{Collected, WaitStatus, collect};
use crate::task::end::Outcome;
use crate::task::journal::JournalEvent;
use crate::task::request::{AnswerTo, Ask, Asker};
use crate::units::moment::Moment;
use crate::units::signal::Signal;

/// What the loop waits for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    Signals,
    Outputs,
    Prober,
    Scan,
    Meter,
    Health,
    Comparison,
    Adopted,
    Changes,
    Clients,
}

// While a task sleeps, the stack of its supervisor is as deep as the frames that lead to `poll`.
// What is called only now and then is not inlined into them: each would keep a page or two.
impl Supervisor {
    /// Runs the loop until the run is over; gives the one that is to follow.
    pub fn supervise(mut self: Box<Self>) -> Option<Box<RunHandover>> {
        self.begin_run();
        while !self.machine.is_over() {
            let ready = self.wait();
            self.serve_ready(&ready);
        }
        self.end_run()
    }

    #[inline(never)]
    fn begin_run(&mut self) {
        if let Some(launch) = self.launch.take() {
            self.happen(launch);
        }
        adopted_run::begin(self);
    }

    /// Hears all that has something, and does what is due.
    #[inline(never)]
    fn serve_ready(&mut self, ready: &[Source]) {
        let is_ready = |source| ready.contains(&source);
        if is_ready(Source::Prober) {
            ready::receive_readiness(self);
        }
        if is_ready(Source::Scan) {
            live_scan::receive_findings(self);
        }
        if is_ready(Source::Meter) {
            limits::receive_memory(self);
        }
        if is_ready(Source::Health) {
            health::receive(self);
        }
        if is_ready(Source::Comparison) {
            unusual::receive(self);
        }
        if is_ready(Source::Outputs) {
            self.take_output();
            serve::pass_on_typed(self);
        }
        // What is asked of a run that is over is for the next one.
        if is_ready(Source::Signals) && !self.machine.is_over() {
            self.receive_signals();
        }
        if is_ready(Source::Adopted) {
            adopted_run::check(self);
        }
        if is_ready(Source::Changes) {
            handover::receive_changes(self);
        }
        let has_held = self.control.has_held() && !self.keyboard.is_full();
        if (is_ready(Source::Clients) || has_held) && !self.machine.is_over() {
            serve::attend(self);
        }
        self.run_due();
    }

    fn run_due(&mut self) {
        let now = Moment::now();
        if self.machine.deadline().is_some_and(|due| due <= now) {
            self.happen(RunEvent::Tick);
            // A KILL may have let go of the last, which may not be signalled: no handle tells of
            // that.
            adopted_run::check(self);
        }
        live_scan::scan_if_due(self, now);
        self.close_unused_terminal();
        input_probe::check_input_wait(self, now);
        memory_sampling::sample_memory(self, now);
        unusual::compare_if_due(self, now);
    }

    /// Ends what the run had; gives the run that is to follow.
    #[inline(never)]
    fn end_run(mut self: Box<Self>) -> Option<Box<RunHandover>> {
        if let Err(e) = sandbox::remove(self.temporary.as_deref()) {
            self.note(JournalEvent::Problem { what: format!("its temporary files are not removed: {e}") });
        }
        if let Some(next) = self.following.take() {
            return Some(handover::queue_next_run(self, next));
        }
        // Who has asked in the meantime is answered.
        serve::attend(&mut self);
        let log_end = self.log_length();
        let (verdict, log_start) = (self.verdict.take(), self.state.log_start);
        self.control.finish(log_end);
        // Where that fails the row does not say what was found.
        verdict.map(|request| verdict_worker::begin(&self.task.path, &request));
        gc_worker::begin_if_due(&self.task.home, &self.task.path, log_end.saturating_sub(log_start));
        None
    }

    /// Which sources have something.
    fn wait(&self) -> Vec<Source> {
        let rare = [memory_sampling::next_sample(self), unusual::next_comparison(self)];
        let deadlines =
            [self.machine.deadline(), self.prompting.deadline(), self.scan.deadline()].into_iter().chain(rare);
        // One more, as the clock is read in whole milliseconds.
        let most = deadlines.flatten().min().map(|due| Moment::now().until(due) + Duration::from_millis(1));
        let mut sources = vec![(Source::Signals, readable(&self.task.signals))];
        self.watch_outputs(&mut sources);
        sources.extend(self.prober.as_ref().map(|prober| (Source::Prober, readable(prober))));
        sources.extend(self.scan.descriptor().map(|scan| (Source::Scan, PollFd::new(scan, PollFlags::POLLIN))));
        sources.extend(self.meter.as_ref().map(|meter| (Source::Meter, readable(meter))));
        let health = self.health.worker.as_ref();
        sources.extend(health.map(|worker| (Source::Health, readable(worker))));
        let comparison = self.unusual.worker.as_ref();
        sources.extend(comparison.map(|worker| (Source::Comparison, readable(worker))));
        sources.extend(self.processes.watched().map(|fd| (Source::Adopted, fd)));
        sources.extend(self.task.rerun.changes().map(|changes| (Source::Changes, readable(changes))));
        sources.extend(self.control.watched().map(|fd| (Source::Clients, fd)));
        wait_for_each(&sources, most).unwrap_or_default()
    }

    fn watch_outputs<'a>(&'a self, sources: &mut Vec<(Source, PollFd<'a>)>) {
        let is_held_up = self.control.holds_up();
        for source in &self.outputs {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, !is_held_up);
            flags.set(PollFlags::POLLOUT, source.stream == OutputStream::Terminal && !self.keyboard.is_empty());
            sources.push((Source::Outputs, PollFd::new(source.as_fd(), flags)));
        }
    }

    fn receive_signals(&mut self) {
        let mut has_child_ended = false;
        while let Ok(Some(signal)) = self.task.signals.read_signal() {
            match signal.ssi_signo as i32 {
                libc::SIGCHLD => has_child_ended = true,
                libc::SIGUSR1 => self.receive_requests(),
                number => self.receive_stop(number, signal.ssi_pid as i32),
            }
        }
        // Once, after all signals were read: one SIGCHLD may stand for several ends.
        if has_child_ended {
            self.collect_children();
        }
    }

    fn receive_requests(&mut self) {
        for (name, request) in requests::take_all(&self.task.dir) {
            match request.ask {
                Ask::Limit(newer) => {
                    let answer = limits::change_limits(self, &newer, &request.by);
                    requests::answer(&self.task.dir, &name, &answer);
                }
                ask => self.happen(RunEvent::Asked { ask, by: request.by, answer_to: Some(AnswerTo::File(name)) }),
            }
        }
    }

    /// A system going down, or somebody who killed the supervisor politely, means the task.
    fn receive_stop(&mut self, number: i32, pid: i32) {
        let name = Signal::from_number(number).map_or_else(|| number.to_string(), |s| s.to_string());
        let by = Asker { with: format!("{name} to its supervisor"), pid };
        self.happen(RunEvent::Asked { ask: Ask::Stop { signal: None, grace: None }, by, answer_to: None });
    }

    fn collect_children(&mut self) {
        // What was adopted is nobody's child here.
        let TaskProcesses::Own { leader, .. } = self.processes else { return };
        let last = loop {
            match collect() {
                Collected::One(pid, ..) if self.is_worker(pid) => {}
                Collected::One(pid, ended, used) => {
                    self.used.add(used);
                    if pid == leader {
                        self.leader_ended(ended);
                    }
                }
                Collected::Stopped(pid) if pid == leader => self.happen(RunEvent::LeaderStopped),
                Collected::Continued(pid) if pid == leader => self.happen(RunEvent::LeaderContinued),
                Collected::Stopped(_) | Collected::Continued(_) => {}
                last @ (Collected::NoneEnded | Collected::NoneLeft) => break last,
            }
        };
        if self.machine.is_leader_gone() {
            // Children that are other tasks' supervisors are none of this task.
            let any = last != Collected::NoneLeft && self.processes.living().map_or(true, |left| !left.is_empty());
            self.is_nobody_left = !any;
            self.happen(RunEvent::Left(any));
        }
    }

    fn close_unused_terminal(&mut self) {
        // Nobody is left who could write: what is on its way is all there is, if nobody outside
        // holds the terminal.
        if self.machine.awaits_hang_up() && self.terminal.take().is_some() {
            self.take_output();
        }
    }

    /// What a worker used is not the task's.
    fn is_worker(&self, pid: i32) -> bool {
        let is_meter = self.meter.as_ref().is_some_and(|meter| meter.pid() == pid);
        let is_health = self.health.worker.as_ref().is_some_and(|worker| worker.pid() == pid);
        let is_comparison = self.unusual.worker.as_ref().is_some_and(|worker| worker.pid() == pid);
        is_meter
            || is_health
            || is_comparison
            || self.task.rerun.is_own(pid)
            || self.events.is_sink(pid)
            || self.scan.is(pid)
            || self.prober.as_ref().is_some_and(|prober| prober.pid() == pid)
    }

    fn leader_ended(&mut self, ended: WaitStatus) {
        let outcome = match ended {
            WaitStatus::Exited(code) => Outcome::Exited(code),
            WaitStatus::Killed { signal, core } => {
                Outcome::Killed { signal: Signal::from_number(signal).unwrap_or(Signal::KILL), core }
            }
        };
        let of_own = limits::own_memory_kill(self, &outcome);
        let out_of_memory = of_own.or_else(|| effects::out_of_memory(&outcome, self.oom_kills));
        self.happen(RunEvent::LeaderEnded { outcome, out_of_memory });
    }
}

fn readable(source: &impl AsFd) -> PollFd<'_> {
    PollFd::new(source.as_fd(), PollFlags::POLLIN)
}
