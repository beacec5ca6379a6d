//! What the output of a run tells that is over: read with the rules of its directory and with what
//! other runs tell, without secrets, and without what is no problem to its user.

use std::io::{self, Read};

use super::diagnosis::{hide, leave_muted};
use super::learned_lines;
use super::log_range::{LogError, LogRange};
use super::rules;
use crate::diagnose::rules::Rules;
use crate::diagnose::{Context, Diagnosis, diagnose_from};
use crate::logs::text::numbered_lines;
use crate::logs::text::redact::Secrets;
use crate::store::layout::Home;
use crate::store::solutions;
use crate::store::task_dir::TaskDir;

/// Of a longer run only the end is read. *Units*: bytes.
const MOST_READ: u64 = 256 << 20;

/// A run whose output is read.
pub struct RunOutput<'r> {
    /// Where tasks are.
    pub home: &'r Home,
    /// What it printed: the part of one run.
    pub log: &'r LogRange,
    /// What it says of its work, if anything.
    pub exit_code: Option<i32>,
    /// Whichever line matches one of these is a problem, though no rule knows it.
    pub patterns: &'r [String],
    /// What is not to be shown of it.
    pub secrets: &'r Secrets,
}

/// What reading it told.
#[derive(Debug)]
pub struct ReadOutput {
    /// What is wrong.
    pub diagnosis: Diagnosis,
    /// Where it ended. *Units*: bytes, a logical position in the log.
    pub end: u64,
    /// How much of the beginning was left unread. *Units*: bytes.
    pub unread: u64,
    /// The lines of that.
    pub unread_lines: u64,
}

impl RunOutput<'_> {
    /// Reads it, of a very long one the end. Lines are numbered from its first one. Whatever is
    /// read is shown to `see` as it is.
    pub fn diagnose(&self, see: impl FnMut(&[u8])) -> Result<ReadOutput, LogError> {
        let (rules, _) = rules::of_directory(Some(&self.home.path), self.log.spec.cwd.as_path());
        let mut read = self.read(&rules.and_lines(self.patterns), MOST_READ, see)?;
        leave_muted(&mut read.diagnosis, &solutions::read(self.home).unwrap_or_default());
        Ok(read)
    }

    /// Reads all of it, with these rules; what is muted is among that.
    pub fn diagnose_all(&self, rules: &Rules) -> Result<Diagnosis, LogError> {
        Ok(self.read(rules, u64::MAX, |_| {})?.diagnosis)
    }

    fn read(&self, rules: &Rules, most: u64, see: impl FnMut(&[u8])) -> Result<ReadOutput, LogError> {
        let RunOutput { home, log, exit_code, secrets, .. } = *self;
        let segments = log.open()?;
        let end = log.end.unwrap_or(segments.end()).min(segments.end());
        let start = log.start.max(end.saturating_sub(most));
        let unread_lines = numbered_lines::count(segments.reader(log.start).until(start)).unwrap_or(0);
        let context = Context { exit_code, command: Some(log.spec.command.to_string()) };
        let output = Shown { log: segments.reader(start).until(end), see };
        let read = diagnose_from(unread_lines + 1, rules, output, &context);
        let mut diagnosis = read.map_err(|source| log.unreadable(source))?;
        if let (Some(run), Ok(task)) = (log.run, TaskDir::open(home, log.spec.id)) {
            learned_lines::learn(home, &task, run, log, &mut diagnosis, &context);
        }
        hide(&mut diagnosis, secrets);
        Ok(ReadOutput { diagnosis, end, unread: start - log.start.min(start), unread_lines })
    }
}

/// A log that is shown as it is read.
struct Shown<R, F> {
    log: R,
    see: F,
}

impl<R: Read, F: FnMut(&[u8])> Read for Shown<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.log.read(buffer)?;
        (self.see)(&buffer[..length]);
        Ok(length)
    }
}
