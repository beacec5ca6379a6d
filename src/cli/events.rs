//! `aos events`: what happens to all tasks, in one stream.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;
use nix::errno::Errno;
use nix::poll::{PollTimeout, poll};

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::store::journal_file;
use crate::store::layout::{ACTIVE, Home, TASKS};
use crate::store::registry::Registry;
use crate::store::task_dir::{JOURNAL, TaskDir};
use crate::sys::fs_watch::{BLIND, Watch, WatchEvent};
use crate::task::id::TaskId;
use crate::task::journal::JournalEntry;
use crate::ui::style::FAINT;

const EXAMPLES: &str = "  aos events                      what happened to all tasks, in order
  aos events -f --json web        what happens to web from now on, an object a line";

/// Print what happened to tasks, as it happened
///
/// The journals of all tasks in one stream, ordered by time. `aos why ID` tells one task's.
#[derive(Args)]
pub struct Events {
    /// The tasks; default: all
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Print only what happens from now on, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Print JSON, an object a line
    #[arg(long)]
    json: bool,
}

impl Verb for Events {
    const NAME: &'static str = "events";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let wanted = match self.ids.is_empty() {
            true => None,
            false => Some(select::tasks(&home, &self.ids)?.whole()?),
        };
        let mut stream = EventStream { wanted, known: BTreeMap::new() };
        if !self.follow {
            stream.look_for_tasks(&home)?;
            self.print(stream.news(&home))?;
            return Ok(0);
        }
        // Watched first, so that nothing that comes meanwhile is missed.
        let watch = Watch::new()?;
        for dir in [TASKS.to_owned(), format!("{TASKS}/{ACTIVE}")] {
            let _ = watch.directory(home.path.join(dir));
        }
        stream.look_for_tasks(&home)?;
        stream.watch(&home, &watch);
        stream.news(&home);
        loop {
            wait(&watch)?;
            // Where nothing but what is watched was written to there is no other task.
            if watch.told() != WatchEvent::Written {
                stream.look_for_tasks(&home)?;
                stream.watch(&home, &watch);
            }
            self.print(stream.news(&home))?;
        }
    }
}

/// Waits until something has changed.
fn wait(watch: &Watch) -> io::Result<()> {
    let mut fds = Vec::new();
    let is_told = watch.watch(&mut fds);
    let most = if is_told { PollTimeout::NONE } else { PollTimeout::try_from(BLIND).unwrap_or(PollTimeout::ZERO) };
    match poll(&mut fds, most) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

impl Events {
    fn print(&self, news: Vec<(TaskId, JournalEntry)>) -> Result<(), Failure> {
        for (id, entry) in news {
            if self.json {
                let mut told = serde_json::to_value(&entry).map_err(io::Error::from)?;
                told["task"] = serde_json::to_value(id).map_err(io::Error::from)?;
                // Lines do not repeat the version of JSON, and have none of the journal's.
                told.as_object_mut().map(|fields| fields.remove("version"));
                output::json(&told)?;
                continue;
            }
            let (at, run) = (entry.at.local(), entry.run);
            writeln!(output::data(), "{FAINT}{at}{FAINT:#} {id}#{run}  {}", printable(&entry.event.to_string()))?;
        }
        Ok(())
    }
}

struct EventStream {
    wanted: Option<Vec<TaskId>>,
    /// How far the journals are told. *Units*: bytes.
    known: BTreeMap<TaskId, u64>,
}

impl EventStream {
    /// Takes in the tasks that there are by now.
    fn look_for_tasks(&mut self, home: &Home) -> Result<(), Failure> {
        let ids = match &self.wanted {
            Some(ids) => ids.clone(),
            None => Registry::open(home)?.rows().iter().map(|row| row.id).collect(),
        };
        self.known.retain(|id, _| ids.contains(id));
        ids.into_iter().for_each(|id| _ = self.known.entry(id).or_default());
        Ok(())
    }

    /// Has every journal watched that can grow.
    fn watch(&self, home: &Home, watch: &Watch) {
        for id in self.known.keys() {
            let _ = watch.file(home.task_path(*id).join(JOURNAL));
        }
    }

    /// What has come since this was last asked, in order. Of a journal that has not grown only the
    /// length is looked at.
    fn news(&mut self, home: &Home) -> Vec<(TaskId, JournalEntry)> {
        let mut news = Vec::new();
        for (id, told) in &mut self.known {
            let length = std::fs::symlink_metadata(home.task_path(*id).join(JOURNAL)).map_or(0, |found| found.len());
            if length == *told {
                continue;
            }
            let Ok(task) = TaskDir::open(home, *id) else { continue };
            let (entries, position) = journal_file::read_from(&task, *told);
            *told = position;
            news.extend(entries.into_iter().map(|entry| (*id, entry)));
        }
        news.sort_by_key(|(_, entry)| entry.at);
        news
    }
}
