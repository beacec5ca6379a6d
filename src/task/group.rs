//! Groups: tasks of one group begin one after another, so many at once as the group has slots.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A group's name: letters, digits, `.`, `_` and `-`, beginning with a letter or a digit. It also
/// names a directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Group(String);

/// Why a text is no group's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot be a group's name: use letters, digits, `.`, `_` and `-`, 64 at most, beginning with a letter or a digit"
)]
pub struct BadGroup(String);

const LONGEST: usize = 64;

impl Group {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Group {
    type Err = BadGroup;

    fn from_str(text: &str) -> Result<Group, BadGroup> {
        let is_name = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.len() <= LONGEST
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if is_name { Ok(Group(text.to_owned())) } else { Err(BadGroup(text.to_owned())) }
    }
}

impl TryFrom<String> for Group {
    type Error = BadGroup;

    fn try_from(text: String) -> Result<Group, BadGroup> {
        text.parse()
    }
}

impl From<Group> for String {
    fn from(group: Group) -> String {
        group.0
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Group;

    #[test]
    fn a_name_is_one_of_a_directory_below() {
        for good in ["build", "7", "a.b_c-d"] {
            assert_eq!(good.parse::<Group>().expect(good).to_string(), good);
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "-x", "a b", "ä", &"x".repeat(65)] {
            assert!(bad.parse::<Group>().is_err(), "{bad}");
            assert!(serde_json::from_str::<Group>(&format!("{bad:?}")).is_err(), "{bad}");
        }
    }
}
