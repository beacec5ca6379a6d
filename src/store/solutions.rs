//! What is remembered of problems and what helped: one file of the home, with a lock for whoever
//! changes it.

use std::io;

use super::StoreError;
use super::layout::Home;
use super::task_dir::encode;
use crate::sys::dir::OpenMode;
use crate::sys::lock;
use crate::task::format::{self, BadFormat};
use crate::task::run_findings::FoundProblem;
use crate::task::solutions::Solutions;

/// The file.
const FILE: &str = "solutions.json";
/// Held by whoever changes it.
const LOCK: &str = "solutions.lock";
/// It is no longer. *Units*: bytes.
const LONGEST: u64 = 16 << 20;

/// What is remembered: nothing, where the file is damaged. *Errors*: it is of a newer aos, or no
/// file.
pub fn read(home: &Home) -> Result<Solutions, StoreError> {
    let bytes = match home.root.read(FILE, LONGEST) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Solutions::default()),
        read => read.map_err(|source| StoreError::File { doing: "read", what: FILE.into(), source })?,
    };
    match format::parse(&bytes) {
        Ok(known) => Ok(known),
        Err(BadFormat::Damaged(_)) => Ok(Solutions::default()),
        Err(newer) => Err(StoreError::of_format(FILE.into(), newer)),
    }
}

/// Whether a problem is none to its user. What cannot be read says so of none.
pub fn is_muted(home: &Home, fingerprint: &str) -> bool {
    read(home).is_ok_and(|known| known.is_muted(fingerprint))
}

/// Those of these problems that are some to their user. Where there are none, nothing is read.
pub fn unmuted(home: &Home, problems: Vec<FoundProblem>) -> Vec<FoundProblem> {
    if problems.is_empty() {
        return problems;
    }
    let known = read(home).unwrap_or_default();
    problems.into_iter().filter(|problem| !known.is_muted(&problem.fingerprint)).collect()
}

/// Changes it, waiting for whoever does so now.
pub fn change(home: &Home, act: impl FnOnce(&mut Solutions)) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { doing: "write", what: FILE.into(), source };
    let held = home.root.own_file(LOCK, OpenMode::Make).map_err(failed)?;
    lock::take(&held).map_err(failed)?;
    let before = read(home)?;
    let mut known = before.clone();
    act(&mut known);
    if known == before { Ok(()) } else { home.root.replace(FILE, &encode(&known)).map_err(failed) }
}
