//! `aos tasks`: the list.

use std::io::Write;
use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::{Answer, Caller, Verb, choose, output};
use crate::client::settle::settle;
use crate::store::home::Home;
use crate::store::registry::{self, Registry};
use crate::store::task_dir::TaskDir;
use crate::sys::watch::Watch;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::ui::style::{FAINT, HEADING};
use crate::ui::tasks::table;
use crate::units::stamp::Stamp;

/// List tasks: the living, and those that ended lately
#[derive(Args)]
pub struct Tasks {
    /// The word `list` may be said
    #[arg(value_parser = ["list"], hide = true)]
    list: Option<String>,
    /// All tasks, however long ago they ended
    #[arg(short, long)]
    all: bool,
    /// Only those of this directory and below
    #[arg(long)]
    here: bool,
    /// Only those that stand like this: running, failed, …
    #[arg(long, value_name = "STATUS")]
    status: Vec<Status>,
    /// Go on showing what changes
    #[arg(short, long)]
    watch: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What ended longer ago than this is not listed unless asked for. *Units*: milliseconds.
const LATELY: u64 = 24 * 60 * 60 * 1000;
/// So many of the lately ended are listed.
const MOST_ENDED: usize = 20;
/// A running task's time goes on though nothing happens.
const TICK: Duration = Duration::from_secs(1);
const CLEAR: &str = "\x1b[H\x1b[2J";

impl Verb for Tasks {
    const NAME: &'static str = "tasks";
    const ALIASES: &'static [&'static str] = &["ls", "ps", "list"];

    fn run(self, _: &Caller) -> Answer {
        let home = Home::open()?;
        if !self.watch {
            return self.show(&home, "").map(|()| 0);
        }
        let before = if output::is_seen() && !self.json { CLEAR } else { "" };
        loop {
            let changes = watch(&home)?;
            self.show(&home, before)?;
            let tick = output::is_seen().then_some(TICK);
            changes.wait(tick)?;
        }
    }
}

impl Tasks {
    fn show(&self, home: &Home, before: &str) -> Result<(), Failure> {
        settle(home)?;
        let registry = Registry::open(home)?;
        let mut rows = registry.rows();
        let is_narrowed = self.here || !self.status.is_empty();
        rows.retain(|row| {
            (!self.here || choose::is_here(&row.cwd)) && (self.status.is_empty() || self.status.contains(&row.status))
        });
        let total = rows.len();
        if !self.all && self.status.is_empty() {
            keep_recent(&mut rows, Stamp::now());
        }
        if self.json {
            return output::json(&rows);
        }
        let mut out = output::data();
        out.write_all(before.as_bytes())?;
        if rows.is_empty() {
            drop(out);
            let what = if total > 0 {
                "nothing is running, and nothing ended lately"
            } else if is_narrowed {
                "no such tasks"
            } else {
                "no tasks yet"
            };
            writeln!(anstream::stderr(), "{what}")?;
        } else {
            out.write_all(table(&rows, Stamp::now()).render(output::width(), HEADING).as_bytes())?;
        }
        if rows.len() < total {
            writeln!(anstream::stderr(), "{FAINT}{} more: aos tasks -a{FAINT:#}", total - rows.len())?;
        }
        Ok(())
    }
}

/// Leaves the living, and the newest of those that ended lately. Stamps compare as text.
fn keep_recent(rows: &mut Vec<Summary<'_>>, now: Stamp) {
    let since = Stamp(now.0.saturating_sub(LATELY as i64)).to_string();
    let is_recent = |row: &Summary<'_>| row.ended.as_deref().unwrap_or(&row.started) >= since.as_str();
    let mut room = MOST_ENDED;
    let mut kept: Vec<bool> = rows
        .iter()
        .rev()
        .map(|row| {
            let is_kept = row.status.is_living() || (room > 0 && is_recent(row));
            room -= usize::from(is_kept && !row.status.is_living());
            is_kept
        })
        .collect();
    rows.retain(|_| kept.pop().unwrap_or(false));
}

/// Births and ends show in the markers, phases in each living task's directory.
fn watch(home: &Home) -> Result<Watch, Failure> {
    let watch = Watch::new()?;
    watch.directory(&home.active()?.handle_path())?;
    for id in registry::living(home)? {
        if let Ok(task) = TaskDir::open(home, id) {
            watch.directory(&task.dir.handle_path())?;
        }
    }
    Ok(watch)
}

#[cfg(test)]
mod tests {
    use super::{MOST_ENDED, keep_recent};
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use crate::units::stamp::Stamp;

    fn row(id: u32, status: Status, ended: Option<i64>) -> Summary<'static> {
        Summary {
            id: TaskId(id),
            name: "x".into(),
            command: "x".into(),
            cwd: "/".into(),
            status,
            run: 1,
            exit_code: None,
            signal: None,
            reason: None,
            pid: None,
            supervisor_pid: None,
            started: Stamp(0).to_string().into(),
            ended: ended.map(|ms| Stamp(ms).to_string().into()),
            cpu_ms: None,
            peak_memory: None,
            log: "/x".into(),
        }
    }

    #[test]
    fn the_living_stay_and_the_newest_that_ended_lately() {
        let now = Stamp(1_000_000_000_000);
        let mut rows = vec![row(1, Status::Running, None), row(2, Status::Succeeded, Some(5))];
        rows.extend((3..40).map(|id| row(id, Status::Failed, Some(now.0 - 1000))));
        keep_recent(&mut rows, now);
        let ids: Vec<u32> = rows.iter().map(|r| r.id.0).collect();
        assert_eq!(ids.len(), 1 + MOST_ENDED);
        assert_eq!((ids[0], ids[1], ids.last()), (1, 20, Some(&39)));
    }
}
