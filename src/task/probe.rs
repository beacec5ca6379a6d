//! What shows that a task is ready.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::http_url::{BadUrl, HttpUrl};
use super::pattern::{BadPattern, Pattern};

/// What shows that a task is ready. *Shape*: `auto`, `port:3000`, `http://localhost:3000/health`,
/// `log:REGEX`, `cmd:COMMAND`, in JSON too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Probe {
    /// It listens, and says so, or goes on listening.
    Auto,
    /// One of its processes listens on this port.
    Port(u16),
    /// This answers with success.
    Http(HttpUrl),
    /// A line of its log matches.
    Log(Pattern),
    /// This command succeeds, run by sh beside it.
    Command(String),
}

/// What may be typed, for completions; what ends with a colon is gone on with.
pub const WORDS: [&str; 5] = ["auto", "port:", "http:", "log:", "cmd:"];

/// Why a text is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProbe {
    /// Not one of the words.
    #[error("`{0}` does not say what shows that a task is ready: auto, port:N, http:URL, log:REGEX or cmd:COMMAND")]
    Unknown(String),
    /// A number alone.
    #[error("`{0}` alone says nothing: write port:{0}")]
    Number(String),
    /// No port.
    #[error("`{0}` is no port: write a number between 1 and 65535, as in port:3000")]
    Port(String),
    /// Nothing after `cmd:`.
    #[error("cmd: needs a command: write 'cmd:pg_isready -q'")]
    NoCommand,
    /// No URL that can be asked.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// No regular expression.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
}

impl FromStr for Probe {
    type Err = BadProbe;

    fn from_str(text: &str) -> Result<Probe, BadProbe> {
        let unknown = || match text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            true => BadProbe::Number(text.to_owned()),
            false => BadProbe::Unknown(text.to_owned()),
        };
        let (kind, rest) = match text.split_once(':') {
            None if text == "auto" => return Ok(Probe::Auto),
            None => return Err(unknown()),
            Some(parts) => parts,
        };
        match kind {
            "port" => Ok(Probe::Port(port(rest)?)),
            "http" | "https" if rest.starts_with("//") => Ok(Probe::Http(text.parse()?)),
            "http" => Ok(Probe::Http(rest.parse()?)),
            "log" => Ok(Probe::Log(rest.parse()?)),
            "cmd" if rest.trim().is_empty() => Err(BadProbe::NoCommand),
            "cmd" => Ok(Probe::Command(rest.to_owned())),
            _ => Err(unknown()),
        }
    }
}

fn port(text: &str) -> Result<u16, BadProbe> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_plain && *port > 0).ok_or_else(|| BadProbe::Port(text.to_owned()))
}

impl Probe {
    /// What is looked for, in words.
    pub fn sought(&self) -> String {
        match self {
            Probe::Auto => "a port that it listens on".into(),
            Probe::Port(port) => format!("port {port}"),
            Probe::Http(url) => format!("an answer of {url}"),
            Probe::Log(pattern) => format!("a line that matches /{pattern}/"),
            Probe::Command(line) => format!("the success of `{line}`"),
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Probe::Auto => f.write_str("auto"),
            Probe::Port(port) => write!(f, "port:{port}"),
            Probe::Http(url) => write!(f, "{url}"),
            Probe::Log(pattern) => write!(f, "log:{pattern}"),
            Probe::Command(line) => write!(f, "cmd:{line}"),
        }
    }
}

impl TryFrom<String> for Probe {
    type Error = BadProbe;

    fn try_from(text: String) -> Result<Probe, BadProbe> {
        text.parse()
    }
}

impl From<Probe> for String {
    fn from(probe: Probe) -> String {
        probe.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Probe;

    #[test]
    fn each_comes_back_from_its_text() {
        for (text, shown) in [
            ("auto", "auto"),
            ("port:3000", "port:3000"),
            ("http:3000/up", "http://localhost:3000/up"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http:localhost:3000", "http://localhost:3000/"),
            ("log:ready: \\d+", "log:ready: \\d+"),
            ("cmd:curl -fs http://x", "cmd:curl -fs http://x"),
        ] {
            let probe: Probe = text.parse().expect(text);
            assert_eq!(probe.to_string(), shown);
            assert_eq!(shown.parse(), Ok(probe));
        }
    }

    #[test]
    fn what_makes_no_sense_says_what_would() {
        let why = |text: &str| text.parse::<Probe>().expect_err(text).to_string();
        for bad in ["", "yes", "Auto", "tcp:3000", "auto:"] {
            assert!(why(bad).contains("auto, port:N, http:URL, log:REGEX or cmd:COMMAND"), "{bad}");
        }
        assert_eq!(why("3000"), "`3000` alone says nothing: write port:3000");
        for bad in ["port:", "port:0", "port:70000", "port:+80", "port:http"] {
            assert!(why(bad).contains("between 1 and 65535"), "{bad}");
        }
        assert!(why("https://localhost").contains("cmd:curl -fsk https://localhost"));
        assert!(why("log:(").contains("unclosed group, at character 1"));
        assert!(why("log:").contains("at once") && why("cmd: ").contains("needs a command"));
    }
}
