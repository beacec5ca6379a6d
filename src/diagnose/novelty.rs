//! What a log says that another one does not: lines, without what changes from run to run.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use super::fingerprint::masked;
use super::prefix;
use super::reading::Reading;

/// Of a longer log no more is compared. *Units*: bytes.
const MOST_READ: u64 = 64 << 20;
/// No more lines are kept.
const MOST_KEPT: usize = 500;
/// Of a longer line no more is kept. *Units*: characters.
const LONGEST: usize = 400;

/// The lines of a log, to compare others with.
#[derive(Debug, Default)]
pub struct KnownLines(HashSet<u64>);

/// Lines that are new.
#[derive(Debug, Default)]
pub struct NewLines {
    /// The first of them, each with its number, the first of the log being 1.
    pub lines: Vec<(u64, String)>,
    /// How many there are.
    pub count: usize,
    /// The numbers of all of them.
    numbers: HashSet<u64>,
}

impl KnownLines {
    /// Those of a log.
    pub fn of(log: impl Read) -> io::Result<KnownLines> {
        let mut known = HashSet::new();
        each(log, |_, text| _ = known.insert(key(text)))?;
        Ok(KnownLines(known))
    }

    /// Those of several.
    pub fn all(several: Vec<KnownLines>) -> KnownLines {
        KnownLines(several.into_iter().flat_map(|known| known.0).collect())
    }

    /// Whether a line is among them.
    pub fn has(&self, text: &str) -> bool {
        self.0.contains(&key(text))
    }

    /// Those of another log that are not among them; each once.
    pub fn new_in(&self, log: impl Read) -> io::Result<NewLines> {
        let (mut new, mut seen) = (NewLines::default(), HashSet::new());
        each(log, |number, text| {
            let key = key(text);
            if self.0.contains(&key) {
                return;
            }
            new.numbers.insert(number);
            if seen.insert(key) {
                new.count += 1;
                if new.lines.len() < MOST_KEPT {
                    new.lines.push((number, text.chars().take(LONGEST).collect()));
                }
            }
        })?;
        Ok(new)
    }
}

impl NewLines {
    /// Whether a line is new.
    pub fn has(&self, number: u64) -> bool {
        self.numbers.contains(&number)
    }
}

fn each(log: impl Read, mut act: impl FnMut(u64, &str)) -> io::Result<()> {
    let mut reading = Reading::new(log.take(MOST_READ));
    while let Some(block) = reading.next()? {
        for (at, line) in block.bytes.split(|byte| *byte == b'\n').enumerate() {
            let text = String::from_utf8_lossy(prefix::split(line).text);
            if !text.trim().is_empty() {
                act(block.numbers.of(at), text.trim_end());
            }
        }
    }
    Ok(())
}

fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    masked(text.trim()).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::KnownLines;

    #[test]
    fn numbers_and_times_make_no_line_new() {
        let good = "12:00:01 listening on 3000\ntook 12 ms\ndone\n";
        let bad = "12:07:44 listening on 3001\ntook 9 ms\nboom\nboom\nbang at 0x55d0deadbeef\n";
        let new = KnownLines::of(good.as_bytes()).and_then(|known| known.new_in(bad.as_bytes())).expect("read");
        assert_eq!(new.lines, [(3, "boom".to_owned()), (5, "bang at 0x55d0deadbeef".to_owned())]);
        assert!(new.has(4) && !new.has(1) && new.count == 2);
    }
}
