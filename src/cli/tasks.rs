//! `aos tasks`: the list.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::actions::{acknowledge, living, output, remarks, select};
use crate::ansi::in_json;
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile;
use crate::store::layout::Home;
use crate::store::markers;
use crate::store::task_dir::TaskDir;
use crate::sys::fs_watch::Watch;
use crate::task::status::{self, Status};
use crate::task::summary::Summary;
use crate::ui::style::{FAINT, HEADING};
use crate::ui::task_table::{AROUND, order_for, table};
use crate::units::size::Size;
use crate::units::wall_time::WallTime;

/// List tasks: all that live, and those that finished lately
#[derive(Args)]
pub struct Tasks {
    /// The word `list` may be said
    #[arg(hide = true)]
    list: Vec<String>,
    /// List all tasks, however long ago they finished
    #[arg(short, long)]
    all: bool,
    /// List only tasks of this directory and below
    #[arg(long)]
    here: bool,
    /// List only tasks of this status, or of one of several: failed,timed-out
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = statuses())]
    status: Vec<Status>,
    /// Show changes as they happen
    #[arg(short, long)]
    watch: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What may be said after the verb, and changes nothing.
const LIST: &str = "list";
/// What ended longer ago than this is not listed unless asked for. *Units*: milliseconds.
const LATELY: i64 = 24 * 60 * 60 * 1000;
/// So many of the lately ended are listed.
const MOST_ENDED: usize = 20;
/// A running task's time goes on though nothing happens.
const TICK: Duration = Duration::from_secs(1);
const CLEAR: &str = "\x1b[H\x1b[2J";

const EXAMPLES: &str = "  aos tasks             what lives, and what finished lately
  aos tasks -a --here   all tasks of this directory
  aos tasks --json      for programs";

impl Verb for Tasks {
    const NAME: &'static str = "tasks";
    const ALIASES: &'static [&'static str] = &["ls", "ps", "list"];
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        if let Some(word) = self.list.iter().find(|word| *word != LIST) {
            let failure = Failure::new(USAGE, format!("aos tasks lists all tasks, and takes no word such as `{word}`"));
            return Err(failure.hint("aos tasks -a, aos tasks --status failed, or aos show ID"));
        }
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
    /// Prints the list once. In the order of ids; where the screen has not room for all, those that
    /// live stand last.
    fn show(&self, home: &Home, before: &str) -> Result<(), Failure> {
        // Before they are read: whatever fails after that is news.
        let mut failed = acknowledge::failed(home);
        let mut registry = reconcile::registry(home)?;
        failed.extend(registry.ended_since());
        let now = WallTime::now();
        living::look_at(home, &mut registry, now);
        let is_narrowed = self.here || !self.status.is_empty();
        if self.json && self.all && !is_narrowed {
            let mut living: Vec<_> =
                registry.living_mut().1.values_mut().map(Box::as_mut).filter(|row| row.status.is_living()).collect();
            remarks::add(home, &mut living, now);
            let mut json = Vec::new();
            registry.write_json(&mut json)?;
            return Ok(std::io::stdout().write_all(&in_json::safe(&json))?);
        }
        let (mut rows, left_out) = match self.all || !self.status.is_empty() {
            true => (registry.rows(), 0),
            false => registry.recent(&WallTime(WallTime::now().0.saturating_sub(LATELY)).to_string(), MOST_ENDED),
        };
        let here = self.here.then(select::here).transpose()?;
        rows.retain(|row| {
            (!self.here || select::is_in(here.as_deref(), &row.cwd))
                && (self.status.is_empty() || self.status.contains(&row.status))
        });
        if self.json {
            remarks::add(home, &mut rows.iter_mut().collect::<Vec<_>>(), now);
            return Ok(output::json(&rows)?);
        }
        let hidden = output::size().map_or(0, |size| self.fit_screen(&mut rows, size, left_out > 0));
        remarks::add(home, &mut rows.iter_mut().collect::<Vec<_>>(), now);
        // Past the printer, which lets nothing through that moves the cursor.
        std::io::stdout().write_all(before.as_bytes())?;
        if rows.is_empty() {
            let what = match (is_narrowed, left_out) {
                (true, _) => "no such tasks",
                (false, 0) => "no tasks yet",
                (false, _) => "nothing is running, and nothing ended lately",
            };
            writeln!(output::talk(), "{what}")?;
        } else {
            let table = table(&rows, now).render(output::width(), HEADING);
            output::lines(&table)?;
            acknowledge::saw(home, &failed);
        }
        let more = hidden + if self.here { 0 } else { left_out };
        if more > 0 {
            let where_to = if self.all { "" } else { ": aos tasks -a" };
            writeln!(output::talk(), "{FAINT}{more} more{where_to}{FAINT:#}")?;
        }
        Ok(())
    }

    /// Has those that live stand last where the screen has not room for all; what goes on being
    /// shown is cut to the screen. Gives how many rows are not shown.
    fn fit_screen(&self, rows: &mut Vec<Summary<'_>>, size: Size, tells_of_more: bool) -> usize {
        let room = usize::from(size.rows).saturating_sub(AROUND + usize::from(tells_of_more));
        order_for(rows, room);
        if !self.watch || rows.len() <= room {
            return 0;
        }
        // One line less, which says how many are not shown.
        let room = room.saturating_sub(usize::from(!tells_of_more));
        rows.drain(..rows.len() - room).count()
    }
}

fn statuses() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(status::ALL.map(|(_, word)| word)).try_map(|word| word.parse::<Status>())
}

/// Births and ends show in the markers, phases in each living task's directory.
fn watch(home: &Home) -> Result<Watch, Failure> {
    let watch = Watch::new()?;
    watch.directory(home.active()?.handle_path())?;
    for id in markers::living(home)? {
        if let Ok(task) = TaskDir::open(home, id) {
            watch.directory(task.dir.handle_path())?;
        }
    }
    Ok(watch)
}
