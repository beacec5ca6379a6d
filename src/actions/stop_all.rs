//! Ending tasks, several at once, and telling what came of it.

use std::io::Write;

use serde_json::json;

use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{acknowledge, output, own_task, select};
use crate::ansi::printable;
use crate::client::ClientError;
use crate::client::stop::{self, Delay};
use crate::store::layout::Home;
use crate::store::snapshot::RunFacts;
use crate::store::task_dir::TaskDir;
use crate::sys::cores;
use crate::task::end::{End, Outcome};
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::task::survivor::names;
use crate::task::task_filter::TaskFilter;
use crate::units::signal::Signal;
use crate::units::span::Span;
use crate::units::wall_time::WallTime;

/// How tasks are ended. What is absent is the task's own.
#[derive(Clone, Copy)]
pub struct StopOptions {
    /// The first signal.
    pub signal: Option<Signal>,
    /// Until KILL.
    pub grace: Option<Span>,
}

impl StopOptions {
    /// At once.
    pub const KILL: StopOptions = StopOptions { signal: Some(Signal::KILL), grace: Some(Span(0)) };
}

/// So many processes are named.
const MOST_NAMED: usize = 5;

type StopResult = Result<End, ClientError>;

/// Ends the tasks that the words point at; the exit code is not 0 if any could not be ended.
pub fn stop_all(words: &[String], how: StopOptions, with: &str, as_json: bool) -> VerbResult {
    let (home, asked) = (Home::open()?, WallTime::now());
    let ids = select::tasks_for(&home, words, TaskFilter::Living)?.whole()?;
    own_task::tell(&home, &ids, "is ended, and this with it");
    let _telling: Vec<_> = ids.iter().filter(|_| !as_json).filter_map(|id| acknowledge::telling(&home, *id)).collect();
    // Also where no thread can be made: what takes all that there are may be the task.
    let results: Vec<(TaskId, StopResult)> = cores::aside(ids, |id| {
        let grace = how.grace.map(Span::duration);
        let stopped = match stop::stop(&home, id, how.signal, grace, with, &|delay| tell_delay(&delay, as_json)) {
            // The end of another one was the end of this, as with `--after`.
            Err(not_running @ ClientError::NotRunning { .. }) => ended_since(&home, id, asked).ok_or(not_running),
            stopped => stopped,
        };
        (id, stopped)
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

/// How a task ended, if it still lived at that time.
fn ended_since(home: &Home, id: TaskId, time: WallTime) -> Option<End> {
    RunFacts::end_of(&TaskDir::open(home, id).ok()?).filter(|end| end.ended >= time)
}

/// Says whom an end waits for, and when KILL comes.
pub fn tell_delay(delay: &Delay, as_json: bool) {
    if !as_json {
        let _ = writeln!(output::talk(), "aos: {}", printable(&in_words(delay)));
    }
}

/// `task-001 waits for python3 (pid 4711) to end; KILL comes in 9s`.
fn in_words(Delay { id, left, killed_after }: &Delay) -> String {
    let more = left.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = names(&left[..left.len().min(MOST_NAMED)]);
    match (left.is_empty(), killed_after) {
        (true, _) => format!("{id} has no process left; its terminal is still held open, or its end being written"),
        (false, Some(after)) => {
            let seconds = after.0.div_ceil(1000);
            let when = if seconds < 60 { format!("{seconds}s") } else { Span(seconds * 1000).to_string() };
            format!("{id} waits for {named}{more} to end; KILL comes in {when}")
        }
        (false, None) => format!("{id} waits for {named}{more} to end; KILL was sent"),
    }
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

fn shown(id: TaskId, result: &StopResult) -> serde_json::Value {
    match result {
        Ok(end) => json!({ "id": id, "stopped": end.left.is_empty(), "outcome": end.outcome, "left": end.left }),
        Err(e) => json!({ "id": id, "stopped": false, "error": e.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use crate::actions::stop_all::{Delay, in_words};
    use crate::task::id::TaskId;
    use crate::task::survivor::Survivor;
    use crate::units::span::Span;

    fn words(count: i32, killed_after: Option<Span>) -> String {
        let left = (1..=count).map(|pid| Survivor { pid, name: "sh".into() }).collect();
        in_words(&Delay { id: TaskId(1), left, killed_after })
    }

    #[test]
    fn a_delay_names_whom_it_waits_for_and_says_when_kill_comes() {
        assert_eq!(words(1, Some(Span(8_100))), "task-001 waits for sh (pid 1) to end; KILL comes in 9s");
        assert_eq!(words(1, None), "task-001 waits for sh (pid 1) to end; KILL was sent");
        assert!(words(7, None).contains("sh (pid 5) and 2 more to end"), "{}", words(7, None));
        assert!(words(0, None).starts_with("task-001 has no process left"));
    }
}
