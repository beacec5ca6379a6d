//! A message, and whether a way took it.

use std::fmt;

use serde::Serialize;

/// A message for the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What it is about.
    pub title: String,
    /// What is told.
    pub message: String,
    /// How much it matters.
    pub urgency: Urgency,
}

/// How much a message matters. *Source*: Desktop Notifications Specification, "Urgency Levels".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// It can wait.
    Low,
    /// As most do.
    #[default]
    Normal,
    /// It stays until somebody has seen it.
    Critical,
}

/// A way by which messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// The desktop's notifications.
    Desktop,
    /// A terminal that shows notifications.
    Terminal,
    /// The next prompt of a shell.
    Prompt,
    /// An address that was set.
    Webhook,
    /// A command that was set.
    Command,
}

/// One way, and whether it took the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Which way.
    pub way: Way,
    /// Where that led.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why it did not take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Delivery {
    /// It took the message.
    pub fn to(way: Way, place: impl Into<String>) -> Delivery {
        Delivery { way, place: Some(place.into()), why: None }
    }

    /// It did not.
    pub fn failed(way: Way, why: impl fmt::Display) -> Delivery {
        Delivery { way, place: None, why: Some(why.to_string()) }
    }

    /// Whether it took it.
    pub fn is_done(&self) -> bool {
        self.why.is_none()
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Desktop => "desktop",
            Way::Terminal => "terminal",
            Way::Prompt => "prompt",
            Way::Webhook => "webhook",
            Way::Command => "command",
        })
    }
}
