//! What an event of a task would run, and why the other hooks would not; and running it.

use std::cell::LazyCell;
use std::io::Write;

use serde_json::{Value, json};

use super::shown::problems;
use crate::actions::failure::{Failure, NO, REFUSED, USAGE, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::hooks::rule::HookRule;
use crate::hooks::sources::HookSources;
use crate::hooks::{hook_log, notice_rule, rule::Handler};
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::supervisor::hook_worker::analysis;
use crate::supervisor::hook_worker::chain::{self, HookCall};
use crate::supervisor::hook_worker::facts::{EventDetails, TaskFacts};
use crate::supervisor::hook_worker::handler_run::wait_for_end;
use crate::supervisor::hook_worker::run_analysis::RunAnalysis;
use crate::supervisor::hook_worker::selection::{Choice, choose};
use crate::task::end::End;
use crate::task::hook_event::HookEvent;
use crate::task::id::TaskId;
use crate::task::near_words::nearest;
use crate::ui::style::FAINT;
use crate::units::wall_time::WallTime;

/// Checks the files, and tells what each event of a task runs; without a task only the first.
pub fn test(home: &Home, words: &[String], runs: bool, as_json: bool) -> VerbResult {
    let (events, id) = meant(home, words)?;
    let cwd = match id {
        Some(id) => TaskDir::open(home, id)?.spec()?.cwd.as_path().to_owned(),
        None => select::here()?,
    };
    let mut sources = HookSources::read(home, &cwd);
    for rule in &sources.rules {
        if let Some(missing) = missing_command(&rule.handler, &cwd) {
            sources.problems.push(crate::hooks::problem::HookProblem {
                path: rule.source.clone(),
                at: Some(rule.at),
                what: format!("there is no command `{missing}`"),
                hint: None,
                is_error: true,
            });
        }
    }
    let mut told = Vec::new();
    let mut is_well = sources.problems.iter().all(|problem| !problem.is_error);
    if let Some(id) = id {
        let facts = TaskFacts::of(Home::at(&home.path)?, TaskDir::open(home, id)?)?;
        sources.rules.extend(notice_rule::of(&facts.spec));
        let past = TaskPast::of(&facts, &sources.rules);
        for event in events {
            is_well &= one(&facts, &past, &sources.rules, event, runs, as_json, &mut told)?;
        }
    }
    if as_json {
        output::json(&told)?;
    }
    problems(&sources.problems)?;
    if id.is_none() && runs {
        return Err(Failure::new(NO, "there is no task yet whose hooks could run"));
    }
    if id.is_none() && sources.problems.is_empty() {
        writeln!(output::talk(), "{} hooks, nothing wrong (no task to try them on)", sources.rules.len())?;
    }
    if told.is_empty() && id.is_some() && !as_json {
        writeln!(output::talk(), "no hook is for that (aos hooks lists all)")?;
    }
    let has_run = told.iter().any(|entry| entry["would_run"] == true);
    match told.iter().find(|entry| entry["trusted"] == false) {
        Some(_) if runs && !has_run => {
            Err(Failure::new(REFUSED, "nothing is run: the project's hooks are not allowed").hint("aos hooks allow"))
        }
        None if runs && !has_run && id.is_some() => Ok(NO),
        Some(_) | None => Ok(if is_well { 0 } else { NO }),
    }
}

fn meant(home: &Home, words: &[String]) -> Result<(Vec<HookEvent>, Option<TaskId>), Failure> {
    let (event, id) = match words {
        [] => (None, None),
        [word] => match word.parse::<HookEvent>() {
            Ok(event) => (Some(event), None),
            Err(_) if word.chars().next().is_some_and(char::is_uppercase) => return Err(unknown(word)),
            Err(_) => (None, Some(word.clone())),
        },
        [event, id, ..] => (Some(event.parse().map_err(|_| unknown(event))?), Some(id.clone())),
    };
    let ids = match &id {
        Some(id) => select::tasks(home, std::slice::from_ref(id))?.whole()?,
        None => crate::store::registry::Registry::open(home)?.rows().iter().map(|row| row.id).collect(),
    };
    let events = event.map_or(HookEvent::ALL.to_vec(), |event| vec![event]);
    Ok((events, ids.into_iter().max()))
}

fn unknown(word: &str) -> Failure {
    let names = HookEvent::ALL.map(HookEvent::name);
    let hint = match nearest(word, &names) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("events are {}", names.join(", ")),
    };
    Failure::new(USAGE, format!("there is no event `{word}`")).hint(hint)
}

