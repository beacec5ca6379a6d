//! The loop: waits for whatever happens next, and turns it into events.

use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::launch::sandbox;
use crate::store::requests;
use crate::supervisor::processes::task_processes::TaskProcesses;
use crate::supervisor::rerun::runs::RunHandover;
use crate::supervisor::run::effects;
use crate::supervisor::run::event::RunEvent;
use crate::supervisor::run::output_source::OutputStream;
use crate::supervisor::state::Supervisor;
use crate::supervisor::workers::{gc_worker, verdict_worker};
use crate::sys::process::{Collected, WaitStatus, collect};
use crate::task::end::Outcome;
use crate::task::journal::JournalEvent;
use crate::task::request::{AnswerTo, Ask, Asker};
use crate::units::moment::Moment;
use crate::units::signal::Signal;

/// Which sources have something.
#[derive(Debug, Default)]
struct ReadySources {
    signals: bool,
    outputs: bool,
    prober: bool,
    scan: bool,
    meter: bool,
    adopted: bool,
    changes: bool,
    control: bool,
}

impl Supervisor {
    /// Runs the loop until the run is over; gives the one that is to follow.
    pub fn supervise(mut self: Box<Self>) -> Option<RunHandover> {
        if let Some(launch) = self.launch.take() {
            self.happen(launch);
        }
        self.take_up_adopted();
        while !self.machine.is_over() {
            let ready = self.wait();
            if ready.prober {
                self.hear_lookout();
            }
            if ready.scan {
                self.hear_scan();
            }
            if ready.meter {
                self.hear_meter();
            }
            if ready.outputs {
                self.take_output();
                self.pass_on_typed();
            }
            // What is asked of a run that is over is for the next one.
            if ready.signals && !self.machine.is_over() {
                self.hear_signals();
            }
            if ready.adopted {
                self.look_after_adopted();
            }
            if ready.changes {
                self.hear_changes();
            }
            let is_heard = ready.control || (self.control.has_held() && !self.keyboard.is_full());
            if is_heard && !self.machine.is_over() {
                self.attend();
            }
            let now = Moment::now();
            if self.machine.deadline().is_some_and(|due| due <= now) {
                self.happen(RunEvent::Tick);
                self.look_after_adopted();
            }
            self.let_go_of_terminal();
            self.look_whether_waiting(now);
        }
        if let Err(e) = sandbox::remove(self.temporary.as_deref()) {
            self.note(JournalEvent::Problem { what: format!("its temporary files are not removed: {e}") });
        }
        match self.following.take() {
            Some(next) => self.line_up(next),
            None => {
                // Who has asked in the meantime is answered.
                self.attend();
                let log_end = self.log_length();
                let (verdict, log_start) = (self.verdict.take(), self.state.log_start);
                self.control.finish(log_end);
                // Where that fails the row does not say what was found.
                verdict.map(|request| verdict_worker::begin(&self.dir, &request));
                gc_worker::begin_if_due(&self.home, &self.dir, log_end.saturating_sub(log_start));
                None
            }
        }
    }

