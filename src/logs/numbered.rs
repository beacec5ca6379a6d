//! A log's lines one by one, each with its place and its number. A part that is not there ends a line.

use std::io::{self, Read};

use memchr::memchr;

use super::segments::Gap;

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

/// Where lines are read from.
pub trait Placed {
    /// Reads on; says at which logical position stands what was read, and how much it is: nothing at the end, for now.
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)>;

    /// What was missing so far.
    fn gaps(&self) -> &[Gap];
}

impl<P: Placed + ?Sized> Placed for Box<P> {
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
        (**self).read_placed(buffer)
    }

    fn gaps(&self) -> &[Gap] {
        (**self).gaps()
    }
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
    /// How much of it stands together, and the position of the rest, if something is missing between.
    torn: Option<(usize, u64)>,
}

impl<R: Placed> Numbered<R> {
    /// Stands at a position in a log, where this line begins.
    pub fn new(log: R, position: u64, number: u64) -> Numbered<R> {
        Numbered { log, position, number, held: Vec::new(), given: 0, looked: 0, torn: None }
    }

    /// The next line; `None` where no whole one is there, for now.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let whole = self.torn.map_or(self.held.len(), |(end, _)| end);
            if let Some(end) = memchr(b'\n', &self.held[self.looked..whole]) {
                let line = self.give(self.looked + end);
                (self.given, self.number) = (self.given + 1, self.number + 1);
                (self.position, self.looked) = (self.position + 1, self.given);
                return Ok(Some(line));
            }
            self.looked = whole;
            if let Some((_, position)) = self.torn.take() {
                let line = (self.given < whole).then(|| self.give(whole));
                self.position = position;
                self.number += u64::from(line.is_some());
                if line.is_some() {
                    return Ok(line);
                }
                continue;
            }
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

    /// What was missing so far.
    pub fn gaps(&self) -> &[Gap] {
        self.log.gaps()
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.held.drain(..self.given);
        (self.looked, self.given) = (self.looked - self.given, 0);
        let end = self.held.len();
        self.held.resize(end + CHUNK, 0);
        let read = loop {
            match self.log.read_placed(&mut self.held[end..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.held.truncate(end + read.as_ref().map_or(0, |(_, length)| *length));
        let (position, length) = read?;
        if length > 0 && position != self.position + end as u64 {
            self.torn = Some((end, position));
        }
        Ok(length)
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
    use super::{LONGEST, Line, Numbered, Placed, count};
    use crate::logs::segments::Gap;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::io;

    /// Parts of a log, each at its position.
    struct Parts<'a>(VecDeque<(u64, &'a [u8])>);

    impl Placed for Parts<'_> {
        fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)> {
            let Some((position, part)) = self.0.pop_front() else { return Ok((0, 0)) };
            let length = part.len().min(buffer.len());
            buffer[..length].copy_from_slice(&part[..length]);
            if length < part.len() {
                self.0.push_front((position + length as u64, &part[length..]));
            }
            Ok((position, length))
        }

        fn gaps(&self) -> &[Gap] {
            &[]
        }
    }

    fn all(log: &[u8]) -> Vec<Line> {
        all_of(&[(0, log)])
    }

    fn all_of(parts: &[(u64, &[u8])]) -> Vec<Line> {
        let mut lines = Numbered::new(Parts(parts.iter().copied().collect()), 0, 1);
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

    #[test]
    fn what_is_missing_ends_a_line() {
        let lines = all_of(&[(4, b"one\ntw"), (20, b"xo\n"), (30, b"\nthree"), (60, b"four")]);
        let found: Vec<_> = lines.iter().map(|line| (line.position, line.number, &line.bytes[..])).collect();
        let wanted: [(u64, u64, &[u8]); 6] =
            [(4, 1, b"one"), (8, 2, b"tw"), (20, 3, b"xo"), (30, 4, b""), (31, 5, b"three"), (60, 6, b"four")];
        assert_eq!(found, wanted);
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
