//! A log as it is searched: as it is visible, without colours and what was overwritten.

use std::io::{self, Read};

use memchr::{memchr2, memrchr};

use crate::ansi::Filter;

/// A longer line is taken for several. *Units*: bytes.
pub const LONGEST: usize = 1 << 20;

const CHUNK: usize = 64 * 1024;

/// Reads a log as it is visible. Bytes of lines in which nothing is hidden are passed on as they are, without a second
/// look.
pub struct Visible<R> {
    log: R,
    /// A line that has not ended yet.
    rest: Vec<u8>,
    /// Lines in which something was hidden.
    ready: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl<R: Read> Visible<R> {
    /// Begins with a line.
    pub fn new(log: R) -> Visible<R> {
        Visible { log, rest: Vec::new(), ready: Vec::new(), given: 0, is_over: false }
    }

    /// Reads on, into the caller's buffer where it has room; says how much there is for it, if it is there.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let held = self.rest.len();
        if buffer.len() < held + CHUNK / 2 {
            let mut own = std::mem::take(&mut self.rest);
            own.resize(held + CHUNK, 0);
            let end = held + read(&mut self.log, &mut own[held..])?;
            self.take(&own[..end], end == held);
            return Ok(None);
        }
        // The searcher's buffer grows with what it is given.
        let room = buffer.len().min(held + CHUNK);
        let buffer = &mut buffer[..room];
        buffer[..held].copy_from_slice(&self.rest);
        let end = held + read(&mut self.log, &mut buffer[held..])?;
        self.rest.clear();
        let bytes = &buffer[..end];
        let whole = self.whole(bytes, end == held);
        if whole == 0 || hides_something(&bytes[..whole]) || (whole == end && bytes.last() != Some(&b'\n')) {
            self.take(bytes, end == held);
            return Ok(None);
        }
        self.rest.extend_from_slice(&bytes[whole..]);
        Ok(Some(whole))
    }

    /// How much of it are whole lines, or will not become any.
    fn whole(&self, bytes: &[u8], is_end: bool) -> usize {
        let is_too_long = |rest: usize| bytes.len() - rest > LONGEST;
        match memrchr(b'\n', bytes).map_or(0, |at| at + 1) {
            _ if is_end => bytes.len(),
            start if is_too_long(start) => bytes.len(),
            start => start,
        }
    }

    fn take(&mut self, bytes: &[u8], is_end: bool) {
        let whole = self.whole(bytes, is_end);
        self.is_over = is_end;
        self.rest = bytes[whole..].to_vec();
        self.given = 0;
        self.ready.clear();
        if hides_something(&bytes[..whole]) {
            let mut filter = Filter::to_search();
            filter.feed(&bytes[..whole], &mut self.ready);
            filter.finish(&mut self.ready);
        } else {
            self.ready.extend_from_slice(&bytes[..whole]);
        }
        if !is_end && self.ready.last().is_some_and(|last| *last != b'\n') {
            self.ready.push(b'\n');
        }
    }
}

impl<R: Read> Read for Visible<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if self.is_over {
                return Ok(0);
            }
            if let Some(length) = self.fill(buffer)? {
                return Ok(length);
            }
        }
        let length = buffer.len().min(self.ready.len() - self.given);
        buffer[..length].copy_from_slice(&self.ready[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

fn hides_something(bytes: &[u8]) -> bool {
    memchr2(0x1b, b'\r', bytes).is_some()
}

fn read(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match log.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use proptest::prelude::*;

    use super::{LONGEST, Visible};
    use crate::ansi::Filter;

    /// Gives a few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn read(bytes: &[u8], drop: usize, room: usize) -> Vec<u8> {
        let (mut log, mut buffer, mut all) = (Visible::new(Drops(bytes, drop)), vec![0; room], Vec::new());
        loop {
            match log.read(&mut buffer).expect("read") {
                0 => return all,
                length => all.extend_from_slice(&buffer[..length]),
            }
        }
    }

    #[test]
    fn what_never_ends_comes_in_pieces() {
        let long = vec![b'x'; 3 * LONGEST];
        let found = read(&long, 50_000, 64 * 1024);
        assert_eq!(found.iter().filter(|b| **b == b'x').count(), long.len());
        assert!(found.split(|b| *b == b'\n').all(|piece| piece.len() <= LONGEST + 128 * 1024));
    }

    proptest! {
        #[test]
        fn every_line_is_as_visible_by_itself(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just(&b"\x1b[31mred\x1b[0m"[..]), Just(&b"\r"[..]), Just(&b"\n"[..]),
                    Just(&b"a\0b\xff"[..]), Just(&b"\xc3\xa9 plain"[..]),
                ], 0..30),
            drop in 1usize..40,
            room in prop_oneof![Just(7usize), Just(64 * 1024)],
        ) {
            let bytes = parts.concat();
            let mut wanted = Vec::new();
            for line in bytes.split_inclusive(|b| *b == b'\n') {
                let mut filter = Filter::to_search();
                filter.feed(line, &mut wanted);
                filter.finish(&mut wanted);
            }
            prop_assert_eq!(read(&bytes, drop, room), wanted);
        }
    }
}
