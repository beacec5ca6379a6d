//! A task's id: a number, never used twice under one home.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A task's id. *Shape*: `task-007`: three digits or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// Why a text is no task id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no task id: an id looks like task-007, or 7 for short")]
pub struct BadId(String);

impl TaskId {
    /// What stands for the id of a task that is being made, and has no place yet.
    pub const NONE_YET: TaskId = TaskId(u32::MAX);
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("task-{:03}", self.0))
    }
}

impl FromStr for TaskId {
    type Err = BadId;

    /// Takes `task-007`, `007` and `7`. There is no task 0.
    fn from_str(text: &str) -> Result<TaskId, BadId> {
        let digits = text.strip_prefix("task-").unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match digits.parse() {
            Ok(number) if is_number && number > 0 => Ok(TaskId(number)),
            _ => Err(BadId(text.to_owned())),
        }
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<TaskId, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::TaskId;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_id() {
        for text in ["", "task-", "0", "task-000", "-7", "+7", "7a", "99999999999", "task-7-web"] {
            assert!(text.parse::<TaskId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn comes_back_from_its_own_text(number in 1u32..) {
            let id = TaskId(number);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(number.to_string().parse(), Ok(id));
        }
    }
}
