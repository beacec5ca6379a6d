//! A task as a row: what lists show and the registry keeps.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::between::Between;
use super::enforcement::LimitReport;
use super::health::Health;
use super::id::TaskId;
use super::progress::Progress;
use super::run_findings::{FindingCounts, TestCounts, counted};
use super::sandbox::Held;
use super::status::Status;
use super::usual::Remark;

/// One task in a list. *Shape*: an element of `aos tasks --json` and of the registry's `tasks`.
/// Times are RFC 3339 in UTC, as text: thousands of rows are read for each one shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary<'a> {
    /// The task.
    pub id: TaskId,
    /// What it is called.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// What it runs, as one would type it.
    #[serde(borrow)]
    pub command: Cow<'a, str>,
    /// Where.
    #[serde(borrow)]
    pub cwd: Cow<'a, str>,
    /// How it stands.
    pub status: Status,
    /// Which run this is.
    pub run: u32,
    /// What a shell would report of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Why it stands so, where the status does not say all.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'a, str>>,
    /// What its next run waits for, and how the one before ended: of one that is between two runs,
    /// whose status is `queued`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between_runs: Option<Between>,
    /// Whether it was cancelled as what it was for did not come: no failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unneeded: bool,
    /// The leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// The supervisor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisor_pid: Option<i32>,
    /// Since when it waits for input on its terminal.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Cow<'a, str>>,
    /// When the run began.
    #[serde(borrow)]
    pub started: Cow<'a, str>,
    /// When it was over.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Cow<'a, str>>,
    /// Processor time used. *Units*: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// The largest resident set of any single process. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// Whether it is ready, if it was begun to show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
    /// How long after its start it was. *Units*: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_after_ms: Option<u64>,
    /// How it was when its health was last looked at, while it lives.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// Where it is reached, if it has said so.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
    /// The ports on which its processes listen, as far as somebody has looked; none once it is
    /// over.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// How many problems its output tells of, as far as it was looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingCounts>,
    /// What became of its tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    /// What is out of the ordinary, as far as somebody has looked.
    #[serde(default, skip_deserializing, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// How far it is, as far as somebody has looked.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// What it may use at most, and what enforces that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitReport>,
    /// What it is kept from, if from anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<Held>,
    /// The log's path; absent where there is none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Cow<'a, str>>,
}

impl Summary<'_> {
    /// The name of its log's file; the home may have been moved since the path was written.
    pub fn log_name(&self) -> Option<&str> {
        self.log.as_deref()?.rsplit('/').next()
    }

    /// Errors and failed tests in a few words, where there are any.
    pub fn found(&self) -> Option<String> {
        let failed = self.tests.map_or(0, |tests| tests.failed);
        let errors = self.findings.map_or(0, |findings| findings.errors);
        match (failed, errors) {
            (0, 0) => None,
            (0, _) => Some(counted(errors, "error")),
            (_, _) => Some(counted(failed, "failed test")),
        }
    }

    /// Whether it is known to be over, however it ended.
    pub fn is_over(&self) -> bool {
        !self.status.is_living() && (self.status != Status::Unknown || self.ended.is_some())
    }
}

impl Summary<'static> {
    /// A task of which little is to be said, for tests.
    #[cfg(test)]
    pub fn blank() -> Summary<'static> {
        Summary {
            id: TaskId(1),
            name: "x".into(),
            command: "x".into(),
            cwd: "/".into(),
            status: Status::Running,
            run: 1,
            exit_code: None,
            signal: None,
            reason: None,
            between_runs: None,
            unneeded: false,
            waiting_since: None,
            pid: None,
            supervisor_pid: None,
            started: "2026-01-01T00:00:00.000Z".into(),
            ended: None,
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
            log: None,
        }
    }

    /// The same, lending its text.
    pub fn borrowed(&self) -> Summary<'_> {
        Summary {
            name: Cow::Borrowed(&self.name),
            command: Cow::Borrowed(&self.command),
            cwd: Cow::Borrowed(&self.cwd),
            reason: self.reason.as_deref().map(Cow::Borrowed),
            waiting_since: self.waiting_since.as_deref().map(Cow::Borrowed),
            started: Cow::Borrowed(&self.started),
            url: self.url.as_deref().map(Cow::Borrowed),
            ports: self.ports.clone(),
            remarks: self.remarks.clone(),
            health: self.health.clone(),
            limits: self.limits.clone(),
            sandbox: self.sandbox.clone(),
            ended: self.ended.as_deref().map(Cow::Borrowed),
            log: self.log.as_deref().map(Cow::Borrowed),
            ..*self
        }
    }
}
