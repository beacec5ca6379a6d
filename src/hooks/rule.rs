//! One hook: when it runs, and what.

use std::path::PathBuf;

use regex::Regex;
use serde_json::{Value, json};

use super::json_tree::Position;
use super::matcher::Matcher;
use crate::task::expression::Expression;
use crate::task::hook_event::HookEvent;
use crate::units::span::Span;

/// A hook of one file.
#[derive(Clone, Debug)]
pub struct HookRule {
    /// What it is for.
    pub event: HookEvent,
    /// Which tasks it is for.
    pub matcher: Matcher,
    /// What must be found in what the event is about.
    pub pattern: Option<Regex>,
    /// What must hold of the payload; of the group, and its own.
    pub conditions: Vec<HookCondition>,
    /// What is run.
    pub handler: Handler,
    /// The file.
    pub source: PathBuf,
    /// Where in it.
    pub at: Position,
    /// Whether it may run.
    pub is_trusted: bool,
    /// Whether the file is the user's own, and no project's.
    pub is_own: bool,
}

/// A condition, and how it was written.
#[derive(Clone, Debug)]
pub struct HookCondition {
    /// As it was written.
    pub text: String,
    /// The same to be asked.
    pub expression: Expression,
}

/// What is run.
#[derive(Clone, Debug)]
pub struct Handler {
    /// A line for /bin/sh; with `args`, a program.
    pub command: String,
    /// What the program is given, if there is no shell between.
    pub args: Option<Vec<String>>,
    /// How long it may take.
    pub timeout: Span,
    /// Whether it takes none of the places of those that run at once.
    pub is_async: bool,
    /// What is told while it runs.
    pub status_message: Option<String>,
    /// What must hold for it.
    pub condition: Option<HookCondition>,
    /// What is run after it, with what it gave.
    pub then: Vec<Handler>,
    /// Events that come within this are one.
    pub debounce: Option<Span>,
    /// Whether it runs once for a task.
    pub is_once: bool,
    /// What happens when it is still running.
    pub concurrency: Concurrency,
    /// Whether it is aos itself that is run, wherever that is; no file says so.
    pub runs_aos: bool,
}

impl Handler {
    /// It and all that is run after it, however far behind, each with how far that is.
    pub fn all(&self) -> Vec<(usize, &Handler)> {
        let after = self.then.iter().flat_map(Handler::all).map(|(behind, handler)| (behind + 1, handler));
        std::iter::once((0, self)).chain(after).collect()
    }
}

/// What happens where a handler is to run that is still running for the same task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// It runs twice.
    #[default]
    Parallel,
    /// It is left out.
    Skip,
    /// It waits.
    Queue,
    /// The one that runs is ended.
    Restart,
}

impl Concurrency {
    /// All that can be written.
    pub const WORDS: [&str; 4] = ["skip", "queue", "restart", "parallel"];

    /// What a word says.
    pub fn of_word(word: &str) -> Option<Concurrency> {
        match word {
            "skip" => Some(Concurrency::Skip),
            "queue" => Some(Concurrency::Queue),
            "restart" => Some(Concurrency::Restart),
            "parallel" => Some(Concurrency::Parallel),
            _ => None,
        }
    }
}

impl Handler {
    /// What is run, as one would type it.
    pub fn typed(&self) -> String {
        match &self.args {
            None => self.command.clone(),
            Some(args) => {
                let words = std::iter::once(&self.command).chain(args);
                words.map(|word| shell_words::quote(word)).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

impl Handler {
    /// The same for the same handler of the same event, and tells nothing of what it runs.
    pub fn digest(&self, event: HookEvent) -> String {
        let told = format!("{event} {:?} {}", self.args, self.command);
        hmac_sha256::Hash::hash(told.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl HookRule {
    /// Where it is configured: `file:line:column`, where a file has it.
    pub fn place(&self) -> String {
        let source = self.source.display();
        if self.at.line == 0 { source.to_string() } else { format!("{source}:{}:{}", self.at.line, self.at.column) }
    }

    /// What tells it from others: those of which this is the same are run once.
    pub fn identity(&self) -> String {
        format!("{} {:?} {}", self.event, self.handler.args, self.handler.command)
    }

    /// As `aos hooks list --json` has it.
    pub fn to_json(&self) -> Value {
        let mut told = json!({
            "event": self.event,
            "command": self.handler.typed(),
            "source": self.place(),
            "trusted": self.is_trusted,
        });
        if let Some(text) = self.matcher.text() {
            told["matcher"] = json!(text);
        }
        if let Some(pattern) = &self.pattern {
            told["pattern"] = json!(pattern.as_str());
        }
        if !self.conditions.is_empty() {
            let texts: Vec<&str> = self.conditions.iter().map(|condition| condition.text.as_str()).collect();
            told["if"] = json!(texts.join(" && "));
        }
        told
    }
}
