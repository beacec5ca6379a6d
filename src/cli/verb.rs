//! What a verb is: its options, its name, and what it does for whoever called it.

use std::ffi::OsString;

use clap::{Args, FromArgMatches};

use crate::actions::failure::VerbResult;
use crate::handshake::PendingSupervisor;
use crate::sys::rlimit::Limits;
use crate::task::task_filter::TaskFilter;

/// One verb: its options are its fields, its help is its doc comment.
pub trait Verb: Args + FromArgMatches {
    /// What is typed.
    const NAME: &'static str;
    /// What may be typed instead.
    const ALIASES: &'static [&'static str] = &[];
    /// Examples, for its long help: a line each.
    const EXAMPLES: &str = "";
    /// Which tasks are offered where it takes an ID.
    const FIT: TaskFilter = TaskFilter::Any;

    /// What these words are, where the parser need not be asked.
    fn of_plain(_words: &[OsString]) -> Option<Self> {
        None
    }

    /// Does it.
    fn run(self, caller: &mut Caller) -> VerbResult;
}

/// What a verb may want to know of whoever called it.
pub struct Caller {
    /// The caller's file mode creation mask; ours is stricter.
    pub umask: u32,
    /// The caller's resource limits; ours are lifted.
    pub rlimits: Limits,
    /// A supervisor that waits for its task, if one was made in time.
    pub pending: Option<PendingSupervisor>,
}
