//! From what was typed to tasks.

use std::env;

use super::failure::{Failure, NO, NO_TASK, USAGE};
use crate::client::settle::settle;
use crate::store::home::Home;
use crate::store::reading::{Reading, last_run};
use crate::store::registry::Registry;
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::selector::{BadSelector, Candidate, Selector};
use crate::task::summary::Summary;

/// Tasks, each once, and the run where one was named.
pub struct Chosen {
    /// The tasks, at least one.
    pub ids: Vec<TaskId>,
    /// The run of `7#2`.
    pub run: Option<u32>,
}

impl Chosen {
    /// The tasks, for a verb that has to do with them as they are now. *Errors*: where a run was named.
    pub fn whole(self) -> Result<Vec<TaskId>, Failure> {
        match (self.run, self.ids.first()) {
            (Some(run), Some(id)) => {
                let why = format!("{id}#{run} is one of its runs, and this is done with the task as it is now");
                Err(Failure::new(USAGE, why).hint(format!("without the run: {}", id.0)))
            }
            _ => Ok(self.ids),
        }
    }
}

/// The tasks that these words point at. A class or glob that nothing matches is an answer of no.
pub fn tasks(home: &Home, words: &[String]) -> Result<Chosen, Failure> {
    let selectors = words.iter().map(|word| word.parse()).collect::<Result<Vec<Selector>, BadSelector>>();
    let selectors = selectors.map_err(|e| Failure::new(USAGE, e.to_string()))?;
    let run = selectors.iter().find_map(|selector| selector.run);
    if run.is_some() && selectors.len() > 1 {
        return Err(Failure::new(USAGE, "a run is named alone, without other tasks").hint("aos logs 7#2"));
    }
    let found = match plain(home, &selectors) {
        Some(ids) => ids,
        None => chosen(home, &selectors)?,
    };
    let mut ids = Vec::new();
    for id in found {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Err(Failure::new(NO, format!("no task matches {}", words.join(" "))));
    }
    Ok(Chosen { ids, run })
}

/// Tasks that are named by their ids alone, if all of them are there: nothing else need be looked at.
fn plain(home: &Home, selectors: &[Selector]) -> Option<Vec<TaskId>> {
    let ids: Vec<TaskId> = selectors.iter().map(Selector::plain_ids).collect::<Option<Vec<_>>>()?.concat();
    ids.iter().all(|id| TaskDir::open(home, *id).is_ok()).then_some(ids)
}

fn chosen(home: &Home, selectors: &[Selector]) -> Result<Vec<TaskId>, Failure> {
    settle(home)?;
    let candidates = candidates(&Registry::open(home)?.rows());
    let chosen = selectors.iter().map(|selector| selector.choose(&candidates)).collect::<Result<Vec<_>, _>>()?;
    Ok(chosen.concat())
}

/// What a word is among those where one may be something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Tasks that are there.
    Tasks,
    /// Tasks that are not there: an id, a class, or nearly somebody's name.
    NoTasks,
    /// Something else.
    Other,
}

/// What a word means.
pub fn meaning(home: &Home, word: &str) -> Result<Meaning, Failure> {
    if tasks(home, &[word.to_owned()]).is_ok() {
        return Ok(Meaning::Tasks);
    }
    let Ok(selector) = word.parse::<Selector>() else { return Ok(Meaning::Other) };
    let is_meant = selector.is_meant(&candidates(&Registry::open(home)?.rows()));
    Ok(if is_meant { Meaning::NoTasks } else { Meaning::Other })
}

/// The same for verbs that only look: without words, the only running task, else the newest.
pub fn tasks_or_usual(home: &Home, words: &[String]) -> Result<Chosen, Failure> {
    if !words.is_empty() {
        return tasks(home, words);
    }
    settle(home)?;
    let registry = Registry::open(home)?;
    let rows = registry.rows();
    let running: Vec<TaskId> = rows.iter().filter(|row| row.status.is_living()).map(|row| row.id).collect();
    match (&running[..], rows.last()) {
        ([only], _) => Ok(Chosen { ids: vec![*only], run: None }),
        (_, Some(newest)) => Ok(Chosen { ids: vec![newest.id], run: None }),
        (_, None) => Err(Failure::new(NO, "there are no tasks yet").hint("aos run -b COMMAND begins one")),
    }
}

/// The same for a verb that shows several at once: without words, all that live, else the newest.
pub fn tasks_or_living(home: &Home, words: &[String]) -> Result<Chosen, Failure> {
    if words.is_empty() {
        settle(home)?;
        let registry = Registry::open(home)?;
        let living: Vec<TaskId> =
            registry.rows().iter().filter(|row| row.status.is_living()).map(|row| row.id).collect();
        if !living.is_empty() {
            return Ok(Chosen { ids: living, run: None });
        }
    }
    tasks_or_usual(home, words)
}

/// Tasks, read.
pub struct Readings {
    /// The tasks.
    pub tasks: Vec<(TaskDir, Reading)>,
    /// The run of `7#2`, which there is.
    pub run: Option<u32>,
}

/// The same, read.
pub fn readings(home: &Home, words: &[String]) -> Result<Readings, Failure> {
    settle(home)?;
    let Chosen { ids, run } = tasks_or_usual(home, words)?;
    let readings = ids.into_iter().map(|id| {
        let task = TaskDir::open(home, id)?;
        let last = last_run(&task);
        if let Some(run) = run.filter(|run| *run > last) {
            return Err(
                Failure::new(NO_TASK, format!("{id} has no run {run}")).hint(format!("its runs are 1 to {last}"))
            );
        }
        let reading = Reading::of(&task)?;
        Ok((task, reading))
    });
    Ok(Readings { tasks: readings.collect::<Result<_, _>>()?, run })
}

/// Whether a task belongs to the caller's directory or one below it.
pub fn is_here(cwd: &str) -> bool {
    env::current_dir().is_ok_and(|here| std::path::Path::new(cwd).starts_with(here))
}

fn candidates(rows: &[Summary<'_>]) -> Vec<Candidate> {
    rows.iter()
        .map(|row| Candidate {
            id: row.id,
            name: row.name.to_string(),
            status: row.status,
            is_over: row.is_over(),
            is_here: is_here(&row.cwd),
        })
        .collect()
}
