//! Shells that want to hear of tasks. Each has files named after its session, which is gone when
//! its shell is.
//!
//! *Shape*, below `shells/`: `4242-1k3` lines for the shell to print, one a run that is over, only
//! ever appended to; `4242-1k3.any` the same, for a shell that wants to hear of every task;
//! `4242-1k3.bell` a FIFO that gets a byte whenever something has changed; `4242-1k3.tells-7.4711`
//! says that process 4711 tells at that shell's terminal how task 7 ends, so that no line is needed
//! there. Only notices live here: a lost one loses no truth.

use std::io::{self, Write};

use super::StoreError;
use super::layout::{Home, SHELLS};
use crate::sys::dir::{Dir, OpenMode};
use crate::sys::line_append::append_lines;
use crate::sys::proc;
use crate::task::id::TaskId;
use crate::task::session::Session;

/// What a name in `shells/` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellFile {
    /// Lines about the tasks of this session.
    Own,
    /// Lines about every task.
    Any,
    /// A byte for every change.
    Bell,
    /// What its prompt writes before it lists markers: as old as that list.
    Look,
    /// A process that tells of a task's end at the shell's terminal.
    Tells(TaskId, i32),
}

const ANY: &str = "any";
const BELL: &str = "bell";
const LOOK: &str = "look";
const TELLS: &str = "tells-";

/// Somebody who tells a shell of a task's end himself, as long as this is kept.
#[derive(Debug)]
pub struct Telling {
    shells: Dir,
    name: String,
}

impl Drop for Telling {
    fn drop(&mut self) {
        let _ = self.shells.remove(&self.name);
    }
}

/// Says that this process tells the shell of the task's end. Where that cannot be written down the
/// shell hears of it twice.
pub fn telling(home: &Home, session: &Session, id: TaskId) -> Option<Telling> {
    let shells = home.shells().ok()?;
    let name = name(session, ShellFile::Tells(id, i32::try_from(std::process::id()).ok()?));
    shells.file(&name, OpenMode::Append).ok()?;
    Some(Telling { shells, name })
}

/// Enters a shell; shells that are gone are cleared away. Gives the names of its files.
pub fn join(home: &Home, session: &Session, roles: &[ShellFile]) -> Result<Vec<String>, StoreError> {
    let shells = home.shells()?;
    let names: Vec<String> = roles.iter().map(|role| name(session, *role)).collect();
    for (role, name) in roles.iter().zip(&names) {
        let made = match role {
            ShellFile::Own | ShellFile::Any | ShellFile::Look | ShellFile::Tells(..) => {
                shells.file(name, OpenMode::Append).map(drop)
            }
            ShellFile::Bell => shells.make_fifo(name),
        };
        made.map_err(|source| StoreError::File { doing: "make", what: format!("{SHELLS}/{name}"), source })?;
    }
    clear(&shells);
    Ok(names)
}

/// Takes a shell out: it closes.
pub fn leave(home: &Home, session: &Session) -> Result<(), StoreError> {
    let shells = home.shells()?;
    let names = entries(&shells).into_iter().filter(|(_, (of, _))| of == session);
    names.for_each(|(name, _)| drop(shells.remove(&name)));
    Ok(())
}

/// Tells shells one line about a task of this session's, if it has one. Where it is of the task's
/// end, and somebody tells of that at a shell's terminal, that shell needs no line.
pub fn tell(home: &Home, session: Option<&Session>, ended: Option<TaskId>, line: &str) {
    let present = home.root.sub(SHELLS).map(|shells| entries(&shells)).unwrap_or_default();
    let is_told = |session: &Session| {
        present.iter().any(|(_, (of, role))| match role {
            ShellFile::Tells(task, teller) => {
                // One that was killed has left its file, and tells nothing.
                of == session && Some(*task) == ended && proc::stat(*teller).is_ok_and(|p| !p.is_zombie())
            }
            ShellFile::Own | ShellFile::Any | ShellFile::Bell | ShellFile::Look => false,
        })
    };
    if let Some(session) = session
        && proc::stat(session.pid()).is_ok()
        && !is_told(session)
        && let Ok(shells) = home.shells()
        // Who hears of every task has this line from below.
        && shells.file(&name(session, ShellFile::Any), OpenMode::Write).is_err()
    {
        append(&shells, &name(session, ShellFile::Own), line);
    }
    if let Ok(shells) = home.root.sub(SHELLS) {
        let any = present.iter().filter(|(_, (of, role))| *role == ShellFile::Any && !is_told(of));
        any.for_each(|(other, _)| append(&shells, other, line));
    }
}

