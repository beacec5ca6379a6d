//! The aide that tidies up behind a log: `aos __tidy DIR`. It compresses complete segments, drops the oldest where the log
//! takes more room than it may, and ends. It outlives its supervisor if need be; one at a time does it for each task.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::aide::take_name;
use super::cleaner;
use super::desk::Supervisor;
use super::keeper::task_of;
use crate::logs::tidy;
use crate::store::home::{Home, log_name};
use crate::store::journal::Journal;
use crate::store::reading::last_run;
use crate::store::task_dir::TaskDir;
use crate::store::tidying::Tidying;
use crate::store::upkeep::{self, ASIDE, unless_busy};
use crate::task::journal::{Budget, Event};
use crate::units::stamp::Stamp;

/// The aide's verb.
pub const TIDY: &str = "__tidy";

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
    let logs = cleaner::settings(&home, &mut journal);
    let tidied = tidy_log(&home, &task, &mut journal, logs.per_task.0);
    // This log has grown, so all together may be too long by now.
    let kept = unless_busy(&home, || upkeep::keep_logs(&home, logs.total.0, ASIDE)).map_err(Why::from);
    let problems = [tidied, kept.map(drop)].into_iter().filter_map(Result::err);
    let told = problems.map(|why| {
        journal.write(Stamp::now(), Event::Problem { what: format!("the log is not tidied up: {why}") });
    });
    i32::from(told.count() > 0)
}

/// Compresses what is complete; what is too much goes, compressed or not.
fn tidy_log(home: &Home, task: &TaskDir, journal: &mut Journal, budget: u64) -> Result<(), Why> {
    let tidying = Tidying::of(home, task, log_name(task.id, &task.spec()?.name))?;
    let mut bytes = 0;
    let tidied = tidying.tidy(|dir, log| {
        bytes += tidy::drop_beyond(dir, log, budget)?;
        Ok(())
    });
    if bytes > 0 {
        journal.write(Stamp::now(), Event::LogDropped { bytes, budget: Budget::Own });
    }
    Ok(tidied?)
}
