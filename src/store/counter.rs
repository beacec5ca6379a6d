//! The id counter: every task of a home gets a number that none had before.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use super::layout::{COUNTER, Home, read_marker};
use super::{StoreError, registry_file};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::lock;
use crate::task::id::TaskId;

/// The greatest id that a task gets: the number after it stands for none.
const GREATEST: u32 = TaskId::NONE_YET.0 - 1;

/// Why a task gets no id.
#[derive(Debug, thiserror::Error)]
#[error("no id is left: something has {}, which is the greatest", TaskId(GREATEST))]
struct NoneLeft;

/// Makes the directory of a new task, under an id that was never used. If the counter is lost or
/// damaged it goes on from the highest id that anything still shows. *Errors*: where that is the
/// greatest there is.
pub fn new_task(home: &Home) -> Result<(TaskId, Dir), StoreError> {
    let mut file = home.tasks.own_file(COUNTER, OpenMode::Make).map_err(failed)?;
    lock::take(&file).map_err(failed)?;
    let mut next = match read(&mut file).map_err(failed)? {
        Some(next) => next,
        None => after(highest_seen(home)?).map_err(failed)?,
    };
    loop {
        match home.tasks.make(&TaskId(next).to_string()) {
            Ok(()) => break,
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                // Not the next one: before a counter that was set back there may be thousands.
                next = after(next.max(highest_seen(home)?)).map_err(failed)?;
            }
            Err(e) => return Err(failed(e)),
        }
    }
    let id = TaskId(next);
    // After the directory: a crash in between leaves a name that the next task passes over.
    write(&mut file, next + 1).map_err(failed)?;
    Ok((id, home.tasks.sub(&id.to_string()).map_err(failed)?))
}

/// The id that the next task gets.
pub fn next(home: &Home) -> Result<TaskId, StoreError> {
    let read = home.tasks.file(COUNTER, OpenMode::Read).and_then(|mut file| read(&mut file)).ok().flatten();
    read.map_or_else(|| after(highest_seen(home)?).map_err(failed), Ok).map(TaskId)
}

fn failed(source: io::Error) -> StoreError {
    StoreError::File { doing: "count up", what: "the next task's id".into(), source }
}

fn after(id: u32) -> io::Result<u32> {
    if id < GREATEST { Ok(id + 1) } else { Err(io::Error::other(NoneLeft)) }
}

fn read(file: &mut File) -> io::Result<Option<u32>> {
    let mut text = String::new();
    match file.take(64).read_to_string(&mut text) {
        Err(e) if e.kind() == io::ErrorKind::InvalidData => return Ok(None),
        read => read?,
    };
    // Nobody has begun so many tasks that the greatest is reached: such a counter is damaged.
    Ok(text.trim().parse().ok().filter(|next| (1..=GREATEST).contains(next)))
}

/// One write of a fixed width: it cannot be torn into another number.
fn write(file: &mut File, next: u32) -> io::Result<()> {
    file.rewind()?;
    file.write_all(format!("{next:010}\n").as_bytes())
}

fn highest_seen(home: &Home) -> Result<u32, StoreError> {
    let listed = |dir: &Dir| dir.names().unwrap_or_default();
    let in_logs = home.task_logs().map(|dir| listed(&dir)).unwrap_or_default();
    let of_log = |name: &String| {
        let rest = name.strip_prefix("task-")?;
        let digits = rest.find('-')?;
        // Logs of the older tool are called task-<date>-<time>-<hex>: no id of ours has eight
        // digits there.
        rest[..digits].parse::<u32>().ok().filter(|_| digits < 8)
    };
    let of_tasks = listed(&home.tasks).iter().filter_map(|name| read_marker(name)).map(|(id, _)| id.0).max();
    let registered = registry_file::highest_id(home);
    let of_logs = in_logs.iter().filter_map(of_log).max();
    Ok([of_tasks, registered, of_logs].into_iter().flatten().max().unwrap_or(0))
}
