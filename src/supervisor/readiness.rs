//! Whether the task is ready. An aide looks for what shows it, from the launch until it is there or the task
//! is over; the supervisor writes down what the aide says.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::aide::{Aide, Heard, become_aide, say};
use super::desk::Supervisor;
use super::keeper;
use super::sweep;
use crate::client::lookout::{Look, Lookout};
use crate::store::home::Home;
use crate::store::shells;
use crate::store::task_dir::TaskDir;
use crate::sys::watch::Watch;
use crate::task::journal::Event as Note;
use crate::task::ready::{Ready, Sight};
use crate::units::signal::Signal;
use crate::units::stamp::Stamp;

/// The verb of the aide that looks.
pub const LOOKOUT: &str = "__ready";
/// What it is called in `ps`.
const NAME: &str = "ready?";
/// So often it is noted what is found instead: what comes and goes again and again fills no journal.
const MOST_NOTED: usize = 12;

/// What the aide says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The task is ready; nothing more follows.
    Ready(Sight),
    /// It is not, and something else is found than before.
    NotYet(String),
}

impl Supervisor {
    /// Has somebody look for what shows that the task is ready, if anybody wants to know.
    pub fn begin_to_look(&mut self) {
        let Some(probe) = &self.probe else { return };
        let what = probe.sought();
        self.note(Note::LookedFor { what });
        match Aide::begin(LOOKOUT, &self.dir) {
            Ok(aide) => self.lookout = Some(aide),
            Err(e) => self.note(Note::Problem { what: format!("nobody can look whether it is ready: {e}") }),
        }
    }

    /// Writes down what was seen.
    pub fn hear_lookout(&mut self) {
        let Some(Heard { words, is_gone }) = self.lookout.as_mut().map(Aide::listen) else { return };
        for word in words {
            match word {
                Word::NotYet(why) => self.note(Note::NotReady { why }),
                Word::Ready(sight) => self.become_ready(sight),
            }
        }
        if is_gone {
            self.lookout = None;
            if self.state.ready.is_none() {
                self.note(Note::Problem { what: "who looked whether it is ready is gone".into() });
            }
        }
    }

    /// Takes in what was said before the end, and says so if that was never what was wanted.
    pub fn end_looking(&mut self) {
        self.hear_lookout();
        self.lookout = None;
        if let (Some(probe), None) = (&self.probe, &self.state.ready) {
            let what = probe.sought();
            self.note(Note::NeverReady { what });
        }
    }

    fn become_ready(&mut self, sight: Sight) {
        let at = Stamp::now();
        self.note(Note::Ready { how: sight.how.clone(), url: sight.url.clone() });
        self.state.ready = Some(Ready { at, after: at.since(self.state.started), sight });
        self.save_state();
        shells::ring(&self.home);
    }
}

/// Is the aide that looks; its task's directory is the word after the verb.
pub fn look_out(words: &[OsString]) -> i32 {
    let is_done =
        words.get(1).ok_or(io::ErrorKind::InvalidInput.into()).and_then(|dir| look_until_seen(Path::new(dir)));
    sweep::signal(Signal::KILL);
    i32::from(is_done.is_err())
}

fn look_until_seen(dir: &Path) -> io::Result<()> {
    become_aide(NAME)?;
    let (home, id) = keeper::task_of(dir).ok_or(io::ErrorKind::InvalidInput)?;
    let home = Home::at(home).map_err(io::Error::other)?;
    let task = TaskDir::open(&home, id).map_err(io::Error::other)?;
    let spec = task.spec().map_err(io::Error::other)?;
    let state = task.state().map_err(io::Error::other)?;
    let (Some(probe), Some(state)) = (spec.ready, state) else { return Err(io::ErrorKind::NotFound.into()) };
    let mut lookout = Lookout::new(&home, &task, state, &probe).map_err(io::Error::other)?;
    let changes = Watch::new()?;
    let mut noted: Vec<String> = Vec::new();
    loop {
        if let Some(log) = lookout.log() {
            // Under its name there may be another file by now; watching one twice is watching it once.
            let _ = changes.file(&log.to_string_lossy());
        }
        match lookout.look() {
            Look::Seen(sight) => return say(&Word::Ready(sight)),
            Look::NotYet(why) if noted.last() != Some(&why) && noted.len() < MOST_NOTED => {
                say(&Word::NotYet(why.clone()))?;
                noted.push(why);
            }
            Look::NotYet(_) => {}
        }
        changes.wait(lookout.next_look())?;
    }
}