/// Tells of one event; says whether all that was run went well.
fn one(
    facts: &TaskFacts,
    past: &TaskPast,
    rules: &[HookRule],
    event: HookEvent,
    runs: bool,
    as_json: bool,
    told: &mut Vec<Value>,
) -> Result<bool, Failure> {
    if !rules.iter().any(|rule| rule.event == event) {
        return Ok(true);
    }
    let TaskPast { run, analysis, .. } = past;
    let details = past.details(facts, event);
    let payload = LazyCell::new(|| facts.payload(event, *run, WallTime::now(), &details, analysis.as_ref()));
    let mut is_well = true;
    let chosen = choose(rules, event, facts, &details, analysis.as_ref(), &|| &payload);
    for (rule, choice) in chosen {
        let why = match &choice {
            Choice::Runs => None,
            Choice::Not(why) => Some(why.clone()),
            Choice::Untrusted => Some("its file is not allowed: aos hooks allow".to_owned()),
        };
        let mut entry = rule.to_json();
        entry["task"] = json!(facts.spec.id);
        entry["would_run"] = why.is_none().into();
        if let Some(why) = &why {
            entry["why_not"] = json!(why);
        }
        if !as_json {
            let mut out = output::data();
            let word = if why.is_some() { "no " } else { "run" };
            writeln!(out, "{word}  {event} of {}  {}", facts.spec.id, printable(&rule.handler.typed()))?;
            if let Some(why) = &why {
                writeln!(out, "     {FAINT}{}{FAINT:#}", printable(why))?;
            }
        }
        if runs && why.is_none() {
            let went = execute(facts, rule, event, *run, &payload)?;
            is_well &= went.0;
            entry["ran"] = went.1.clone();
            if !as_json {
                writeln!(output::data(), "     {}", printable(went.1.as_str().unwrap_or_default()))?;
            }
        }
        told.push(entry);
    }
    Ok(is_well)
}

/// What really happened to a task, read once.
struct TaskPast {
    run: u32,
    reading: Option<TaskSnapshot>,
    analysis: Option<RunAnalysis>,
}

impl TaskPast {
    fn of(facts: &TaskFacts, rules: &[HookRule]) -> TaskPast {
        let run = last_run(&facts.task);
        let reading = TaskSnapshot::of(&facts.home, &facts.task).ok();
        let exit_code = reading.as_ref().and_then(TaskSnapshot::end).and_then(End::telling_exit_code);
        let errors = rules.iter().filter(|rule| rule.event == HookEvent::LogError);
        let patterns: Vec<String> = errors.filter_map(|rule| Some(rule.pattern.as_ref()?.to_string())).collect();
        let analysis = analysis::of(facts, run, exit_code, &patterns).ok();
        TaskPast { run, reading, analysis }
    }

    /// What such an event would tell of it.
    fn details(&self, facts: &TaskFacts, event: HookEvent) -> EventDetails {
        match event {
            HookEvent::LogError => match self.analysis.as_ref().and_then(|analysis| analysis.errors.first()) {
                Some(first) => {
                    EventDetails { findings: vec![first.told.clone()], ..EventDetails::of_error(&first.problem) }
                }
                None => EventDetails { searched: Some(Vec::new()), ..EventDetails::default() },
            },
            HookEvent::BackgroundTaskReady => {
                let state = self.reading.as_ref().and_then(|reading| reading.state.as_ref());
                let Some(ready) = state.and_then(|state| state.ready.as_ref()) else { return EventDetails::default() };
                let url = ready.sight.url.clone();
                let searched = url.iter().cloned().chain([ready.sight.how.clone()]).collect();
                EventDetails { url, searched: Some(searched), ..EventDetails::default() }
            }
            HookEvent::TaskWaitingInput => {
                EventDetails { searched: Some(vec![facts.last_line(self.run)]), ..EventDetails::default() }
            }
            HookEvent::FileChange => EventDetails { changed: Some(Vec::new()), ..EventDetails::default() },
            HookEvent::BackgroundTaskStart
            | HookEvent::BackgroundTaskComplete
            | HookEvent::TestResult
            | HookEvent::BuildStatus => EventDetails::default(),
        }
    }
}

/// Runs a hook to its end; says whether that went well, and how.
fn execute(
    facts: &TaskFacts,
    rule: &HookRule,
    event: HookEvent,
    run: u32,
    payload: &Value,
) -> Result<(bool, Value), Failure> {
    let began = WallTime::now();
    let call = HookCall { rule: rule.clone(), event, run, payload: payload.clone() };
    let hook = chain::begin(facts, &call)?;
    wait_for_end(hook.over);
    let its: Vec<_> = hook_log::read(&facts.home)
        .into_iter()
        .filter(|record| record.time.0 >= began.0 && record.event == event && record.task == facts.spec.id)
        .collect();
    let words: Vec<String> = its.iter().map(|record| format!("{} {}", record.ended(), record.output.trim())).collect();
    Ok((its.iter().all(hook_log::HookRecord::is_ok), json!(words.join("; "))))
}

/// The first word of a handler that no file is, where that can be told.
fn missing_command(handler: &Handler, cwd: &std::path::Path) -> Option<String> {
    let word = match &handler.args {
        Some(_) => handler.command.clone(),
        None => {
            let word = handler.command.split_whitespace().next()?.to_owned();
            // What a shell makes of it is not known here.
            let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
            let is_shells = crate::task::command::is_shells_own(&word);
            if !is_plain || is_shells {
                return None;
            }
            word
        }
    };
    let is_there = if word.contains('/') {
        cwd.join(&word).exists()
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.join(&word).is_file()) || word == "aos"
    };
    (!is_there).then_some(word)
}
