//! `aos notify`: tells the user something, wherever he is.

use std::io::{self, IsTerminal, Read, Write};

use clap::Args;
use serde_json::json;

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::actions::{hook_caller, output, session};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::notify::dispatch::{self, AtPrompt};
use crate::notify::notice::{Delivery, Notice, Urgency};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::store::{notification, shells};
use crate::task::hook_event::HookEvent;

/// Tell the user something
///
/// By the desktop, by the terminals of shells that show notifications (tmux, kitty, iTerm2,
/// WezTerm, Ghostty, foot and others), at the next prompt, and by what `[notify]` in
/// ~/.agent-os/config.toml has: `webhook`, `command`, `bell`. Says where it went. In a hook without
/// a message: how the task stands; and there it never fails.
#[derive(Args)]
pub struct Notify {
    /// The message; `-`, or nothing with something on standard input: what stands there
    #[arg(value_name = "MESSAGE")]
    message: Vec<String>,
    /// What it is about
    #[arg(short, long, value_name = "TEXT")]
    title: Option<String>,
    /// How much it matters
    #[arg(short, long, value_enum, default_value_t = Urgency::Normal, value_name = "LEVEL")]
    urgency: Urgency,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// No more of standard input is a message. *Units*: bytes.
const LONGEST: u64 = 4096;

const NOWHERE: &str = "no desktop, no shell that has loaded aos, and nothing set in [notify] took it";

const EXAMPLES: &str = "  aos notify deployed
  make 2>&1 | tail -1 | aos notify -t build -";

impl Verb for Notify {
    const NAME: &'static str = "notify";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let reading = hook_caller::task()
            .and_then(|id| TaskDir::open(&home, id).and_then(|task| TaskSnapshot::of(&home, &task)).ok());
        let text = self.text()?;
        let is_own = text.is_none();
        let message = match (text, &reading) {
            (Some(text), _) => text,
            (None, Some(reading)) => told(reading),
            (None, None) => {
                return Err(Failure::new(USAGE, "there is no message").hint("aos notify MESSAGE, or … | aos notify -"));
            }
        };
        let about = || reading.as_ref().map_or_else(|| "aos".into(), |reading| reading.spec.name.to_string());
        let notice = Notice { title: self.title.clone().unwrap_or_else(about), message, urgency: self.urgency };
        let session = reading.as_ref().map_or_else(session::of_shell, |reading| reading.spec.session.clone());
        let settings = home.config().map(|config| config.notify).unwrap_or_default();
        let session = session.filter(|session| shells::is_there(&home, session));
        // The shell that has begun a task tells of its end by itself.
        let is_of_end = is_own && hook_caller::event().as_deref() == Some(HookEvent::BackgroundTaskComplete.name());
        let at_prompt = if is_of_end && session.is_some() { AtPrompt::Known } else { AtPrompt::Told };
        let went = dispatch::send(&home, &settings, &notice, session.as_ref(), at_prompt);
        self.tell(&notice, &went)?;
        let is_told = went.iter().any(Delivery::is_done);
        Ok(if is_told || hook_caller::is_hook() { 0 } else { NO })
    }
}

impl Notify {
    /// The message, if there is one.
    fn text(&self) -> io::Result<Option<String>> {
        let words = self.message.join(" ");
        let is_read = words == "-" || (words.is_empty() && !hook_caller::is_hook() && !io::stdin().is_terminal());
        let text = if is_read {
            let mut bytes = Vec::new();
            io::stdin().take(LONGEST).read_to_end(&mut bytes)?;
            String::from_utf8_lossy(&bytes).trim().to_owned()
        } else {
            words
        };
        Ok((!text.is_empty()).then_some(text))
    }

    fn tell(&self, notice: &Notice, went: &[Delivery]) -> io::Result<()> {
        if self.json {
            let mut told = json!(notice);
            told["went"] = json!(went);
            return output::object(told);
        }
        let (done, failed): (Vec<&Delivery>, Vec<&Delivery>) = went.iter().partition(|delivery| delivery.is_done());
        for Delivery { way, why, .. } in failed {
            writeln!(output::talk(), "{way}: {}", printable(why.as_deref().unwrap_or_default()))?;
        }
        let place =
            |delivery: &&Delivery| format!("{} ({})", delivery.way, delivery.place.as_deref().unwrap_or_default());
        let places: Vec<String> = done.iter().map(place).collect();
        match places.is_empty() {
            true => writeln!(output::talk(), "aos: nobody was told: {NOWHERE}"),
            false => writeln!(output::data(), "told: {}", printable(&places.join(", "))),
        }
    }
}

/// How a task stands.
fn told(reading: &TaskSnapshot) -> String {
    let command = reading.spec.command.to_string();
    match reading.end() {
        Some(end) => notification::of_end(reading.spec.id, &command, end),
        None => {
            let sight = reading.state.as_ref().and_then(|state| state.ready.as_ref()).map(|ready| &ready.sight);
            let standing = match sight.map(|sight| sight.url.as_deref()) {
                Some(Some(url)) => format!("ready at {url}"),
                Some(None) => "ready".to_owned(),
                None => reading.status().to_string(),
            };
            format!("[{}] {}  {}", reading.spec.id, printable(&standing), printable(&command))
        }
    }
}
