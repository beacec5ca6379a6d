//! A task as a row of a list, from what is known of it and of those that it waits for.

use std::borrow::Cow;

use super::home::Home;
use super::reading::{Reading, Standing};
use super::waiting;
use crate::task::end::Outcome;
use crate::task::phase::Phase;
use crate::task::summary::Summary;

impl Reading {
    /// The task as a row.
    pub fn summary(&self, home: &Home) -> Summary<'static> {
        let end = self.end();
        let reason = match &self.standing {
            Standing::Living(Phase::Queued) => Some(waiting::words(home, self)),
            Standing::Living(_) => None,
            Standing::Over(end) => end.reason(),
            Standing::Lost(why) | Standing::Unknown(why) => Some(why.clone()),
        };
        let signal = end.and_then(|e| match &e.outcome {
            Outcome::Killed { signal, .. } => Some(signal.number()),
            Outcome::Exited(_) | Outcome::Unlaunched { .. } | Outcome::Unbegun | Outcome::Unseen => None,
        });
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
            signal,
            reason: reason.map(Cow::Owned),
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
            url: ready.and_then(|ready| ready.sight.url.clone()).map(Cow::Owned),
            ports: Vec::new(),
            log: log.map(|path| Cow::Owned(path.to_string_lossy().into_owned())),
        }
    }
}
