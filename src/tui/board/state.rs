//! What the dashboard knows beside the tasks, and where the reader stands in it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ratatui_core::layout::Rect;

use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::tui::board::findings::FindingsPage;
use crate::tui::board::listing::{self, ListChoice, ListItem};
use crate::tui::board::page::Page;
use crate::tui::board::past::PastTask;
use crate::tui::board::runs::RunLine;
use crate::tui::view::keymap::ViewCommand;
use crate::tui::view::model::TaskView;

/// It.
#[derive(Debug, Default)]
pub struct Board {
    /// The directory of which the tasks are shown; `None`: of every one.
    pub here: Option<PathBuf>,
    /// Tasks that are over and not watched.
    pub past: Vec<PastTask>,
    /// What is listed.
    pub items: Vec<ListItem>,
    /// Sections that are folded.
    pub folded: BTreeSet<String>,
    /// What is chosen.
    pub chosen: Option<ListChoice>,
    /// The first line of the list that is shown.
    pub first: usize,
    /// What is shown of the chosen task.
    pub tab: DetailTab,
    /// Whether only that is shown.
    pub is_wide: bool,
    /// What the keys are for.
    pub mode: BoardMode,
    /// What is to be said to the reader.
    pub note: Option<String>,
    /// The chosen task's log.
    pub page: Page,
    /// What was found in it.
    pub findings: FindingsPage,
    /// Which finding the keys are for.
    pub finding: usize,
    /// Its runs, the newest first.
    pub runs: Vec<RunLine>,
    /// What else is known of it.
    pub facts: Vec<(&'static str, String)>,
    /// How far its runs or facts are scrolled. *Units*: rows.
    pub scrolled: usize,
    /// The first row of the help that is shown.
    pub help_from: usize,
    /// What an older aos noted of commands, the newest last; `None` where there is no such file.
    pub observed: Option<Vec<String>>,
    /// Where what was drawn last, for the mouse.
    pub areas: BoardAreas,
}

/// What is shown of the chosen task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailTab {
    /// Its log.
    #[default]
    Log,
    /// What is wrong.
    Findings,
    /// Its runs.
    Runs,
    /// What it is.
    Facts,
    /// What an older aos noted of commands, of whichever task.
    Observed,
}

/// Every page with its name.
pub const TABS: [(DetailTab, &str); 5] = [
    (DetailTab::Log, "Log"),
    (DetailTab::Findings, "Findings"),
    (DetailTab::Runs, "Runs"),
    (DetailTab::Facts, "Facts"),
    (DetailTab::Observed, "Observed"),
];

/// What the keys are for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BoardMode {
    /// Looking.
    #[default]
    Looking,
    /// Reading what the keys do.
    Help,
    /// Saying yes or no.
    Asking(String, ViewCommand),
    /// Typing.
    Typing(PromptLine, String),
}

/// What is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptLine {
    /// What to search for.
    Search,
    /// When the log's line was written.
    Time,
    /// The command of a new task.
    Command,
}

/// Where things were drawn.
#[derive(Clone, Debug, Default)]
pub struct BoardAreas {
    /// The rows of the list, without its heading.
    pub list: Rect,
    /// What is shown of the chosen task.
    pub detail: Rect,
    /// The names of the pages, each with its columns.
    pub tabs: Vec<(Rect, DetailTab)>,
}

impl Board {
    /// Lists the tasks anew; what was chosen stays so, or what stands in its place becomes it.
    pub fn relist(&mut self, tasks: &[TaskView]) {
        let before = self.place();
        self.items = listing::items(tasks, &self.past, &self.folded);
        if self.place().is_none() {
            let first = self.items.iter().position(|item| !matches!(item, ListItem::Section(_)));
            let at = before.or(first).unwrap_or(0).min(self.items.len().saturating_sub(1));
            self.chosen = self.items.get(at).map(ListItem::choice);
        }
    }

    /// Where in the list stands what is chosen.
    pub fn place(&self) -> Option<usize> {
        let chosen = self.chosen.as_ref()?;
        self.items.iter().position(|item| item.choice() == *chosen)
    }

    /// The task that is chosen.
    pub fn task(&self) -> Option<TaskId> {
        match &self.chosen {
            Some(ListChoice::Task(id)) => Some(*id),
            Some(ListChoice::Section(_)) | None => None,
        }
    }

    /// Chooses what stands at a place in the list.
    pub fn choose(&mut self, place: usize) {
        let place = place.min(self.items.len().saturating_sub(1));
        if let Some(item) = self.items.get(place) {
            self.chosen = Some(item.choice());
        }
    }

    /// Chooses a task, if it is listed.
    pub fn choose_task(&mut self, id: TaskId) {
        let choice = ListChoice::Task(id);
        if self.items.iter().any(|item| item.choice() == choice) {
            self.chosen = Some(choice);
        }
    }

    /// Folds a section, or opens it.
    pub fn fold(&mut self, name: &str, is_folded: bool, tasks: &[TaskView]) {
        if is_folded {
            self.folded.insert(name.to_owned());
        } else {
            self.folded.remove(name);
        }
        self.chosen = Some(ListChoice::Section(name.to_owned()));
        self.relist(tasks);
    }

    /// The pages that there are.
    pub fn tabs(&self) -> impl Iterator<Item = (DetailTab, &'static str)> {
        let has_observed = self.observed.is_some();
        TABS.into_iter().filter(move |(tab, _)| has_observed || *tab != DetailTab::Observed)
    }

    /// Shows another page.
    pub fn turn_to(&mut self, tab: DetailTab) {
        (self.tab, self.scrolled) = (tab, 0);
    }

    /// How many rows the chosen task's page has.
    pub fn page_rows(&self) -> usize {
        usize::from(self.areas.detail.height).max(1)
    }

    /// The chosen task has become another: nothing is known of it yet.
    pub fn forget_task(&mut self) {
        self.page.clear();
        self.page.search = None;
        self.findings = FindingsPage::Unasked;
        (self.finding, self.scrolled) = (0, 0);
        self.runs.clear();
        self.facts.clear();
    }

    /// How many live, wait and have failed: what stands in the window's first row.
    pub fn counts(&self, tasks: &[TaskView]) -> [(usize, &'static str, Status); 3] {
        let count = |is: fn(&TaskView) -> bool| tasks.iter().filter(|task| is(task)).count();
        // A finished task that somebody looks at is among both.
        let is_past = |task: &&PastTask| tasks.iter().all(|watched| watched.id != task.id);
        let failed = self.past.iter().filter(|task| task.status.is_failure()).filter(is_past).count();
        [
            (count(|task| task.status.is_living() && task.status != Status::Queued), "running", Status::Running),
            (count(|task| task.status == Status::Queued), "queued", Status::Queued),
            (count(|task| task.status.is_failure()) + failed, "failed", Status::Failed),
        ]
    }
}
