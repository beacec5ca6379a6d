//! What is known of a task whose events run hooks, and what handlers are told of an event.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::run_analysis::RunAnalysis;
use crate::ansi::{Colours, Filter};
use crate::events::hook_sink::{DEPTH, EVENT};
use crate::hooks::rule::HookRule;
use crate::launch;
use crate::logs::text::redact::Secrets;
use crate::logs::text::secret_values::{says_secret, secret};
use crate::store::StoreError;
use crate::store::history::RunHistory;
use crate::store::layout::{AOS_HOME, Home};
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::end::End;
use crate::task::hook_event::HookEvent;
use crate::task::run_findings::FoundProblem;
use crate::task::run_record::RunRecord;
use crate::task::spec::Spec;
use crate::task::summary::Summary;
use crate::task_log::earlier_runs;
use crate::task_log::log_range::{self, LogRange};
use crate::units::wall_time::WallTime;
use crate::work_tree::repository::root_of;

/// No more findings are told.
const MOST_FINDINGS: usize = 20;
/// So much of what is visible older scripts are told. *Units*: bytes.
const OUTPUT: usize = 4 << 10;
/// So much of the log is read for that: much of it may move a cursor. *Units*: bytes.
pub const RAW_OUTPUT: u64 = 64 << 10;

/// A task, as far as hooks have to do with it.
pub struct TaskFacts {
    /// The state's root.
    pub home: Home,
    /// The task.
    pub task: TaskDir,
    /// What was asked for. Kept, as the task may be removed while its hooks run.
    pub spec: Spec,
    /// What is not to be told to others.
    pub secrets: Secrets,
}

/// An event, with what it brings beside the task itself.
#[derive(Debug, Default)]
pub struct EventDetails {
    /// How a run ended whose end is not the task's.
    pub exit_code: Option<i32>,
    /// Where the task is reached.
    pub url: Option<String>,
    /// The files that changed.
    pub changed: Option<Vec<String>>,
    /// The line of the log.
    pub line: Option<u64>,
    /// What `pattern` is searched in; `None` where a pattern means nothing.
    pub searched: Option<Vec<String>>,
    /// What is wrong, as `aos debug --json` tells it.
    pub findings: Vec<Value>,
}

impl EventDetails {
    /// What an error brings.
    pub fn of_error(problem: &FoundProblem) -> EventDetails {
        EventDetails {
            line: Some(problem.line).filter(|line| *line > 0),
            searched: Some(problem.searched()),
            ..EventDetails::default()
        }
    }
}

impl TaskFacts {
    /// Reads a task.
    pub fn of(home: Home, task: TaskDir) -> Result<TaskFacts, StoreError> {
        let spec = task.spec()?;
        let secrets = log_range::secrets(&home, &spec);
        Ok(TaskFacts { home, task, spec, secrets })
    }

    /// Where it runs.
    pub fn cwd(&self) -> &Path {
        self.spec.cwd.as_path()
    }

    /// How many hooks above each other led to this task.
    pub fn depth(&self) -> u32 {
        self.spec.variable(DEPTH).and_then(|depth| depth.to_string().parse().ok()).unwrap_or(0)
    }

