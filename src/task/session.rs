//! A shell at which somebody sits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A shell at which somebody sits. *Shape*: `4242-1k3`, its pid and what tells it from the pid's
/// next owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Session {
    pid: i32,
    text: String,
}

/// Why a text names no session.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` names no shell: its pid, a hyphen, and letters or digits")]
pub struct BadSession(String);

impl Session {
    /// The shell's pid.
    pub fn pid(&self) -> i32 {
        self.pid
    }
}

impl FromStr for Session {
    type Err = BadSession;

    fn from_str(text: &str) -> Result<Session, BadSession> {
        let bad = || BadSession(text.to_owned());
        let (pid, rest) = text.split_once('-').ok_or_else(bad)?;
        let is_plain = !rest.is_empty() && rest.len() <= 40 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        let pid = pid.parse().ok().filter(|pid| *pid > 0 && is_plain).ok_or_else(bad)?;
        Ok(Session { pid, text: text.to_owned() })
    }
}

impl TryFrom<String> for Session {
    type Error = BadSession;

    fn try_from(text: String) -> Result<Session, BadSession> {
        text.parse()
    }
}

impl From<Session> for String {
    fn from(session: Session) -> String {
        session.text
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Session;

    #[test]
    fn a_session_comes_back_from_its_text() {
        let session: Session = "4242-1k3".parse().expect("a session");
        assert_eq!((session.pid(), session.to_string().as_str()), (4242, "4242-1k3"));
    }

    #[test]
    fn nothing_that_could_be_a_path_is_a_session() {
        for bad in ["", "4242", "-x", "0-a", "-3-a", "4242-", "4242-../x", "4242-a/b", "4242-a.any", "x-1"] {
            assert!(bad.parse::<Session>().is_err(), "{bad}");
        }
    }
}
