//! `aos __complete`: what Tab may offer for a word. The scripts in `completions/` ask; people do
//! not. It makes no home; else it reads as every verb that lists does, and so brings the registry
//! up to date.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::str::FromStr;

use clap::Args;

use crate::actions::failure::{Failure, VerbResult};
use crate::actions::{output, select};
use crate::ansi::printable;
use crate::cli::verb::{Caller, Verb};
use crate::store::journal_file;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::store::sketch::Sketch;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::task_dir::TaskDir;
use crate::task::completion::{Candidate, MOST, Typing, offers};
use crate::task::completion_limit::{self, Meant};
use crate::task::group::Group;
use crate::task::id::TaskId;
use crate::task::journal::JournalEvent;
use crate::task::summary::Summary;
use crate::task::task_filter::{BadTaskFilter, TaskFilter};
use crate::ui::text::{fit, padded, width};
use crate::units::signal::Signal;

/// Print what a word could become, a line each: the word, a tab, what it stands for
#[derive(Args)]
pub struct Complete {
    /// The words alone
    #[arg(long)]
    words: bool,
    /// Rows to be shown, no wider than this, in terminal cells; after the words, if those are
    /// wanted too
    #[arg(long)]
    columns: Option<usize>,
    /// What stands in a row before what the word stands for
    #[arg(long, default_value = "  ")]
    between: String,
    /// The last row first: where a list stands above the line, the newest are next to it
    #[arg(long)]
    upwards: bool,
    /// Tasks by their ids and by their names
    #[arg(long)]
    every: bool,
    /// What is wanted
    kind: WordKind,
    /// The word so far
    word: String,
    /// The tasks that the line names already
    given: Vec<String>,
}

/// A column of what words stand for is cut to this, but for the last. *Units*: terminal cells.
const WIDEST: usize = 24;

/// What a word is to be.
#[derive(Clone, Copy)]
enum WordKind {
    /// A task, of those that fit.
    Task(TaskFilter),
    /// The number of one of a task's runs.
    Run,
    /// A group.
    Group,
    /// A signal.
    Signal,
}

impl FromStr for WordKind {
    type Err = BadTaskFilter;

    fn from_str(text: &str) -> Result<WordKind, BadTaskFilter> {
        match text {
            "run" => Ok(WordKind::Run),
            "group" => Ok(WordKind::Group),
            "signal" => Ok(WordKind::Signal),
            _ => text.parse().map(WordKind::Task),
        }
    }
}

impl Verb for Complete {
    const NAME: &'static str = "__complete";

    fn run(self, _: &mut Caller) -> VerbResult {
        let offers = match self.kind {
            WordKind::Signal => signals(&self.word),
            WordKind::Group => in_home(|home| Ok(groups(home, &self.word)))?,
            WordKind::Run => in_home(|home| runs(home, &self.word, &self.given))?,
            WordKind::Task(fit) => in_home(|home| self.tasks(home, fit))?,
        };
        let words = |offers: &[Candidate]| offers.iter().map(|offer| format!("{}\n", offer.value)).collect::<String>();
        let text = match (self.columns, self.words) {
            (Some(columns), true) => words(&offers) + &rows(&offers, columns, &self.between),
            (Some(columns), false) => rows(&self.in_order(offers), columns, &self.between),
            (None, true) => words(&offers),
            (None, false) => lines(&offers),
        };
        output::data().write_all(text.as_bytes())?;
        Ok(0)
    }
}

impl Complete {
    /// Of tasks and runs the newest come first, unless they are to stand last.
    fn in_order(&self, mut offers: Vec<Candidate>) -> Vec<Candidate> {
        if self.upwards && matches!(self.kind, WordKind::Task(_) | WordKind::Run) {
            offers.reverse();
        }
        offers
    }

    fn tasks(&self, home: &Home, fit: TaskFilter) -> Result<Vec<Candidate>, Failure> {
        if let (TaskFilter::Any, Some((task, run))) = (fit, self.word.split_once('#')) {
            let mut runs = runs(home, run, &[task.to_owned()])?;
            runs.iter_mut().for_each(|offer| offer.value.insert_str(0, &format!("{task}#")));
            return Ok(runs);
        }
        let registry = if fit.needs_only_living() { Registry::of_living(home)? } else { Registry::open(home)? };
        let typing = Typing { word: &self.word, given: &self.given, every: self.every };
        let rows = match typing.points_at_any() {
            true => registry.recent("", MOST).0,
            false => rows_of(&registry, fit, typing),
        };
        Ok(offers(&rows, fit, typing))
    }
}

