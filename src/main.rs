//! aos: background tasks for the shell you already use.
//!
//! The rooms, floor by floor; a room imports only from the floors below it (docs/architecture.md):
//!
//! | floor | rooms |
//! |---|---|
//! | 8 | `main`: parse, run, print the failure, exit code |
//! | 7 | [`cli`]: one verb, one file |
//! | 6 | [`supervisor`]: the process behind each task · [`tui`]: the live view · [`terminal`]: the user's own terminal while it stands for a task's · [`actions`]: what verbs have in common |
//! | 5 | [`client`]: business with living tasks · [`readiness`]: probes · [`task_log`]: a task's log as readers want it · [`ui`]: tables and colours |
//! | 4 | [`events`]: what happens to tasks, told in one place · [`hooks`]: what follows from it, as configured · [`launch`]: from spec to running command · [`handshake`]: both ends of a start · [`processes`]: the processes of tasks · [`notify`]: how a message reaches the user · [`doctor`]: what is wrong with the set-up · [`diagnose`]: what is wrong, from what a command printed |
//! | 3 | [`store`]: what is on disk · [`wire`]: what is said over sockets |
//! | 2 | [`task`]: what a task is, pure · [`config`]: what the user has set · [`logs`]: files of output · [`rc`]: shells' start files · [`watch`]: files that change · [`work_tree`]: work trees of git |
//! | 1 | [`ansi`]: what may reach a terminal · [`screen`]: what a terminal shows · [`sys`]: what Linux offers, and the only unsafe code · [`shell`]: the scripts that shells load |
//! | 0 | [`units`]: times, signals, sizes |

#![cfg_attr(not(test), no_main)]
#![cfg_attr(test, allow(dead_code))]

mod actions;
mod ansi;
mod cli;
mod client;
mod config;
mod diagnose;
mod doctor;
mod events;
#[cfg(test)]
mod fuzz;
mod handshake;
mod hooks;
mod launch;
mod logs;
mod notify;
mod processes;
mod rc;
mod readiness;
mod screen;
mod shell;
mod store;
mod supervisor;
mod sys;
mod task;
mod task_log;
mod terminal;
mod tui;
mod ui;
mod units;
mod watch;
mod wire;
mod work_tree;

use std::ffi::OsString;
use std::path::Path;

use cli::RUN;
use events::hook_sink::HOOKS;
use handshake::SPARE_SUPERVISOR;
use launch::sandbox::decider::DECIDE;
use supervisor::{CLEAN, CLEAR_UP, HEALTH, MEASURE, PROBE, REMOVE, SCAN, TIDY, TREE, UNUSUAL, VERDICT, WATCH};

/// What libc calls. Rust's own start before `main` reads this process's memory map and sets up a
/// second stack, which takes longer than most of what `aos run` does; what of it is needed is here.
#[cfg(not(test))]
#[allow(unsafe_code)] // Only the name is: it must be the one that libc knows.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    sys::fds::fill_standard();
    // A closed pipe and a file that may not grow are told by the write itself.
    sys::dispositions::ignore(&[libc::SIGPIPE, libc::SIGXFSZ]);
    // Where a caller ignores this one, nobody hears how a child ended.
    sys::dispositions::heed(&[libc::SIGCHLD]);
    let code = run(std::env::args_os().skip(1).collect());
    let _ = std::io::Write::flush(&mut std::io::stdout());
    // As a process's exit code is one byte.
    code & 0xff
}

/// A supervisor goes on in what is begun here: nothing that needs room on the stack is inlined.
fn run(words: Vec<OsString>) -> i32 {
    match words.first().and_then(|word| word.to_str()) {
        // Before anything else, so that it comes to be while the command line is read.
        Some(RUN) => cli::main(words, supervisor::fork_spare().ok()),
        Some(SPARE_SUPERVISOR) => supervisor::spare(),
        _ => work(words),
    }
}

/// The verbs of workers, and all others.
#[inline(never)]
fn work(words: Vec<OsString>) -> i32 {
    match words.first().and_then(|word| word.to_str()) {
        Some(PROBE) => supervisor::probe_readiness(&words),
        Some(WATCH) => supervisor::watch(&words),
        Some(MEASURE) => words.get(1).map_or(2, |dir| supervisor::measure(Path::new(dir))),
        Some(HEALTH) => words.get(1).map_or(2, |dir| supervisor::watch_health(Path::new(dir))),
        Some(UNUSUAL) => words.get(1).map_or(2, |dir| supervisor::compare(Path::new(dir))),
        Some(TIDY) => words.get(1).map_or(2, |dir| supervisor::tidy(Path::new(dir))),
        Some(CLEAN) => words.get(1).map_or(2, |dir| supervisor::clean(Path::new(dir))),
        Some(REMOVE) => words.get(1).map_or(2, |home| supervisor::remove(Path::new(home))),
        Some(SCAN) => supervisor::scan(&words),
        Some(TREE) => supervisor::look_at_tree(&words),
        Some(VERDICT) => supervisor::judge(&words),
        Some(DECIDE) => supervisor::decide(&words),
        Some(HOOKS) => words.get(1).map_or(2, |dir| supervisor::run_hooks(Path::new(dir))),
        Some(CLEAR_UP) => supervisor::clear_up(&words),
        _ => cli::main(words, None),
    }
}
