//! The line of source that a finding speaks of, and its neighbours, as far as that is known: the
//! file may be gone by now, may have changed, may be anything. What a log names is read only below
//! the project, as a log is written by anybody.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnose::finding::Place;
use crate::sys::regular;
use crate::units::wall_time::WallTime;

/// A source file is no longer. *Units*: bytes.
const LARGEST: u64 = 4 << 20;
/// No more files are read.
const FILES: usize = 40;
/// Lines before, and behind.
const NEAR: u32 = 1;

/// What is known of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// The file is there, and is not newer than what speaks of it.
    There,
    /// The file is newer: another line may stand there now.
    Changed,
    /// The file has only so many lines.
    Short(usize),
    /// There is no such file, seen from the directory.
    Gone,
    /// The file is outside of the project, and is not looked into.
    Outside,
    /// It is not to be read as text, and why.
    Unfit(String),
}

impl SourceState {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            SourceState::There => "there",
            SourceState::Changed => "changed",
            SourceState::Short(_) => "short",
            SourceState::Gone => "gone",
            SourceState::Outside => "outside",
            SourceState::Unfit(_) => "unfit",
        }
    }

    /// What a reader has to know of it.
    pub fn remark(&self) -> Option<String> {
        match self {
            SourceState::There | SourceState::Outside => None,
            SourceState::Changed => Some("changed since: another line may stand there now".to_owned()),
            SourceState::Short(lines) => Some(format!("has only {lines} lines: it changed, or is another file")),
            SourceState::Gone => Some("not there".to_owned()),
            SourceState::Unfit(why) => Some(why.clone()),
        }
    }
}

/// What stands at a place.
#[derive(Clone, Debug)]
pub struct SourceLook {
    /// What is known of it.
    pub state: SourceState,
    /// Lines with their numbers, the first being 1.
    pub lines: Vec<(u32, String)>,
}

impl SourceLook {
    /// The line itself.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.lines.iter().find(|(at, _)| *at == number).map(|(_, text)| text.as_str())
    }
}

/// The source files that findings speak of, each read once.
pub struct Sources {
    directory: PathBuf,
    /// Below it is what belongs to the project.
    root: PathBuf,
    /// When that was written which speaks of them.
    written: Option<WallTime>,
    files: BTreeMap<String, Result<SourceFile, SourceState>>,
}

/// A file that can be shown.
struct SourceFile {
    text: String,
    is_newer: bool,
}

impl Sources {
    /// Of names that are relative to a directory.
    pub fn new(directory: &Path, written: Option<WallTime>) -> Sources {
        let root = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let is_repository = |above: &&Path| above.join(".git").exists();
        let root = root.ancestors().find(is_repository).unwrap_or(&root).to_owned();
        Sources { directory: directory.to_owned(), root, written, files: BTreeMap::new() }
    }

    /// What stands at a place; `None` where it names no file, or too many were asked for.
    pub fn look(&mut self, place: &Place) -> Option<SourceLook> {
        if place.file.is_empty() || self.files.len() >= FILES && !self.files.contains_key(&place.file) {
            return None;
        }
        if !self.files.contains_key(&place.file) {
            let read = self.read(&self.directory.join(&place.file));
            self.files.insert(place.file.clone(), read);
        }
        Some(match &self.files[&place.file] {
            Ok(file) => file.look(place.line.filter(|line| *line > 0)),
            Err(state) => SourceLook { state: state.clone(), lines: Vec::new() },
        })
    }

    fn read(&self, path: &Path) -> Result<SourceFile, SourceState> {
        let found = match path.canonicalize() {
            Ok(found) => found,
            Err(e) if is_absent(&e) => return Err(SourceState::Gone),
            Err(e) => return Err(SourceState::Unfit(format!("cannot be read: {e}"))),
        };
        if !found.starts_with(&self.root) {
            return Err(SourceState::Outside);
        }
        let unfit = |e: io::Error| {
            SourceState::Unfit(match regular::NotRegular::of(&e) {
                Some(why) => why.to_string(),
                None => format!("cannot be read: {e}"),
            })
        };
        let file = regular::open(&found).map_err(unfit)?;
        let is_newer = file.metadata().is_ok_and(|metadata| self.is_newer(&metadata));
        let bytes = regular::read_whole(file, LARGEST).map_err(unfit)?;
        if memchr::memchr(0, &bytes).is_some() {
            return Err(SourceState::Unfit("it is no text".to_owned()));
        }
        Ok(SourceFile { text: String::from_utf8_lossy(&bytes).into_owned(), is_newer })
    }

    fn is_newer(&self, metadata: &Metadata) -> bool {
        let modified = metadata.modified().ok().map(WallTime::from);
        self.written.zip(modified).is_some_and(|(written, modified)| modified > written)
    }
}

impl SourceFile {
    fn look(&self, line: Option<u32>) -> SourceLook {
        let state = if self.is_newer { SourceState::Changed } else { SourceState::There };
        let Some(line) = line else { return SourceLook { state, lines: Vec::new() } };
        let from = line.saturating_sub(NEAR).max(1);
        let numbered = self.text.lines().zip(1u32..).skip(from as usize - 1).take((line + NEAR - from + 1) as usize);
        let lines: Vec<(u32, String)> = numbered.map(|(text, number)| (number, text.to_owned())).collect();
        if !lines.iter().any(|(number, _)| *number == line) {
            return SourceLook { state: SourceState::Short(self.text.lines().count()), lines: Vec::new() };
        }
        SourceLook { state, lines }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename)
}

/// Where a file is, if it is there.
pub fn path_of(directory: &Path, place: &Place) -> Option<PathBuf> {
    let path = directory.join(&place.file);
    (!place.file.is_empty() && path.is_file()).then_some(path)
}
