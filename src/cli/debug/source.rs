//! The line of source that a finding speaks of, and its neighbours.

use std::path::{Path, PathBuf};

use crate::diagnose::finding::Place;
use crate::sys::regular;

/// A source file is no longer. *Units*: bytes.
const LARGEST: u64 = 4 << 20;
/// Lines before, and behind.
const NEAR: u32 = 1;

/// A part of a source file.
pub struct Excerpt {
    /// Lines with their numbers, the first being 1.
    pub lines: Vec<(u32, String)>,
}

/// Where a file is, if it is there.
pub fn path_of(directory: &Path, place: &Place) -> Option<PathBuf> {
    let path = directory.join(&place.file);
    (!place.file.is_empty() && path.is_file()).then_some(path)
}

/// What stands at a place, if the file is there and has such a line. It may have changed since.
pub fn excerpt(directory: &Path, place: &Place) -> Option<Excerpt> {
    let (path, line) = (path_of(directory, place)?, place.line.filter(|line| *line > 0)?);
    let bytes = regular::read(&path, LARGEST).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let from = line.saturating_sub(NEAR).max(1);
    let numbered = text.lines().zip(1u32..).skip(from as usize - 1).take((line + NEAR - from + 1) as usize);
    let lines: Vec<(u32, String)> = numbered.map(|(text, number)| (number, text.to_owned())).collect();
    lines.iter().any(|(number, _)| *number == line).then_some(Excerpt { lines })
}
