//! How a run stands, as its supervisor last wrote it.

use serde::{Deserialize, Serialize};

use super::between::{Between, LastRun};
use super::end::End;
use super::enforcement::Enforcement;
use super::format::Format;
use super::health::Health;
use super::id::TaskId;
use super::limits::ResourceLimits;
use super::phase::Phase;
use super::process_id::{Directory, Host, ProcessId};
use super::ready::Ready;
use super::run_findings::FoundProblem;
use super::start_condition::StartCondition;
use crate::units::wall_time::WallTime;

/// The version of the state's format.
pub const VERSION: u32 = 1;

/// How a run stands. *Shape*: `status.json`, put in place whole by the supervisor at each change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The format's version.
    pub version: u32,
    /// The task.
    pub id: TaskId,
    /// Which run this is, from 1.
    pub run: u32,
    /// Where it stands.
    pub phase: Phase,
    /// What it waits for, while it is queued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<StartCondition>,
    /// How the run before ended, while this one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<LastRun>,
    /// The supervisor.
    pub supervisor: ProcessId,
    /// The leader: the command's own process. Absent when none could be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<ProcessId>,
    /// Where both are.
    pub place: Host,
    /// The task's directory when the run began: one that is another now is a copy, and its task is
    /// not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<Directory>,
    /// When the run began; of one that is queued, when it began to wait.
    pub started: WallTime,
    /// How long the log was then. *Units*: bytes.
    pub log_start: u64,
    /// Since when it is ready, and how that is known, if it was begun to show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// How it was when its health was last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// What was found to be out of the ordinary while it ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unusual: Vec<FoundProblem>,
    /// Since when the task waits for input on its terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<WallTime>,
    /// Why the last attempt to end it was given up, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unstoppable: Option<String>,
    /// What the run may use at most, where that is limited.
    #[serde(default, skip_serializing_if = "ResourceLimits::is_none")]
    pub resource_limits: ResourceLimits,
    /// What enforces that.
    #[serde(default, skip_serializing_if = "Enforcement::is_empty")]
    pub enforced: Enforcement,
    /// How it ended, once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

impl State {
    /// Whether it is between two runs, and how that is.
    pub fn between_runs(&self) -> Option<Between> {
        let is_waiting = self.phase == Phase::Queued && self.end.is_none();
        is_waiting.then(|| Between::of(self.last_run, &self.holds)).flatten()
    }
}

impl Format for State {
    const VERSION: u32 = VERSION;
}
