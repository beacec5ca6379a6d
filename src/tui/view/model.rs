//! What the live view knows.

use crate::task::id::TaskId;
use crate::task::progress::Progress;
use crate::task::status::Status;
use crate::task::usual::Remark;
use crate::tui::view::tail::Tail;
use crate::units::wall_time::WallTime;

/// Everything that is shown, and where the reader stands in it.
#[derive(Debug, Default)]
pub struct Model {
    /// The tasks, in the order in which they came; at least one.
    pub tasks: Vec<TaskView>,
    /// Their newest lines.
    pub tail: Tail,
    /// Which task the keys are for.
    pub chosen: usize,
    /// Whether only the chosen one is shown.
    pub is_alone: bool,
    /// How many lines are below the window. 0: the newest is shown.
    pub below: usize,
    /// What the keys are for.
    pub mode: KeyMode,
    /// The digits of an id, as far as they are typed.
    pub typed: String,
    /// What is to be said to the reader.
    pub note: Option<String>,
}

/// What the keys are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyMode {
    /// Looking.
    #[default]
    Looking,
    /// Saying yes or no to the stop of a task.
    Asking(TaskId),
    /// Reading what the keys do.
    Help,
}

/// One task. Text is safe to print.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: String,
    /// What it runs.
    pub command: String,
    /// How it stands.
    pub status: Status,
    /// The same in words: `running`, `failed (exit 1) after 3s`.
    pub standing: String,
    /// Which run it is.
    pub run: u32,
    /// When that began.
    pub started: WallTime,
    /// When it ended.
    pub ended: Option<WallTime>,
    /// What it uses, while it lives and that is known.
    pub load: Option<TaskLoad>,
    /// What else is to be said of it: where it is ready, that it waits, what it had used.
    pub remarks: Vec<String>,
    /// What its log has so far.
    pub found: LogFindings,
    /// What it stands under in a list: its directory, or its group.
    pub section: String,
    /// Where it runs.
    pub cwd: String,
    /// How many tests failed.
    pub failed_tests: u64,
    /// Where it is reached, or that it is not ready yet.
    pub reached: Option<String>,
    /// What it has used lately.
    pub history: LoadHistory,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What is out of the ordinary beside earlier runs.
    pub unusual: Vec<Remark>,
}

/// What a task has used lately, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadHistory {
    /// *Units*: per cent of one processor.
    pub cpu: Vec<u64>,
    /// *Units*: bytes.
    pub memory: Vec<u64>,
}

/// What a task uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLoad {
    /// Of one processor, since the last look. *Units*: per cent.
    pub cpu: Option<u64>,
    /// Resident, of all processes, what they share counted for each. *Units*: bytes.
    pub memory: u64,
    /// How many processes.
    pub processes: usize,
    /// The ports on which they listen.
    pub ports: Vec<u16>,
}

/// What a log has so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFindings {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// The one to be fixed first.
    pub first: Option<String>,
}

impl LoadHistory {
    /// So many are kept.
    const MOST: usize = 60;

    /// Takes in what was measured.
    pub fn push(&mut self, cpu: Option<u64>, memory: u64) {
        self.cpu.extend(cpu);
        self.memory.push(memory);
        for numbers in [&mut self.cpu, &mut self.memory] {
            numbers.drain(..numbers.len().saturating_sub(LoadHistory::MOST));
        }
    }
}

impl Model {
    /// The task that the keys are for.
    pub fn chosen(&self) -> Option<&TaskView> {
        self.tasks.get(self.chosen)
    }

    /// Whether one task is shown, and not a table.
    pub fn shows_one(&self) -> bool {
        self.is_alone || self.tasks.len() == 1
    }

    /// Whether a task's lines are shown.
    pub fn shows_lines_of(&self, id: TaskId) -> bool {
        !self.is_alone || self.chosen().is_some_and(|task| task.id == id)
    }

    /// How many lines there are to scroll through.
    pub fn line_count(&self) -> usize {
        self.tail.lines().filter(|line| self.shows_lines_of(line.of)).count()
    }

    /// Takes in a task's output; what the reader has scrolled to stays where it is.
    pub fn output(&mut self, of: TaskId, bytes: &[u8], at: u64) {
        let begun = self.tail.feed(of, bytes, at);
        if self.below > 0 && self.shows_lines_of(of) {
            self.below += begun;
        }
    }

    /// Says something below a task's lines.
    pub fn remark(&mut self, of: TaskId, text: String) {
        self.tail.remark(of, text);
        self.keep_place(of);
    }

    /// Says something before the first line of a task that stands at `from` in its log or behind.
    pub fn remark_before(&mut self, of: TaskId, from: u64, text: String) {
        self.tail.remark_before(of, from, text);
        self.keep_place(of);
    }

    fn keep_place(&mut self, of: TaskId) {
        if self.below > 0 && self.shows_lines_of(of) {
            self.below += 1;
        }
    }

    /// How a task is called beside its lines: by its name, where no other has it.
    pub fn label(&self, task: &TaskView) -> String {
        let is_only = self.tasks.iter().filter(|other| other.name == task.name).count() < 2;
        if is_only { task.name.clone() } else { task.id.to_string() }
    }
}

#[cfg(test)]
impl TaskView {
    /// A task of which little is to be said.
    pub fn blank(number: u32, name: &str) -> TaskView {
        TaskView {
            id: TaskId(number),
            name: name.into(),
            command: "npm run dev".into(),
            status: Status::Running,
            standing: "running".into(),
            run: 1,
            started: WallTime(0),
            ended: None,
            load: None,
            remarks: Vec::new(),
            found: LogFindings::default(),
            section: "/".into(),
            cwd: "/".into(),
            failed_tests: 0,
            reached: None,
            history: LoadHistory::default(),
            progress: None,
            unusual: Vec::new(),
        }
    }
}
