//! What is learned from runs that are over: which problems came, and what preceded the run in which
//! they were gone.

use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnose::finding::Severity;
use crate::diagnose::{Diagnosis, EXIT_ONLY, fingerprint};
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::store::{StoreError, findings, solutions};
use crate::task::run_findings::{ProblemSeverity, RunFindings};
use crate::task::solutions::Solution;
use crate::task::spec::Spec;
use crate::task_log::earlier_runs::EarlierRuns;
use crate::units::wall_time::WallTime;
use crate::watch::changes::Changes;

/// No more problems of a run are remembered.
const MOST_PROBLEMS: usize = 20;
/// No more files and commands are named.
const MOST_FILES: usize = 8;
const MOST_COMMANDS: usize = 5;

/// A run that is over.
pub struct JudgedRun<'a> {
    /// Where it is.
    pub home: &'a Home,
    /// Its task.
    pub task: &'a TaskDir,
    /// What was asked for.
    pub spec: &'a Spec,
    /// Its number.
    pub run: u32,
    /// What was found in the run before of the same task, if that was looked for.
    pub before: Option<RunFindings>,
}

impl JudgedRun<'_> {
    /// It went wrong: these problems came.
    pub fn remember(&self, diagnosis: &Diagnosis) -> Result<(), StoreError> {
        let now = WallTime::now();
        let mut seen = BTreeSet::new();
        let errors = diagnosis.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let said = errors.filter(|finding| finding.rule != EXIT_ONLY);
        let news: Vec<(String, &str)> = said
            .map(|finding| (fingerprint::of(finding), finding.message.as_str()))
            .filter(|(of, _)| seen.insert(of.clone()))
            .take(MOST_PROBLEMS)
            .collect();
        if news.is_empty() {
            return Ok(());
        }
        solutions::change(self.home, |known| news.iter().for_each(|(of, message)| known.came(of, message, now)))
    }

    /// It went well: if the run before of the same command did not, what happened in between
    /// solved what was wrong.
    pub fn learn(self) -> Result<(), StoreError> {
        if solutions::read(self.home)?.is_empty() {
            return Ok(());
        }
        let earlier = EarlierRuns::of(self.home, self.task, self.run)?;
        let Some(last) = earlier.like(self.spec).first().copied().filter(|last| !last.is_good) else { return Ok(()) };
        // The task's file has what was found in this run by now.
        let found = if last.id == self.task.id {
            self.before.filter(|found| found.run == last.run)
        } else {
            findings::of(&TaskDir::open(self.home, last.id)?, last.run)
        };
        let seen = found.map(|found| found.seen).unwrap_or_default();
        let errors = seen.into_iter().filter(|seen| seen.severity == ProblemSeverity::Error);
        let solved: BTreeSet<String> = errors.map(|seen| seen.fingerprint).take(MOST_PROBLEMS).collect();
        let Some(began) = earlier.began().filter(|_| !solved.is_empty()) else {
            return Ok(());
        };
        let directory = self.spec.cwd.to_string();
        let changes = Changes::between(Path::new(&directory), &self.home.path, last.ended, Some(began));
        let mut files = changes.files;
        files.truncate(MOST_FILES);
        let commands = earlier.commands_between(self.spec, last.ended, began, MOST_COMMANDS);
        if files.is_empty() && commands.is_empty() {
            return Ok(());
        }
        let solution = Solution { said: None, commands, files, times: 1, last: WallTime::now() };
        solutions::change(self.home, |known| {
            // There is a bound: what was forgotten meanwhile is not brought back.
            for of in solved.iter().filter(|of| known.of(of).is_some()).collect::<Vec<_>>() {
                known.solved(of, "", solution.clone());
            }
        })
    }
}
