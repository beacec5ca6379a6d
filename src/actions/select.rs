//! From what was typed to tasks.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{env, io};

use crate::actions::failure::{Failure, NO, NOT_STARTED, USAGE, VerbResult};
use crate::client::reconcile::{self, settle};
use crate::store;
use crate::store::layout::Home;
use crate::store::markers;
use crate::store::registry::Registry;
use crate::store::sketch::Sketch;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::task::id::TaskId;
use crate::task::selectable::Selectable;
use crate::task::selector::{BadSelector, Selector};
use crate::task::summary::Summary;
use crate::task::task_filter::TaskFilter;

/// Tasks, each once, and the run where one was named.
pub struct Selection {
    /// The tasks, at least one.
    pub ids: Vec<TaskId>,
    /// The run of `7#2`.
    pub run: Option<u32>,
    /// Those that a class or glob points at, and that the verb can do nothing with.
    pub passed_over: Vec<TaskId>,
    /// Whether they were looked for, and none was named: then one that is removed by now is none of
    /// them.
    pub is_search: bool,
}

impl Selection {
    /// Tasks that were looked for, as none was named.
    fn found(ids: Vec<TaskId>) -> Selection {
        Selection { ids, run: None, passed_over: Vec::new(), is_search: true }
    }

    /// The tasks, for a verb that has to do with them as they are now. *Errors*: where a run was
    /// named.
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

/// The tasks that there are to choose from, as they stood when they were first looked for.
pub struct KnownTasks<'h> {
    home: &'h Home,
    registry: &'h OnceCell<Registry>,
    sketches: OnceCell<Vec<Sketch<'h>>>,
    /// Whether somebody has asked by name already: from then on all are kept at hand.
    has_looked: Cell<bool>,
}

