//! Which hooks an event runs, and why the others do not.

use serde_json::Value;

use super::facts::{EventDetails, TaskFacts};
use super::run_analysis::RunAnalysis;
use crate::hooks::matcher::candidates;
use crate::hooks::rule::{HookCondition, HookRule};
use crate::hooks::runner;
use crate::task::hook_event::HookEvent;

/// Whether a hook is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is.
    Runs,
    /// It is not, for this reason.
    Not(String),
    /// It would be, and is not trusted.
    Untrusted,
}

/// What each hook of this event comes to. Of identical ones the first is run. The payload is made
/// once a condition asks for it.
pub fn choose<'r, 'p>(
    rules: &'r [HookRule],
    event: HookEvent,
    facts: &TaskFacts,
    details: &EventDetails,
    analysis: Option<&RunAnalysis>,
    payload: &dyn Fn() -> &'p Value,
) -> Vec<(&'r HookRule, Choice)> {
    let known = analysis.map_or_else(|| runner::of_command(&facts.spec.command), |analysis| analysis.runners.clone());
    let candidates = candidates(&facts.spec.command, &facts.spec.name.to_string(), &known);
    let mut chosen: Vec<(&HookRule, Choice)> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.event == event) {
        let choice = one(rule, &candidates, details, payload);
        let is_same =
            |(other, choice): &(&HookRule, Choice)| *choice == Choice::Runs && other.identity() == rule.identity();
        let is_double = choice == Choice::Runs && chosen.iter().any(is_same);
        chosen.push((rule, if is_double { Choice::Not("the same is run already".into()) } else { choice }));
    }
    chosen
}

fn one<'p>(rule: &HookRule, candidates: &[String], details: &EventDetails, payload: &dyn Fn() -> &'p Value) -> Choice {
    if !rule.matcher.is_match(candidates) {
        let text = rule.matcher.text().unwrap_or_default();
        return Choice::Not(format!("matcher `{text}` matches none of: {}", candidates.join(", ")));
    }
    if let (Some(pattern), Some(searched)) = (&rule.pattern, &details.searched)
        && !searched.iter().any(|text| pattern.is_match(text))
    {
        return Choice::Not(format!("pattern `{pattern}` is not found in: {}", searched.join(" | ")));
    }
    if let Some(HookCondition { text, .. }) =
        rule.conditions.iter().find(|condition| !condition.expression.holds(payload()))
    {
        return Choice::Not(format!("`{text}` does not hold"));
    }
    if rule.is_trusted { Choice::Runs } else { Choice::Untrusted }
}
