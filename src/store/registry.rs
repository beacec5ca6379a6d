//! The registry: one file with a row for every task that is over, so that a list costs one
//! read. Only ever a projection of the task directories: lost or damaged, it is made again.
//! Readers write it, under a lock that they only try; nothing at a task's start or end waits for it.
//!
//! *Shape* of `index.json`: `{"version":1,"tasks":[…]}`, one row a line, in the order of ids.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};

use super::Error;
use super::home::{ACTIVE, Home, INDEX, INDEX_LOCK, read_marker};
use super::reading::Reading;
use super::task_dir::{BadJson, TaskDir, parse_versioned};
use crate::sys::dir::Open;
use crate::sys::lock;
use crate::task::id::TaskId;
use crate::task::spec::VERSION;
use crate::task::summary::Summary;

/// Every task of a home, as it stood when this was opened.
#[derive(Debug)]
pub struct Registry {
    index: Vec<u8>,
    fresh: BTreeMap<TaskId, Summary<'static>>,
}

#[derive(Serialize, Deserialize)]
struct Index<'a> {
    version: u32,
    #[serde(borrow)]
    tasks: Vec<Summary<'a>>,
}

impl Registry {
    /// Reads the registry and what has changed since it was written, and brings it up to date if
    /// nobody else is doing so.
    pub fn open(home: &Home) -> Result<Registry, Error> {
        let logs = home.logs()?;
        let index = match logs.read(INDEX) {
            Ok(bytes) => Some(bytes),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::File { doing: "read", what: INDEX.into(), source }),
        };
        let ended = home.ended()?.names().unwrap_or_default();
        let mut registry = match index.as_deref().map(parse_versioned::<Index<'_>>) {
            Some(Ok(_)) => Registry { index: index.unwrap_or_default(), fresh: BTreeMap::new() },
            Some(Err(BadJson::Newer(version))) => return Err(Error::Newer { what: INDEX.into(), version }),
            Some(Err(BadJson::Damaged(_))) | None => Registry::rebuild(home),
        };
        let is_settled = !registry.index.is_empty() && ended.is_empty();
        registry.take_in(home, ended.iter().filter_map(|m| read_marker(m)).map(|(id, _)| id));
        if !is_settled {
            registry.save(home, &ended);
        }
        registry.take_in(home, living(home)?.into_iter());
        Ok(registry)
    }

    /// Every task, in the order of ids.
    pub fn rows(&self) -> Vec<Summary<'_>> {
        let indexed = parse_versioned::<Index<'_>>(&self.index).map(|i| i.tasks).unwrap_or_default();
        if self.fresh.is_empty() {
            return indexed;
        }
        let mut rows: Vec<Summary<'_>> = indexed.into_iter().filter(|row| !self.fresh.contains_key(&row.id)).collect();
        rows.extend(self.fresh.values().map(borrowed));
        rows.sort_by_key(|row| row.id);
        rows
    }

    fn rebuild(home: &Home) -> Registry {
        let mut registry = Registry { index: Vec::new(), fresh: BTreeMap::new() };
        let names = home.tasks.names().unwrap_or_default();
        registry.take_in(home, names.iter().filter_map(|name| read_marker(name)).map(|(id, _)| id));
        registry.fresh.retain(|_, row| !row.status.is_living());
        registry
    }

    fn take_in(&mut self, home: &Home, ids: impl Iterator<Item = TaskId>) {
        for id in ids {
            if let Ok(reading) = TaskDir::open(home, id).and_then(|task| Reading::of(&task)) {
                self.fresh.insert(id, reading.summary(home));
            }
        }
    }

    /// Writes the registry and clears the markers it has taken in, unless somebody else is writing.
    /// A failure leaves the old file: the next reader tries again.
    fn save(&mut self, home: &Home, taken_in: &[String]) {
        let Ok(held) = lock_file(home) else { return };
        if !matches!(lock::try_take(&held), Ok(true)) {
            return;
        }
        let bytes = encode(&self.rows().into_iter().filter(|row| !row.status.is_living()).collect::<Vec<_>>());
        let Ok(()) = home.logs().map_err(io::Error::other).and_then(|logs| logs.replace(INDEX, &bytes)) else { return };
        if let Ok(ended) = home.ended() {
            for marker in taken_in {
                let _ = ended.remove(marker);
            }
        }
    }
}

