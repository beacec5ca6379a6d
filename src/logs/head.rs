//! The beginning of a log, and what comes after it.

use std::io::{self, Read};

use memchr::memchr_iter;

/// Reads the first lines.
pub struct Head<R> {
    log: R,
    left: u64,
}

impl<R: Read> Head<R> {
    /// The first `lines` lines of `log`.
    pub fn new(log: R, lines: u64) -> Head<R> {
        Head { log, left: lines }
    }
}

impl<R: Read> Read for Head<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let length = self.log.read(buffer)?;
        let mut ends = memchr_iter(b'\n', &buffer[..length]);
        let last = ends.nth(usize::try_from(self.left - 1).unwrap_or(usize::MAX));
        self.left = match last {
            Some(_) => 0,
            None => self.left - memchr_iter(b'\n', &buffer[..length]).count() as u64,
        };
        Ok(last.map_or(length, |at| at + 1))
    }
}

/// Reads what comes after the first lines.
pub struct After<R> {
    log: R,
    left: u64,
}

impl<R: Read> After<R> {
    /// What comes after the first `lines` lines of `log`.
    pub fn new(log: R, lines: u64) -> After<R> {
        After { log, left: lines }
    }
}

impl<R: Read> Read for After<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.log.read(buffer)?;
            if self.left == 0 || length == 0 {
                return Ok(length);
            }
            let mut ends = memchr_iter(b'\n', &buffer[..length]);
            let last = ends.nth(usize::try_from(self.left - 1).unwrap_or(usize::MAX));
            let Some(last) = last else {
                self.left -= memchr_iter(b'\n', &buffer[..length]).count() as u64;
                continue;
            };
            self.left = 0;
            buffer.copy_within(last + 1..length, 0);
            if last + 1 < length {
                return Ok(length - last - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{After, Head};
    use proptest::prelude::*;
    use std::io::Read;

    proptest! {
        #[test]
        fn agrees_with_counting_lines(text in "[a\n]{0,40}", lines in 0u64..6) {
            let mut found = String::new();
            Head::new(text.as_bytes(), lines).read_to_string(&mut found).expect("read");
            let wanted: String = text.split_inclusive('\n').take(lines as usize).collect();
            prop_assert_eq!(found, wanted);
            let mut found = String::new();
            After::new(text.as_bytes(), lines).read_to_string(&mut found).expect("read");
            let wanted: String = text.split_inclusive('\n').skip(lines as usize).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
