//! What `config.toml` says: text in, values out. What is not known there is an error with its line,
//! never passed over.
//!
//! *Shape*:
//! ```toml
//! [groups.build]
//! slots = 2
//!
//! limits = { mem = "4GiB" }
//!
//! [limits]
//! pids = 2000
//! timeout = "8h"
//!
//! [attach]
//! detach_key = "C-]"
//!
//! [logs]
//! segment = "64MiB"
//! per_task = "1GiB"
//! total = "10GiB"
//! keep_days = 90
//! keep_tasks = 10000
//!
//! [debug]
//! auto_fix = true
//!
//! [notify]
//! desktop = true
//! terminal = true
//! bell = false
//! webhook = "https://example.org/hook"
//! command = "ntfy publish builds"
//! ```

pub mod limit_settings;

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use toml::Spanned;

use crate::task::group::Group;
use crate::task::retention::Keep;
use crate::units::size::Bytes;
use crate::units::span::Span;
use limit_settings::{LimitDefaults, LimitSettings};

/// What the user has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Groups, by their names.
    pub groups: BTreeMap<Group, Slots>,
    /// What tasks may use at most, in whichever group.
    pub limits: LimitSettings,
    /// How a task's terminal is attached to.
    pub attach: AttachSettings,
    /// How much is kept of what tasks print.
    pub logs: LogSettings,
    /// What may be done about what is found.
    pub debug: DebugSettings,
    /// How messages reach the user.
    pub notify: NotifySettings,
}

/// Settings of messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifySettings {
    /// Whether the desktop shows them.
    pub desktop: bool,
    /// Whether terminals that can show them do.
    pub terminal: bool,
    /// Whether terminals ring.
    pub bell: bool,
    /// An address to which they are sent as JSON.
    pub webhook: Option<String>,
    /// A line of sh that is given each.
    pub command: Option<String>,
}

impl Default for NotifySettings {
    fn default() -> NotifySettings {
        NotifySettings { desktop: true, terminal: true, bell: false, webhook: None, command: None }
    }
}

/// Settings of the diagnosis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DebugSettings {
    /// Whether a hook may run `aos debug --auto-fix`.
    pub auto_fix: bool,
}

/// A group's settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// How many of its tasks run at once.
    #[serde(default)]
    slots: SlotCount,
    /// What its tasks may use at most.
    #[serde(default)]
    limits: LimitSettings,
}

/// How many slots there are: from 1 to [`MOST_SLOTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
struct SlotCount(usize);

/// Settings of attaching.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttachSettings {
    /// The key that detaches again, if it is not the usual one.
    pub detach_key: Option<String>,
}

/// Settings of logs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// When a log is this large its next part begins, and this one is compressed.
    #[serde(deserialize_with = "segment")]
    pub segment: Bytes,
    /// When the log of a task takes more on disk, its oldest parts are dropped.
    #[serde(deserialize_with = "bytes")]
    pub per_task: Bytes,
    /// When all logs together take more on disk, the oldest are compressed, then dropped.
    #[serde(deserialize_with = "bytes")]
    pub total: Bytes,
    /// Tasks that ended so long ago are removed.
    keep_days: AtLeastOne,
    /// Of more tasks that are over, the oldest are removed.
    keep_tasks: AtLeastOne,
    /// What shows a long one page by page, if it is not what `$PAGER` says; empty or `cat`: nothing
    /// does.
    pub pager: Option<String>,
}

/// How much is kept of something that cannot be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
struct AtLeastOne(u32);

/// A log's parts are no smaller.
const LEAST_SEGMENT: Bytes = Bytes(64 << 10);

impl Default for SlotCount {
    fn default() -> SlotCount {
        SlotCount(1)
    }
}

impl Default for LogSettings {
    fn default() -> LogSettings {
        LogSettings {
            segment: Bytes(64 << 20),
            per_task: Bytes(1 << 30),
            total: Bytes(10 << 30),
            keep_days: AtLeastOne(90),
            keep_tasks: AtLeastOne(10_000),
            pager: None,
        }
    }
}

impl LogSettings {
    /// Which tasks that are over are kept.
    pub fn keep(&self) -> Keep {
        let age = Span(u64::from(self.keep_days.0) * 24 * 60 * 60 * 1000);
        Keep { age, tasks: usize::try_from(self.keep_tasks.0).unwrap_or(usize::MAX) }
    }
}

fn bytes<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
    String::deserialize(d)?.parse().map_err(D::Error::custom)
}

fn segment<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
    let size = bytes(d)?;
    if size >= LEAST_SEGMENT { Ok(size) } else { Err(D::Error::custom("a segment is 64KiB at least")) }
}

