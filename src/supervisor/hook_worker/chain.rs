//! A hook at work: its handler, then what is to follow, in a process of their own. What came of
//! each is put down in the log of hooks and in the task's journal, and told where it has something
//! to say.

use std::io::{self, PipeReader};

use nix::sys::signalfd::SignalFd;
use serde_json::{Value, json};

use super::facts::{TaskFacts, visible};
use super::handler_run::{self, HandlerOutcome};
use crate::ansi::printable;
use crate::hooks::hook_log::{self, HookRecord};
use crate::hooks::rule::{Handler, HookRule};
use crate::processes::own_processes;
use crate::store::journal_file::Journal;
use crate::store::shells;
use crate::sys::{process, proctitle};
use crate::task::format::Format;
use crate::task::hook_event::HookEvent;
use crate::task::journal::JournalEvent;
use crate::units::moment::Moment;
use crate::units::wall_time::WallTime;

/// A notice is no longer. *Units*: characters.
const LONGEST_NOTICE: usize = 400;

/// A hook that is to run.
#[derive(Clone, Debug)]
pub struct HookCall {
    /// Which.
    pub rule: HookRule,
    /// For what.
    pub event: HookEvent,
    /// Of which run.
    pub run: u32,
    /// What it is told.
    pub payload: Value,
}

/// A hook that runs.
#[derive(Debug)]
pub struct RunningHook {
    /// Its process.
    pub pid: i32,
    /// Is at its end when all of the chain is over.
    pub over: PipeReader,
}

/// Has a hook run, in a process made for it. For a process with one thread.
pub fn begin(facts: &TaskFacts, call: &HookCall) -> io::Result<RunningHook> {
    let (over, held) = io::pipe()?;
    match process::fork_single_threaded()? {
        Some(pid) => Ok(RunningHook { pid, over }),
        None => {
            drop(over);
            let until = work(facts, call);
            // Whoever waits for the hook waits no longer; what it has left behind has its time.
            drop(held);
            if let Some(until) = until {
                handler_run::outlive(until);
            }
            process::leave(0);
        }
    }
}

fn work(facts: &TaskFacts, call: &HookCall) -> Option<Moment> {
    let _ = proctitle::set_name(&format!("{}hook", own_processes::NAME));
    let _ = process::start_session();
    // Without this nobody could end what a handler leaves behind.
    process::become_subreaper().ok()?;
    let signals = handler_run::signals().ok()?;
    if let Some(message) = &call.rule.handler.status_message {
        tell(facts, message);
    }
    run_chain(facts, call, &call.rule.handler, call.payload.clone(), &signals)
}

/// Until when what is left may live.
fn run_chain(
    facts: &TaskFacts,
    call: &HookCall,
    handler: &Handler,
    payload: Value,
    signals: &SignalFd,
) -> Option<Moment> {
    let began = WallTime::now();
    let environment = facts.environment(&call.rule, &payload);
    let told = serde_json::to_vec(&payload).unwrap_or_default();
    let outcome = handler_run::run(handler, &told, &environment, facts.cwd(), signals);
    let said = Said::of(&outcome.stdout);
    // Before what follows: that may hang until its time is up.
    record(facts, call, handler, began, &outcome, &said);
    let mut until = outcome.until;
    if said.stops || outcome.was_ended {
        return until;
    }
    for next in &handler.then {
        let mut payload = payload.clone();
        payload["chain"] = json!({ "exit_code": outcome.exit_code, "stdout": outcome.stdout });
        if let Some(json) = &said.json {
            payload["chain"]["json"] = json.clone();
        }
        if next.condition.as_ref().is_none_or(|condition| condition.expression.holds(&payload)) {
            until = until.max(run_chain(facts, call, next, payload, signals));
        }
    }
    until
}

/// What a handler says by JSON on its standard output.
#[derive(Debug, Default)]
struct Said {
    json: Option<Value>,
    message: Option<String>,
    context: Option<String>,
    stops: bool,
}

impl Said {
    fn of(stdout: &str) -> Said {
        let json: Option<Value> = serde_json::from_str(stdout.trim()).ok().filter(Value::is_object);
        let Some(json) = json else { return Said::default() };
        let text = |value: &Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
        Said {
            message: text(&json["systemMessage"]),
            context: text(&json["hookSpecificOutput"]["additionalContext"])
                .or_else(|| text(&json["additionalContext"])),
            stops: json["continue"] == Value::Bool(false),
            json: Some(json),
        }
    }
}

fn record(
    facts: &TaskFacts,
    call: &HookCall,
    handler: &Handler,
    began: WallTime,
    outcome: &HandlerOutcome,
    said: &Said,
) {
    let hidden = |text: &str| String::from(facts.secrets.hide_in(text));
    let record = HookRecord {
        exit_code: outcome.exit_code,
        signal: outcome.signal,
        timed_out: outcome.timed_out,
        skipped: outcome.was_ended.then(|| "the next one took its place".to_owned()),
        duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
        output: hidden(&visible(outcome.output.as_bytes())),
        message: said.message.as_deref().map(hidden),
        context: said.context.as_deref().map(hidden),
        ..record_of(facts, &call.rule, handler, call.run, began)
    };
    put_down(facts, &record);
    for text in record.message.iter().chain(&record.context) {
        tell(facts, text);
    }
}

/// The record of a handler of which nothing is known yet.
pub fn record_of(facts: &TaskFacts, rule: &HookRule, handler: &Handler, run: u32, began: WallTime) -> HookRecord {
    HookRecord {
        version: HookRecord::VERSION,
        time: began,
        event: rule.event,
        task: facts.spec.id,
        run,
        source: rule.place(),
        command: facts.secrets.hide_in(&handler.typed()).into(),
        hook: handler.digest(rule.event),
        exit_code: None,
        signal: None,
        timed_out: false,
        skipped: None,
        duration_ms: 0,
        output: String::new(),
        message: None,
        context: None,
    }
}

/// Puts a record where `aos hooks log` and `aos why` find it.
pub fn put_down(facts: &TaskFacts, record: &HookRecord) {
    let mut journal = Journal::open(&facts.task, record.run);
    let texts: Vec<&str> = record.message.iter().chain(&record.context).map(String::as_str).collect();
    let said = (!texts.is_empty()).then(|| texts.join("; ").chars().take(LONGEST_NOTICE).collect());
    let (hook, command, ended) = (record.event, record.command.clone(), record.ended());
    journal.write(WallTime::now(), JournalEvent::HookRan { hook, command, ended, said });
    if let Err(e) = hook_log::append(&facts.home, record) {
        journal.write(WallTime::now(), JournalEvent::Problem { what: e.to_string() });
    }
}

/// Tells the shell at which the task was begun, at its next prompt.
pub fn tell(facts: &TaskFacts, text: &str) {
    // A terminal gets it, and it may stand in a log or come from a handler.
    let text = printable(text.trim());
    let text: String = text.chars().take(LONGEST_NOTICE).collect();
    let line = format!("[{}] {text}", facts.spec.id);
    shells::tell(&facts.home, facts.spec.session.as_ref(), None, &line);
    shells::ring(&facts.home);
}
