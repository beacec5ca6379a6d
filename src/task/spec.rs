//! What was asked for: everything needed to start a task, and to start it again.

use std::collections::BTreeMap;

use std::ffi::OsStr;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::adopted_spec::Adopted;
use super::command::Command;
use super::format::{self, BadFormat, Format};
use super::health::HealthCheck;
use super::id::TaskId;
use super::json_length;
use super::limits::ResourceLimits;
use super::name::Name;
use super::notify_when::NotifyWhen;
use super::os_bytes::OsBytes;
use super::probe::Probe;
use super::restart_policy::RestartPolicy;
use super::sandbox::Sandbox;
use super::session::Session;
use super::shell_state;
use super::start_condition::Schedule;
use super::streams::Streams;
use crate::units::signal::Signal;
use crate::units::size::Size;
use crate::units::span::Span;
use crate::units::tty_modes::Modes;
use crate::units::wall_time::WallTime;

/// What stands for a text of a task that cannot be read.
pub const UNKNOWN: &str = "?";

/// The version of the spec's format. Version 1 had `limits` for `time_limits`, and so had version
/// 2, which was that of tasks that were adopted.
pub const VERSION: u32 = 3;
/// Up to this version time limits were called [`OLD_TIME_LIMITS`].
const OLD: u32 = 2;
const OLD_TIME_LIMITS: &str = "limits";
const TIME_LIMITS: &str = "time_limits";
const RESOURCE_LIMITS: &str = "resource_limits";
const HEALTH: &str = "health";
const SANDBOX: &str = "sandbox";

/// What was asked for. *Shape*: `spec.json`, written once, before birth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The format's version.
    pub version: u32,
    /// The task.
    pub id: TaskId,
    /// What it is called.
    pub name: Name,
    /// What it runs.
    pub command: Command,
    /// Which processes it is, if they were running before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<Adopted>,
    /// Whose state the command is run in; the state itself is the task's `shell-state`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell_state: Option<shell_state::ShellKind>,
    /// Where it runs.
    pub cwd: OsBytes,
    /// When it was asked for.
    pub created: WallTime,
    /// What its input and output are.
    pub terminal: Terminal,
    /// The modes in which its terminal begins, where whoever asked for it was at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modes: Option<Modes>,
    /// Which of its standard streams are not its terminal.
    #[serde(default, skip_serializing_if = "Streams::are_usual")]
    pub streams: Streams,
    /// When it is ended though it did not end by itself.
    pub time_limits: TimeLimits,
    /// What it may use at most.
    #[serde(default, skip_serializing_if = "ResourceLimits::is_none")]
    pub resource_limits: ResourceLimits,
    /// When it begins, if not at once.
    #[serde(default, skip_serializing_if = "Schedule::is_at_once")]
    pub begins: Schedule,
    /// What shows that it is ready, if anybody wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Probe>,
    /// How it is looked whether it is healthy, if anybody wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// What becomes of processes that outlive the leader.
    pub survivors: Survivors,
    /// Whether it is begun again when it has ended, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<RestartPolicy>,
    /// Files upon whose change it is begun again: globs, relative to `cwd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watch: Vec<OsBytes>,
    /// When the user is told of it by the ways of `aos notify`, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<NotifyWhen>,
    /// Tells this task from every other anywhere.
    pub nonce: String,
    /// The shell at which it was asked for, if that wants to hear of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// The session of a coding agent that asked for it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_session: Option<String>,
    /// What it is kept from, if from anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<Sandbox>,
    /// File mode creation mask. *Units*: mode bits, decimal in JSON.
    pub umask: u32,
    /// Resource limits, soft and hard, by the names that getrlimit(2) gives them. *Units*: as
    /// there; the largest number is no limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rlimits: BTreeMap<String, (u64, u64)>,
    /// Which of these fields a reader that does not know them must not pass over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_understand: Vec<String>,
    /// The environment, in order. Last, for whoever reads the file by eye.
    pub env: Vec<(OsBytes, OsBytes)>,
}

impl Format for Spec {
    const VERSION: u32 = VERSION;
    const UNDERSTOOD: &'static [&'static str] = &[
        "adopted",
        "shell_state",
        "streams",
        TIME_LIMITS,
        RESOURCE_LIMITS,
        "begins",
        "ready",
        HEALTH,
        "survivors",
        "restart",
        "watch",
        "rlimits",
        SANDBOX,
    ];

    fn of_older(version: u32, bytes: &[u8]) -> serde_json::Result<Spec> {
        let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes)?;
        if version <= OLD
            && let Some(limits) = fields.remove(OLD_TIME_LIMITS)
        {
            fields.insert(TIME_LIMITS.to_owned(), limits);
        }
        serde_json::from_value(fields.into())
    }
}

impl Spec {
    /// Reads a spec for who does not ask for the environment and the resource limits of whoever
    /// began it, which are most of it: they are gone through, and left out.
    pub fn without_surroundings(bytes: &[u8]) -> Result<Spec, BadFormat> {
        match split_surroundings(bytes) {
            Some(others) => format::parse(&others),
            None => format::parse(bytes),
        }
    }

    /// The environment, as the standard library takes it.
    pub fn environment(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.env.iter().map(|(name, value)| (name.as_os(), value.as_os()))
    }

    /// The value of a variable of the environment.
    pub fn variable(&self, name: &str) -> Option<&OsBytes> {
        self.env.iter().find(|(other, _)| other.0 == name.as_bytes()).map(|(_, value)| value)
    }

