//! What the live view is of: tasks, their logs, what they use, kept up to date in a model.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use crate::actions::failure::Failure;
use crate::actions::own_task;
use crate::client::task_watch::{TaskWatch, WatchedTask};
use crate::sys::fs_watch::{BLIND, Watch};
use crate::task::id::TaskId;
use crate::task::status::Status;
use crate::task_log::feedback;
use crate::tui::board_app::BoardApp;
use crate::tui::outlooks::Outlooks;
use crate::tui::task_load::{LoadWatch, Measuring};
use crate::tui::task_log::TaskLog;
use crate::tui::task_row;
use crate::tui::view::model::Model;
use crate::units::wall_time::WallTime;

/// Tasks and what is known of them.
pub struct App {
    /// How they stand.
    pub watching: TaskWatch,
    /// What is shown.
    pub model: Model,
    logs: BTreeMap<TaskId, TaskLog>,
    /// Tasks whose logs would come back.
    left_out: BTreeSet<TaskId>,
    log_changes: Watch,
    loads: BTreeMap<TaskId, LoadWatch>,
    /// When all was measured that there is, and not only what has moved.
    measured: Option<Instant>,
    outlooks: Outlooks,
    /// The dashboard, where it is one.
    pub board: Option<BoardApp>,
    buffer: Vec<u8>,
}

/// Whether a task does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// It does something.
    None,
    /// It has not begun, or not again.
    Waits,
    /// It is over.
    Over,
}

impl Rest {
    fn of(watched: &WatchedTask) -> Rest {
        match watched.reading.status() {
            _ if !watched.is_living() => Rest::Over,
            Status::Queued => Rest::Waits,
            _ => Rest::None,
        }
    }
}

const BUFFER: usize = 64 * 1024;
/// Also what does not seem to have moved is measured so often.
const WHOLE: Duration = Duration::from_secs(300);

impl App {
    /// Tasks as they stand now.
    pub fn begin(watching: TaskWatch, board: Option<BoardApp>) -> Result<App, Failure> {
        let mut app = App {
            model: Model::default(),
            logs: BTreeMap::new(),
            left_out: BTreeSet::new(),
            log_changes: Watch::new()?,
            loads: BTreeMap::new(),
            measured: None,
            outlooks: Outlooks::default(),
            board,
            buffer: vec![0; BUFFER],
            watching,
        };
        app.ids().into_iter().for_each(|id| app.open_log(id));
        app.measure();
        app.portray();
        app.read();
        app.keep_up();
        Ok(app)
    }

    /// The tasks.
    pub fn ids(&self) -> Vec<TaskId> {
        self.watching.tasks.iter().map(|watched| watched.task.id).collect()
    }

    /// Those that were over when they were last looked at.
    pub fn over(&self) -> Vec<TaskId> {
        self.watching.tasks.iter().filter(|watched| !watched.is_living()).map(|watched| watched.task.id).collect()
    }

