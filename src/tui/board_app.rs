//! What the dashboard is of: beside the tasks that are watched those that are over, and of the
//! chosen one its log, its runs and what is wrong.

use std::io;
use std::path::{Path, PathBuf};

use crate::actions::failure::Failure;
use crate::actions::{describe_task, select};
use crate::ansi::printable;
use crate::client::reconcile;
use crate::client::task_watch::{TaskWatch, WatchedTask};
use crate::store::journal_file;
use crate::store::layout::Home;
use crate::sys::fs_watch::Watch;
use crate::task::id::TaskId;
use crate::task::summary::Summary;
use crate::tui::board::past::PastTask;
use crate::tui::board::runs;
use crate::tui::board::state::{Board, DetailTab};
use crate::tui::board_log::BoardLog;
use crate::tui::debug_child::DebugChild;
use crate::tui::log_search::{LogSearch, SearchedPart};
use crate::tui::observed;
use crate::tui::view::model::TaskView;
use crate::units::wall_time::WallTime;

/// It.
pub struct BoardApp {
    /// What is shown.
    pub board: Board,
    /// `aos debug`, at work.
    pub debug: Option<DebugChild>,
    /// A search, going on.
    pub search: Option<LogSearch>,
    log: Option<BoardLog>,
    /// Changes of the chosen task's log.
    log_changes: Watch,
    listed: Listed,
    /// Whose log is on the page.
    opened: Option<TaskId>,
}

/// Which finished tasks are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// None: tasks were named.
    Named,
    /// Those of late.
    Recent,
    /// All.
    All,
}

/// What ended longer ago than this is not listed unless asked for. *Units*: milliseconds.
const LATELY: i64 = 24 * 60 * 60 * 1000;
/// So many of the lately ended are listed.
const MOST_ENDED: usize = 100;
/// So many that are over are watched on; of the others the row is enough.
const MOST_WATCHED: usize = 40;
const OBSERVED: &str = "observed-bash.jsonl";

impl BoardApp {
    /// A dashboard of a directory, or of all.
    pub fn begin(home: &Home, listed: Listed, here: Option<PathBuf>) -> Result<BoardApp, Failure> {
        let logs = home.logs().ok();
        let observed = logs.and_then(|dir| observed::read(Path::new(&format!("{}/{OBSERVED}", dir.handle_path()))));
        let board = Board { here, observed, ..Board::default() };
        let mut app =
            BoardApp { board, debug: None, search: None, log: None, log_changes: Watch::new()?, listed, opened: None };
        app.list_past(home)?;
        Ok(app)
    }

