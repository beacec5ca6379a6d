//! The hooks that `aos run --notify` stands for: they run `aos notify`, and no file has them.

use std::path::PathBuf;

use super::json_tree::Position;
use super::matcher::Matcher;
use super::rule::{Concurrency, Handler, HookCondition, HookRule};
use crate::task::expression::Expression;
use crate::task::hook_event::HookEvent;
use crate::task::notify_when::NotifyWhen;
use crate::task::spec::Spec;
use crate::units::span::Span;

const SOURCE: &str = "aos run --notify";
const FAILED: &str = "failed";
const NEVER_READY: &str = "task.ready_after_ms == null";
const PATIENCE: Span = Span(60_000);

/// The hooks of a task that was begun so.
pub fn of(spec: &Spec) -> Vec<HookRule> {
    let rule = |event, condition| rule(event, condition);
    match spec.notify {
        None => Vec::new(),
        Some(NotifyWhen::Done) => vec![rule(HookEvent::BackgroundTaskComplete, None)],
        Some(NotifyWhen::Fail) => vec![rule(HookEvent::BackgroundTaskComplete, Some(FAILED))],
        // One that ends before that will never be.
        Some(NotifyWhen::Ready) => {
            vec![rule(HookEvent::BackgroundTaskReady, None), rule(HookEvent::BackgroundTaskComplete, Some(NEVER_READY))]
        }
    }
}

fn rule(event: HookEvent, condition: Option<&str>) -> HookRule {
    let condition = condition.map(|text| HookCondition {
        text: text.to_owned(),
        expression: Expression::parse(text).expect("it is written above"),
    });
    let handler = Handler {
        command: "aos".to_owned(),
        args: Some(vec!["notify".to_owned()]),
        timeout: PATIENCE,
        is_async: true,
        status_message: None,
        condition: None,
        then: Vec::new(),
        debounce: None,
        is_once: false,
        concurrency: Concurrency::Parallel,
        runs_aos: true,
    };
    HookRule {
        event,
        matcher: Matcher::Any,
        pattern: None,
        conditions: condition.into_iter().collect(),
        handler,
        source: PathBuf::from(SOURCE),
        at: Position::default(),
        is_trusted: true,
        is_own: true,
    }
}
