//! Ending tasks, several at once, and telling what came of it.

use std::io::Write;
use std::thread;

use serde_json::json;

use super::failure::{Failure, NO};
use super::{Answer, choose, output, own};
use crate::client::{self, ask};
use crate::store::home::Home;
use crate::task::end::{End, Outcome};
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::task::survivor::names;
use crate::units::signal::Signal;
use crate::units::span::Span;

/// How tasks are ended. What is absent is the task's own.
#[derive(Clone, Copy)]
pub struct How {
    /// The first signal.
    pub signal: Option<Signal>,
    /// Until KILL.
    pub grace: Option<Span>,
}

impl How {
    /// At once.
    pub const KILL: How = How { signal: Some(Signal::KILL), grace: Some(Span(0)) };
}

type Ended = Result<End, client::Error>;

/// Ends the tasks that the words point at; the exit code is not 0 if any could not be ended.
pub fn stop_all(words: &[String], how: How, with: &str, as_json: bool) -> Answer {
    let home = Home::open()?;
    let ids = choose::tasks(&home, words)?.whole()?;
    own::tell(&home, &ids, "is ended, and this with it");
    let results: Vec<(TaskId, Ended)> = thread::scope(|scope| {
        let stop = |id| ask::stop(&home, id, how.signal, how.grace.map(Span::duration), with);
        let threads: Vec<_> = ids.iter().map(|&id| (id, scope.spawn(move || stop(id)))).collect();
        threads.into_iter().map(|(id, t)| (id, t.join().expect("a panic ends the whole process"))).collect()
    });
    if as_json {
        output::json(&results.iter().map(|(id, result)| shown(*id, result)).collect::<Vec<_>>())?;
    }
    let mut code = 0;
    for (id, result) in results {
        match result {
            Ok(end) if end.left.is_empty() && as_json => {}
            Ok(end) if end.left.is_empty() => {
                writeln!(output::data(), "[{id}] {}", told(&end))?;
            }
            Ok(end) => {
                code = Failure::new(NO, format!("{id} is over, but could not end {}", names(&end.left))).tell(as_json)
            }
            Err(e) => code = Failure::from(e).tell(as_json),
        }
    }
    Ok(code)
}

/// `stopped (killed by SIGTERM) after 12s`.
fn told(end: &End) -> String {
    let status = Status::of(end);
    match end.outcome {
        Outcome::Unbegun => format!("{status} ({})", end.how()),
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Unlaunched { .. } | Outcome::Unseen => {
            format!("{status} ({}) after {}", end.outcome, end.wall)
        }
    }
}

fn shown(id: TaskId, result: &Ended) -> serde_json::Value {
    match result {
        Ok(end) => json!({ "id": id, "stopped": end.left.is_empty(), "outcome": end.outcome, "left": end.left }),
        Err(e) => json!({ "id": id, "stopped": false, "error": e.to_string() }),
    }
}
