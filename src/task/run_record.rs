//! A run that is over, as it is remembered when its task is long gone.
//!
//! *Shape*: a line of `tasks/.history`, of one of two kinds. A run: `{"version":1,"id":"task-007",
//! "run":1,…}`. What was found in its output, which is known a little later: the same with
//! `"found"`, without what the run was.

use serde::{Deserialize, Serialize};

use super::end::{End, Outcome};
use super::format::Format;
use super::id::TaskId;
use super::run_findings::{FindingCounts, RunFindings, TestCounts};
use super::spec::Spec;
use super::state::State;
use super::status::Status;
use crate::units::wall_time::WallTime;

/// The version of a line.
pub const VERSION: u32 = 1;

/// A run that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The format's version.
    pub version: u32,
    /// The task, as it was called.
    pub id: TaskId,
    /// Which of its runs.
    pub run: u32,
    /// When it began; with the two above, what tells runs from one another.
    pub started: WallTime,
    /// The task's name.
    pub name: String,
    /// What was run, as one would type it.
    pub command: String,
    /// Where.
    pub cwd: String,
    /// How it ended.
    pub status: Status,
    /// What a shell would report of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How long it took. *Units*: milliseconds.
    pub wall_ms: u64,
    /// Processor time used. *Units*: milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// The largest resident set of any single process. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// What was read from disks. *Units*: bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// What was to be written to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes: Option<u64>,
    /// What was found in its output, where anybody has looked.
    #[serde(skip)]
    pub found: Option<FoundInRun>,
}

/// What was found in a run's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundInRun {
    /// How much it printed. *Units*: bytes.
    pub log_bytes: u64,
    /// How many problems that tells of.
    #[serde(flatten)]
    pub counts: FindingCounts,
    /// What became of tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
}

/// The line about what was found in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundLine {
    /// The format's version.
    pub version: u32,
    /// The task.
    pub id: TaskId,
    /// Which of its runs.
    pub run: u32,
    /// When that began.
    pub started: WallTime,
    /// What was found.
    pub found: FoundInRun,
}

impl Format for RunRecord {
    const VERSION: u32 = VERSION;
}

impl Format for FoundLine {
    const VERSION: u32 = VERSION;
}

impl RunRecord {
    /// The run that ended so; `None` where nothing ran, or nobody saw it.
    pub fn of(spec: &Spec, state: &State, end: &End) -> Option<RunRecord> {
        match end.outcome {
            Outcome::Exited(_) | Outcome::Killed { .. } => {}
            Outcome::Unlaunched { .. } | Outcome::Unbegun | Outcome::Unseen => return None,
        }
        Some(RunRecord {
            version: VERSION,
            id: spec.id,
            run: end.run,
            started: state.started,
            name: spec.name.to_string(),
            command: spec.command.to_string(),
            cwd: spec.cwd.to_string(),
            status: Status::of(end),
            exit_code: end.outcome.exit_code(),
            wall_ms: end.wall.0,
            cpu_ms: end.usage.map(|used| used.user_time.0 + used.system_time.0),
            peak_memory: end.usage.map(|used| used.peak_memory),
            read_bytes: end.usage.and_then(|used| used.read_bytes),
            written_bytes: end.usage.and_then(|used| used.written_bytes),
            found: None,
        })
    }

    /// Whether it did what it was begun for.
    pub fn is_good(&self) -> bool {
        self.status == Status::Succeeded
            && self.found.and_then(|found| found.tests).is_none_or(|tests| tests.failed == 0)
    }
}

impl FoundLine {
    /// What was found in a run that began then and printed so much.
    pub fn of(id: TaskId, started: WallTime, found: &RunFindings, log_bytes: u64) -> FoundLine {
        let in_run = FoundInRun { log_bytes, counts: found.counts, tests: found.tests };
        FoundLine { version: VERSION, id, run: found.run, started, found: in_run }
    }
}
