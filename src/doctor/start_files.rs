//! What the shells' start files say, as far as their text tells.

use std::fmt;
use std::path::PathBuf;

use super::check::Check;
use super::check::CheckStatus::{Bad, Ok as Good, Unknown, Warn};
use super::facts::Facts;
use crate::rc;
use crate::rc::start_file::{RcFile, paths};
use crate::rc::start_file_scan::{LineEffect, scan};
use crate::shell::Shell;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePlace {
    file: PathBuf,
    line: usize,
}

/// What was found in one shell's start files.
#[derive(Debug)]
pub struct StartFileLines {
    /// Whose.
    pub shell: Shell,
    /// The file that `aos init --install` would change.
    main: PathBuf,
    /// Lines that load the integration.
    loads: Vec<LinePlace>,
    /// Whether one of them is that of `aos init --install`.
    is_installed: bool,
    /// Lines that make an alias of the name, with its text.
    aliases: Vec<(LinePlace, String)>,
    /// Files that could not be read.
    unread: Vec<rc::RcError>,
}

impl StartFileLines {
    /// Reads a shell's start files.
    pub fn gather(shell: Shell) -> Result<StartFileLines, rc::RcError> {
        let all = paths(shell)?;
        let main = all[0].clone();
        let mut lines = StartFileLines {
            shell,
            main,
            loads: Vec::new(),
            is_installed: false,
            aliases: Vec::new(),
            unread: Vec::new(),
        };
        let mut read: Vec<RcFile> = Vec::new();
        for path in all {
            match RcFile::read(path) {
                // One file under two names has its lines once.
                Ok(file) if read.iter().any(|other| other.is_same(&file)) => {}
                Ok(file) => read.push(file),
                Err(e) => lines.unread.push(e),
            }
        }
        read.iter().for_each(|file| lines.take_in(file));
        Ok(lines)
    }

    fn take_in(&mut self, file: &RcFile) {
        for (line, what) in scan(file.text.as_deref().unwrap_or_default(), self.shell) {
            let place = LinePlace { file: file.path.clone(), line };
            self.is_installed |= what == LineEffect::Installed;
            match what {
                LineEffect::Installed | LineEffect::Loads => self.loads.push(place),
                LineEffect::Alias(text) => self.aliases.push((place, text)),
            }
        }
    }

    /// Whether the line of `aos init --install` is there.
    pub fn is_installed(&self) -> bool {
        self.is_installed
    }

    /// Where lines that load the integration were found, in words.
    pub fn loaded_by(&self) -> String {
        match &self.loads[..] {
            [] => format!("none is found in {}", self.main.display()),
            places => format!("found: {}", list(places.iter())),
        }
    }

    /// Where lines that make an alias were found, in words.
    pub fn aliased_by(&self) -> String {
        match &self.aliases[..] {
            [] => "none of your start files has it in so many words".to_owned(),
            places => list(places.iter().map(|(place, _)| place)),
        }
    }

    /// What to do in a shell that has not loaded the integration.
    pub fn cure(&self) -> String {
        match (&self.aliases[..], &self.loads[..]) {
            ([_, ..], _) => format!("take out the alias that hides aos: {}", self.aliased_by()),
            ([], [place, ..]) => format!("{place} loads it: open a new {}", self.shell),
            ([], []) => {
                format!("{} does not load it: aos init --install {} adds the line", self.main.display(), self.shell)
            }
        }
    }

    /// The checks of these files, beside what the shell says of itself, if it does.
    pub fn checks(&self, facts: Option<&Facts>) -> Vec<Check> {
        let mut checks = vec![self.loading(facts.is_some())];
        checks.extend(self.aliases.iter().map(|(place, text)| {
            let whose = if text.contains("tools/aos") { ", the older Agent OS's tool" } else { "" };
            // Where there is none in the shell itself, the line is not reached, or is undone later.
            let state = if facts.is_some_and(|facts| facts.alias.is_none()) { Warn } else { Bad };
            Check::new("rc-alias", state, format!("{place} makes an alias that hides aos: {text}{whose}"))
                .hint("take that line out, and unalias aos in shells that are open")
        }));
        checks.extend(self.unread.iter().map(|e| Check::new("rc", Unknown, e.to_string())));
        checks
    }

    fn loading(&self, is_loaded: bool) -> Check {
        let main = self.main.display();
        match &self.loads[..] {
            [place] => Check::new("rc", Good, format!("{place} loads the integration")),
            [] if is_loaded => {
                Check::new("rc", Good, format!("{main} has no line for the integration: something else loads it"))
            }
            [] => Check::new("rc", Warn, format!("{main} does not load the integration"))
                .hint(format!("aos init --install {}", self.shell)),
            places => Check::new("rc", Warn, format!("{} lines load the integration", places.len()))
                .hint(format!("one is enough; {}", self.loaded_by())),
        }
    }
}

impl fmt::Display for LinePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

fn list<'a>(places: impl Iterator<Item = &'a LinePlace>) -> String {
    places.map(LinePlace::to_string).collect::<Vec<_>>().join(", ")
}