    /// What handlers get on standard input. A run that the task has left behind is told by what is
    /// known of it.
    pub fn payload(
        &self,
        event: HookEvent,
        run: u32,
        at: WallTime,
        details: &EventDetails,
        analysis: Option<&RunAnalysis>,
    ) -> Value {
        let reading = TaskSnapshot::of(&self.home, &self.task).ok();
        let row = reading.as_ref().map(|reading| reading.summary(&self.home));
        let end = reading.as_ref().and_then(TaskSnapshot::end).filter(|end| end.run == run);
        let exit_code = end.and_then(|end| end.outcome.exit_code()).or(details.exit_code);
        let findings = match (details.findings.is_empty(), analysis) {
            (true, Some(analysis)) => analysis.findings.clone(),
            _ => details.findings.clone(),
        };
        let mut payload = json!({
            "version": 1,
            "hook_event_name": event,
            "session_id": self.spec.agent_session,
            "cwd": self.spec.cwd.to_string(),
            "time": at.to_string(),
            "project": self.project(),
            "task": row,
            "run": run,
            "log": { "path": self.log_path() },
            "findings": findings.into_iter().take(MOST_FINDINGS).collect::<Vec<_>>(),
            "depth": self.depth(),
            // From here on as scripts of before expect it.
            "hookMetadata": { "toolName": "Bash" },
            "tool_input": { "command": self.spec.command.to_string() },
            "tool_response": { "output": last_of(analysis.map(|analysis| &analysis.last_output), || self.last_output(run)) },
        });
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                payload[name] = value;
            }
        };
        put("exit_code", exit_code.map(Value::from));
        put("signal", row.as_ref().and_then(|row| row.signal).filter(|_| end.is_some()).map(Value::from));
        let is_over = end.is_some() || row.as_ref().is_some_and(|row| !row.status.is_living());
        let has_failed = |row: &Summary<'_>| end.map_or(row.status.is_failure(), End::is_failure);
        put("failed", row.as_ref().filter(|_| is_over).map(|row| has_failed(row).into()));
        put("duration_ms", end.map(|end| end.wall.0.into()));
        put("url", details.url.clone().map(Value::from));
        put("changed", details.changed.clone().map(Value::from));
        put("tests", analysis.and_then(|analysis| analysis.totals).map(|totals| json!(totals)));
        put(
            "build",
            analysis
                .and_then(|analysis| analysis.build)
                .map(|passed| json!({ "outcome": if passed { "passed" } else { "failed" } })),
        );
        put("previous", self.previous(run));
        if let Some(line) = details.line {
            payload["log"]["line"] = line.into();
        }
        if let Some(code) = exit_code {
            payload["tool_response"]["exit_code"] = code.into();
        }
        payload
    }

    /// The environment of a handler: the task's own, and what says which event it is. A project's
    /// hooks are given no secrets.
    pub fn environment(&self, rule: &HookRule, payload: &Value) -> Vec<(OsString, OsString)> {
        let own: Vec<(&str, OsString)> = self.variables(payload);
        let is_kept = |name: &[u8], value: &[u8]| {
            // By its mark a run's processes are found and ended, and a handler is none of them.
            let is_ours = name == b"AOS_MARK" || own.iter().any(|(other, _)| other.as_bytes() == name);
            let is_secret = !rule.is_own && (says_secret(name) || !secret(name, value).is_empty());
            !is_ours && !is_secret
        };
        let taken = self.spec.environment().filter(|(name, value)| is_kept(name.as_bytes(), value.as_bytes()));
        let mut all: Vec<(OsString, OsString)> = taken.map(|(name, value)| (name.into(), value.into())).collect();
        all.extend(own.into_iter().map(|(name, value)| (name.into(), value)));
        with_aos_on_path(&mut all);
        all
    }

    fn variables(&self, payload: &Value) -> Vec<(&'static str, OsString)> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(OsString::from(text)),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        };
        let mut all: Vec<(&'static str, OsString)> = vec![
            (launch::TASK_ID, self.spec.id.to_string().into()),
            ("AOS_TASK_NAME", self.spec.name.to_string().into()),
            ("AOS_TASK_COMMAND", self.spec.command.to_string().into()),
            (DEPTH, (self.depth() + 1).to_string().into()),
            (AOS_HOME, self.home.path.clone().into_os_string()),
        ];
        let mut put = |name, value: &Value| all.extend(text(value).map(|value| (name, value)));
        put(EVENT, &payload["hook_event_name"]);
        put("AOS_TASK_STATUS", &payload["task"]["status"]);
        put("AOS_EXIT_CODE", &payload["exit_code"]);
        put("AOS_LOG", &payload["log"]["path"]);
        put(launch::RUN, &payload["run"]);
        let project = payload["project"].as_str().map_or_else(|| self.spec.cwd.to_string(), str::to_owned);
        all.push(("CLAUDE_PROJECT_DIR", project.into()));
        all
    }

    /// The root of the repository in which it runs.
    fn project(&self) -> Option<String> {
        let root = root_of(self.cwd())?;
        Some(root.to_string_lossy().into_owned())
    }

    fn log_path(&self) -> Option<PathBuf> {
        self.spec.adopted.is_none().then(|| self.home.log_path(self.spec.id, &self.spec.name))
    }

    /// The end of a run's output, as a reader sees it, and more than handlers are told.
    fn last_output(&self, run: u32) -> Option<String> {
        let log = LogRange::of(&self.home, self.spec.id, Some(run)).ok()?;
        let segments = log.open().ok()?;
        let end = log.end.unwrap_or_else(|| segments.end()).min(segments.end());
        let start = log.start.max(end.saturating_sub(RAW_OUTPUT));
        let mut bytes = Vec::new();
        segments.reader(start).until(end).take(RAW_OUTPUT).read_to_end(&mut bytes).ok()?;
        Some(self.secrets.hide_in(&visible(&bytes)).into())
    }

    /// The last line that is visible.
    pub fn last_line(&self, run: u32) -> String {
        last_of(None, || self.last_output(run))
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    /// The run of the same command and directory before this one.
    fn previous(&self, run: u32) -> Option<Value> {
        let began = earlier_runs::began(&self.task, run).unwrap_or_else(WallTime::now);
        let like = RunHistory::open(&self.home).ok()?.like(&self.spec.command.to_string(), &self.spec.cwd.to_string());
        let is_before = |other: &&RunRecord| other.started < began && (other.id, other.run) != (self.spec.id, run);
        let previous = like.iter().rfind(is_before)?;
        let mut told = json!({
            "run": format!("{}#{}", previous.id, previous.run),
            "status": previous.status,
            "failed": previous.status.is_failure(),
        });
        if let Some(code) = previous.exit_code {
            told["exit_code"] = code.into();
        }
        if let Some(tests) = previous.found.and_then(|found| found.tests) {
            told["tests"] = json!(tests);
        }
        Some(told)
    }
}