/// The tasks that could be meant by what is typed, or the nearest of too many.
fn rows_of<'a>(registry: &'a Registry, fit: TaskFilter, typing: Typing<'_>) -> Vec<Summary<'a>> {
    let could_be = |id: TaskId, name: &str| typing.could_be(id, name);
    let sketches = registry.sketches_where(could_be);
    let meant = sketches.iter().map(|Sketch { id, name, status, is_over, .. }| Meant {
        id: *id,
        name,
        status: *status,
        is_over: *is_over,
    });
    match completion_limit::nearest(&meant.collect::<Vec<_>>(), fit, typing) {
        Some(ids) => {
            let ids: BTreeSet<TaskId> = ids.into_iter().collect();
            registry.rows_where(|id, _| ids.contains(&id))
        }
        None => registry.rows_where(could_be),
    }
}

/// The words and what they stand for, as a shell shows them below each other.
fn rows(offers: &[Candidate], columns: usize, between: &str) -> String {
    let widest = offers.iter().map(|offer| width(&offer.value)).max().unwrap_or(0);
    let row = |(offer, about): (&Candidate, String)| {
        fit(&format!("{}{between}{about}", padded(&offer.value, widest)), columns) + "\n"
    };
    offers.iter().zip(abouts(offers)).map(row).collect()
}

/// The same for a shell that makes the rows itself.
fn lines(offers: &[Candidate]) -> String {
    offers.iter().zip(abouts(offers)).map(|(offer, about)| format!("{}\t{about}\n", offer.value)).collect()
}

/// What the words stand for: columns below each other, the last as long as it is.
fn abouts(offers: &[Candidate]) -> Vec<String> {
    let columns = offers.iter().map(|offer| offer.about.len()).max().unwrap_or(0);
    let width_of = |column: usize| {
        let followed = offers.iter().filter(|offer| offer.about.len() > column + 1);
        followed.map(|offer| width(&offer.about[column])).max().unwrap_or(0).min(WIDEST)
    };
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let about = |offer: &Candidate| {
        let last = offer.about.len().saturating_sub(1);
        let cell = |(column, text): (usize, &String)| match column == last {
            true => text.clone(),
            false => padded(text, widths[column]) + "  ",
        };
        offer.about.iter().enumerate().map(cell).collect()
    };
    offers.iter().map(about).collect()
}

/// Looks into the home, if there is one.
fn in_home(look: impl FnOnce(&Home) -> Result<Vec<Candidate>, Failure>) -> Result<Vec<Candidate>, Failure> {
    Home::open_if_there()?.map_or_else(|| Ok(Vec::new()), |home| look(&home))
}

/// The runs of the task that is named, else of the one that verbs which only look take; the newest
/// first.
fn runs(home: &Home, word: &str, given: &[String]) -> Result<Vec<Candidate>, Failure> {
    let Some(&id) = select::tasks_or_news(home, given)?.ids.first() else { return Ok(Vec::new()) };
    let task = TaskDir::open(home, id)?;
    let (last, entries) = (last_run(&task), journal_file::read(&task));
    let how = |run| -> Result<String, Failure> {
        let events = || entries.iter().filter(|entry| entry.run == run);
        let began = events().next().map_or_else(String::new, |entry| format!("{}  ", entry.at.local()));
        let over = events().find_map(|entry| match &entry.event {
            JournalEvent::Over { outcome, wall } => Some(format!("{outcome} after {wall}")),
            _ => None,
        });
        match over {
            Some(over) => Ok(began + &over),
            None if run == last => Ok(began + TaskSnapshot::of(home, &task)?.status().word()),
            None => Ok(began + "lost"),
        }
    };
    let offered = (1..=last).rev().filter(|run| run.to_string().starts_with(word));
    offered.map(|run| Ok(Candidate { value: run.to_string(), about: vec![printable(&how(run)?)] })).collect()
}

/// The groups that are configured, and those that were ever used.
fn groups(home: &Home, word: &str) -> Vec<Candidate> {
    let config = home.config().unwrap_or_default();
    let groups: BTreeSet<Group> = config.groups.keys().cloned().chain(home.lines()).collect();
    let offer = |group: Group| {
        let slots = config.slots(&group);
        let about = vec![format!("{slots} slot{}", if slots == 1 { "" } else { "s" })];
        Candidate { value: group.to_string(), about }
    };
    groups.into_iter().filter(|group| group.as_str().starts_with(word)).map(offer).collect()
}

/// The signals, spelled as somebody does who has begun like this.
fn signals(word: &str) -> Vec<Candidate> {
    let spelled = |signal: Signal| {
        let name = signal.to_string();
        let short = name.trim_start_matches("SIG").to_owned();
        let spellings = [short.clone(), name.clone(), short.to_lowercase(), name.to_lowercase()];
        let value = spellings.into_iter().find(|spelling| spelling.starts_with(word))?;
        Some(Candidate { value, about: vec![format!("signal {}", signal.number())] })
    };
    Signal::named().filter_map(spelled).collect()
}