/// The ids that have a marker of life, in order.
pub fn living(home: &Home) -> Result<Vec<TaskId>, Error> {
    let markers = home.active()?.names();
    let markers = markers.map_err(|source| Error::File { doing: "list", what: format!("tasks/{ACTIVE}"), source })?;
    let mut ids: Vec<TaskId> = markers.iter().filter_map(|m| read_marker(m)).map(|(id, _)| id).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Marks a task as living. Before its birth, so that no living task is ever unlisted.
pub fn mark_living(home: &Home, id: TaskId) -> Result<(), Error> {
    let made = home.active()?.file(&id.to_string(), Open::Make);
    made.map(drop).map_err(|source| Error::File { doing: "mark", what: format!("{id} as living"), source })
}

/// Takes a task off the living: its run is over and recorded.
pub fn mark_over(home: &Home, id: TaskId, run: u32) -> Result<(), Error> {
    let (active, ended) = (home.active()?, home.ended()?);
    let moved = active.rename_into(&id.to_string(), &ended, &super::home::ended_marker(id, run));
    moved.map_err(|source| Error::File { doing: "mark", what: format!("{id} as over"), source })
}

/// Takes tasks out of the registry, waiting for whoever writes it.
pub fn forget(home: &Home, ids: &[TaskId]) -> Result<(), Error> {
    let failed = |source| Error::File { doing: "write", what: INDEX.into(), source };
    let held = lock_file(home).and_then(|file| lock::take(&file).map(|()| file)).map_err(failed)?;
    let logs = home.logs()?;
    let Ok(bytes) = logs.read(INDEX) else { return Ok(()) };
    if let Ok(index) = parse_versioned::<Index<'_>>(&bytes) {
        let kept: Vec<_> = index.tasks.into_iter().filter(|row| !ids.contains(&row.id)).collect();
        logs.replace(INDEX, &encode(&kept)).map_err(failed)?;
    }
    for marker in home.ended()?.names().unwrap_or_default() {
        if read_marker(&marker).is_some_and(|(id, _)| ids.contains(&id)) {
            let _ = home.ended()?.remove(&marker);
        }
    }
    drop(held);
    Ok(())
}

/// The highest id in the registry, if it can be read.
pub fn highest_id(home: &Home) -> Option<u32> {
    let bytes = home.logs().ok()?.read(INDEX).ok()?;
    parse_versioned::<Index<'_>>(&bytes).ok()?.tasks.iter().map(|row| row.id.0).max()
}

fn lock_file(home: &Home) -> io::Result<File> {
    home.logs().map_err(io::Error::other)?.file(INDEX_LOCK, Open::Make)
}

fn encode(rows: &[Summary<'_>]) -> Vec<u8> {
    let mut bytes = format!("{{\"version\":{VERSION},\"tasks\":[").into_bytes();
    for (i, row) in rows.iter().enumerate() {
        bytes.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut bytes, row).expect("plain data always serialises");
    }
    bytes.extend_from_slice(b"\n]}\n");
    bytes
}

fn borrowed<'a>(row: &'a Summary<'static>) -> Summary<'a> {
    let lend = |text: &'a Cow<'static, str>| Cow::Borrowed(&**text);
    Summary {
        name: lend(&row.name),
        command: lend(&row.command),
        cwd: lend(&row.cwd),
        reason: row.reason.as_ref().map(lend),
        started: lend(&row.started),
        ended: row.ended.as_ref().map(lend),
        log: lend(&row.log),
        ..*row
    }
}