/// Of the end of a run's output what handlers are told: as it is known, or is to be read.
fn last_of(known: Option<&String>, read: impl FnOnce() -> Option<String>) -> String {
    let text = known.filter(|text| !text.is_empty()).cloned().or_else(read).unwrap_or_default();
    let from = text.len().saturating_sub(OUTPUT);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[from..].to_owned()
}

/// What a reader would see of bytes of a log.
pub fn visible(bytes: &[u8]) -> String {
    let (mut filter, mut text) = (Filter::new(Colours::Drop), Vec::new());
    filter.feed(bytes, &mut text);
    filter.finish(&mut text);
    String::from_utf8_lossy(&text).replace('\r', "")
}

/// Has `aos` found by its name, behind all that the task finds itself.
fn with_aos_on_path(environment: &mut Vec<(OsString, OsString)>) {
    let own = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    // The program may have another name, or be gone.
    let Some(own) = own.filter(|dir| dir.join("aos").exists()) else { return };
    let set = environment.iter_mut().find(|(name, _)| name == "PATH");
    match set {
        Some((_, path)) if std::env::split_paths(path).any(|dir| dir == own) => {}
        Some((_, path)) => {
            let separator = if path.is_empty() { "" } else { ":" };
            path.push(separator);
            path.push(&own);
        }
        None => {
            let usual = [b"/usr/local/bin:/usr/bin:/bin:", own.as_os_str().as_bytes()].concat();
            environment.push(("PATH".into(), OsString::from_vec(usual)));
        }
    }
}
