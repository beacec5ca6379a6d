//! `aos hooks`: what follows from events of tasks, and what became of it.

mod edit;
mod rehearsal;
mod shown;
mod trusting;

use clap::Args;
use clap::builder::PossibleValuesParser;

use self::edit::Edit;
use crate::actions::failure::{Failure, USAGE, VerbResult};
use crate::cli::verb::{Caller, Verb};
use crate::store::layout::Home;

const EXAMPLES: &str = "  aos hooks                                what is configured, and what is wrong in it
  aos hooks test BackgroundTaskComplete 7  what the end of task 7 would run, and why not the others
  aos hooks run TestResult 7               run that now
  aos hooks log                            what became of hooks
  aos hooks add notify-on-failure          also: notify-when-ready, auto-format, auto-commit-if-pass,
                                           restart-on-change
  aos hooks add TestResult 'say no' --if 'tests.failed > 0'
                                           add a command of your own
  aos hooks allow                          let the hooks and the rules of this project count";

const WHAT: [&str; 8] = ["list", "test", "run", "log", "add", "remove", "allow", "deny"];

/// List, check, run, add and allow hooks
///
/// Hooks run commands when something happens to a task: see docs/hooks.md. They are read from
/// ~/.agent-os/hooks.json, from `hooks` in ~/.agent-os/settings.json and, once that is allowed,
/// from the project's .agent-os/hooks.json.
#[derive(Args)]
pub struct Hooks {
    /// What to do; default: list
    #[arg(value_name = "WHAT", value_parser = PossibleValuesParser::new(WHAT))]
    what: Option<String>,
    /// test, run: EVENT, ID; log: ID; add, remove: RECIPE, or EVENT, COMMAND; allow,
    /// deny: DIR
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// test: run what would run
    #[arg(long)]
    run: bool,
    /// add: only for tasks that this matches
    #[arg(long, value_name = "MATCHER")]
    matcher: Option<String>,
    /// add: only where this regular expression is found in what the event is about
    #[arg(long, value_name = "REGEX")]
    pattern: Option<String>,
    /// add: only where this holds of what the event tells
    #[arg(long = "if", value_name = "CONDITION")]
    condition: Option<String>,
    /// add, remove: in the project's file instead of the user's own
    #[arg(long)]
    project: bool,
    /// Answer yes to every question
    #[arg(short, long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Hooks {
    const NAME: &'static str = "hooks";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        let most = match self.what.as_deref() {
            None | Some("list") => 0,
            Some("test" | "run" | "add" | "remove") => 2,
            Some(_) => 1,
        };
        if let Some(surplus) = self.words.get(most) {
            return Err(Failure::new(USAGE, format!("`{surplus}` is one word too many")).hint("aos hooks --help"));
        }
        match self.what.as_deref() {
            None | Some("list") => shown::list(&home, self.json),
            Some("log") => shown::log(&home, self.words.first().map(String::as_str), self.json),
            Some("test") => rehearsal::test(&home, &self.words, self.run, self.json),
            Some("run") => rehearsal::test(&home, &self.words, true, self.json),
            Some("add") => self.edit().add(&home),
            Some("remove") => self.edit().remove(&home),
            Some("allow") => trusting::answer(&home, &self.words, true, self.yes, self.json),
            Some(_) => trusting::answer(&home, &self.words, false, self.yes, self.json),
        }
    }
}

impl Hooks {
    fn edit(&self) -> Edit<'_> {
        Edit {
            words: &self.words,
            matcher: self.matcher.as_deref(),
            pattern: self.pattern.as_deref(),
            condition: self.condition.as_deref(),
            is_project: self.project,
            as_json: self.json,
        }
    }
}
