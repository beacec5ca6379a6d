//! `command &aos options` where no shell integration saw it: to a shell that is `command &` and
//! then `aos options`, which must do no harm in a script that was valid before.

use std::ffi::OsString;
use std::io::Write;

use clap::{Args, Command};

use super::RUN;
use super::run::{COMMAND, Run};
use crate::actions::failure::VerbResult;
use crate::ansi::printable;

/// Whether a command line may be what followed an unseen `&aos`: options that `aos run` has, and
/// nothing else.
pub fn is_unseen(words: &[OsString]) -> bool {
    let Some(word) = words.first().and_then(|word| word.to_str()).filter(|word| word.starts_with('-')) else {
        return false;
    };
    let run = Run::augment_args(Command::new(RUN)).no_binary_name(true).mut_arg(COMMAND, |arg| arg.required(false));
    let is_of_run = match word.strip_prefix("--") {
        Some(long) => {
            let name = long.split('=').next().unwrap_or(long);
            run.get_arguments().any(|arg| arg.get_long() == Some(name))
        }
        None => word.chars().nth(1).is_some_and(|letter| run.get_arguments().any(|a| a.get_short() == Some(letter))),
    };
    is_of_run && run.try_get_matches_from(words).map_or(true, |matches| !matches.contains_id(COMMAND))
}

/// Says what became of the command, and how to have it as a task. The job itself is the shell's, so
/// this is no failure.
pub fn explain(words: &[OsString]) -> VerbResult {
    let words: Vec<_> = words.iter().map(|word| printable(&word.to_string_lossy())).collect();
    let mut err = crate::actions::output::talk();
    writeln!(
        err,
        "aos: `&aos {}` was not seen by a shell: what stands before it was begun as an ordinary job",
        words.join(" ")
    )?;
    writeln!(
        err,
        "  hint: `aos init --install` for your prompt; in a script: aos run -b {} -- COMMAND",
        words.join(" ")
    )?;
    Ok(0)
}
