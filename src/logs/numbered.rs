//! A log's lines one by one, each with its place and its number.

use std::io::{self, Read};

use memchr::memchr;

/// A longer line comes in pieces of the same number. *Units*: bytes.
const LONGEST: usize = 1 << 20;

const CHUNK: usize = 64 * 1024;

/// A line as the program wrote it, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins. *Units*: bytes.
    pub position: u64,
    /// Which it is, the first being 1.
    pub number: u64,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// Reads lines.
pub struct Numbered<R> {
    log: R,
    position: u64,
    number: u64,
    held: Vec<u8>,
    /// What of it was given already.
    given: usize,
    /// What of it has no line end in it.
    looked: usize,
}

impl<R: Read> Numbered<R> {
    /// Stands at a position in a log, where this line begins.
    pub fn new(log: R, position: u64, number: u64) -> Numbered<R> {
        Numbered { log, position, number, held: Vec::new(), given: 0, looked: 0 }
    }

    /// The next line; `None` where no whole one is there, for now.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(end) = memchr(b'\n', &self.held[self.looked..]) {
                let line = self.give(self.looked + end);
                (self.given, self.number) = (self.given + 1, self.number + 1);
                (self.position, self.looked) = (self.position + 1, self.given);
                return Ok(Some(line));
            }
            self.looked = self.held.len();
            if self.looked - self.given > LONGEST {
                return Ok(Some(self.give(self.looked)));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    /// What stands behind the last whole line, if there is anything.
    pub fn rest(&mut self) -> Option<Line> {
        (self.given < self.held.len()).then(|| self.give(self.held.len()))
    }

    fn give(&mut self, end: usize) -> Line {
        let bytes = self.held[self.given..end].to_vec();
        let line = Line { position: self.position, number: self.number, bytes };
        self.position += line.bytes.len() as u64;
        (self.given, self.looked) = (end, end);
        line
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.held.drain(..self.given);
        (self.looked, self.given) = (self.looked - self.given, 0);
        let end = self.held.len();
        self.held.resize(end + CHUNK, 0);
        let read = loop {
            match self.log.read(&mut self.held[end..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.held.truncate(end + *read.as_ref().unwrap_or(&0));
        read
    }
}

/// How many lines end in what is read.
pub fn count(mut log: impl Read) -> io::Result<u64> {
    let (mut buffer, mut count) = (vec![0; CHUNK], 0);
    loop {
        match log.read(&mut buffer)? {
            0 => return Ok(count),
            length => count += memchr::memchr_iter(b'\n', &buffer[..length]).count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Line, Numbered, count};
    use proptest::prelude::*;

    fn all(log: &[u8]) -> Vec<Line> {
        let mut lines = Numbered::new(log, 0, 1);
        let mut all: Vec<Line> = std::iter::from_fn(|| lines.next().expect("read")).collect();
        all.extend(lines.rest());
        all
    }

    #[test]
    fn what_never_ends_comes_in_pieces() {
        let lines = all(&vec![b'x'; 3 * LONGEST]);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.number == 1 && line.bytes.len() <= 2 * LONGEST));
        assert_eq!(lines[1].position, lines[0].bytes.len() as u64);
    }

    proptest! {
        #[test]
        fn lines_are_whole_and_know_their_places(text in "[ab\n]{0,60}") {
            let lines = all(text.as_bytes());
            let wanted: Vec<&str> = text.lines().collect();
            prop_assert_eq!(lines.len(), wanted.len());
            for (at, line) in lines.iter().enumerate() {
                prop_assert_eq!(&line.bytes[..], wanted[at].as_bytes());
                prop_assert_eq!(line.number, at as u64 + 1);
                prop_assert!(text[line.position as usize..].starts_with(wanted[at]));
            }
            prop_assert_eq!(count(text.as_bytes()).expect("read"), text.matches('\n').count() as u64);
        }
    }
}
