//! The older Agent OS script, which knows some words that aos does not.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::actions::failure::{Failure, NOT_STARTED};
use crate::store::layout;
use crate::sys::ancestors;

/// Where it stands, below the home.
const SCRIPT: &str = "tools/aos";
/// What is its business and not ours.
const WORDS: [&str; 2] = ["update", "check"];

/// Whether a word is one that the script is given.
pub fn is_its(word: &OsString) -> bool {
    WORDS.iter().any(|other| word == other)
}

/// Becomes the script, if there is one. Returns only where there is none, or why it cannot be
/// executed.
pub fn become_it(words: &[OsString]) -> Option<Failure> {
    let path = layout::chosen_path().ok()?.join(SCRIPT);
    let failed = |why: String| Failure::new(NOT_STARTED, format!("{} is not executed: {why}", path.display()));
    match ancestors::open_own(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => Some(failed(e.to_string())),
        Ok(Err(exposed)) => Some(failed(exposed.to_string())),
        Ok(Ok(_)) => Some(failed(Command::new(&path).args(words).exec().to_string())),
    }
}