/// A group has no more slots than this.
pub const MOST_SLOTS: usize = 1000;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {why}")]
pub struct BadConfig {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

impl Config {
    /// Reads a configuration.
    pub fn parse(text: &str) -> Result<Config, BadConfig> {
        let config: Config = toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            BadConfig { line: line_at(text, at), why: e.message().replace('\n', " ") }
        })?;
        if config.logs.total < config.logs.segment {
            let why = "total, for all logs together, is less than segment, a part of one".to_owned();
            return Err(BadConfig { line: line_at(text, Places::find(text)), why });
        }
        Ok(config)
    }

    /// What tasks of a group may use at most, where nothing else is said.
    pub fn limits_of(&self, group: Option<&Group>) -> LimitDefaults {
        let all = self.limits.over(LimitDefaults::default());
        group.and_then(|group| self.groups.get(group)).map_or(all, |group| group.limits.over(all))
    }

    /// How many of a group's tasks run at once: 1, where nothing is said.
    pub fn slots(&self, group: &Group) -> usize {
        self.groups.get(group).map_or(1, |group| group.slots.0)
    }
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where settings stand that do not go together.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Places {
    logs: LogPlaces,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LogPlaces {
    total: Option<Spanned<String>>,
    segment: Option<Spanned<String>>,
}

impl Places {
    fn find(text: &str) -> usize {
        let LogPlaces { total, segment } = toml::from_str::<Places>(text).unwrap_or_default().logs;
        total.or(segment).map_or(0, |value| value.span().start)
    }
}

impl TryFrom<i64> for AtLeastOne {
    type Error = String;

    fn try_from(count: i64) -> Result<AtLeastOne, String> {
        let most = u32::MAX;
        let kept = u32::try_from(count).ok().filter(|count| *count > 0);
        kept.map(AtLeastOne).ok_or_else(|| format!("from 1 to {most} are kept, not {count}"))
    }
}

impl TryFrom<i64> for SlotCount {
    type Error = String;

    fn try_from(count: i64) -> Result<SlotCount, String> {
        let slots = usize::try_from(count).ok().filter(|count| (1..=MOST_SLOTS).contains(count));
        slots.map(SlotCount).ok_or_else(|| format!("a group has 1 to {MOST_SLOTS} slots, not {count}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{BadConfig, Config};
    use crate::task::group::Group;
    use crate::units::size::Bytes;
    use proptest::prelude::*;

    fn slots(config: &str, group: &str) -> usize {
        Config::parse(config).expect(config).slots(&group.parse::<Group>().expect(group))
    }

    #[test]
    fn what_is_not_said_is_one() {
        assert_eq!(slots("", "build"), 1);
        assert_eq!(slots("[groups.build]\nslots = 3\n", "build"), 3);
        assert_eq!(slots("[groups.build]\nslots = 3\n", "test"), 1);
        let attach = Config::parse("[attach]\ndetach_key = \"C-]\"").expect("it").attach;
        let logs = Config::parse("[logs]\nsegment = \"128KiB\"").expect("it").logs;
        assert_eq!((logs.segment, logs.per_task, logs.total), (Bytes(128 << 10), Bytes(1 << 30), Bytes(10 << 30)));
        assert_eq!(logs.keep().age.to_string(), "90d00h");
        assert_eq!(attach.detach_key.as_deref(), Some("C-]"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, part) in [
            ("\n[groups.build]\nslotz = 2", 3, "slotz"),
            ("[groups.build]\nslots = 0", 2, "1 to 1000 slots"),
            ("[groups.build]\nslots = 'two'", 2, "string"),
            ("[groups.\"a b\"]\nslots = 1", 1, "cannot be a group's name"),
            ("[gruops]\n", 1, "gruops"),
            ("[logs]\nsegment = '1KiB'", 2, "64KiB at least"),
            ("[logs]\nper_task = 'much'", 2, "no size"),
            ("[logs]\ntotal = '-1'", 2, "no size"),
            ("[logs]\nsegment = '2MiB'\ntotal = '1MiB'", 3, "less than segment"),
            ("[logs]\n\nsegment = '20GiB'", 3, "less than segment"),
            ("[logs]\nkeep_tasks = 0", 2, "not 0"),
            ("[logs]\nkeep_days = -3", 2, "not -3"),
            ("[logs]\nkeep_days = 'long'", 2, "string"),
            ("a = \n", 1, ""),
        ] {
            let BadConfig { line: at, why } = Config::parse(text).expect_err(text);
            assert!(at == line && why.contains(part), "{text}: {at}: {why}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Config::parse(&text);
        }
    }
}
