//! What is configured, and what became of it.

use std::io::Write;

use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::hooks::hook_log::{self, HookRecord};
use crate::hooks::problem::HookProblem;
use crate::hooks::rule::HookRule;
use crate::hooks::sources::HookSources;
use crate::store::layout::Home;
use crate::ui::style::{ERROR, FAINT, HINT, WARNING};

/// Lists the hooks that are for tasks begun here. The exit code is 1 where something is wrong.
pub fn list(home: &Home, as_json: bool) -> VerbResult {
    let sources = HookSources::read(home, &select::here()?);
    let records = hook_log::read(home);
    let code = if sources.problems.iter().any(|problem| problem.is_error) { NO } else { 0 };
    let told: Vec<Value> = sources.rules.iter().map(|rule| with_runs(rule, &records)).collect();
    if as_json {
        output::json(&told)?;
        problems(&sources.problems)?;
        return Ok(code);
    }
    let mut out = output::data();
    if told.is_empty() {
        writeln!(output::talk(), "no hooks are configured (aos hooks add RECIPE writes some)")?;
    }
    for hook in told {
        let text = |name: &str| hook[name].as_str().map(printable);
        let mut when = text("event").unwrap_or_default();
        for (name, of) in [("matcher", "of"), ("pattern", "with"), ("if", "if")] {
            if let Some(set) = text(name) {
                when += &format!(" {of} {set}");
            }
        }
        let untrusted = if hook["trusted"] == true { "" } else { "  (not allowed: aos hooks allow)" };
        writeln!(out, "{when}{WARNING}{untrusted}{WARNING:#}")?;
        writeln!(out, "  {}", text("command").unwrap_or_default())?;
        let last = hook["last"]["ended"].as_str().map_or(String::new(), |ended| format!(", the last: {ended}"));
        let source = text("source").unwrap_or_default();
        writeln!(out, "  {FAINT}{source}  runs: {}{}{FAINT:#}", hook["runs"], printable(&last))?;
    }
    problems(&sources.problems)?;
    Ok(code)
}

fn with_runs(rule: &HookRule, records: &[HookRecord]) -> Value {
    let (mut hook, digest) = (rule.to_json(), rule.handler.digest(rule.event));
    let is_its = |record: &&HookRecord| record.hook == digest && record.skipped.is_none();
    let own: Vec<&HookRecord> = records.iter().filter(is_its).collect();
    hook["runs"] = own.len().into();
    hook["last"] = own.last().map_or(Value::Null, |last| json!({ "time": last.time, "ended": last.ended() }));
    hook
}

/// Tells what is wrong in the files.
pub fn problems(problems: &[HookProblem]) -> std::io::Result<()> {
    let mut err = output::talk();
    for problem in problems {
        let style = if problem.is_error { ERROR } else { WARNING };
        writeln!(err, "{style}aos:{style:#} {}", printable(&problem.to_string()))?;
        if let Some(hint) = &problem.hint {
            writeln!(err, "  {HINT}hint:{HINT:#} {}", printable(hint))?;
        }
    }
    Ok(())
}

/// Lists what became of hooks, the newest last; of one task, if that is said.
pub fn log(home: &Home, id: Option<&str>, as_json: bool) -> VerbResult {
    let mut records = hook_log::read(home);
    if let Some(id) = id {
        let ids = select::tasks(home, &[id.to_owned()])?.whole()?;
        records.retain(|record| ids.contains(&record.task));
    }
    if as_json {
        return Ok(output::json(&records.iter().map(told).collect::<Result<Vec<Value>, Failure>>()?).map(|()| 0)?);
    }
    if records.is_empty() {
        writeln!(output::talk(), "no hook has run yet")?;
    }
    let mut out = output::data();
    for record in &records {
        let style = if record.is_ok() { FAINT } else { WARNING };
        writeln!(
            out,
            "{FAINT}{}{FAINT:#} {} {}  {}  {style}{}, {} ms{style:#}",
            record.time.local(),
            record.task,
            record.event,
            printable(&record.command),
            printable(&record.ended()),
            record.duration_ms
        )?;
        for line in record.output.lines() {
            writeln!(out, "  {}", printable(line))?;
        }
    }
    Ok(0)
}

/// A record without what is only for aos itself.
fn told(record: &HookRecord) -> Result<Value, Failure> {
    let mut told = serde_json::to_value(record).map_err(std::io::Error::from)?;
    if let Some(fields) = told.as_object_mut() {
        ["version", "hook"].iter().for_each(|name| drop(fields.remove(*name)));
    }
    Ok(told)
}
