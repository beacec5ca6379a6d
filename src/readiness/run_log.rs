//! A run's log, read as it grows.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use regex::bytes::Regex;

use crate::logs::read::follower::{Follower, Step};
use crate::logs::store::segments::Segments;
use crate::logs::text::line_splitter::LineSplitter;
use crate::logs::text::redact::Secrets;
use crate::task::ready::MatchedLine;

const BUFFER: usize = 64 * 1024;

/// A run's log, from the run's first line on.
pub struct RunLog {
    path: PathBuf,
    follower: Follower,
    lines: LineSplitter,
    buffer: Vec<u8>,
}

impl RunLog {
    /// Stands where the run's output begins. *Units* of `start`: bytes.
    pub fn open(path: &Path, start: u64) -> io::Result<RunLog> {
        let follower = Follower::new(path, start)?;
        let lines = LineSplitter::from(1 + line_ends(follower.segments(), start)?);
        Ok(RunLog { path: path.to_owned(), follower, lines, buffer: vec![0; BUFFER] })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Passes on each line that has come since the last time, with its number and whether it is
    /// whole; the last one also when it has no end yet, and then each time again. What cannot be
    /// read is tried again the next time.
    pub fn read(&mut self, mut each: impl FnMut(u64, &[u8], bool)) {
        loop {
            match self.follower.step(&mut self.buffer) {
                Ok(Step::Read(n)) => self.lines.feed(&self.buffer[..n], |number, line| each(number, line, true)),
                Ok(Step::Gap(_)) => {}
                Ok(Step::Renewed) => self.lines = LineSplitter::from(1),
                Ok(Step::Nothing) | Err(_) => break,
            }
        }
        if let Some((number, line)) = self.lines.unfinished() {
            each(number, &line, false);
        }
    }

    /// The first new line that matches, as it may be shown.
    pub fn find(&mut self, regex: &Regex, secrets: &Secrets) -> Option<MatchedLine> {
        let mut found = None;
        self.read(|number, line, is_whole| {
            if found.is_none() && regex.is_match(line) {
                found = Some(MatchedLine { number, text: shown(line, is_whole, secrets) });
            }
        });
        found
    }
}

/// A line without its secrets. Of one that goes on, what may become a secret yet is left out.
pub fn shown(line: &[u8], is_whole: bool, secrets: &Secrets) -> String {
    let text = String::from_utf8_lossy(line);
    let masked = if is_whole { secrets.hide_in(&text) } else { secrets.hide_in_part(&text) };
    masked.into()
}

/// How many lines end before this place, of those that are kept.
fn line_ends(log: &Segments, place: u64) -> io::Result<u64> {
    let (mut before, mut buffer, mut count) = (log.reader(0).until(place), vec![0; BUFFER], 0);
    loop {
        match before.read(&mut buffer)? {
            0 => return Ok(count),
            n => count += memchr::memchr_iter(b'\n', &buffer[..n]).count() as u64,
        }
    }
}