    /// What stands for what was asked for where that cannot be read.
    pub fn unknown(id: TaskId, name: Option<Name>, created: WallTime) -> Spec {
        let command = Command::Shell { shell: OsBytes::default(), line: OsBytes::from(UNKNOWN) };
        Spec {
            version: VERSION,
            id,
            name: name.unwrap_or_else(|| Name::of(&command)),
            command,
            adopted: None,
            shell_state: None,
            cwd: OsBytes::from(UNKNOWN),
            created,
            terminal: Terminal::Pipes,
            modes: None,
            streams: Streams::default(),
            time_limits: TimeLimits { timeout: None, idle_timeout: None, grace: Span(0), stop_signal: Signal::TERM },
            resource_limits: ResourceLimits::default(),
            begins: Schedule::default(),
            ready: None,
            health: None,
            survivors: Survivors::Swept,
            restart: None,
            watch: Vec::new(),
            notify: None,
            nonce: String::new(),
            session: None,
            agent_session: None,
            sandbox: None,
            umask: 0,
            rlimits: BTreeMap::new(),
            must_understand: Vec::new(),
            env: Vec::new(),
        }
    }

    /// The fields that promise something which an older aos would not keep.
    pub fn promises(&self) -> Vec<String> {
        let limits = (!self.resource_limits.is_none()).then_some(RESOURCE_LIMITS);
        let sandbox = self.sandbox.as_ref().map(|_| SANDBOX);
        let health = self.health.as_ref().map(|_| HEALTH);
        limits.into_iter().chain(sandbox).chain(health).map(str::to_owned).collect()
    }

    /// What every process of a run has in its environment as `AOS_MARK`.
    pub fn mark(&self, run: u32) -> String {
        format!("{}.{run}.{}", self.id, self.nonce)
    }

    /// Whether that is such a mark, of whichever run.
    pub fn has_mark(&self, mark: &str) -> bool {
        let run = mark.strip_prefix(&format!("{}.", self.id)).and_then(|rest| rest.strip_suffix(&self.nonce));
        run.is_some_and(|run| run.ends_with('.'))
    }
}

/// A spec's text with an empty environment, and without resource limits if they stand before that.
/// `None` where it is written otherwise.
fn split_surroundings(bytes: &[u8]) -> Option<Vec<u8>> {
    const ENVIRONMENT: &[u8] = b",\"env\":";
    let others = without_last(bytes.trim_ascii_end().strip_suffix(b"}")?, ENVIRONMENT)?;
    let others = without_last(others, b",\"rlimits\":").unwrap_or(others);
    Some([others, ENVIRONMENT, b"[]}"].concat())
}

/// A text without the last of its fields, if it has this name: that cannot stand in a value, as a
/// quote in it is escaped.
fn without_last<'t>(text: &'t [u8], field: &[u8]) -> Option<&'t [u8]> {
    let at = memmem::rfind(text, field)?;
    let value = &text[at + field.len()..];
    let after = &value[json_length::length(value)?..];
    after.trim_ascii().is_empty().then_some(&text[..at])
}

/// What a task's standard input and output are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Terminal {
    /// A terminal of its own, of this size.
    Pty(Size),
    /// /dev/null to read, a pipe to write (`--no-pty`).
    Pipes,
    /// What they were before it was adopted.
    Kept,
}

/// When a task is ended though it did not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLimits {
    /// The longest it may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// The longest it may print nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Span>,
    /// How long it may take to end after it was asked to.
    pub grace: Span,
    /// What asks it to end.
    pub stop_signal: Signal,
}

/// What becomes of processes that outlive the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Survivors {
    /// They are asked to end, then killed.
    Swept,
    /// They are left alone (`--keep-children`).
    Kept,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Spec, split_surroundings};
    use crate::task::id::TaskId;
    use crate::task::os_bytes::OsBytes;
    use crate::units::wall_time::WallTime;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_its_surroundings_a_spec_is_the_same_whatever_stands_in_it(
            cwd in "[a-z\"\\\\{},:\\[\\]]{0,20}",
            values in proptest::collection::vec("(,\"env\":\\[|[a-z\"{}\\]\\\\]){0,9}", 0..4),
            limits in proptest::collection::vec(("(,\"rlimits\":|[a-z\"{}]){0,3}", (0u64.., 0u64..)), 0..3),
        ) {
            let env = values.iter().map(|value| (OsBytes::from("env"), OsBytes::from(&**value))).collect();
            let rlimits: BTreeMap<_, _> = limits.into_iter().collect();
            let whole = Spec { cwd: OsBytes::from(&*cwd), env, rlimits, ..Spec::unknown(TaskId(7), None, WallTime(1)) };
            let text = serde_json::to_vec(&whole).expect("plain data");
            prop_assert!(split_surroundings(&text).is_some(), "it is written so");
            let read = Spec::without_surroundings(&text);
            let bare = Spec { env: Vec::new(), rlimits: BTreeMap::new(), ..whole.clone() };
            prop_assert_eq!(read, Ok(bare));
            // What must be understood stands between them; then the limits are read.
            let promising = Spec { must_understand: vec!["rlimits".to_owned()], ..whole };
            let read = Spec::without_surroundings(&serde_json::to_vec(&promising).expect("plain data"));
            prop_assert_eq!(read, Ok(Spec { env: Vec::new(), ..promising }));
        }

        #[test]
        fn a_spec_that_is_cut_is_damaged_with_and_without_its_surroundings(cut in 0usize..400) {
            let env = vec![(OsBytes::from("PATH"), OsBytes::from("/bin"))];
            let whole = Spec { env, ..Spec::unknown(TaskId(7), None, WallTime(1)) };
            let text = serde_json::to_vec(&whole).expect("plain data");
            prop_assert!(Spec::without_surroundings(&text[..cut.min(text.len() - 1)]).is_err());
        }
    }
}