    /// Reads anew which tasks are over.
    pub fn list_past(&mut self, home: &Home) -> Result<(), Failure> {
        self.board.past.clear();
        if self.listed == Listed::Named {
            return Ok(());
        }
        let registry = reconcile::registry(home)?;
        let rows: Vec<Summary<'_>> = match self.listed {
            Listed::All => registry.rows(),
            Listed::Named | Listed::Recent => {
                registry.recent(&WallTime(WallTime::now().0.saturating_sub(LATELY)).to_string(), MOST_ENDED).0
            }
        };
        for row in rows.iter().filter(|row| !row.status.is_living()) {
            if self.board.here.is_none() || select::is_in(self.board.here.as_deref(), &row.cwd) {
                let task = PastTask::of(row, self.board.past.last());
                self.board.past.push(task);
            }
        }
        Ok(())
    }

    /// Lists all finished tasks, or again those of late.
    pub fn list_all(&mut self, home: &Home) -> Result<(), Failure> {
        self.listed = match self.listed {
            Listed::Recent => Listed::All,
            Listed::Named | Listed::All => Listed::Recent,
        };
        self.list_past(home)?;
        self.board.note = Some(format!("{} finished tasks", self.board.past.len()));
        Ok(())
    }

    /// Whether a task belongs to what is shown.
    pub fn is_shown(&self, task: &WatchedTask) -> bool {
        let is_here = |here: &Path| select::is_in(Some(here), &task.reading.spec.cwd.to_string());
        !task.is_removed && self.board.here.as_deref().is_none_or(is_here)
    }

    /// The log whose changes are waited for.
    pub fn log_changes(&self) -> &Watch {
        &self.log_changes
    }

    /// Watches the task that is chosen, if it is not watched yet. Says whether it has to be
    /// portrayed.
    pub fn watch_chosen(&mut self, watching: &mut TaskWatch) -> bool {
        let Some(id) = self.board.task() else { return false };
        if watching.task(id).is_some() {
            return false;
        }
        if let Err(e) = watching.take_also(id) {
            self.board.note = Some(e.to_string());
            self.board.past.retain(|task| task.id != id);
        }
        true
    }

    /// Lets go of tasks that are over, but for some: their rows stay.
    pub fn let_go(&mut self, watching: &mut TaskWatch, tasks: &[TaskView]) {
        let is_over = |task: &&WatchedTask| !task.is_living() && Some(task.task.id) != self.board.task();
        let over: Vec<TaskId> = watching.tasks.iter().filter(is_over).map(|task| task.task.id).collect();
        let ids = &over[..over.len().saturating_sub(MOST_WATCHED)];
        if ids.is_empty() {
            return;
        }
        for task in tasks.iter().filter(|task| ids.contains(&task.id)) {
            if !self.board.past.iter().any(|past| past.id == task.id) {
                self.board.past.push(PastTask::of_view(task));
            }
        }
        watching.let_go(ids);
    }

    /// Opens what is shown of the chosen task, if it has become another.
    pub fn open_chosen(&mut self, watching: &TaskWatch, buffer: &mut [u8]) -> io::Result<()> {
        let id = self.board.task();
        if id == self.opened {
            return Ok(());
        }
        self.opened = id;
        self.board.forget_task();
        (self.log, self.search) = (None, None);
        self.log_changes.forget();
        self.debug.take().into_iter().for_each(DebugChild::end);
        let Some(watched) = id.and_then(|id| watching.task(id)) else { return Ok(()) };
        self.log = BoardLog::open(&watching.home, watched);
        self.read(buffer).map(|_| ())
    }

    /// Reads what else is known of the chosen task, on the page that shows it.
    pub fn look_at_chosen(&mut self, watching: &TaskWatch) {
        let Some(watched) = self.board.task().and_then(|id| watching.task(id)) else { return };
        match self.board.tab {
            DetailTab::Runs => self.board.runs = runs::of(&journal_file::read(&watched.task)),
            DetailTab::Facts => {
                let lines = describe_task::lines(&watching.home, &watched.reading, None);
                self.board.facts = lines.into_iter().map(|(label, text)| (label, printable(&text))).collect();
            }
            DetailTab::Log | DetailTab::Findings | DetailTab::Observed => {}
        }
    }

    /// Reads what is new in the log; says whether there is more.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        self.log_changes.has_changed();
        let Some(log) = &mut self.log else { return Ok(false) };
        let _ = self.log_changes.name(&log.path);
        log.read(buffer, &mut self.board.page)
    }

    /// Reads what the reader wants that is not on the page.
    pub fn serve(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match &mut self.log {
            Some(log) => log.serve(buffer, &mut self.board.page),
            None => Ok(false),
        }
    }

    /// Searches on where the page ends.
    pub fn search_on(&mut self, upwards: bool) -> io::Result<()> {
        let (Some(log), Some(search)) = (&self.log, self.board.page.search.clone()) else { return Ok(()) };
        let page = &self.board.page;
        let part = if upwards { 0..page.start().unwrap_or(0) } else { log.read_to()..u64::MAX };
        let end = crate::logs::store::segments::Segments::open(&log.path).map_or(0, |segments| segments.end());
        let part = part.start..part.end.min(end);
        let what = SearchedPart { path: log.path.clone(), part, upwards };
        self.search = Some(LogSearch::begin(what, search)?);
        Ok(())
    }

    /// Goes to what was found.
    pub fn found(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let Some(search) = self.search.take_if(|search| search.is_done()) else { return Ok(()) };
        match (search.found(), &mut self.log) {
            (Some(at), Some(log)) => {
                self.board.note = None;
                log.go_to(at, false, buffer, &mut self.board.page)
            }
            _ => {
                self.board.note = Some("not found".into());
                Ok(())
            }
        }
    }

    /// Hears what was found wrong.
    pub fn receive_debug(&mut self) -> io::Result<()> {
        let Some(debug) = &mut self.debug else { return Ok(()) };
        let heard = debug.listen();
        if !matches!(heard, Ok(None)) {
            self.debug = None;
        }
        let Some(page) = heard? else { return Ok(()) };
        (self.board.findings, self.board.finding) = (page, 0);
        Ok(())
    }
}
