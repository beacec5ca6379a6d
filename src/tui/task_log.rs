//! One task's log in the live view: its newest lines as they come.

use std::io;
use std::path::{Path, PathBuf};

use crate::client::task_watch::WatchedTask;
use crate::logs::read::tail_follow::TailFollow;
use crate::logs::store::segments::Segments;
use crate::logs::text::redact::Redactor;
use crate::store::layout::Home;
use crate::task::id::TaskId;
use crate::task_log::log_range::secrets;
use crate::tui::view::model::Model;
use crate::units::size;

/// A task's log.
pub struct TaskLog {
    id: TaskId,
    /// Where it is.
    pub path: PathBuf,
    run: u32,
    start: u64,
    tail: TailFollow,
    mask: Redactor,
    shown: Vec<u8>,
}

/// Behind by more than this, the tail goes on at the last lines. *Units*: bytes.
const FAR_BEHIND: u64 = 1 << 20;
/// So many of them.
const LAST: u64 = 1_000;
/// As many buffers are shown at one look.
const MOST_AT_ONCE: usize = 64;

impl TaskLog {
    /// The log of a task, if it has one.
    pub fn open(home: &Home, watched: &WatchedTask) -> Option<TaskLog> {
        let spec = &watched.reading.spec;
        if spec.adopted.is_some() {
            return None;
        }
        let path = home.log_path(spec.id, &spec.name);
        // A later run that is only beginning says where its output begins once it is launched.
        let start = watched.log_start().unwrap_or_else(|| if watched.run > 1 { length(&path) } else { 0 });
        Some(TaskLog {
            id: spec.id,
            run: watched.run,
            start,
            tail: at_last_lines(&path, start),
            path,
            mask: Redactor::new(secrets(home, spec)),
            shown: Vec::new(),
        })
    }

    /// Takes in what is new; says whether there is more.
    pub fn read(&mut self, buffer: &mut [u8], model: &mut Model) -> io::Result<bool> {
        if self.tail.pending()? > FAR_BEHIND {
            let skipped = self.tail.skip_to_last(LAST)?;
            if skipped > 0 {
                let what = format!("{} passed over: aos logs {}", size::of_bytes(skipped), self.id);
                model.remark(self.id, what);
            }
        }
        for _ in 0..MOST_AT_ONCE {
            let Some((at, bytes)) = self.tail.read(buffer)? else { return Ok(false) };
            self.shown.clear();
            self.mask.feed(bytes, &mut self.shown);
            model.output(self.id, &self.shown, at);
        }
        Ok(true)
    }

    /// Notices that a new run has begun, and where: what is found is of that run.
    pub fn follow_run(&mut self, watched: &WatchedTask, model: &mut Model) {
        let Some(start) = watched.log_start() else { return };
        if watched.run > self.run {
            model.remark_before(self.id, start, format!("run {}", watched.run));
        }
        if (watched.run, start) != (self.run, self.start) {
            (self.run, self.start) = (watched.run, start);
        }
    }
}

fn length(path: &Path) -> u64 {
    Segments::open(path).map_or(0, |log| log.end())
}

fn at_last_lines(path: &Path, start: u64) -> TailFollow {
    let mut tail = TailFollow::new(path, start);
    // A log that cannot be read says so when it is.
    let _ = tail.skip_to_last(LAST);
    tail
}
