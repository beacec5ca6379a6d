//! `aos commit`: commits what a run was good for, and nothing else.

use std::env;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::actions::failure::{Failure, NO, NOT_STARTED, REFUSED, VerbResult};
use crate::actions::{output, select};
use crate::ansi::{self, printable};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile;
use crate::launch;
use crate::store::layout::Home;
use crate::store::snapshot::TaskSnapshot;
use crate::store::start_trees::{self, ScratchDirectory};
use crate::store::task_dir::TaskDir;
use crate::sys::fs_watch::Watch;
use crate::task::id::TaskId;
use crate::task::start_tree::StartTree;
use crate::task::status::Status;
use crate::task_log::{late_findings, log_range};
use crate::work_tree::commit::{NotCommitted, commit};
use crate::work_tree::git::{Git, GitError};
use crate::work_tree::look::{ObjectPlace, TreeLook};
use crate::work_tree::repository::{Repository, identity, root_of};

/// Commit what a task has tested
///
/// Commits the tracked files of the git work tree in which the task ran, if its last run succeeded
/// and the files are what they were when that began. Else it says why not, and exits with 5. The
/// first call for a work tree has aos note from then on what it has when a run begins.
///
/// Files that git does not track are left out, and counted. Hooks of git run, commits are signed
/// where git is set so, and whatever fails leaves index and files as they were.
#[derive(Args)]
pub struct Commit {
    /// The task; without it that of the hook this runs in, else the newest of this work tree
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Commit if the run succeeded (there is no other way to commit)
    #[arg(long, required = true)]
    if_passing: bool,
    /// The message; without it, one that says what was run and how many tests passed
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Say what would be committed
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "  aos run -b -n tests cargo test && aos wait tests && aos commit --if-passing
  aos commit --if-passing tests -m 'Parse dates'";

/// A look at a work tree that has begun is waited for so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// No more files are named.
const MOST_NAMED: usize = 5;
/// So much of a hash is shown.
const SHORT: usize = 10;

impl Verb for Commit {
    const NAME: &'static str = "commit";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let home = Home::open()?;
        reconcile::settle(&home)?;
        let task = TaskDir::open(&home, self.task(&home)?)?;
        let mut reading = TaskSnapshot::of(&home, &task)?;
        // In a hook of its end nobody may have read yet what its tests came to.
        if let Some(found) = late_findings::of(&home, &reading) {
            reading.found = Some(found);
        }
        let repository = Repository::of(&Git::here(reading.spec.cwd.as_path()))
            .map_err(|why| refused(format!("{} did not run in a work tree of git: {why}", task.id)))?;
        let wanted = match identity(&repository.root) {
            Some(identity) => start_trees::want(&home, &identity)?,
            None => None,
        };
        let started = reading.state.as_ref().map(|state| state.started);
        let is_wanted = wanted.zip(started).is_some_and(|(wanted, started)| wanted <= started);
        let run = passed(&reading)?;
        let Some(start) = start_tree(&home, &task, run, is_wanted)? else {
            let why = format!("it was not noted what {} had when {} began", repository.root.display(), task.id);
            return Err(refused(why).hint(format!("it is from now on: aos restart {}, then again", task.id.0)));
        };
        let scratch = ScratchDirectory::new(&home)?;
        self.commit(&home, &repository, &reading, &start, &scratch.path)
    }
}

impl Commit {
    fn task(&self, home: &Home) -> Result<TaskId, Failure> {
        let of_hook = || env::var(launch::TASK_ID).ok().filter(|id| !id.is_empty());
        if let Some(word) = self.id.clone().or_else(of_hook) {
            let ids = select::tasks(home, &[word])?.whole()?;
            return match ids[..] {
                [one] => Ok(one),
                _ => Err(Failure::new(crate::actions::failure::AMBIGUOUS, "only one task can be committed for")),
            };
        }
        let here = select::here()?;
        let none = || Failure::new(NO, "no task has run in this work tree").hint("aos commit --if-passing ID");
        let root = root_of(&here).ok_or_else(none)?;
        let registry = reconcile::registry(home)?;
        let sketches = registry.sketches();
        let is_here = |cwd: &str| root_of(Path::new(cwd)) == Some(root);
        let newest = sketches.iter().rev().find(|sketch| sketch.cwd().is_some_and(|cwd| is_here(&cwd)));
        newest.map(|sketch| sketch.id).ok_or_else(none)
    }