impl<'h> KnownTasks<'h> {
    /// Nothing is looked at yet; what is then will be kept there.
    pub fn new(home: &'h Home, registry: &'h OnceCell<Registry>) -> KnownTasks<'h> {
        KnownTasks { home, registry, sketches: OnceCell::new(), has_looked: Cell::new(false) }
    }

    /// The tasks that these words point at. A class or glob that nothing matches is an answer of
    /// no.
    pub fn tasks(&self, words: &[String]) -> Result<Selection, Failure> {
        self.tasks_for(words, TaskFilter::Any)
    }

    /// The same for a verb that can do something with some tasks only: a class or glob means these.
    pub fn tasks_for(&self, words: &[String], fit: TaskFilter) -> Result<Selection, Failure> {
        let selectors = words.iter().map(|word| word.parse()).collect::<Result<Vec<Selector>, BadSelector>>();
        let selectors = selectors.map_err(|e| Failure::new(USAGE, e.to_string()))?;
        let run = selectors.iter().find_map(|selector| selector.run);
        if run.is_some() && selectors.len() > 1 {
            return Err(Failure::new(USAGE, "a run is named alone, without other tasks").hint("aos logs 7#2"));
        }
        let (ids, passed_over) = match plain(self.home, &selectors) {
            Some(ids) => (each_once(ids), Vec::new()),
            None => self.chosen(&selectors, fit)?,
        };
        if ids.is_empty() {
            return Err(none_matches(words, fit));
        }
        Ok(Selection { ids, run, passed_over, is_search: selectors.iter().all(Selector::is_search) })
    }

    /// What a word means.
    pub fn meaning(&self, word: &str) -> Result<Meaning, Failure> {
        let Ok(selector) = word.parse::<Selector>() else { return Ok(Meaning::Other) };
        let selectors = std::slice::from_ref(&selector);
        if plain(self.home, selectors).is_some() || self.by_name(selectors)?.is_some_and(|ids| !ids.is_empty()) {
            return Ok(Meaning::Tasks);
        }
        let here = selector.asks_where().then(here).transpose()?;
        let candidates = candidates(self.sketches()?, here.as_deref());
        if selector.is_found(&candidates) {
            return Ok(Meaning::Tasks);
        }
        Ok(if selector.is_meant(&candidates) { Meaning::NoTasks } else { Meaning::Other })
    }

    /// The same for verbs that only look: without words, the only running task, else the newest.
    pub fn tasks_or_usual(&self, words: &[String]) -> Result<Selection, Failure> {
        if !words.is_empty() {
            return self.tasks(words);
        }
        let sketches = self.sketches()?;
        match (&living(sketches)[..], sketches.last()) {
            ([only], _) => Ok(Selection::found(vec![*only])),
            (_, Some(newest)) => Ok(Selection::found(vec![newest.id])),
            (_, None) => Err(Failure::new(NO, "there are no tasks yet").hint("aos run -b COMMAND begins one")),
        }
    }

    /// The same for verbs that tell what came of a task: a failure that nobody has looked at goes
    /// before what began, or ended, earlier than it.
    pub fn tasks_or_news(&self, words: &[String]) -> Result<Selection, Failure> {
        let usual = self.tasks_or_usual(words)?;
        if !words.is_empty() {
            return Ok(usual);
        }
        let failed = markers::failed(self.home)?;
        let sketches = self.sketches()?;
        // They are in the order of ids.
        let sketch = |id: &TaskId| sketches.binary_search_by_key(id, |sketch| sketch.id).ok().map(|at| &sketches[at]);
        let row = |id: &TaskId| sketch(id).and_then(Sketch::summary);
        let usual_row = usual.ids.first().and_then(row);
        let before = usual_row.as_ref().map_or("", |row| row.ended.as_deref().unwrap_or(&row.started));
        let news = failed.iter().filter_map(row).max_by(|a, b| ended(a).cmp(ended(b)));
        match news.filter(|row| ended(row) > before) {
            Some(row) => Ok(Selection::found(vec![row.id])),
            None => Ok(usual),
        }
    }

    /// The same for a verb that shows several at once: without words, all that live, else the
    /// newest.
    pub fn tasks_or_living(&self, words: &[String]) -> Result<Selection, Failure> {
        if words.is_empty() {
            let ids = living(self.sketches()?);
            if !ids.is_empty() {
                return Ok(Selection::found(ids));
            }
        }
        self.tasks_or_usual(words)
    }

    /// Those that are named, if each is found by ids and names alone: then no others are looked at
    /// more closely.
    fn by_name(&self, selectors: &[Selector]) -> Result<Option<Vec<TaskId>>, Failure> {
        let could_be = |id, name: &str| {
            selectors.iter().map(|s| s.could_be(id, name)).try_fold(false, |any, could_be| Some(any | could_be?))
        };
        // What does not depend on the task is the same for each.
        if could_be(TaskId::NONE_YET, "").is_none() || self.has_looked.replace(true) {
            return Ok(None);
        }
        let some = self.registry()?.sketches_where(|id, name| could_be(id, name).unwrap_or(true));
        let candidates = candidates(&some, None);
        let chosen: Result<Vec<_>, _> = selectors.iter().map(|selector| selector.choose(&candidates)).collect();
        Ok(chosen.ok().map(|chosen| chosen.concat()))
    }

    /// Those that fit, and those that do not.
    fn chosen(&self, selectors: &[Selector], fit: TaskFilter) -> Result<(Vec<TaskId>, Vec<TaskId>), Failure> {
        if let Some(ids) = self.by_name(selectors)? {
            return Ok((each_once(ids), Vec::new()));
        }
        let here = selectors.iter().any(Selector::asks_where).then(here).transpose()?;
        let candidates = candidates(self.sketches()?, here.as_deref());
        let (mut fitting, mut all) = (Vec::new(), Vec::new());
        for selector in selectors {
            fitting.extend(selector.choose_fitting(&candidates, |c| fit.has(c.status, c.is_over))?);
            all.extend(selector.choose(&candidates)?);
        }
        let are_fitting: BTreeSet<TaskId> = fitting.iter().copied().collect();
        let passed_over = each_once(all).into_iter().filter(|id| !are_fitting.contains(id)).collect();
        Ok((each_once(fitting), passed_over))
    }

    fn sketches(&self) -> Result<&[Sketch<'h>], Failure> {
        let registry = self.registry()?;
        Ok(self.sketches.get_or_init(|| registry.sketches()))
    }

    fn registry(&self) -> Result<&'h Registry, Failure> {
        if let Some(registry) = self.registry.get() {
            return Ok(registry);
        }
        let registry = reconcile::registry(self.home)?;
        Ok(self.registry.get_or_init(|| registry))
    }
}

/// The tasks that these words point at.
pub fn tasks(home: &Home, words: &[String]) -> Result<Selection, Failure> {
    KnownTasks::new(home, &OnceCell::new()).tasks(words)
}

/// The same for a verb that can do something with some tasks only.
pub fn tasks_for(home: &Home, words: &[String], fit: TaskFilter) -> Result<Selection, Failure> {
    KnownTasks::new(home, &OnceCell::new()).tasks_for(words, fit)
}

/// The same for verbs that only look.
pub fn tasks_or_usual(home: &Home, words: &[String]) -> Result<Selection, Failure> {
    KnownTasks::new(home, &OnceCell::new()).tasks_or_usual(words)
}

/// The same for verbs that tell what came of a task.
pub fn tasks_or_news(home: &Home, words: &[String]) -> Result<Selection, Failure> {
    KnownTasks::new(home, &OnceCell::new()).tasks_or_news(words)
}

/// The same for a verb that shows several at once.
pub fn tasks_or_living(home: &Home, words: &[String]) -> Result<Selection, Failure> {
    KnownTasks::new(home, &OnceCell::new()).tasks_or_living(words)
}

/// Tasks that are named by their ids alone, if all of them are there: nothing else need be looked
/// at.
fn plain(home: &Home, selectors: &[Selector]) -> Option<Vec<TaskId>> {
    let ids: Vec<TaskId> = selectors.iter().map(Selector::plain_ids).collect::<Option<Vec<_>>>()?.concat();
    ids.iter().all(|id| TaskDir::open(home, *id).is_ok()).then_some(ids)
}

