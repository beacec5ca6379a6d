//! A task that is over and not watched: as little of it as its row needs.

use std::rc::Rc;

use crate::ansi::printable;
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::tui::view::model::TaskView;
use crate::units::wall_time::WallTime;

/// Such a task.
#[derive(Clone, Debug)]
pub struct PastTask {
    /// Its id.
    pub id: TaskId,
    /// Its name, safe to print.
    pub name: Box<str>,
    /// Where it ran.
    pub cwd: Rc<str>,
    /// How it ended.
    pub status: Status,
    /// When, as a stamp's text.
    pub ended: Box<str>,
    /// How many errors its output tells of.
    pub errors: u64,
}

impl PastTask {
    /// That of a row. Directories are shared between those that ran in the same.
    pub fn of(row: &Summary<'_>, last: Option<&PastTask>) -> PastTask {
        let cwd = match last {
            Some(last) if *last.cwd == *row.cwd => Rc::clone(&last.cwd),
            Some(_) | None => Rc::from(&*row.cwd),
        };
        PastTask {
            id: row.id,
            name: printable(&row.name).into(),
            cwd,
            status: row.status,
            ended: row.ended.as_deref().unwrap_or(&row.started).into(),
            errors: row.findings.map_or(0, |found| found.errors),
        }
    }

    /// That of a task that was watched.
    pub fn of_view(task: &TaskView) -> PastTask {
        PastTask {
            id: task.id,
            name: task.name.as_str().into(),
            cwd: Rc::from(task.cwd.as_str()),
            status: task.status,
            ended: task.ended.unwrap_or(task.started).to_string().into(),
            errors: task.found.errors,
        }
    }

    /// When it ended, if that can be read.
    pub fn ended(&self) -> Option<WallTime> {
        self.ended.parse().ok()
    }
}
