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

/// The runs before one of a task, as the history has them: it is read once.
#[derive(Debug)]
pub struct EarlierRuns {
    history: RunHistory,
    id: TaskId,
    run: u32,
    /// When that one began.
    began: Option<WallTime>,
}

impl EarlierRuns {
    /// Reads the history, and when the run began.
    pub fn of(home: &Home, task: &TaskDir, run: u32) -> Result<EarlierRuns, StoreError> {
        Ok(EarlierRuns { history: RunHistory::open(home)?, id: task.id, run, began: began(task, run) })
    }

    /// When the run began, as far as its journal says so.
    pub fn began(&self) -> Option<WallTime> {
        self.began
    }

    /// Those of the same command and directory, newest first.
    pub fn like(&self, spec: &Spec) -> Vec<EarlierRun> {
        let began = self.began.unwrap_or_else(WallTime::now);
        let like = self.history.like(&spec.command.to_string(), &spec.cwd.to_string());
        let is_before = |other: &&RunRecord| other.started < began && (other.id, other.run) != (self.id, self.run);
        like.iter().rev().filter(is_before).map(EarlierRun::of).collect()
    }

    /// The commands of other tasks of the same directory that went well between two times, in
    /// order.
    pub fn commands_between(&self, spec: &Spec, from: WallTime, to: WallTime, most: usize) -> Vec<String> {
        let (command, cwd) = (spec.command.to_string(), spec.cwd.to_string());
        let mut commands: Vec<String> = Vec::new();
        for record in self.history.runs() {
            let is_it = record.status == Status::Succeeded && record.cwd == cwd && record.command != command;
            let is_between = (from..=to).contains(&ended(&record));
            if is_it && is_between && !commands.contains(&record.command) {
                commands.push(record.command);
            }
        }
        let surplus = commands.len().saturating_sub(most);
        commands.split_off(surplus)
    }
}

/// When a run began.
pub fn began(task: &TaskDir, run: u32) -> Option<WallTime> {
    let is_birth = |event: &JournalEvent| matches!(event, JournalEvent::Born { .. });
    let entries = journal_file::read(task);
    entries.into_iter().find(|entry| entry.run == run && is_birth(&entry.event)).map(|entry| entry.at)
}

fn ended(record: &RunRecord) -> WallTime {
    record.started.after(Span(record.wall_ms))
}
