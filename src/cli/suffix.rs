//! `command &aos options` where no shell integration saw it: to a shell that is `command &` and then
//! `aos options`, which must do no harm in a script that was valid before.

use std::ffi::{OsStr, OsString};
use std::io::Write;

use super::Answer;
use crate::ansi::printable;

/// Options of aos itself; any other, without a verb, can only be what followed `&aos`.
const OWN: [&str; 4] = ["-h", "--help", "-V", "--version"];

/// Whether a command line begins as one that followed an unseen `&aos`.
pub fn is_unseen(first: &OsStr) -> bool {
    first.as_encoded_bytes().starts_with(b"-") && !OWN.iter().any(|own| first == *own)
}

/// Says what became of the command, and how to have it as a task. The job itself is the shell's, so this is no failure.
pub fn explain(words: &[OsString]) -> Answer {
    let words: Vec<_> = words.iter().map(|word| printable(&word.to_string_lossy())).collect();
    let mut err = anstream::stderr().lock();
    writeln!(
        err,
        "aos: `&aos {}` was not seen by a shell: what stands before it runs as an ordinary job",
        words.join(" ")
    )?;
    writeln!(
        err,
        "  hint: `aos init --install` for your prompt; in a script: aos run -b {} -- COMMAND",
        words.join(" ")
    )?;
    Ok(0)
}
