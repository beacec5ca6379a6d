//! A message on its way: by all ways that are there, and said which took it.

use super::notice::{Delivery, Notice, Way};
use super::programs::Programs;
use super::{desktop, shell_terminals};
use crate::config::NotifySettings;
use crate::store::layout::Home;
use crate::store::shells;
use crate::task::session::Session;

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