    /// What is readable when a log has grown; `None` where nobody tells.
    pub fn log_descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.log_watch().descriptor()
    }

    fn log_watch(&self) -> &Watch {
        self.board.as_ref().map_or(&self.log_changes, |board| board.log_changes())
    }

    /// When to look again though nothing was told.
    pub fn patience(&self) -> Option<Duration> {
        let blind = self.log_watch().descriptor().is_none().then_some(BLIND);
        self.watching.patience().into_iter().chain(blind).min()
    }

    /// Looks at how the tasks stand; says whether anything changed.
    pub fn look(&mut self) -> Result<bool, Failure> {
        let before: Vec<(TaskId, Rest)> =
            self.watching.tasks.iter().map(|watched| (watched.task.id, Rest::of(watched))).collect();
        let changed = self.watching.look()?;
        self.outlooks.renew(&self.watching.home, &self.watching.tasks, &changed);
        if let Some(board) = &mut self.board {
            let gone = |watched: &&WatchedTask| watched.is_removed;
            let gone: Vec<TaskId> = self.watching.tasks.iter().filter(gone).map(|watched| watched.task.id).collect();
            board.board.past.retain(|task| !gone.contains(&task.id));
            self.watching.let_go(&gone);
            board.let_go(&mut self.watching, &self.model.tasks);
            self.portray();
            self.keep_up();
            return Ok(!changed.is_empty());
        }
        for &id in &changed {
            self.open_log(id);
        }
        if !changed.is_empty() {
            // What it printed stands before what is said of its end.
            self.read();
        }
        for (id, before) in before {
            if let Some(watched) = self.watching.task(id)
                && Rest::of(watched) != before
                && Rest::of(watched) != Rest::None
            {
                self.model.remark(id, task_row::standing(&self.watching.home, watched));
                self.loads.remove(&id);
            }
        }
        self.portray();
        Ok(!changed.is_empty())
    }

    /// Has what is shown of the chosen task be that of the chosen task: it may be another by now.
    pub fn keep_up(&mut self) {
        let Some(board) = &mut self.board else { return };
        if board.watch_chosen(&mut self.watching) {
            self.portray();
        }
        let Some(board) = &mut self.board else { return };
        let opened = board.open_chosen(&self.watching, &mut self.buffer);
        let served = opened.and_then(|()| board.serve(&mut self.buffer));
        if let Err(e) = served {
            board.board.note = Some(format!("the log cannot be read: {e}"));
        }
        board.look_at_chosen(&self.watching);
    }

    /// Has a dashboard list what a verb has changed, and choose the task that it has begun.
    pub fn after_verb(&mut self, begun: Option<TaskId>) -> Result<(), Failure> {
        if self.board.is_none() {
            return Ok(());
        }
        if begun.is_some() {
            self.look()?;
        }
        let Some(board) = &mut self.board else { return Ok(()) };
        // What was removed tells of it by nothing else.
        let listed = board.list_past(&self.watching.home);
        board.board.relist(&self.model.tasks);
        begun.into_iter().for_each(|id| board.board.choose_task(id));
        self.keep_up();
        listed
    }

    /// Hears what works beside a dashboard: what is wrong, and where a search has found something.
    pub fn receive_board(&mut self) -> io::Result<()> {
        let Some(board) = &mut self.board else { return Ok(()) };
        board.receive_debug()?;
        board.found(&mut self.buffer)
    }

    /// Whether a task is so young that its age changes each second.
    pub fn is_young(&self) -> bool {
        const YOUNG: u64 = 61_000;
        let now = WallTime::now();
        self.model.tasks.iter().any(|task| now.since(task.ended.unwrap_or(task.started)).0 < YOUNG)
    }

    /// Measures what the living use; says whether that, or how far they are, is not what it was.
    pub fn measure(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.measured.is_none_or(|last| now.duration_since(last) >= WHOLE);
        let how = if is_due { Measuring::Whole } else { Measuring::Moved };
        if is_due {
            self.measured = Some(now);
        }
        let mut is_otherwise = false;
        self.loads.retain(|id, _| self.watching.task(*id).is_some());
        for watched in &self.watching.tasks {
            let load = self.loads.entry(watched.task.id).or_default();
            is_otherwise |= load.measure(&watched.reading, how, now);
        }
        is_otherwise |= self.outlooks.look(&self.watching.home, &self.watching.tasks);
        is_otherwise
    }

    /// Reads what is new in the logs; says whether there is more.
    pub fn read(&mut self) -> bool {
        if let Some(board) = &mut self.board {
            return board.read(&mut self.buffer).unwrap_or_else(|e| {
                board.board.note = Some(format!("the log cannot be read: {e}"));
                false
            });
        }
        self.log_changes.has_changed();
        let mut is_more = false;
        for id in self.ids() {
            is_more |= self.read_one(id).unwrap_or_else(|e| {
                // Not again and again, but when the task stands otherwise.
                self.logs.remove(&id);
                self.model.remark(id, format!("its log cannot be read: {e}"));
                false
            });
        }
        is_more
    }

    fn read_one(&mut self, id: TaskId) -> io::Result<bool> {
        let Some(tailed) = self.logs.get_mut(&id) else { return Ok(false) };
        let _ = self.log_changes.name(&tailed.path);
        tailed.read(&mut self.buffer, &mut self.model)
    }

    fn open_log(&mut self, id: TaskId) {
        if self.board.is_some() || self.left_out.contains(&id) {
            return;
        }
        let Some(watched) = self.watching.task(id) else { return };
        if let Some(tailed) = self.logs.get_mut(&id) {
            // While the next run only waits, what was found is of the one before.
            if Rest::of(watched) != Rest::Waits {
                tailed.follow_run(watched, &mut self.model);
            }
        } else if let Some(tailed) = TaskLog::open(&self.watching.home, watched) {
            // It is open: whoever is about to follow us sees that, and we see who does already.
            if feedback::fed_back(&self.watching.home).contains(&id) {
                self.left_out.insert(id);
                self.model.remark(id, format!("its log is left out: {}", own_task::COMES_BACK));
            } else {
                self.logs.insert(id, tailed);
            }
        } else if !self.model.tasks.iter().any(|task| task.id == id) {
            self.model.remark(id, "no log: it was adopted, and is only tracked".into());
        }
    }

    /// Has what is shown be what is known.
    pub fn portray(&mut self) {
        let task_row = |watched: &WatchedTask| {
            let id = watched.task.id;
            let outlook = self.outlooks.task(id);
            task_row::of(&self.watching.home, watched, self.loads.get(&id), outlook)
        };
        let is_shown = |watched: &&WatchedTask| self.board.as_ref().is_none_or(|board| board.is_shown(watched));
        self.model.tasks = self.watching.tasks.iter().filter(is_shown).map(task_row).collect();
        if let Some(board) = &mut self.board {
            board.board.relist(&self.model.tasks);
        }
    }
}
