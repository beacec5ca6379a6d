//! What the user has set: an address that is told by curl, a command that is given the message.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::notice::{Delivery, Notice, Way};
use crate::config::NotifySettings;
use crate::sys::{polling, process};

/// No program is waited for longer.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// No more of what they say went wrong is told. *Units*: bytes.
const MOST_SAID: usize = 300;

/// Programs that have the message, and have not answered yet.
pub struct Programs {
    begun: Vec<(Way, String, io::Result<Child>)>,
    until: Instant,
}

impl Programs {
    /// Begins what is set.
    pub fn begin(settings: &NotifySettings, notice: &Notice) -> Programs {
        let mut begun = Vec::new();
        if let Some(address) = &settings.webhook {
            begun.push((Way::Webhook, address.clone(), tell_address(address, notice)));
        }
        if let Some(line) = &settings.command {
            begun.push((Way::Command, line.clone(), run(line, notice)));
        }
        Programs { begun, until: Instant::now() + PATIENCE }
    }

    /// Waits for them.
    pub fn finish(self) -> Vec<Delivery> {
        let until = self.until;
        let end =
            |(way, place, child): (Way, String, io::Result<Child>)| match child.and_then(|child| end(child, until)) {
                Ok(()) => Delivery::to(way, place),
                Err(why) => Delivery::failed(way, why),
            };
        self.begun.into_iter().map(end).collect()
    }
}

/// The address may hold a secret, and arguments are seen by everybody: it is read from the standard
/// input, as all the rest.
fn tell_address(address: &str, notice: &Notice) -> io::Result<Child> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let data = json!({ "title": notice.title, "message": notice.message, "urgency": notice.urgency }).to_string();
    let config = format!("url = \"{}\"\ndata = \"{}\"\n", quoted(address), quoted(&data));
    let words = ["-sS", "--fail", "-m", "5", "-o", "/dev/null", "-H", "Content-Type: application/json", "-K", "-"];
    begin(Command::new("curl").args(words), config.as_bytes())
}

fn run(line: &str, notice: &Notice) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).env("AOS_TITLE", &notice.title).env("AOS_MESSAGE", &notice.message);
    begin(&mut command, format!("{}\n", notice.message).as_bytes())
}

fn begin(command: &mut Command, input: &[u8]) -> io::Result<Child> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    // A message is smaller than a pipe. Who does not read it is told by what it ends with.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(&input[..input.len().min(32 << 10)]);
    }
    Ok(child)
}

fn end(mut child: Child, until: Instant) -> io::Result<()> {
    if !process::end_within(&mut child, until.saturating_duration_since(Instant::now()))? {
        return Err(io::Error::other(format!("no answer within {}s", PATIENCE.as_secs())));
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let mut said = vec![0; MOST_SAID];
    // Somebody whom it has left behind may hold it open: what is there now is all.
    let is_said = |stderr: &ChildStderr| polling::is_readable(stderr.as_fd());
    let length = child.stderr.take().filter(is_said).map_or(0, |mut stderr| stderr.read(&mut said).unwrap_or(0));
    said.truncate(length);
    let said = String::from_utf8_lossy(&said);
    let first = said.lines().next().unwrap_or_default().trim();
    Err(io::Error::other(if first.is_empty() { status.to_string() } else { first.to_owned() }))
}
