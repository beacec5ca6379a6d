//! How it is told what tasks were waited for, and what came of it.

use crate::ansi::printable;
use crate::client::wait::{Met, WaitResult};
use crate::processes::tree::{self, Root};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::store::{dependencies, host, journal_file};
use crate::sys::ports;
use crate::task::condition::Condition;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::probe::Probe;
use crate::task::process_id::Reachability;
use crate::task::status::Status;
use crate::task::summary::Summary;
use crate::units::span::Span;

use crate::actions::describe_end;
use crate::actions::failure::{Failure, NO, TIMED_OUT};

/// The task as a row, with the ports on which it listens.
pub fn summary(home: &Home, reading: &TaskSnapshot) -> Summary<'static> {
    Summary { ports: listening(reading), ..reading.summary(home) }
}

/// The ports on which a living task's processes listen.
pub fn listening(reading: &TaskSnapshot) -> Vec<u16> {
    match &reading.state {
        // Pids of elsewhere are other processes here.
        Some(state) if reading.status().is_living() && host::here().distance(&state.place) == Reachability::Here => {
            tree::listening(Root::of(&reading.spec, state))
        }
        Some(_) | None => Vec::new(),
    }
}

/// What was met, for people: `ready after 1.2s: http://localhost:5173/`.
pub fn told(home: &Home, word: &WaitResult) -> String {
    let reading = &word.reading;
    let Met::Condition(condition, sight) = &word.met else { return describe_end::tell(home, reading) };
    let what = match (&sight.url, &sight.line) {
        (Some(url), _) => format!(": {url}"),
        (None, Some(line)) => format!(": line {}: {}", line.number, line.text),
        (None, None) if sight.how.is_empty() => String::new(),
        (None, None) => format!(": {}", sight.how),
    };
    match condition {
        Condition::Exit => describe_end::tell(home, reading),
        Condition::Ready => {
            let ready = reading.state.as_ref().and_then(|state| state.ready.as_ref());
            printable(&format!("ready after {}{what}", ready.map_or(word.after, |ready| ready.after)))
        }
        other => printable(&format!("{other} after {}{what}", word.after)),
    }
}

/// The conditions as one: `ready or exit`.
pub fn either(conditions: &[Condition]) -> String {
    conditions.iter().map(Condition::to_string).collect::<Vec<_>>().join(" or ")
}

/// Why it is no: the task ended.
pub fn ended_before(home: &Home, reading: &TaskSnapshot, conditions: &[Condition]) -> Failure {
    let (id, how) = (reading.spec.id, describe_end::tell(home, reading));
    let was_ready = reading.state.as_ref().is_some_and(|state| state.ready.is_some());
    let message = match conditions {
        [Condition::Ready] if was_ready => format!("{id} was ready, and has ended: {how}"),
        several => {
            let events: Vec<String> = several.iter().map(Condition::event).collect();
            format!("{id} ended before {}: {how}", events.join(" or "))
        }
    };
    Failure::new(NO, message).hint(format!("aos logs {id}"))
}

/// Why waiting came to nothing: the time was up.
pub fn gave_up(home: &Home, left: &[TaskId], conditions: &[Condition], after: Option<Span>) -> Failure {
    let after = after.map_or_else(String::new, |span| format!(" after {span}"));
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for id in left {
        let what = match conditions {
            [Condition::Exit] => status(home, *id),
            others => format!("waiting for {}", either(others)),
        };
        match kinds.iter_mut().find(|(kind, _)| *kind == what) {
            Some((_, ids)) => ids.push(id.to_string()),
            None => kinds.push((what, vec![id.to_string()])),
        }
    }
    let told: Vec<String> =
        kinds.iter().map(|(what, ids)| format!("still {what}{after}: {}", ids.join(", "))).collect();
    let failure = Failure::new(TIMED_OUT, told.join("; "));
    let found = left.iter().find_map(|id| Some(format!("{id}: {}", instead(home, *id, conditions)?)));
    match found {
        Some(found) => failure.hint(found),
        None => failure,
    }
}

/// How a task stands that has not ended.
fn status(home: &Home, id: TaskId) -> String {
    let reading = TaskDir::open(home, id).and_then(|task| TaskSnapshot::readable(home, &task));
    match reading.map(|reading| reading.status()) {
        Ok(status) if status.is_living() && status != Status::Starting => status.to_string(),
        // It ends just now, or its beginning is not written down yet.
        Ok(_) | Err(_) => Status::Running.to_string(),
    }
}

/// Says beforehand that a port is somebody else's at the moment: who waits may wait for ever.
pub fn tell_whose(home: &Home, ids: &[TaskId], condition: &Condition, as_json: bool) {
    if let Condition::Probe(Probe::Port(port)) = condition
        && ids.iter().all(|id| whose(home, *id, *port).is_some())
    {
        let names: Vec<String> = ids.iter().map(TaskId::to_string).collect();
        let _ =
            Failure::new(NO, format!("somebody else listens on port {port}, not {}", names.join(", "))).tell(as_json);
    }
}

/// What is found instead of what is waited for.
fn instead(home: &Home, id: TaskId, conditions: &[Condition]) -> Option<String> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Ready => last_found(home, id),
        Condition::Probe(Probe::Port(port)) => whose(home, id, *port),
        Condition::Exit => queued_for(home, id),
        Condition::Input | Condition::Idle(_) | Condition::Probe(_) => None,
    })
}

/// What a task waits for that has not begun.
fn queued_for(home: &Home, id: TaskId) -> Option<String> {
    let reading = TaskDir::open(home, id).and_then(|task| TaskSnapshot::of(home, &task)).ok()?;
    (reading.status() == Status::Queued).then(|| dependencies::words(home, &reading))
}

/// What the worker that looks has last found instead.
fn last_found(home: &Home, id: TaskId) -> Option<String> {
    let task = TaskDir::open(home, id).ok()?;
    journal_file::read(&task).into_iter().rev().find_map(|entry| match entry.event {
        JournalEvent::NotReady { why } => Some(why),
        _ => None,
    })
}

/// That a port is somebody else's, if it is.
fn whose(home: &Home, id: TaskId, port: u16) -> Option<String> {
    let reading = TaskDir::open(home, id).and_then(|task| TaskSnapshot::of(home, &task)).ok()?;
    let is_others = ports::is_taken(port) && !listening(&reading).contains(&port);
    is_others.then(|| format!("somebody else listens on port {port}"))
}
