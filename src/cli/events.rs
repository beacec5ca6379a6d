//! `aos events`: what happens to all tasks, in one stream.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::store::journal_file;
use crate::store::layout::{ACTIVE, Home, TASKS};
use crate::store::registry::Registry;
use crate::store::task_dir::{JOURNAL, TaskDir};
use crate::sys::fs_watch::Watch;
use crate::task::id::TaskId;
use crate::task::journal::JournalEntry;
use crate::ui::style::FAINT;
use clap::Args;

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
            self.print(stream.news(&home)?)?;
            return Ok(0);
        }
        // Watched first, so that nothing that comes meanwhile is missed.
        let watch = Watch::new()?;
        for dir in [TASKS.to_owned(), format!("{TASKS}/{ACTIVE}")] {
            let _ = watch.directory(home.path.join(dir));
        }
        stream.watch(&home, &watch)?;
        stream.news(&home)?;
        loop {
            watch.wait(None)?;
            // Whatever is told is looked at below.
            let _ = watch.told();
            stream.watch(&home, &watch)?;
            self.print(stream.news(&home)?)?;
        }
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
    /// How many entries of a task's journal are told, and how long it was then.
    known: BTreeMap<TaskId, (usize, u64)>,
}

impl EventStream {
    fn tasks(&self, home: &Home) -> Result<Vec<TaskId>, Failure> {
        match &self.wanted {
            Some(ids) => Ok(ids.clone()),
            None => Ok(Registry::open(home)?.rows().iter().map(|row| row.id).collect()),
        }
    }

    /// Has every journal watched that can grow.
    fn watch(&self, home: &Home, watch: &Watch) -> Result<(), Failure> {
        for id in self.tasks(home)? {
            let journal = home.task_path(id).join(JOURNAL);
            let _ = watch.file(journal);
        }
        Ok(())
    }

    /// What has come since this was last asked, in order.
    fn news(&mut self, home: &Home) -> Result<Vec<(TaskId, JournalEntry)>, Failure> {
        let mut news = Vec::new();
        for id in self.tasks(home)? {
            let Ok(task) = TaskDir::open(home, id) else { continue };
            let length = task.dir.look_at(JOURNAL).map_or(0, |found| found.size);
            let (told, before) = self.known.get(&id).copied().unwrap_or_default();
            if length == before && before > 0 {
                continue;
            }
            let entries = journal_file::read(&task);
            self.known.insert(id, (entries.len(), length));
            news.extend(entries.into_iter().skip(told).map(|entry| (id, entry)));
        }
        news.sort_by_key(|(_, entry)| entry.at);
        Ok(news)
    }
}