    fn commit(
        &self,
        home: &Home,
        repository: &Repository,
        reading: &TaskSnapshot,
        start: &StartTree,
        scratch: &Path,
    ) -> VerbResult {
        let id = reading.spec.id;
        let branch = repository
            .branch()
            .map_err(failed)?
            .map_err(|why| refused(format!("nothing is committed to {}: {why}", repository.root.display())))?;
        let tree = match (&start.tree, &start.why) {
            (Some(tree), _) => tree,
            (None, why) => {
                let why = why.as_deref().unwrap_or("nobody knows why");
                return Err(refused(format!("it could not be told what was there when {id} began: {why}")));
            }
        };
        if !start.changed.is_empty() {
            let files: Vec<Vec<u8>> = start.changed.iter().map(|name| name.0.clone()).collect();
            return Err(refused(format!("changed while {id} began: {}", named(&files))).hint(again(id)));
        }
        let look = TreeLook::at(repository, scratch, ObjectPlace::Scratch).map_err(failed)?;
        if !look.dirty.is_empty() {
            let why = format!("submodules have changes that no commit here would have: {}", named(&look.dirty));
            return Err(refused(why).hint("commit them there first"));
        }
        if look.tree != *tree {
            // The objects of the tree of that time were not kept; the times of files are.
            let since = |started| look.changed_since(&repository.root, started).ok();
            let differ = reading.state.as_ref().and_then(|state| since(state.started)).unwrap_or_default();
            let written =
                if differ.is_empty() { String::new() } else { format!("; written since: {}", named(&differ)) };
            let root = repository.root.display();
            let why = format!("not tested: {root} is not what it was when {id} began{written}");
            return Err(refused(why).hint(again(id)));
        }
        let last = repository.last_tree().map_err(failed)?;
        let files = look.differences(&last).map_err(failed)?;
        let others = repository.git.names(&["ls-files", "--others", "--exclude-standard", "-z"]).map_err(failed)?;
        if files.is_empty() {
            let nothing = refused(format!("there is nothing to commit in {}", repository.root.display()));
            return Err(if others.is_empty() { nothing } else { nothing.hint(untracked(others.len())) });
        }
        let message = self.message.clone().unwrap_or_else(|| message(home, reading));
        let done = match self.dry_run {
            true => None,
            false => Some(commit(repository, scratch, tree, &message).map_err(|why| match why {
                NotCommitted::Git(why) => failed(why),
                why @ NotCommitted::Index(_) => Failure::new(NOT_STARTED, why.to_string()),
                why => refused(format!("nothing is committed to {}: {why}", repository.root.display())),
            })?),
        };
        let hash = done.as_ref().map(|done| done.commit.clone());
        let is_changed = done.is_some_and(|done| done.is_changed_by_hook);
        if self.json {
            let names: Vec<_> = files.iter().map(|name| String::from_utf8_lossy(name)).collect();
            output::object(json!({
                "id": id, "run": start.run, "committed": hash.is_some(), "commit": hash, "branch": branch, "tree": tree,
                "files": names, "message": message, "untracked": others.len(), "changed_by_hook": is_changed,
            }))?;
            return Ok(0);
        }
        let subject = printable(message.lines().next().unwrap_or_default());
        let what = match &hash {
            Some(hash) => format!("committed {} on", &hash[..SHORT.min(hash.len())]),
            None => "would be committed on".to_owned(),
        };
        writeln!(output::data(), "{what} {}: {subject}", printable(&branch))?;
        writeln!(output::data(), "  {}", named(&files))?;
        if is_changed {
            writeln!(output::talk(), "aos: a hook of git has changed what was committed: that was not tested")?;
        }
        if !others.is_empty() {
            writeln!(output::talk(), "aos: {}", untracked(others.len()))?;
        }
        Ok(0)
    }
}

/// The run, if it was good.
fn passed(reading: &TaskSnapshot) -> Result<u32, Failure> {
    let (id, status) = (reading.spec.id, reading.status());
    let run = match (status, reading.end()) {
        (Status::Succeeded, Some(end)) => end.run,
        (status, _) if status.is_living() => {
            return Err(refused(format!("{id} is {status}")).hint(format!("aos wait {}", id.0)));
        }
        (status, _) => return Err(refused(format!("{id} has not passed: {status}")).hint(format!("aos why {}", id.0))),
    };
    let tests = reading.found.as_ref().filter(|found| found.run == run).and_then(|found| found.tests);
    match tests.filter(|tests| tests.failed > 0) {
        Some(tests) => Err(refused(format!("{id} ended with 0, and its tests did not pass: {}", tests.words()))),
        None => Ok(run),
    }
}

/// What the work tree had when the run began. Who looks may not have finished, if the run was
/// short.
fn start_tree(home: &Home, task: &TaskDir, run: u32, is_wanted: bool) -> Result<Option<StartTree>, Failure> {
    let until = Instant::now() + PATIENCE;
    let watch = Watch::new()?;
    let _ = watch.directory(home.task_path(task.id));
    loop {
        let found = start_trees::of(task, run)?;
        let left = until.saturating_duration_since(Instant::now());
        if found.is_some() || !is_wanted || left.is_zero() {
            return Ok(found);
        }
        watch.wait(Some(left))?;
    }
}

/// A message that says what was run, and what came of it.
fn message(home: &Home, reading: &TaskSnapshot) -> String {
    let secrets = log_range::secrets(home, &reading.spec);
    let command = reading.spec.command.to_string();
    let command = String::from_utf8_lossy(&secrets.hide(command.as_bytes())).into_owned();
    let tests = reading.found.as_ref().and_then(|found| found.tests);
    let came = tests.map_or_else(|| "passed".to_owned(), |tests| tests.words());
    let took = reading.end().map_or_else(String::new, |end| format!(" in {}", end.wall));
    let (name, command) = (&reading.spec.name, ansi::command(&command));
    format!("{name}: {came}\n\n`{command}` succeeded with just this{took} ({}).\n", reading.spec.id)
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::new(REFUSED, why)
}

fn failed(why: GitError) -> Failure {
    Failure::new(NOT_STARTED, why.to_string())
}

fn again(id: TaskId) -> String {
    format!("aos restart {} tests what is there now", id.0)
}

fn untracked(count: usize) -> String {
    let (files, are) = if count == 1 { ("file", "is") } else { ("files", "are") };
    format!("{count} {files} that git does not track {are} left out: git add, and test again")
}

/// The first few of the files.
fn named(files: &[Vec<u8>]) -> String {
    let names: Vec<String> =
        files.iter().take(MOST_NAMED).map(|name| printable(&String::from_utf8_lossy(name))).collect();
    let more = files.len().saturating_sub(MOST_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &rest
}
