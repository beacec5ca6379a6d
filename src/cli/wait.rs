//! `aos wait`: until tasks are over, or have come to something else.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::actions::failure::{Failure, NO, NOT_STARTED, VerbResult};
use crate::actions::{acknowledge, describe_end, describe_wait, output, own_task, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::wait::{Met, WaitResult, Waiting};
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::task_dir::TaskDir;
use crate::task::condition::Condition;
use crate::task::id::TaskId;
use crate::task::task_filter::TaskFilter;
use crate::units::span::Span;
use crate::{client, store};

/// Wait until tasks finish, and exit with their exit code
///
/// Of several tasks: the exit code of the first that failed, in the order given; with --any of the
/// one that finishes first. A time limit counts as 124, a lost task as 6, one that never started as
/// 1, and so does an adopted one, whose exit code is not known.
///
/// With --for: 0 when the condition is met, 1 if the task finishes before. What is true already is
/// met at once: a line that the present run has printed, an open port. With several --for, the
/// first that is met ends the wait.
#[derive(Args)]
pub struct Wait {
    /// The tasks
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Wait for: exit, ready, input (at its terminal), idle:TIME (no output for so long), port:N
    /// (it listens), http:URL (it answers), cmd:COMMAND (it succeeds), /REGEX/ (a line matches)
    #[arg(long = "for", value_name = "CONDITION", default_value = "exit", hide_default_value = true)]
    conditions: Vec<Condition>,
    /// Return when the first task is finished
    #[arg(long)]
    any: bool,
    /// Return when all tasks are finished; this is the default
    #[arg(long, conflicts_with = "any")]
    all: bool,
    /// Give up after this time, with exit code 124
    #[arg(long, value_name = "TIME")]
    timeout: Option<Span>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is known of each task so far.
type WaitResults = BTreeMap<TaskId, WaitResult>;

const EXAMPLES: &str = "  aos wait build && echo done         the exit code of the task
  aos wait --for ready web            until the server answers
  aos wait --for /listening/ web      until a line matches
  aos wait --any --timeout 1m a b     the first of two, a minute at most

Exit codes:
  that of the task; 124 if the time is up; 1 if it ended before --for was met";

impl Verb for Wait {
    const NAME: &'static str = "wait";
    const FIT: TaskFilter = TaskFilter::Living;
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let began = Instant::now();
        let home = Home::open()?;
        let chosen = select::tasks(&home, &self.ids)?;
        let is_search = chosen.is_search;
        let mut chosen = chosen.whole()?;
        self.leave_out_own(&home, &mut chosen, is_search)?;
        let tells = !self.json && self.conditions.contains(&Condition::Exit);
        let _telling: Vec<_> =
            chosen.iter().filter(|_| tells).filter_map(|id| acknowledge::telling(&home, *id)).collect();
        let mut waiting = loop {
            match Waiting::begin(&home, &chosen, &self.conditions) {
                // Of tasks that were looked for, one that is removed by now is none.
                Err(client::ClientError::Store(store::StoreError::NoTask(gone)))
                    if is_search && chosen.len() > 1 && chosen.contains(&gone) =>
                {
                    chosen.retain(|id| *id != gone);
                }
                begun => break begun?,
            }
        };
        self.conditions.iter().for_each(|condition| describe_wait::tell_whose(&home, &chosen, condition, self.json));
        let (words, is_done) = self.gather(&mut waiting, &mut chosen, is_search, began)?;
        let told: Vec<TaskId> = match self.any && is_done {
            true => words.values().filter(|word| is_met(word)).map(|word| word.id).take(1).collect(),
            false => chosen.clone(),
        };
        // With --any and nobody who met it, all have ended, which is told of each.
        let told = if told.is_empty() { chosen.clone() } else { told };
        let code = self.tell(&home, &told, &words, began)?;
        if is_done {
            return Ok(code);
        }
        let left: Vec<TaskId> = chosen.into_iter().filter(|id| !words.contains_key(id)).collect();
        Err(describe_wait::gave_up(&home, &left, &self.conditions, self.timeout))
    }
}

impl Wait {
    /// A task does not end while a part of it waits for that. Of those that were looked for, it is
    /// none.
    fn leave_out_own(&self, home: &Home, chosen: &mut Vec<TaskId>, is_search: bool) -> Result<(), Failure> {
        let waits_for_end = self.conditions.iter().all(|condition| *condition == Condition::Exit);
        let Some(id) = own_task::task(home).filter(|id| waits_for_end && chosen.contains(id)) else { return Ok(()) };
        if !is_search || chosen.len() == 1 {
            return Err(own_task::refusal(id, "it does not end while it is waited for").hint("aos tasks lists others"));
        }
        own_task::tell(home, chosen, "is not waited for");
        chosen.retain(|other| *other != id);
        Ok(())
    }

    /// What became of the tasks, and whether that is all that was wanted. What was looked for, and
    /// is removed by whoever saw its end first, is none of them.
    fn gather(
        &self,
        waiting: &mut Waiting,
        chosen: &mut Vec<TaskId>,
        is_search: bool,
        began: Instant,
    ) -> Result<(WaitResults, bool), Failure> {
        let deadline = self.timeout.map(|span| began + span.duration());
        let mut gathered = WaitResults::new();
        while gathered.len() < chosen.len() {
            let word = match waiting.next(deadline) {
                Err(client::ClientError::Store(store::StoreError::NoTask(gone)))
                    if is_search && chosen.len() > 1 && chosen.contains(&gone) =>
                {
                    chosen.retain(|id| *id != gone);
                    continue;
                }
                word => word?,
            };
            let Some(word) = word else { return Ok((gathered, false)) };
            let is_enough = self.any && is_met(&word);
            if is_enough {
                gathered.clear();
            }
            gathered.insert(word.id, word);
            if is_enough {
                break;
            }
        }
        Ok((gathered, true))
    }

    /// Tells of these tasks; gives the code of the first that failed.
    fn tell(&self, home: &Home, told: &[TaskId], words: &WaitResults, began: Instant) -> VerbResult {
        let (mut code, mut rows, mut over) = (0, Vec::new(), Vec::new());
        for id in told {
            let word = words.get(id);
            let read;
            let reading = match word {
                Some(word) => &word.reading,
                None => {
                    read = TaskSnapshot::readable(home, &TaskDir::open(home, *id)?)?;
                    &read
                }
            };
            if let Some(lack) = &reading.lack {
                Failure::new(NOT_STARTED, lack.clone()).tell(self.json);
            }
            if self.json {
                let after = word.map_or_else(|| began.elapsed().into(), |word| word.after);
                rows.push(self.row(home, reading, word, after)?);
            } else if let Some(word) = word.filter(|word| output::is_seen() && is_met(word)) {
                writeln!(output::data(), "[{id}] {}", describe_wait::told(home, word))?;
            }
            over.extend((!reading.status().is_living()).then_some(*id));
            let own = word.map_or(0, |word| self.code(home, word));
            code = if code == 0 { own } else { code };
        }
        if self.json {
            output::json(&rows)?;
        }
        acknowledge::saw(home, &over);
        Ok(code)
    }

    /// A row as lists have it, with what was waited for.
    fn row(
        &self,
        home: &Home,
        reading: &TaskSnapshot,
        word: Option<&WaitResult>,
        after: Span,
    ) -> Result<Value, Failure> {
        let mut row = serde_json::to_value(describe_wait::summary(home, reading)).map_err(std::io::Error::from)?;
        row["after_ms"] = json!(after);
        row["met"] = json!(word.is_some_and(is_met));
        match word.map(|word| &word.met) {
            Some(Met::Condition(condition, sight)) => {
                row["for"] = json!(condition.to_string());
                if let Some(line) = &sight.line {
                    row["line"] = json!(line);
                }
                if let Some(url) = &sight.url {
                    row["url"] = json!(url);
                }
            }
            Some(Met::End) | None => row["for"] = json!(describe_wait::either(&self.conditions)),
        }
        Ok(row)
    }

    /// The task's own code if its end was waited for. One that is not known is none that could be
    /// passed on, which is said, as it is of a task that ended too soon.
    fn code(&self, home: &Home, word: &WaitResult) -> i32 {
        let reading = &word.reading;
        match &word.met {
            Met::Condition(Condition::Exit, _) => describe_end::exit_code(reading).unwrap_or_else(|| {
                let why = "it went to the process that had started it";
                let id = reading.spec.id;
                Failure::new(NO, format!("the exit code of {id} is not known to aos: {why}")).tell(self.json)
            }),
            Met::Condition(..) => 0,
            Met::End => describe_wait::ended_before(home, reading, &self.conditions).tell(self.json),
        }
    }
}

fn is_met(word: &WaitResult) -> bool {
    match word.met {
        Met::Condition(..) => true,
        Met::End => false,
    }
}
