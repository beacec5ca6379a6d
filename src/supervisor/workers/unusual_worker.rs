//! The worker that looks whether a run is out of the ordinary: `aos __unusual DIR`. It compares the
//! run with those that came before, says what it found and when to look again, and ends.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::store::history::RunHistory;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{memory_samples, solutions};
use crate::supervisor::workers::worker::{become_worker, say};
use crate::sys::rlimit;
use crate::task::run_findings::FoundProblem;
use crate::task::spec::Spec;
use crate::task::usual::{Remark, Usual};
use crate::units::wall_time::WallTime;

/// The verb of the worker.
pub const UNUSUAL: &str = "__unusual";
/// What it is called in `ps`.
const NAME: &str = "usual?";
/// As much less of the processor as others want it.
const NICENESS: i32 = 10;

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnusualMessage {
    /// Something is out of the ordinary.
    Found(FoundProblem),
    /// The run may be overdue so long after its start. *Units*: milliseconds.
    Again(u64),
}

/// Is the worker; its task's directory is the word after the verb.
pub fn compare(dir: &Path) -> i32 {
    i32::from(compare_run(dir).is_err())
}

fn compare_run(dir: &Path) -> io::Result<()> {
    become_worker(NAME)?;
    // Whoever may not be nicer looks all the same.
    let _ = rlimit::set_niceness(NICENESS);
    let (home, task) = TaskDir::at(dir).map_err(io::Error::other)?;
    let spec = task.spec().map_err(io::Error::other)?;
    let state = task.state().map_err(io::Error::other)?.ok_or(io::ErrorKind::NotFound)?;
    let wall = u64::try_from(WallTime::now().0.saturating_sub(state.started.0)).unwrap_or(0);
    let usual = usual_of(&home, &spec);
    let growth = memory_samples::of(&task, state.run).and_then(|samples| samples.growth());
    let problems = usual.overdue(wall).into_iter().chain(growth).map(|remark| remark.problem()).collect();
    for problem in solutions::unmuted(&home, problems) {
        say(&UnusualMessage::Found(problem))?;
    }
    usual.overdue_at().filter(|due| *due > wall).map_or(Ok(()), |due| say(&UnusualMessage::Again(due)))
}

/// What is usual for the next run.
fn usual_of(home: &Home, spec: &Spec) -> Usual {
    // Without it nothing is remarked.
    let history = RunHistory::open(home).unwrap_or_default();
    Usual::of(history.like(&spec.command.to_string(), &spec.cwd.to_string()).iter())
}

/// What is out of the ordinary about a run that is over, beside those that ended before it.
pub fn problems(home: &Home, spec: &Spec, (number, started): (u32, WallTime)) -> Vec<FoundProblem> {
    let history = RunHistory::open(home).unwrap_or_default();
    let runs = history.like(&spec.command.to_string(), &spec.cwd.to_string());
    let at = runs.iter().rposition(|run| (run.id, run.run, run.started) == (spec.id, number, started));
    let remarks = at.map_or_else(Vec::new, |at| Usual::of(runs[..at].iter()).remarks(&runs[at]));
    solutions::unmuted(home, remarks.iter().map(Remark::problem).collect())
}
