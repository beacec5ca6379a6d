//! The beginning of a log, and what comes after it.

use std::io::{self, Read};

use memchr::memchr_iter;

/// Reads the first lines.
pub struct HeadReader<R> {
    log: R,
    left: u64,
}

impl<R: Read> HeadReader<R> {
    /// The first `lines` lines of `log`.
    pub fn new(log: R, lines: u64) -> HeadReader<R> {
        HeadReader { log, left: lines }
    }
}

impl<R> HeadReader<R> {
    /// How many lines are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl<R: Read> Read for HeadReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let length = self.log.read(buffer)?;
        Ok(end_of_last(&mut self.left, &buffer[..length]).unwrap_or(length))
    }
}

/// Reads what comes after the first lines.
pub struct Skip<R> {
    log: R,
    left: u64,
}

impl<R: Read> Skip<R> {
    /// What comes after the first `lines` lines of `log`.
    pub fn new(log: R, lines: u64) -> Skip<R> {
        Skip { log, left: lines }
    }
}

impl<R> Skip<R> {
    /// How many lines are still to be passed over.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl<R: Read> Read for Skip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.log.read(buffer)?;
            if self.left == 0 || length == 0 {
                return Ok(length);
            }
            let from = end_of_last(&mut self.left, &buffer[..length]).unwrap_or(length);
            // Nothing would mean the end: a chunk that is passed over whole has the next one behind
            // it.
            if from < length {
                buffer.copy_within(from..length, 0);
                return Ok(length - from);
            }
        }
    }
}

/// Where the last of so many lines ends, if that is among these bytes; the lines in them are
/// counted off.
fn end_of_last(left: &mut u64, bytes: &[u8]) -> Option<usize> {
    for end in memchr_iter(b'\n', bytes) {
        *left -= 1;
        if *left == 0 {
            return Some(end + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::logs::read::head::{HeadReader, Skip};
    use proptest::prelude::*;
    use std::io::Read;

    proptest! {
        #[test]
        fn agrees_with_counting_lines(text in "[a\n]{0,40}", lines in 0u64..6) {
            let mut found = String::new();
            HeadReader::new(text.as_bytes(), lines).read_to_string(&mut found).expect("read");
            let wanted: String = text.split_inclusive('\n').take(lines as usize).collect();
            prop_assert_eq!(found, wanted);
            let mut found = String::new();
            Skip::new(text.as_bytes(), lines).read_to_string(&mut found).expect("read");
            let wanted: String = text.split_inclusive('\n').skip(lines as usize).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
