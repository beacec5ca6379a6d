//! Runs of the same command in the same directory before another one: of the same task, and of
//! others.

use crate::store::StoreError;
use crate::store::history::RunHistory;
use crate::store::journal_file;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::run_record::RunRecord;
use crate::task::spec::Spec;
use crate::task::status::Status;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// A run that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierRun {
    /// Its task.
    pub id: TaskId,
    /// Its number.
    pub run: u32,
    /// Whether it did what it was begun for.
    pub is_good: bool,
    /// When it was over.
    pub ended: WallTime,
}

impl EarlierRun {
    /// As it is remembered.
    pub fn of(record: &RunRecord) -> EarlierRun {
        EarlierRun { id: record.id, run: record.run, is_good: record.is_good(), ended: ended(record) }
    }
}

/// Those before a run of a task, newest first.
pub fn before(home: &Home, task: &TaskDir, spec: &Spec, run: u32) -> Result<Vec<EarlierRun>, StoreError> {
    let began = began(task, run).unwrap_or_else(WallTime::now);
    let like = RunHistory::open(home)?.like(&spec.command.to_string(), &spec.cwd.to_string());
    let earlier = like.iter().rev().filter(|other| other.started < began && (other.id, other.run) != (task.id, run));
    Ok(earlier.map(EarlierRun::of).collect())
}

/// When a run began.
pub fn began(task: &TaskDir, run: u32) -> Option<WallTime> {
    let is_birth = |event: &JournalEvent| matches!(event, JournalEvent::Born { .. });
    let entries = journal_file::read(task);
    entries.into_iter().find(|entry| entry.run == run && is_birth(&entry.event)).map(|entry| entry.at)
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
    let mut commands: Vec<String> = Vec::new();
    for record in RunHistory::open(home)?.runs() {
        let is_it = record.status == Status::Succeeded && record.cwd == cwd && record.command != command;
        let is_between = (from..=to).contains(&ended(&record));
        if is_it && is_between && !commands.contains(&record.command) {
            commands.push(record.command);
        }
    }
    let surplus = commands.len().saturating_sub(most);
    Ok(commands.split_off(surplus))
}

fn ended(record: &RunRecord) -> WallTime {
    record.started.after(Span(record.wall_ms))
}
