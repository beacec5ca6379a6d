//! What became of hooks: one line for each run of a handler, below the home.
//!
//! *Shape*: `logs/hooks.jsonl`, only ever appended to, in one write each; at [`LARGEST`] it becomes
//! `hooks.jsonl.1`, and the one before goes.

use serde::{Deserialize, Serialize};

use crate::store::StoreError;
use crate::store::layout::Home;
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::line_append::append_lines;
use crate::task::format::{self, Format};
use crate::task::hook_event::HookEvent;
use crate::task::id::TaskId;
use crate::units::wall_time::WallTime;

/// The file, below the logs.
pub const HOOK_LOG: &str = "hooks.jsonl";
const OLDER: &str = "hooks.jsonl.1";
/// The file is no longer than this, by much. *Units*: bytes.
const LARGEST: u64 = 4 << 20;
/// A file that is longer than this is none. *Units*: bytes.
const MOST_READ: u64 = 64 << 20;

/// One run of a handler.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HookRecord {
    /// The format's version.
    pub version: u32,
    /// When it began.
    pub time: WallTime,
    /// For what.
    pub event: HookEvent,
    /// Of which task.
    pub task: TaskId,
    /// Of which run.
    pub run: u32,
    /// Where it is configured: `file:line:column`.
    pub source: String,
    /// What was run, without secrets.
    pub command: String,
    /// The digest of the handler, by which it is known again.
    #[serde(default)]
    pub hook: String,
    /// Its exit code, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether its time was up.
    pub timed_out: bool,
    /// Why it was not run, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// How long it took. *Units*: milliseconds.
    pub duration_ms: u64,
    /// What it printed: the beginning, and the end.
    pub output: String,
    /// What it has to say to the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it has to say to whoever reads the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

impl Format for HookRecord {
    const VERSION: u32 = 1;
}

impl HookRecord {
    /// How it went, in a word or some.
    pub fn ended(&self) -> String {
        match (&self.skipped, self.timed_out, self.signal, self.exit_code) {
            (Some(why), ..) => format!("not run: {why}"),
            (None, true, ..) => "ended, as its time was up".into(),
            (None, false, Some(signal), _) => format!("killed by signal {signal}"),
            (None, false, None, Some(0)) => "ok".into(),
            (None, false, None, Some(code)) => format!("exit {code}"),
            (None, false, None, None) => "not known".into(),
        }
    }

    /// Whether it did what it was to do.
    pub fn is_ok(&self) -> bool {
        self.skipped.is_none() && !self.timed_out && self.exit_code == Some(0)
    }
}

/// Adds a record. *Errors*: why there is none.
pub fn append(home: &Home, record: &HookRecord) -> Result<(), StoreError> {
    let logs = home.logs()?;
    let failed = |source| StoreError::File { doing: "write", what: format!("logs/{HOOK_LOG}"), source };
    let mut line = serde_json::to_vec(record).map_err(|e| failed(e.into()))?;
    line.push(b'\n');
    if logs.look_at(HOOK_LOG).is_some_and(|found| found.size > LARGEST) {
        // Whoever comes second finds it done.
        let _ = logs.rename(HOOK_LOG, OLDER);
    }
    logs.own_file(HOOK_LOG, OpenMode::Append).and_then(|file| append_lines(&file, &line)).map_err(failed)
}

/// All records, the oldest first; lines that are none are left out.
pub fn read(home: &Home) -> Vec<HookRecord> {
    let Ok(logs) = home.logs() else { return Vec::new() };
    let lines = |dir: &Dir, name: &str| dir.read(name, MOST_READ).unwrap_or_default();
    let bytes = [lines(&logs, OLDER), lines(&logs, HOOK_LOG)].concat();
    bytes.split(|byte| *byte == b'\n').filter_map(|line| format::parse(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{HookRecord, append, read};
    use crate::store::layout::Home;
    use crate::task::hook_event::HookEvent;
    use crate::task::id::TaskId;
    use crate::units::wall_time::WallTime;

    #[test]
    fn records_come_back_in_order_and_the_log_stays_short() {
        let place = tempfile::tempdir().expect("a directory");
        let home = Home::at(place.path()).expect("a home");
        let record = |run| HookRecord {
            version: 1,
            time: WallTime(0),
            event: HookEvent::LogError,
            task: TaskId(1),
            run,
            source: "f:1:1".into(),
            command: "true".into(),
            hook: String::new(),
            exit_code: Some(0),
            signal: None,
            timed_out: false,
            skipped: None,
            duration_ms: 1,
            output: "x".repeat(100_000),
            message: None,
            context: None,
        };
        for run in 0..100 {
            append(&home, &record(run)).expect("written");
        }
        let read = read(&home);
        assert!(read.len() > 40 && read.len() < 100 && read.last().expect("some").run == 99, "{}", read.len());
        assert!(read.windows(2).all(|two| two[0].run + 1 == two[1].run) && read[0].is_ok());
    }
}
