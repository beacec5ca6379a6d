//! `aos debug`: what is wrong, from what a task or any command printed.

mod auto_fix;
mod comparison;
mod history;
mod json;
mod memory;
mod muting;
mod packs;
mod port_holder;
mod quickfix;
mod sarif;
mod saved_files;
mod source;
mod subject;
mod surroundings;
mod text;
mod uri;

use std::path::PathBuf;

use clap::Args;

use crate::actions::failure::{Failure, NO, USAGE, VerbResult};
use crate::cli::verb::{Caller, Verb};
use crate::diagnose::finding::Finding;
use crate::diagnose::suggest::{Suggestion, suggest};
use crate::diagnose::{Context, Diagnosis};
use crate::task::solutions::Solutions;
use crate::task_log::diagnosis::leave_muted;
use auto_fix::AutoFix;
use comparison::Comparison;
use muting::Muting;
use subject::Subject;
use surroundings::Directory;

const EXAMPLES: &str =
    "  aos debug                             what is wrong with the only running task, else with the newest
  aos debug web                         with the newest run of web; web#2: with its second
  aos debug --file build.log            with any log; `-` reads standard input
  make 2>&1 | aos debug --file - -x 2   the same, where the exit code is known
  aos debug --diff web                  what it printed that the last good run did not";

/// Tell what is wrong, from what a task printed
///
/// Without an id: the only running task, else the newest. The most important finding comes first.
/// The exit code is 0 when nothing is wrong, and 1 when something is.
#[derive(Args)]
pub struct Debug {
    /// The task
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Read this log instead of a task's; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    file: Option<PathBuf>,
    /// The exit code of the command that printed the file
    #[arg(short = 'x', long, value_name = "N", requires = "file", allow_negative_numbers = true)]
    exit_code: Option<i32>,
    /// The command that printed the file
    #[arg(long, value_name = "COMMAND", requires = "file")]
    command: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["sarif", "quickfix"])]
    json: bool,
    /// Print SARIF 2.1.0
    #[arg(long, conflicts_with = "quickfix")]
    sarif: bool,
    /// Print a line each, as vim's quickfix list and Emacs read it
    #[arg(long)]
    quickfix: bool,
    /// Print no more than about N tokens, the most important first
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "sarif", "quickfix"])]
    budget: Option<usize>,
    /// Show what is new against the last run that went well, or against RUN
    #[arg(
        long, value_name = "RUN", num_args = 0..=1, require_equals = true, default_missing_value = "",
        conflicts_with_all = ["sarif", "quickfix"]
    )]
    diff: Option<String>,
    /// Remember what helped against the first error
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["json", "sarif", "quickfix", "diff"])]
    solved: Option<String>,
    /// Do not count a finding any more, from whichever run: its number, or its fingerprint
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "sarif", "quickfix", "diff", "solved"])]
    mute: Option<String>,
    /// Count it again
    #[arg(long, value_name = "N", conflicts_with_all = ["json", "sarif", "quickfix", "diff", "solved", "mute"])]
    unmute: Option<String>,
    /// Run what is safe and may mend it; run the task again, and put files back if it did not help
    #[arg(long, conflicts_with_all = ["json", "sarif", "quickfix", "diff", "solved", "mute", "unmute", "file"])]
    auto_fix: bool,
    /// With --auto-fix: show what would be run
    #[arg(long, requires = "auto_fix")]
    dry_run: bool,
    /// With --auto-fix: do not ask
    #[arg(short, long, requires = "auto_fix")]
    yes: bool,
    /// With --auto-fix: only what this rule suggests
    #[arg(long, value_name = "RULE", requires = "auto_fix")]
    only: Option<String>,
}

/// All that is printed.
struct DebugReport {
    subject: Subject,
    diagnosis: Diagnosis,
    suggestions: Vec<Suggestion>,
    known: Solutions,
    muted: Vec<Finding>,
    comparison: Option<Comparison>,
    /// Whether the lines that are new are wanted.
    has_lines: bool,
}

impl Verb for Debug {
    const NAME: &'static str = "debug";
    const EXAMPLES: &str = EXAMPLES;

    fn run(self, _: &mut Caller) -> VerbResult {
        let context = Context { exit_code: self.exit_code, command: self.command.clone() };
        let (subject, mut diagnosis) = match &self.file {
            Some(path) => Subject::of_file(path, &context)?,
            None => {
                let word = self.id.clone().or_else(auto_fix::task_of_hook);
                Subject::of_task(word.as_ref(), self.json)?
            }
        };
        let known = memory::read()?;
        if let Some(muting) = self.muting() {
            return muting.of(&subject, diagnosis, &known).map(|()| 0);
        }
        let muted = leave_muted(&mut diagnosis, &known);
        if let Some(said) = &self.solved {
            return memory::solve(&diagnosis, said).map(|()| 0);
        }
        let code = if diagnosis.has_errors() { NO } else { 0 };
        if self.sarif {
            sarif::print(&subject, &diagnosis)?;
        } else if self.quickfix {
            quickfix::print(&subject, &diagnosis)?;
        } else {
            let around = Directory(&subject.directory);
            let mut suggestions = suggest(&diagnosis, subject.command.as_deref(), &around);
            port_holder::tell(&subject, &diagnosis, &mut suggestions);
            if self.auto_fix {
                let fix = AutoFix { is_dry_run: self.dry_run, is_agreed: self.yes, only: self.only.as_deref() };
                return fix.run(&subject, &diagnosis, &suggestions);
            }
            let comparison = self.compare(&subject, code != 0)?;
            let has_lines = self.diff.is_some();
            let report = DebugReport { subject, diagnosis, suggestions, known, muted, comparison, has_lines };
            if self.json { json::print(&report)? } else { text::print(&report, self.budget)? }
        }
        Ok(code)
    }
}

impl Debug {
    /// Whether a problem is one from now on, if anything is said of that.
    fn muting(&self) -> Option<Muting<'_>> {
        let (which, is_muted) =
            self.mute.as_ref().map(|which| (which, true)).or(self.unmute.as_ref().map(|which| (which, false)))?;
        Some(Muting { which, is_muted })
    }

    /// With a run that went well, if something is wrong or the comparison is asked for.
    fn compare(&self, subject: &Subject, is_wrong: bool) -> Result<Option<Comparison>, Failure> {
        match (&subject.run, self.diff.as_deref()) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                Err(Failure::new(USAGE, "--diff compares runs of a task").hint("leave out --file, and name a task"))
            }
            (Some(run), None | Some("")) if is_wrong || self.diff.is_some() => Comparison::with_last_good(run),
            (Some(_), None | Some("")) => Ok(None),
            (Some(run), Some(word)) => Comparison::with_named(run, word).map(Some),
        }
    }
}
