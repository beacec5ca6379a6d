//! What tasks may use at most where nothing else is said: in `[limits]`, and in a group's `limits`.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::task::limits::ResourceLimits;
use crate::units::amount::{Amounted, Count, Cpus, IoPriority, LimitWord, Niceness};
use crate::units::span::Span;

/// What tasks may use at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    mem: Option<Setting<LimitWord<Amounted>>>,
    swap: Option<Setting<LimitWord<Amounted>>>,
    cpu: Option<Setting<LimitWord<Cpus>>>,
    pids: Option<Setting<LimitWord<Count>>>,
    nofile: Option<Setting<LimitWord<Count>>>,
    fsize: Option<Setting<LimitWord<Amounted>>>,
    core: Option<Setting<LimitWord<Amounted>>>,
    nice: Option<Setting<LimitWord<Niceness>>>,
    ionice: Option<Setting<LimitWord<IoPriority>>>,
    timeout: Option<Setting<LimitWord<SettingSpan>>>,
    idle_timeout: Option<Setting<LimitWord<SettingSpan>>>,
    strict: bool,
}

/// All limits that can be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitDefaults {
    /// Those of resources.
    pub resources: ResourceLimits,
    /// The longest that a task may run.
    pub timeout: Option<Span>,
    /// The longest that it may print nothing.
    pub idle_timeout: Option<Span>,
}

/// A value that may stand as a number or as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setting<T>(T);

/// A length of time among limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SettingSpan(Span);

impl LimitSettings {
    /// These in place of those that they name.
    pub fn over(&self, others: LimitDefaults) -> LimitDefaults {
        let theirs = others.resources;
        LimitDefaults {
            resources: ResourceLimits {
                mem: set(self.mem, theirs.mem, |size| size.0),
                swap: set(self.swap, theirs.swap, |size| size.0),
                cpu: set(self.cpu, theirs.cpu, |cpus| cpus),
                pids: set(self.pids, theirs.pids, |count| count.0),
                nofile: set(self.nofile, theirs.nofile, |count| count.0),
                fsize: set(self.fsize, theirs.fsize, |size| size.0),
                core: set(self.core, theirs.core, |size| size.0),
                nice: set(self.nice, theirs.nice, |nice| nice.0),
                ionice: set(self.ionice, theirs.ionice, |priority| priority),
                strict: self.strict || theirs.strict,
            },
            timeout: set(self.timeout, others.timeout, |span| span.0),
            idle_timeout: set(self.idle_timeout, others.idle_timeout, |span| span.0),
        }
    }
}

fn set<T, U>(setting: Option<Setting<LimitWord<T>>>, other: Option<U>, value: impl FnOnce(T) -> U) -> Option<U> {
    setting.map_or(other, |Setting(word)| word.amount().map(value))
}

impl FromStr for SettingSpan {
    type Err = <Span as FromStr>::Err;

    fn from_str(text: &str) -> Result<SettingSpan, Self::Err> {
        text.parse().map(SettingSpan)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Setting<T>, D::Error> {
        struct AsText<T>(PhantomData<T>);
        impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for AsText<T> {
            type Value = Setting<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Setting<T>, E> {
                text.parse().map(Setting).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Setting<T>, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Setting<T>, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Setting<T>, E> {
                self.visit_str(&number.to_string())
            }
        }
        from.deserialize_any(AsText(PhantomData))
    }
}
