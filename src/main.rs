//! aos: background tasks for the shell you already use.
//!
//! The house, floor by floor; a room imports only from the floors below it (docs/architecture.md):
//!
//! | floor | rooms |
//! |---|---|
//! | 7 | `main`: parse, run, print the failure, exit code |
//! | 6 | [`cli`]: one file a verb |
//! | 5 | [`supervisor`]: the process behind each task · [`ui`]: tables and colours |
//! | 4 | [`launch`]: from spec to running command · [`client`]: verbs' business with living tasks |
//! | 3 | [`store`]: what is on disk · [`wire`]: what is said over sockets |
//! | 2 | [`task`]: what a task is, pure · [`logs`]: files of output |
//! | 1 | [`ansi`]: what may reach a terminal · [`sys`]: what Linux offers, and the only unsafe code |
//! | 0 | [`units`]: times, signals, sizes |

mod ansi;
mod cli;
mod client;
mod launch;
mod logs;
mod store;
mod supervisor;
mod sys;
mod task;
mod ui;
mod units;
mod wire;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = env::args_os().skip(1).collect();
    // The house's own processes keep clear of the command line's machinery: they are to be small.
    let code = match (words.first().and_then(|w| w.to_str()), &words[..]) {
        (Some("__supervise"), [_, dir]) => supervisor::run(dir),
        (Some("__exec"), [_, run, mark]) => launch::exec::exec(&run.to_string_lossy(), &mark.to_string_lossy()),
        _ => cli::main(words),
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
