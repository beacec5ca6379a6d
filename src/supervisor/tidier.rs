//! The aide that tidies up behind a log: `aos __tidy DIR`. It compresses complete segments, drops the oldest where the log
//! takes more room than it may, and ends. It outlives its supervisor if need be; one at a time does it for each task.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::aide::take_name;
use super::desk::Supervisor;
use super::keeper::task_of;
use crate::logs::tidy;
use crate::store::home::{Home, log_name};
use crate::store::journal::Journal;
use crate::store::reading::last_run;
use crate::store::task_dir::TaskDir;
use crate::sys::dir::Open;
use crate::sys::lock;
use crate::task::journal::Event;
use crate::units::stamp::Stamp;

/// The aide's verb.
pub const TIDY: &str = "__tidy";

/// Held by whoever tidies up, in the task's directory.
const TURN: &str = "tidy.lock";

type Why = Box<dyn std::error::Error>;

impl Supervisor {
    /// Has the log tidied up, while the task goes on.
    pub fn tidy_log(&mut self) {
        let begun = Command::new("/proc/self/exe")
            .arg0("aos")
            .arg(TIDY)
            .arg(&self.dir)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match begun {
            Ok(child) => self.again.add_own(child.id().cast_signed()),
            Err(why) => self.note(Event::Problem { what: format!("the log is not compressed: {why}") }),
        }
    }
}

/// Tidies up; gives the exit code.
pub fn tidy(dir: &Path) -> i32 {
    let Some((home, id)) = task_of(dir) else { return 2 };
    let opened = || -> Result<_, Why> {
        take_name("tidy")?;
        let home = Home::at(home)?;
        let task = TaskDir::open(&home, id)?;
        Ok((home, task))
    };
    let Ok((home, task)) = opened() else { return 1 };
    let mut journal = Journal::open(&task, last_run(&task));
    match tidy_log(&home, &task) {
        Ok(dropped) => {
            if dropped > 0 {
                journal.write(Stamp::now(), Event::LogDropped { bytes: dropped });
            }
            0
        }
        Err(why) => {
            journal.write(Stamp::now(), Event::Problem { what: format!("the log is not tidied up: {why}") });
            1
        }
    }
}

/// Says how much was dropped. Whoever comes meanwhile leaves it to this one, which therefore looks once more.
fn tidy_log(home: &Home, task: &TaskDir) -> Result<u64, Why> {
    let turn = task.dir.file(TURN, Open::Make)?;
    let spec = task.spec()?;
    let (dir, log) = (Arc::new(home.task_logs()?), log_name(task.id, &spec.name));
    let mut dropped = 0;
    while lock::try_take(&turn)? {
        let compressed = tidy::compress_all(&dir, &log);
        // What is too much goes, compressed or not; as long as nobody knows how much that is, nothing.
        dropped += tidy::drop_beyond(&dir, &log, home.config()?.logs.per_task.0).or_else(none_there)?;
        lock::release(&turn)?;
        compressed?;
        if !tidy::is_untidy(&dir, &log)? {
            break;
        }
    }
    Ok(dropped)
}

fn none_there(e: io::Error) -> io::Result<u64> {
    if e.kind() == io::ErrorKind::NotFound { Ok(0) } else { Err(e) }
}