/// When a task ended; of a lost one, which has no end, when it began.
fn ended<'a>(row: &'a Summary<'_>) -> &'a str {
    row.ended.as_deref().unwrap_or(&row.started)
}

/// The same ids, each where it is first.
fn each_once(ids: Vec<TaskId>) -> Vec<TaskId> {
    let mut seen = BTreeSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

fn none_matches(words: &[String], fit: TaskFilter) -> Failure {
    Failure::new(NO, format!("no {}task matches {}", fit.adjective(), words.join(" ")))
}

fn living(sketches: &[Sketch<'_>]) -> Vec<TaskId> {
    sketches.iter().filter(|sketch| sketch.status.is_living()).map(|sketch| sketch.id).collect()
}

/// Tasks, read.
pub struct Readings {
    /// The tasks, and why others cannot be read.
    tasks: Vec<Result<(TaskDir, TaskSnapshot), Failure>>,
    /// The run of `7#2`, which there is.
    pub run: Option<u32>,
}

impl Readings {
    /// Does something with each that can be read, and tells what cannot; gives the exit code.
    pub fn each(
        self,
        as_json: bool,
        mut act: impl FnMut(&TaskDir, &TaskSnapshot) -> Result<(), Failure>,
    ) -> VerbResult {
        let mut code = 0;
        for read in self.tasks {
            match read {
                Ok((task, reading)) => {
                    if let Some(lack) = &reading.lack {
                        code = Failure::new(NOT_STARTED, lack.clone()).hint(LACKING).tell(as_json);
                    }
                    act(&task, &reading)?;
                }
                Err(failure) => code = failure.tell(as_json),
            }
        }
        Ok(code)
    }
}

/// What becomes of a task of which it cannot be read what was asked for.
pub const LACKING: &str = "what its other files tell is shown; it cannot be run again";

/// The same, read.
pub fn readings(home: &Home, words: &[String]) -> Result<Readings, Failure> {
    settle(home)?;
    let Selection { ids, run, is_search, .. } = tasks_or_news(home, words)?;
    let mut tasks = Vec::new();
    for id in ids {
        match read(home, id) {
            Ok(read) => tasks.push(Ok(read)),
            Err(store::StoreError::NoTask(_)) if is_search => {}
            Err(other) => tasks.push(Err(other.into())),
        }
    }
    let last = |(task, _): &(TaskDir, TaskSnapshot)| (task.id, last_run(task));
    if let (Some(run), Some((id, last))) = (run, tasks.iter().flatten().next().map(last))
        && run > last
    {
        return Err(Failure::no_run(id, run, last));
    }
    if tasks.is_empty() { Err(none_matches(words, TaskFilter::Any)) } else { Ok(Readings { tasks, run }) }
}

fn read(home: &Home, id: TaskId) -> Result<(TaskDir, TaskSnapshot), store::StoreError> {
    let task = TaskDir::open(home, id)?;
    let reading = TaskSnapshot::readable(home, &task)?;
    Ok((task, reading))
}

/// The caller's directory. *Errors*: where it was removed, or cannot be told.
pub fn here() -> Result<PathBuf, Failure> {
    env::current_dir().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Failure::new(USAGE, "the current directory was removed").hint("cd to another one"),
        _ => Failure::new(USAGE, format!("cannot tell the current directory: {e}")),
    })
}

/// Whether a task belongs to the directory `here` or one below it.
pub fn is_in(here: Option<&Path>, cwd: &str) -> bool {
    let Some(here) = here else { return false };
    // Most paths are plain: thousands are compared for each that is shown.
    if cwd.contains("//") || cwd.contains("/.") {
        return Path::new(cwd).starts_with(here);
    }
    let here = here.as_os_str().as_bytes();
    let here = here.strip_suffix(b"/").unwrap_or(here);
    let below = cwd.as_bytes().strip_prefix(here);
    cwd.starts_with('/') && below.is_some_and(|below| matches!(below, [] | [b'/', ..]))
}

fn candidates<'a>(sketches: &'a [Sketch<'_>], here: Option<&Path>) -> Vec<Selectable<'a>> {
    let candidate = |sketch: &'a Sketch<'_>| Selectable {
        id: sketch.id,
        name: &sketch.name,
        status: sketch.status,
        is_over: sketch.is_over,
        is_failure: sketch.is_failure(),
        is_here: here.is_some() && is_in(here, &sketch.cwd().unwrap_or_default()),
    };
    sketches.iter().map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::is_in;
    use proptest::prelude::*;
    use std::path::Path;

    proptest! {
        #[test]
        fn a_directory_is_in_another_as_paths_say(here in "(/[ab]{1,2}){0,3}", rest in "(/[ab.]{0,2}){0,3}", is_below: bool) {
            let here = if here.is_empty() { "/".to_owned() } else { here };
            let cwd = if is_below { format!("{here}{rest}") } else { format!("/{rest}") };
            let wanted = Path::new(&cwd).starts_with(&here);
            prop_assert_eq!(is_in(Some(Path::new(&here)), &cwd), wanted, "{} in {}", cwd, here);
            prop_assert!(!is_in(Some(Path::new(&here)), ""), "it is not known where");
        }
    }
}
