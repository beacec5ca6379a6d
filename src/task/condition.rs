//! What a task can be waited for.

use std::fmt;
use std::str::FromStr;

use super::pattern::{BadPattern, Pattern};
use super::probe::{BadProbe, Probe};
use crate::units::span::{BadSpan, Span};

/// What a task can be waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is over.
    Exit,
    /// It is ready, as it was begun to show it; else as `auto` finds out.
    Ready,
    /// It waits for input on its terminal.
    Input,
    /// It has printed nothing for this long.
    Idle(Span),
    /// What shows that a task is ready, looked for by whoever waits.
    Probe(Probe),
}

/// What may be typed, for completions; what does not end like a word is gone on with.
pub const WORDS: [&str; 8] = ["exit", "ready", "input", "idle:", "port:", "http:", "cmd:", "/"];

/// Why a text is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCondition {
    /// Not one of the words.
    #[error("`{0}` cannot be waited for: exit, ready, input, idle:TIME, port:N, http:URL, cmd:COMMAND or /REGEX/")]
    Unknown(String),
    /// A regular expression that does not end.
    #[error("`{0}` begins like a regular expression and does not end like one: write '{0}/'")]
    Open(String),
    /// No length of time.
    #[error(transparent)]
    Span(#[from] BadSpan),
    /// No regular expression.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    /// None of what shows that a task is ready.
    #[error(transparent)]
    Probe(BadProbe),
}

impl FromStr for Condition {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Condition, BadCondition> {
        if let Some(rest) = text.strip_prefix('/') {
            let pattern: Option<&str> = rest.strip_suffix('/');
            let pattern: Pattern = pattern.ok_or_else(|| BadCondition::Open(text.to_owned()))?.parse()?;
            return Ok(Condition::Probe(Probe::Log(pattern)));
        }
        match text {
            "exit" => Ok(Condition::Exit),
            "ready" => Ok(Condition::Ready),
            "input" => Ok(Condition::Input),
            _ => match text.strip_prefix("idle:") {
                Some(span) => Ok(Condition::Idle(span.parse()?)),
                None => text.parse().map(Condition::Probe).map_err(|e| match e {
                    BadProbe::Unknown(text) => BadCondition::Unknown(text),
                    other => BadCondition::Probe(other),
                }),
            },
        }
    }
}

impl Condition {
    /// The same as what has happened when it is met: `it was ready`.
    pub fn event(&self) -> String {
        match self {
            Condition::Exit => "it ended".into(),
            Condition::Ready | Condition::Probe(Probe::Auto) => "it was ready".into(),
            Condition::Input => "it waited for input".into(),
            Condition::Idle(span) => format!("it was silent for {span}"),
            Condition::Probe(Probe::Port(port)) => format!("it listened on port {port}"),
            Condition::Probe(Probe::Http(url)) => format!("{url} answered"),
            Condition::Probe(Probe::Log(pattern)) => format!("a line matched /{pattern}/"),
            Condition::Probe(Probe::Command(line)) => format!("`{line}` succeeded"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Exit => f.write_str("exit"),
            Condition::Ready => f.write_str("ready"),
            Condition::Input => f.write_str("input"),
            Condition::Idle(Span(ms)) if ms % 1000 == 0 => write!(f, "idle:{}s", ms / 1000),
            Condition::Idle(Span(ms)) => write!(f, "idle:{ms}ms"),
            Condition::Probe(Probe::Log(pattern)) => write!(f, "/{pattern}/"),
            Condition::Probe(probe) => write!(f, "{probe}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;

    #[test]
    fn each_comes_back_from_its_text() {
        for (text, shown) in [
            ("exit", "exit"),
            ("ready", "ready"),
            ("input", "input"),
            ("idle:2m", "idle:120s"),
            ("idle:1500ms", "idle:1500ms"),
            ("/a/b/", "/a/b/"),
            ("log:done", "/done/"),
            ("port:80", "port:80"),
            ("http:80/x", "http://localhost/x"),
        ] {
            let condition: Condition = text.parse().expect(text);
            assert_eq!(condition.to_string(), shown);
            assert_eq!(shown.parse(), Ok(condition));
        }
    }

    #[test]
    fn what_makes_no_sense_says_what_would() {
        let why = |text: &str| text.parse::<Condition>().expect_err(text).to_string();
        assert!(why("done").starts_with("`done` cannot be waited for: exit, ready, input, idle:TIME"));
        assert_eq!(why("/x"), "`/x` begins like a regular expression and does not end like one: write '/x/'");
        assert!(why("/x(/").contains("unclosed group, at character 2"));
        assert!(why("//").contains("at once") && why("/").contains("does not end"));
        assert!(why("idle:soon").contains("not a length of time"));
        assert!(why("8080").contains("write port:8080"));
    }
}
