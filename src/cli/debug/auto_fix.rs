//! `aos debug --auto-fix`: does what is safe about what is wrong, looks whether it helped, and puts
//! files back where it did not.
//!
//! A command is one of our own table, word for word, or it is not run: no text of a log is in it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::saved_files::SavedFiles;
use super::subject::{Subject, SubjectRun};
use crate::actions::failure::{Failure, NO, NOT_STARTED, USAGE, VerbResult};
use crate::actions::{confirm, describe_end, hook_caller, output, own_task};
use crate::ansi::printable;
use crate::client::start::begin_again;
use crate::client::wait::Waiting;
use crate::diagnose::finding::Severity;
use crate::diagnose::suggest::Suggestion;
use crate::diagnose::{Diagnosis, fingerprint};
use crate::store::layout::Home;
use crate::store::snapshot::{TaskSnapshot, last_run};
use crate::store::solutions;
use crate::store::task_dir::TaskDir;
use crate::sys::{lock, process};
use crate::task::condition::Condition;
use crate::task::solutions::Solution;
use crate::task::spec::Spec;
use crate::units::wall_time::WallTime;

/// A gate refuses.
const REFUSED: i32 = 5;
/// A fix takes no longer.
const LONGEST_FIX: Duration = Duration::from_secs(600);
/// The run that shows whether it helped takes no longer than twice the one before and this; one
/// that goes on for longer does not fail as before.
const LEAST_RUN: Duration = Duration::from_secs(10);
const LONGEST_RUN: Duration = Duration::from_secs(900);

/// What is asked for.
pub struct AutoFix<'a> {
    /// Nothing is run.
    pub is_dry_run: bool,
    /// Nobody is asked.
    pub is_agreed: bool,
    /// Only the suggestions of this rule.
    pub only: Option<&'a str>,
}

impl AutoFix<'_> {
    /// Mends what can be mended; gives the exit code.
    pub fn run(&self, subject: &Subject, diagnosis: &Diagnosis, suggestions: &[Suggestion]) -> VerbResult {
        let Some(run) = &subject.run else {
            return Err(Failure::new(USAGE, "--auto-fix is for a task, which is run again to see whether it helped"));
        };
        if !diagnosis.has_errors() {
            writeln!(output::data(), "{}: nothing is wrong", run.id)?;
            return Ok(0);
        }
        let fixes = self.fixes(suggestions);
        if fixes.is_empty() {
            let failure =
                Failure::new(NO, format!("nothing that is safe is known to mend what is wrong with {}", run.id));
            return Err(failure.hint(format!("aos debug {} tells what else may help", run.id)));
        }
        self.check(run, &fixes)?;
        for fix in fixes {
            if self.attempt(subject, run, diagnosis, fix)? {
                return Ok(0);
            }
        }
        Ok(if self.is_dry_run { 0 } else { NO })
    }

    fn fixes<'s>(&self, suggestions: &'s [Suggestion]) -> Vec<&'s Suggestion> {
        let is_wanted = |fix: &&Suggestion| fix.fixes && fix.safe && self.only.is_none_or(|rule| rule == fix.rule);
        suggestions.iter().filter(is_wanted).collect()
    }

    /// Whether it may be done at all, and by whom that was said.
    fn check(&self, run: &SubjectRun, fixes: &[&Suggestion]) -> Result<(), Failure> {
        if self.is_dry_run {
            return Ok(());
        }
        if own_task::task(&run.home) == Some(run.id) {
            return Err(own_task::refusal(run.id, "it would be run again from within"));
        }
        let task = TaskDir::open(&run.home, run.id)?;
        let is_living = TaskSnapshot::of(&run.home, &task)?.status().is_living();
        if is_living || last_run(&task) != run.number {
            let what = if is_living { "still runs" } else { "was run again since" };
            return Err(Failure::new(NO, format!("{} {what}", run.id)).hint("it is mended once its newest run is over"));
        }
        if run.range.spec.sandbox.is_some() {
            let why = format!("{} runs in a sandbox, and what mends would run outside of it", run.id);
            return Err(Failure::new(REFUSED, why).hint("--dry-run tells what it is"));
        }
        if hook_caller::is_hook() {
            // The user's own configuration: no project has a say in it.
            let is_allowed = run.home.config().is_ok_and(|config| config.debug.auto_fix);
            let failure = || Failure::new(REFUSED, "a hook may not mend anything unless you allow it");
            let hint = format!("in {}/config.toml: [debug] auto_fix = true", run.home.path.display());
            return if is_allowed { Ok(()) } else { Err(failure().hint(hint)) };
        }
        if self.is_agreed {
            return Ok(());
        }
        let mut out = output::data();
        writeln!(out, "in {}, until {} goes well:", printable(&run.range.spec.cwd.to_string()), run.id)?;
        for fix in fixes {
            writeln!(out, "  {}", command_of(fix))?;
        }
        if !confirm::can_be_asked() {
            return Err(
                Failure::new(USAGE, "nobody is there to be asked").hint("--yes agrees, --dry-run only shows it")
            );
        }
        match confirm::is_given()? {
            true => Ok(()),
            false => Err(Failure::told(NO)),
        }
    }

    /// Says whether it helped.
    fn attempt(
        &self,
        subject: &Subject,
        run: &SubjectRun,
        before: &Diagnosis,
        fix: &Suggestion,
    ) -> Result<bool, Failure> {
        let command = command_of(fix);
        if self.is_dry_run {
            writeln!(output::data(), "would run in {}: {command}", printable(&run.range.spec.cwd.to_string()))?;
            return Ok(false);
        }
        let saved = SavedFiles::of(&subject.directory, &run.home.path)
            .map_err(|e| Failure::new(NO, format!("{command} is not run, as it could not be undone: {e}")))?;
        let began = Instant::now();
        writeln!(output::data(), "{command}")?;
        let status = execute(&command, &run.range.spec, &subject.directory)
            .map_err(|e| Failure::new(NOT_STARTED, format!("{command} cannot be run: {e}")))?;
        let changed = saved.changed()?;
        if !status.success() {
            saved.put_back()?;
            writeln!(output::data(), "it failed ({status}){}", put_back(&changed))?;
            return Ok(false);
        }
        let files = if changed.is_empty() { "no file changed".into() } else { format!("changed {}", names(&changed)) };
        writeln!(output::data(), "done in {}; {files}", crate::units::span::Span::from(began.elapsed()))?;
        let (outcome, helped) = verify(run, before)?;
        if helped {
            remember(&run.home, before, command)?;
            writeln!(output::data(), "{}: {outcome}", run.id)?;
            return Ok(true);
        }
        saved.put_back()?;
        writeln!(output::data(), "it did not help: {}: {outcome}{}", run.id, put_back(&changed))?;
        Ok(false)
    }
}

