//! A message, and where it went.

use std::fmt;

use serde::Serialize;

use super::programs::Programs;
use super::{desktop, shell_terminals};
use crate::config::NotifySettings;
use crate::store::layout::Home;
use crate::store::shells;
use crate::task::session::Session;

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

/// Whether the next prompt tells a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtPrompt {
    /// It does.
    Told,
    /// It tells the same by itself.
    Known,
}

/// Sends a message by all ways; `session` is the shell that it is for, else it is for all.
pub fn send(
    home: &Home,
    settings: &NotifySettings,
    notice: &Notice,
    session: Option<&Session>,
    at_prompt: AtPrompt,
) -> Vec<Delivery> {
    // What takes longest begins first.
    let programs = Programs::begin(settings, notice);
    let mut went = Vec::new();
    if settings.desktop {
        went.extend(desktop::show(notice).map(|shown| match shown {
            Ok(()) => Delivery::to(Way::Desktop, "its notifications"),
            Err(why) => Delivery::failed(Way::Desktop, why),
        }));
    }
    let shells: Vec<Session> = match session {
        Some(session) => vec![session.clone()],
        None => shells::sessions(home),
    };
    if settings.terminal {
        went.extend(shell_terminals::show(notice, &shells, settings.bell));
    }
    if at_prompt == AtPrompt::Told {
        went.extend(prompt(home, notice, &shells));
    }
    went.extend(programs.finish());
    went
}

/// The next prompt of each of these shells.
fn prompt(home: &Home, notice: &Notice, shells: &[Session]) -> Option<Delivery> {
    let line = crate::ansi::printable(&format!("{}: {}", notice.title, notice.message));
    let told = shells.iter().filter(|shell| shells::is_there(home, shell)).count();
    shells.iter().for_each(|shell| shells::tell(home, Some(shell), None, &line));
    shells::ring(home);
    let place = if told == 1 { "of one shell".into() } else { format!("of {told} shells") };
    (told > 0).then(|| Delivery::to(Way::Prompt, place))
}
