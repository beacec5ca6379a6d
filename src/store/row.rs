//! A task as a row of a list, from what is known of it and of those that it waits for.

use std::borrow::Cow;

use super::layout::{Home, LOGS, MarkerState, TASKS, name_in};
use super::snapshot::{Liveness, RunFacts, TaskSnapshot};
use super::task_dir::{LOCK, TaskDir};
use super::{StoreError, dependencies, markers};
use crate::task::end::{End, Outcome};
use crate::task::enforcement::{self, Enforcement, LimitReport};
use crate::task::id::TaskId;
use crate::task::phase::Phase;
use crate::task::sandbox::Held;
use crate::task::spec::UNKNOWN;
use crate::task::state::State;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::units::wall_time::WallTime;

/// A task as a row of which it cannot be read what was asked for, and why not: what its other files
/// and its marker tell.
pub fn unreadable(home: &Home, id: TaskId, why: &StoreError) -> Summary<'static> {
    let task = TaskDir::open(home, id).ok();
    let bearing = task.as_ref().and_then(|task| RunFacts::of(task, None).ok());
    let supervisor = || markers::supervisor(home, id);
    let status = match &bearing {
        Some(bearing) if bearing.state.is_some() || !bearing.status().is_living() => bearing.status(),
        None if supervisor().is_none() => Status::Unknown,
        Some(_) | None => match markers::state(home, id) {
            Some(MarkerState::Queued) => Status::Queued,
            Some(MarkerState::Active | MarkerState::Waiting) | None => Status::Running,
        },
    };
    let log = home.log_of(id);
    let name = log.as_ref().and_then(|log| name_in(log, id));
    let created = task.as_ref().and_then(|task| task.dir.look_at(LOCK)).map_or(WallTime(0), |lock| lock.written);
    let (state, end) = match &bearing {
        Some(RunFacts { state, standing: Liveness::Over(end), .. }) => (state.as_ref(), Some(end)),
        Some(RunFacts { state, .. }) => (state.as_ref(), None),
        None => (None, None),
    };
    Summary {
        id,
        name: Cow::Owned(name.unwrap_or(UNKNOWN).to_owned()),
        command: Cow::Borrowed(UNKNOWN),
        cwd: Cow::Borrowed(UNKNOWN),
        status,
        run: state.map_or(1, |s| s.run),
        exit_code: end.and_then(|e| e.outcome.exit_code()),
        signal: end.and_then(signal),
        reason: Some(Cow::Owned(why.to_string())),
        between_runs: state.and_then(State::between_runs).filter(|_| status == Status::Queued),
        unneeded: end.is_some_and(|e| e.unneeded),
        waiting_since: None,
        pid: state.and_then(|s| s.leader).map(|a| a.pid),
        supervisor_pid: state.map(|s| s.supervisor.pid).or_else(|| supervisor().map(|a| a.pid)),
        started: Cow::Owned(state.map_or(created, |s| s.started).to_string()),
        ended: end.map(|e| Cow::Owned(e.ended.to_string())),
        cpu_ms: None,
        peak_memory: None,
        ready: None,
        ready_after_ms: None,
        health: None,
        url: None,
        ports: Vec::new(),
        findings: None,
        tests: None,
        remarks: Vec::new(),
        progress: None,
        limits: Vec::new(),
        sandbox: None,
        log: name
            .map(|_| home.path.join(LOGS).join(TASKS))
            .zip(log.as_ref())
            .map(|(dir, log)| Cow::Owned(dir.join(log).to_string_lossy().into_owned())),
    }
}

/// The signal that ended a run, if one did.
fn signal(end: &End) -> Option<i32> {
    match &end.outcome {
        Outcome::Killed { signal, .. } => Some(signal.number()),
        Outcome::Exited(_) | Outcome::Unlaunched { .. } | Outcome::Unbegun | Outcome::Unseen => None,
    }
}

impl TaskSnapshot {
    /// What it may use at most, and what enforces that.
    pub fn limits(&self) -> Vec<LimitReport> {
        match &self.state {
            Some(state) => enforcement::report(&state.resource_limits, &state.enforced),
            None => enforcement::report(&self.spec.resource_limits, &Enforcement::new()),
        }
    }

    /// The task as a row.
    pub fn summary(&self, home: &Home) -> Summary<'static> {
        let end = self.end();
        let reason = match &self.standing {
            _ if self.lack.is_some() => self.lack.clone(),
            Liveness::Living(_) if self.trouble.is_some() => self.trouble.clone(),
            Liveness::Living(Phase::Queued) => Some(dependencies::words(home, self)),
            Liveness::Living(_) => None,
            Liveness::Over(end) => end.reason(),
            Liveness::Lost(why) | Liveness::Unknown(why) => Some(why.clone()),
        };
        let state = self.state.as_ref();
        let ready = state.and_then(|s| s.ready.as_ref());
        let is_living = self.status().is_living();
        let usage = end.and_then(|e| e.usage);
        let log = self.spec.adopted.is_none().then(|| home.log_path(self.spec.id, &self.spec.name));
        Summary {
            id: self.spec.id,
            name: Cow::Owned(self.spec.name.to_string()),
            command: Cow::Owned(self.spec.command.to_string()),
            cwd: Cow::Owned(self.spec.cwd.to_string()),
            status: self.status(),
            run: state.map_or(1, |s| s.run),
            exit_code: end.and_then(|e| e.outcome.exit_code()),
            signal: end.and_then(signal),
            reason: reason.map(Cow::Owned),
            between_runs: self.between_runs(),
            unneeded: end.is_some_and(|e| e.unneeded),
            waiting_since: state
                .and_then(|s| s.waiting_since)
                .filter(|_| is_living)
                .map(|at| Cow::Owned(at.to_string())),
            pid: state.and_then(|s| s.leader).map(|a| a.pid),
            supervisor_pid: state.map(|s| s.supervisor.pid),
            started: Cow::Owned(state.map_or(self.spec.created, |s| s.started).to_string()),
            ended: end.map(|e| Cow::Owned(e.ended.to_string())),
            cpu_ms: usage.map(|used| used.user_time.0 + used.system_time.0),
            peak_memory: usage.map(|used| used.peak_memory),
            ready: self.spec.ready.as_ref().map(|_| is_living && ready.is_some()),
            ready_after_ms: ready.map(|ready| ready.after.0),
            health: state.and_then(|s| s.health.clone()).filter(|_| is_living),
            url: ready.and_then(|ready| ready.sight.url.clone()).map(Cow::Owned),
            ports: Vec::new(),
            findings: self.found.as_ref().map(|found| found.counts),
            tests: self.found.as_ref().and_then(|found| found.tests),
            remarks: Vec::new(),
            progress: None,
            limits: self.limits(),
            sandbox: self.spec.sandbox.as_ref().map(Held::of),
            log: log.map(|path| Cow::Owned(path.to_string_lossy().into_owned())),
        }
    }
}
