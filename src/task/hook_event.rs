//! The events that hooks are for, and what a supervisor says of one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::run_findings::FoundProblem;
use crate::units::wall_time::WallTime;

/// An event that hooks are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HookEvent {
    /// The command was executed.
    BackgroundTaskStart,
    /// The task is ready.
    BackgroundTaskReady,
    /// The task is over for good.
    BackgroundTaskComplete,
    /// The output tells of an error that it had not told of before.
    LogError,
    /// A run ended that was a test.
    TestResult,
    /// A run ended that was a build.
    BuildStatus,
    /// Files changed that the task watches.
    FileChange,
    /// The task began to wait for input.
    TaskWaitingInput,
}

/// Why a text names no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event `{0}`")]
pub struct NoHookEvent(pub String);

impl HookEvent {
    /// All of them, in the order in which they are told.
    pub const ALL: [HookEvent; 8] = [
        HookEvent::BackgroundTaskStart,
        HookEvent::BackgroundTaskReady,
        HookEvent::BackgroundTaskComplete,
        HookEvent::LogError,
        HookEvent::TestResult,
        HookEvent::BuildStatus,
        HookEvent::FileChange,
        HookEvent::TaskWaitingInput,
    ];

    /// Whether it needs what a run has printed, and comes when that is over.
    pub fn is_of_end(self) -> bool {
        match self {
            HookEvent::BackgroundTaskComplete | HookEvent::LogError => true,
            HookEvent::TestResult | HookEvent::BuildStatus => true,
            HookEvent::BackgroundTaskStart | HookEvent::BackgroundTaskReady => false,
            HookEvent::FileChange | HookEvent::TaskWaitingInput => false,
        }
    }

    /// Its name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            HookEvent::BackgroundTaskStart => "BackgroundTaskStart",
            HookEvent::BackgroundTaskReady => "BackgroundTaskReady",
            HookEvent::BackgroundTaskComplete => "BackgroundTaskComplete",
            HookEvent::LogError => "LogError",
            HookEvent::TestResult => "TestResult",
            HookEvent::BuildStatus => "BuildStatus",
            HookEvent::FileChange => "FileChange",
            HookEvent::TaskWaitingInput => "TaskWaitingInput",
        }
    }
}

impl fmt::Display for HookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for HookEvent {
    type Err = NoHookEvent;

    fn from_str(text: &str) -> Result<HookEvent, NoHookEvent> {
        HookEvent::ALL.into_iter().find(|event| event.name() == text).ok_or_else(|| NoHookEvent(text.to_owned()))
    }
}

/// What a supervisor says to the worker that runs hooks. *Shape*: a line of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HookMessage {
    /// In which run.
    pub run: u32,
    /// When.
    pub at: WallTime,
    /// What.
    pub what: HookCause,
}

/// What happened that hooks may be for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookCause {
    /// The command was executed.
    Launched,
    /// The task is ready.
    Ready {
        /// How that is known.
        how: String,
        /// Where it is reached.
        url: Option<String>,
    },
    /// Files changed.
    Changed {
        /// The first of them.
        paths: Vec<String>,
    },
    /// The task waits for input.
    Waits,
    /// A problem was found in the output while the task runs.
    Finding(FoundProblem),
    /// A run is over: its output is to be read.
    RunOver {
        /// How the run ended, as its exit code, where that is known.
        exit_code: Option<i32>,
        /// Whether that says something of its work.
        is_telling: bool,
    },
    /// The task is over for good.
    Over,
}

#[cfg(test)]
mod tests {
    use super::HookEvent;

    #[test]
    fn each_comes_back_from_its_name() {
        for event in HookEvent::ALL {
            assert_eq!(event.to_string().parse(), Ok(event));
            assert_eq!(serde_json::to_value(event).expect("JSON"), event.name());
        }
        assert!("TaskCompleted".parse::<HookEvent>().is_err());
    }
}
