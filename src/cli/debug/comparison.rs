//! What is new against a run that went well: lines, files, commits, environment.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::subject::SubjectRun;
use crate::actions::failure::{Failure, NO_TASK, USAGE};
use crate::actions::select;
use crate::diagnose::novelty::{KnownLines, NewLines};
use crate::store::journal_file;
use crate::store::task_dir::TaskDir;
use crate::task::end::Outcome;
use crate::task::journal::JournalEvent;
use crate::task::os_bytes::OsBytes;
use crate::task::spec::Spec;
use crate::task_log::earlier_runs::{EarlierRun, EarlierRuns};
use crate::task_log::log_range::LogRange;
use crate::units::wall_time::WallTime;
use crate::watch::changes::Changes;

/// Variables that are other ones in each shell.
const OF_SHELLS: [&str; 20] = [
    "_",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "COLUMNS",
    "LINES",
    "WINDOWID",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "WINDOW",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "SSH_AUTH_SOCK",
    "GPG_TTY",
    "XDG_SESSION_ID",
    "TERM_SESSION_ID",
    "HISTCMD",
    "RANDOM",
];
/// Files that say which versions of other people's code are used.
const LOCKFILES: [&str; 15] = [
    "Cargo.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "requirements.txt",
    "Gemfile.lock",
    "composer.lock",
    "go.sum",
    "mix.lock",
    "flake.lock",
];

/// A run, against one that went well.
pub struct Comparison {
    /// That one.
    pub with: EarlierRun,
    /// Lines that it did not print.
    pub new: NewLines,
    /// What changed since.
    pub changes: Changes,
    /// Variables that have another value, or came, or went.
    pub environment: Vec<String>,
}

impl Comparison {
    /// With the last run of the same command and directory that went well; `None` where there is
    /// none whose output is there.
    pub fn with_last_good(subject: &SubjectRun) -> Result<Option<Comparison>, Failure> {
        let task = TaskDir::open(&subject.home, subject.id)?;
        let earlier = EarlierRuns::of(&subject.home, &task, subject.number)?.like(&subject.range.spec);
        let good = earlier.into_iter().filter(|run| run.is_good);
        Ok(good.into_iter().find_map(|run| Comparison::with(subject, run).ok()))
    }

    /// With the run that a word names.
    pub fn with_named(subject: &SubjectRun, word: &str) -> Result<Comparison, Failure> {
        let chosen = select::tasks(&subject.home, &[word.to_owned()])?;
        let [id] = chosen.ids[..] else {
            return Err(
                Failure::new(USAGE, format!("{word} names several tasks")).hint("name one run, as in --diff=7#2")
            );
        };
        let task = TaskDir::open(&subject.home, id)?;
        let over = journal_file::read(&task).into_iter().rev().find_map(|entry| match entry.event {
            JournalEvent::Over { outcome, .. } if chosen.run.is_none_or(|run| run == entry.run) => {
                let is_good = outcome == Outcome::Exited(0);
                Some(EarlierRun { id, run: entry.run, is_good, ended: entry.at })
            }
            _ => None,
        });
        let run = over.ok_or_else(|| Failure::new(NO_TASK, format!("no run of {word} is over yet")))?;
        Comparison::with(subject, run)
    }

    fn with(subject: &SubjectRun, with: EarlierRun) -> Result<Comparison, Failure> {
        let range = LogRange::of(&subject.home, with.id, Some(with.run))?;
        let known = KnownLines::of(range.read()?)?;
        let mut new = known.new_in(subject.range.read()?)?;
        new.lines.iter_mut().for_each(|(_, text)| *text = subject.secrets.hide_in(text).into());
        let directory = subject.range.spec.cwd.to_string();
        let changes = Changes::between(Path::new(&directory), &subject.home.path, with.ended, None);
        let environment = environment(&range.spec, &subject.range.spec);
        Ok(Comparison { with, new, changes, environment })
    }

    /// Files among the changed ones that say which versions are used.
    pub fn lockfiles(&self) -> impl Iterator<Item = &String> {
        let is_one = |file: &&String| LOCKFILES.contains(&file.rsplit('/').next().unwrap_or_default());
        self.changes.files.iter().filter(is_one)
    }

    /// The same as JSON; the lines themselves where they are wanted.
    pub fn json(&self, has_lines: bool) -> Value {
        let mut told = json!({
            "task": self.with.id,
            "run": self.with.run,
            "ended": self.with.ended.to_string(),
            "new_lines": self.new.count,
            "changed_files": self.changes.files,
            "more_changed_files": self.changes.more,
            "lockfiles": self.lockfiles().collect::<Vec<_>>(),
            "commits": self.changes.commits,
            "environment": self.environment,
        });
        if has_lines {
            let line = |(number, text): &(u64, String)| json!({ "line": number, "text": text });
            told["lines"] = self.new.lines.iter().map(line).collect();
        }
        told
    }

    /// When the run that it is compared with ended.
    pub fn age(&self) -> String {
        WallTime::now().since(self.with.ended).to_string()
    }
}

/// Names of variables that differ: values may be secrets.
fn environment(then: &Spec, now: &Spec) -> Vec<String> {
    let map = |spec: &Spec| -> BTreeMap<String, OsBytes> {
        let all = spec.env.iter().map(|(name, value)| (name.to_string(), value.clone()));
        all.filter(|(name, _)| !OF_SHELLS.contains(&name.as_str()) && !name.starts_with("AOS_")).collect()
    };
    let (then, now) = (map(then), map(now));
    let changed = now.iter().filter_map(|(name, value)| match then.get(name) {
        None => Some(format!("{name} (new)")),
        Some(other) if other != value => Some(format!("{name} (changed)")),
        Some(_) => None,
    });
    let gone = then.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name} (gone)"));
    changed.chain(gone).collect()
}
