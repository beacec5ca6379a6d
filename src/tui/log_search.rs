//! Searching a log further than its page goes: in a thread, which gives one answer.

use std::io::{self, PipeReader, Read, Write, pipe};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use regex::bytes::Regex;

use crate::ansi::{self, Colours};
use crate::logs::store::segments::Segments;
use crate::sys::polling;

/// A search that is going on. It ends with this.
pub struct LogSearch {
    answer: PipeReader,
    is_over: Arc<AtomicBool>,
}

/// What is searched.
#[derive(Clone, Debug)]
pub struct SearchedPart {
    /// The log.
    pub path: PathBuf,
    /// Where in it.
    pub part: Range<u64>,
    /// Whether the last match is wanted, or the first.
    pub upwards: bool,
}

/// So much is looked through at once. *Units*: bytes.
const BLOCK: u64 = 1 << 20;
/// What stands for no match.
const NONE: u64 = u64::MAX;

impl LogSearch {
    /// Begins to search.
    pub fn begin(what: SearchedPart, search: Regex) -> io::Result<LogSearch> {
        let (answer, mut sender) = pipe()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        thread::Builder::new().name("search".into()).spawn(move || {
            let found = find(&what, &search, &ends).ok().flatten().unwrap_or(NONE);
            // Nobody may want to know any more.
            let _ = sender.write_all(&found.to_le_bytes());
        })?;
        Ok(LogSearch { answer, is_over })
    }

    /// Whether it has found something, or not.
    pub fn is_done(&self) -> bool {
        polling::is_readable(self.as_fd())
    }

    /// Where the line begins that was found; waits for it. *Units*: bytes.
    pub fn found(mut self) -> Option<u64> {
        let mut bytes = [0; 8];
        self.answer.read_exact(&mut bytes).ok()?;
        Some(u64::from_le_bytes(bytes)).filter(|at| *at != NONE)
    }
}

impl AsFd for LogSearch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.answer.as_fd()
    }
}

impl Drop for LogSearch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn find(what: &SearchedPart, search: &Regex, ends: &AtomicBool) -> io::Result<Option<u64>> {
    let Range { mut start, mut end } = what.part.clone();
    let mut block = Vec::new();
    while start < end && !ends.load(Ordering::Relaxed) {
        let from = if what.upwards { end.saturating_sub(BLOCK).max(start) } else { start };
        read(&what.path, from..(from + BLOCK).min(end), &mut block)?;
        // The first line may have begun before the block, the last may go on behind it.
        let is_torn = what.upwards && from > start;
        let head = if is_torn { memchr::memchr(b'\n', &block).map_or(0, |at| at + 1) } else { 0 };
        let is_cut = !what.upwards && from + BLOCK < end;
        let tail = if is_cut { memchr::memrchr(b'\n', &block).map_or(block.len(), |at| at + 1) } else { block.len() };
        let mut lines = lines_in(&block[head..tail.max(head)], from + head as u64);
        let is_match = |line: &(u64, &[u8])| is_match(search, line.1);
        let found = if what.upwards { lines.rfind(is_match) } else { lines.find(is_match) };
        if let Some((at, _)) = found {
            return Ok(Some(at));
        }
        if what.upwards {
            end = from + if head < block.len() { head as u64 } else { 0 };
        } else {
            start = from + (tail as u64).max(1);
        }
    }
    Ok(None)
}

/// The lines of a block, each with where it begins.
fn lines_in(block: &[u8], from: u64) -> std::vec::IntoIter<(u64, &[u8])> {
    let mut at = from;
    let lines: Vec<(u64, &[u8])> = block
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            let begins = at;
            at += line.len() as u64;
            (begins, line.strip_suffix(b"\n").unwrap_or(line))
        })
        .collect();
    lines.into_iter()
}

fn is_match(search: &Regex, line: &[u8]) -> bool {
    if ansi::is_plain_text(line) {
        return search.is_match(line);
    }
    search.is_match(ansi::line(line, Colours::Drop).as_bytes())
}

fn read(path: &Path, part: Range<u64>, block: &mut Vec<u8>) -> io::Result<()> {
    block.clear();
    let log = Segments::open(path)?;
    log.reader(part.start).until(part.end).take(part.end - part.start).read_to_end(block)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LogSearch, SearchedPart};
    use regex::bytes::Regex;
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn lines_are_found_from_either_end() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("x.log");
        let mut text = String::new();
        let filler = "x".repeat(200);
        (0..30_000).for_each(|n| text.push_str(&format!("{n} {filler}\n")));
        File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
        let find = |pattern: &str, upwards| {
            let what = SearchedPart { path: path.clone(), part: 0..text.len() as u64, upwards };
            let found = LogSearch::begin(what, Regex::new(pattern).expect("a pattern")).expect("begun").found()?;
            text[usize::try_from(found).expect("small")..].split(' ').next()
        };
        assert_eq!(find("^1234", true), Some("12349"));
        assert_eq!(find("^1234", false), Some("1234"));
        assert_eq!((find("^0 ", true), find("^29999 ", false)), (Some("0"), Some("29999")));
        assert_eq!(find("nothing", true), None);
    }
}