/// The shells that have entered and are still there.
pub fn sessions(home: &Home) -> Vec<Session> {
    let mut found: Vec<Session> = Vec::new();
    let shells = home.root.sub(SHELLS).map(|shells| entries(&shells)).unwrap_or_default();
    for (_, (session, role)) in shells {
        if !matches!(role, ShellFile::Tells(..) | ShellFile::Look)
            && !found.contains(&session)
            && is_there(home, &session)
        {
            found.push(session);
        }
    }
    found
}

/// Whether a shell has entered and is still there.
pub fn is_there(home: &Home, session: &Session) -> bool {
    let has = |role| home.root.sub(SHELLS).is_ok_and(|shells| shells.look_at(&name(session, role)).is_some());
    proc::stat(session.pid()).is_ok() && (has(ShellFile::Own) || has(ShellFile::Any))
}

/// Rings every shell's bell: something has changed.
pub fn ring(home: &Home) {
    let Ok(shells) = home.root.sub(SHELLS) else { return };
    let mut is_anybody_gone = false;
    for (name, (_, role)) in entries(&shells) {
        // A bell that is full has been rung already.
        if role == ShellFile::Bell {
            let rung = shells.file(&name, OpenMode::Tell).and_then(|mut bell| bell.write_all(b"\n"));
            is_anybody_gone |= rung.is_err_and(|e| e.raw_os_error() == Some(libc::ENXIO));
        }
    }
    if is_anybody_gone {
        clear(&shells);
    }
}

/// Removes what belongs to shells that are gone.
fn clear(shells: &Dir) {
    for (name, (session, _)) in entries(shells) {
        if matches!(proc::stat(session.pid()), Err(e) if e.kind() == io::ErrorKind::NotFound) {
            let _ = shells.remove(&name);
        }
    }
}

fn append(shells: &Dir, name: &str, line: &str) {
    let _ = shells.file(name, OpenMode::Append).and_then(|file| append_lines(&file, format!("{line}\n").as_bytes()));
}

fn entries(shells: &Dir) -> Vec<(String, (Session, ShellFile))> {
    let names = shells.names().unwrap_or_default().into_iter();
    names.filter_map(|name| read(&name).map(|what| (name, what))).collect()
}

fn name(session: &Session, role: ShellFile) -> String {
    match role {
        ShellFile::Own => session.to_string(),
        ShellFile::Any => format!("{session}.{ANY}"),
        ShellFile::Bell => format!("{session}.{BELL}"),
        ShellFile::Look => format!("{session}.{LOOK}"),
        ShellFile::Tells(id, pid) => format!("{session}.{TELLS}{}.{pid}", id.0),
    }
}

fn read(name: &str) -> Option<(Session, ShellFile)> {
    let (session, role) = match name.split_once('.') {
        None => (name, ShellFile::Own),
        Some((session, ANY)) => (session, ShellFile::Any),
        Some((session, BELL)) => (session, ShellFile::Bell),
        Some((session, LOOK)) => (session, ShellFile::Look),
        Some((session, tells)) if tells.starts_with(TELLS) => {
            let (id, pid) = tells.strip_prefix(TELLS)?.split_once('.')?;
            (session, ShellFile::Tells(TaskId(id.parse().ok()?), pid.parse().ok()?))
        }
        Some(_) => return None,
    };
    Some((session.parse().ok()?, role))
}