    fn wait(&self) -> ReadySources {
        let deadlines = [self.machine.deadline(), self.prompting.deadline()];
        let timeout = match deadlines.into_iter().flatten().min() {
            None => PollTimeout::NONE,
            // One more, as the clock is read in whole milliseconds.
            Some(due) => PollTimeout::try_from(Moment::now().until(due).as_millis() + 1).unwrap_or(PollTimeout::MAX),
        };
        let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let first_output = fds.len();
        self.watch_outputs(&mut fds);
        let first_other = fds.len();
        let prober = self.prober.as_ref().map(|l| push(&mut fds, PollFd::new(l.as_fd(), PollFlags::POLLIN)));
        let scan = self.scan.descriptor().map(|fd| push(&mut fds, PollFd::new(fd, PollFlags::POLLIN)));
        let meter = self.meter.as_ref().map(|m| push(&mut fds, PollFd::new(m.as_fd(), PollFlags::POLLIN)));
        let first_adopted = fds.len();
        self.processes.watch(&mut fds);
        let adopted = fds.len() - first_adopted;
        let changes = self.again.changes().map(|c| push(&mut fds, PollFd::new(c.as_fd(), PollFlags::POLLIN)));
        let first_client = fds.len();
        self.control.watch(&mut fds);
        match poll(&mut fds, timeout) {
            Err(Errno::EINTR) | Ok(0) => return ReadySources::default(),
            Ok(_) | Err(_) => {}
        }
        let is_ready = |at: usize| fds[at].any().unwrap_or(true);
        ReadySources {
            signals: is_ready(0),
            outputs: (first_output..first_other).any(is_ready),
            prober: prober.is_some_and(is_ready),
            scan: scan.is_some_and(is_ready),
            meter: meter.is_some_and(is_ready),
            adopted: (first_adopted..first_adopted + adopted).any(is_ready),
            changes: changes.is_some_and(is_ready),
            control: (first_client..fds.len()).any(is_ready),
        }
    }

    fn watch_outputs<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        let is_held_up = self.control.holds_up();
        for source in &self.outputs {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, !is_held_up);
            flags.set(PollFlags::POLLOUT, source.stream == OutputStream::Terminal && !self.keyboard.is_empty());
            fds.push(PollFd::new(source.as_fd(), flags));
        }
    }

    fn hear_signals(&mut self) {
        let mut has_child_ended = false;
        while let Ok(Some(signal)) = self.signals.read_signal() {
            match signal.ssi_signo as i32 {
                libc::SIGCHLD => has_child_ended = true,
                libc::SIGUSR1 => self.hear_requests(),
                number => self.hear_stop(number, signal.ssi_pid as i32),
            }
        }
        if has_child_ended {
            self.collect_children();
        }
    }

    fn hear_requests(&mut self) {
        for (name, request) in requests::take_all(&self.task) {
            match request.ask {
                Ask::Limit(newer) => {
                    let answer = self.change_limits(&newer, &request.by);
                    requests::answer(&self.task, &name, &answer);
                }
                ask => self.happen(RunEvent::Asked { ask, by: request.by, answer_to: Some(AnswerTo::File(name)) }),
            }
        }
    }

    /// A system going down, or somebody who killed the supervisor politely, means the task.
    fn hear_stop(&mut self, number: i32, pid: i32) {
        let name = Signal::from_number(number).map_or_else(|| number.to_string(), |s| s.to_string());
        let by = Asker { with: format!("{name} to its supervisor"), pid };
        self.happen(RunEvent::Asked { ask: Ask::Stop { signal: None, grace: None }, by, answer_to: None });
    }

    fn collect_children(&mut self) {
        // What was adopted is nobody's child here.
        let TaskProcesses::Own { leader, .. } = self.processes else { return };
        let last = loop {
            match collect() {
                Collected::One(pid, ..) if self.is_aide(pid) => {}
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

    /// Nobody is left who could write: what is on its way is all there is, if nobody outside holds
    /// the terminal.
    fn let_go_of_terminal(&mut self) {
        if self.machine.awaits_hang_up() && self.terminal.take().is_some() {
            self.take_output();
        }
    }

    /// What a worker used is not the task's.
    fn is_aide(&self, pid: i32) -> bool {
        let is_meter = self.meter.as_ref().is_some_and(|meter| meter.pid() == pid);
        is_meter
            || self.again.is_own(pid)
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
        let of_own = self.out_of_own_memory(&outcome);
        let out_of_memory = of_own.or_else(|| effects::out_of_memory(&outcome, self.oom_kills));
        self.happen(RunEvent::LeaderEnded { outcome, out_of_memory });
    }
}

fn push<'a>(fds: &mut Vec<PollFd<'a>>, fd: PollFd<'a>) -> usize {
    fds.push(fd);
    fds.len() - 1
}