fn command_of(fix: &Suggestion) -> String {
    fix.command.clone().unwrap_or_default()
}

fn put_back(changed: &[String]) -> String {
    if changed.is_empty() { String::new() } else { format!("; put back {}", names(changed)) }
}

fn names(files: &[String]) -> String {
    const FEW: usize = 5;
    let shown: Vec<String> = files.iter().take(FEW).map(|name| printable(name)).collect();
    let more = files.len().saturating_sub(FEW);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// Executes the words of a command as the task would: in its directory, with its environment.
fn execute(command: &str, spec: &Spec, directory: &Path) -> io::Result<ExitStatus> {
    let words = shell_words::split(command).map_err(io::Error::other)?;
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(spec.environment())
        .stdin(Stdio::null())
        .spawn()?;
    process::end_within(&mut child, LONGEST_FIX)?;
    child.wait()
}

/// Runs the task again; says how it went, and whether that is better.
fn verify(run: &SubjectRun, before: &Diagnosis) -> Result<(String, bool), Failure> {
    let task = TaskDir::open(&run.home, run.id)?;
    let wall = TaskSnapshot::of(&run.home, &task)?.end().map_or(Duration::ZERO, |end| end.wall.duration());
    let promised = task.lock_file()?;
    lock::promise(&promised)?;
    begin_again(&run.home, run.id)?;
    let most = (wall * 2 + LEAST_RUN).min(LONGEST_RUN);
    let ended = Waiting::begin(&run.home, &[run.id], &[Condition::Exit])?.next(Some(Instant::now() + most))?;
    let Some(ended) = ended else { return Ok((format!("it runs, for {} by now", most.as_secs()) + "s", true)) };
    let outcome = printable(&describe_end::tell(&run.home, &ended.reading));
    if ended.reading.end().is_some_and(|end| !end.is_failure()) {
        return Ok((outcome, true));
    }
    let (_, after) = Subject::of_task(Some(&run.id.to_string()), false)?;
    let left = errors(&after);
    let is_better = !errors(before).is_subset(&left) && !left.is_empty() && left.len() < errors(before).len();
    Ok((outcome, is_better))
}

fn errors(diagnosis: &Diagnosis) -> BTreeSet<String> {
    let errors = diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(fingerprint::of).collect()
}

fn remember(home: &Home, before: &Diagnosis, command: String) -> Result<(), Failure> {
    let Some(first) = before.findings.first() else { return Ok(()) };
    let (commands, files, last) = (vec![command], Vec::new(), WallTime::now());
    let solution = Solution { said: None, commands, files, times: 1, last };
    let of = fingerprint::of(first);
    Ok(solutions::change(home, |known| known.solved(&of, &first.message, solution))?)
}

/// The task of the hook that this runs in.
pub fn task_of_hook() -> Option<String> {
    hook_caller::task().filter(|_| hook_caller::is_hook()).map(|id| id.to_string())
}
