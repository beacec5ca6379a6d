//! Runs of the same command in the same directory before another one: of the same task, and of
//! others.

use crate::store::StoreError;
use crate::store::journal_file;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::task_dir::TaskDir;
use crate::task::end::Outcome;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::spec::Spec;
use crate::task::status::Status;
use crate::units::wall_time::WallTime;

/// A run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierRun {
    /// Its task.
    pub id: TaskId,
    /// Its number.
    pub run: u32,
    /// Whether it went well.
    pub is_good: bool,
    /// When it was over.
    pub ended: WallTime,
}

/// No more other tasks are looked at.
const MOST: usize = 200;

/// Those before a run of a task, newest first.
pub fn before(home: &Home, task: &TaskDir, spec: &Spec, run: u32) -> Result<Vec<EarlierRun>, StoreError> {
    let mut runs = own(task, run);
    runs.reverse();
    let (command, cwd) = (spec.command.to_string(), spec.cwd.to_string());
    let registry = Registry::open(home)?;
    let others = registry.sketches();
    let is_same = |row: &crate::task::summary::Summary<'_>| row.command == command && row.cwd == cwd;
    let earlier = others
        .iter()
        .rev()
        .filter(|sketch| sketch.id < task.id && sketch.is_over && sketch.cwd().is_some_and(|other| *other == *cwd))
        .filter_map(|sketch| sketch.summary().filter(is_same));
    runs.extend(earlier.take(MOST).filter_map(|row| {
        let ended = row.ended.as_ref()?.parse().ok()?;
        Some(EarlierRun { id: row.id, run: row.run, is_good: row.status == Status::Succeeded, ended })
    }));
    Ok(runs)
}

/// Those of the same task, in order.
fn own(task: &TaskDir, run: u32) -> Vec<EarlierRun> {
    let over = journal_file::read(task).into_iter().filter(|entry| entry.run < run);
    over.filter_map(|entry| match entry.event {
        JournalEvent::Over { outcome, .. } => {
            let is_good = outcome == Outcome::Exited(0);
            Some(EarlierRun { id: task.id, run: entry.run, is_good, ended: entry.at })
        }
        _ => None,
    })
    .collect()
}

/// The commands of other tasks of the same directory that went well between two times, in order.
pub fn commands_between(
    home: &Home,
    spec: &Spec,
    from: WallTime,
    to: WallTime,
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let (command, cwd) = (spec.command.to_string(), spec.cwd.to_string());
    let registry = Registry::open(home)?;
    let (rows, _) = registry.recent(&from.to_string(), MOST);
    let is_between = |text: &str| text.parse().is_ok_and(|time: WallTime| time > from && time <= to);
    let mut commands: Vec<String> = Vec::new();
    for row in rows {
        let is_it = row.status == Status::Succeeded && row.cwd == cwd && row.command != command;
        if is_it && row.ended.as_deref().is_some_and(is_between) && !commands.iter().any(|known| *known == row.command)
        {
            commands.push(row.command.into_owned());
        }
    }
    let surplus = commands.len().saturating_sub(most);
    Ok(commands.split_off(surplus))
}
