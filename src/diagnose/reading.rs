//! A log as a person would see it, in blocks of lines, each with its number in the raw log.
//!
//! Output that only writes on is passed on in blocks of bytes, without a look at each line. Once a
//! program has moved the cursor, a [`Canvas`] follows what is left of its lines.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr3_iter};

use crate::ansi::Filter;
use crate::screen::canvas::{self, Canvas, held_back};
use crate::screen::sequence::writes_on;

/// What is read at a time, and at first: most logs are short. *Units*: bytes.
const CHUNK: usize = 256 * 1024;
const FIRST: usize = 32 * 1024;
/// Of a longer line only the beginning is kept. *Units*: bytes.
pub const LONGEST: usize = 64 * 1024;

/// Whole lines, each with its end.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Their text, without colours and what was drawn over.
    pub bytes: Vec<u8>,
    /// Their numbers.
    pub numbers: Numbers,
}

/// Which lines of the raw log they are, the first being 1.
#[derive(Clone, Debug)]
pub enum Numbers {
    /// One after the other, from this one on.
    From(u64),
    /// Each its own.
    Each(Vec<u64>),
}

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers::From(1)
    }
}

impl Numbers {
    /// The number of a line of the block, the first being 0.
    pub fn of(&self, at: usize) -> u64 {
        match self {
            Numbers::From(first) => first + at as u64,
            Numbers::Each(all) => all.get(at).or(all.last()).copied().unwrap_or(1),
        }
    }
}

/// Reads a log block by block.
pub struct Reading<R> {
    log: R,
    /// The last lines, over which a program may still draw.
    held: Vec<u8>,
    /// The number of the first of them.
    number: u64,
    canvas: Option<Canvas>,
    /// Whether the rest of an endless line is left out.
    is_skipping: bool,
    is_over: bool,
    /// How much was read. *Units*: bytes.
    length: u64,
}

impl<R: Read> Reading<R> {
    /// Begins with the first line.
    pub fn new(log: R) -> Reading<R> {
        Reading::from_line(log, 1)
    }

    /// Begins with a later line, which has this number.
    pub fn from_line(log: R, number: u64) -> Reading<R> {
        Reading { log, held: Vec::new(), number, canvas: None, is_skipping: false, is_over: false, length: 0 }
    }

    /// How much was read. *Units*: bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What would follow if the log ended here: the last lines, over which a program may still
    /// draw.
    pub fn rest(&self) -> io::Result<Option<Block>> {
        let Reading { held, number, canvas, is_skipping, .. } = self;
        let (held, canvas) = (held.clone(), canvas.clone());
        let (log, is_skipping) = (io::empty(), *is_skipping);
        Reading { log, held, number: *number, canvas, is_skipping, is_over: false, length: 0 }.next()
    }

    /// The next block; `None` at the end. A log that says that there is nothing for now
    /// (`WouldBlock`) can be asked again.
    pub fn next(&mut self) -> io::Result<Option<Block>> {
        while !self.is_over {
            let mut chunk = std::mem::take(&mut self.held);
            let held = chunk.len();
            chunk.resize(held + if self.length == 0 { FIRST } else { CHUNK }, 0);
            let length = match read(&mut self.log, &mut chunk[held..]) {
                Ok(length) => length,
                Err(e) => {
                    chunk.truncate(held);
                    self.held = chunk;
                    return Err(e);
                }
            };
            chunk.truncate(held + length);
            self.length += length as u64;
            self.is_over = length == 0;
            let block = self.take(chunk, held);
            if !block.bytes.is_empty() {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    fn take(&mut self, mut chunk: Vec<u8>, held: usize) -> Block {
        if self.canvas.is_none() && is_written_on(&chunk[held..]) {
            return self.written(chunk);
        }
        let canvas = self.canvas.get_or_insert_with(|| Canvas::new(0, self.number));
        canvas.feed(&chunk);
        chunk.clear();
        if self.is_over {
            canvas.finish();
        }
        let mut numbers = Vec::new();
        while let Some(line) = canvas.settled() {
            chunk.extend_from_slice(&shown(&line));
            chunk.push(b'\n');
            numbers.push(line.number);
        }
        Block { bytes: chunk, numbers: Numbers::Each(numbers) }
    }

    /// Passes on what nobody draws over.
    fn written(&mut self, mut chunk: Vec<u8>) -> Block {
        if self.is_skipping {
            let end = memchr(b'\n', &chunk).unwrap_or(chunk.len());
            chunk.drain(..end);
            self.is_skipping = chunk.is_empty();
        }
        let settled = if self.is_over { chunk.len() } else { chunk.len() - held_back(&chunk) };
        if settled == 0 && chunk.len() > 16 * LONGEST {
            // One line so far: its beginning is kept, and the rest is left out.
            let begin = [&chunk[..LONGEST], b"\n"].concat();
            self.is_skipping = true;
            return self.passed(begin);
        }
        self.held = chunk.split_off(settled);
        if self.is_over && chunk.last().is_some_and(|last| *last != b'\n') {
            chunk.push(b'\n');
        }
        self.passed(chunk)
    }

    fn passed(&mut self, bytes: Vec<u8>) -> Block {
        let first = self.number;
        // The end of a line that was cut comes later, and is no line's.
        let ends = memchr_iter(b'\n', &bytes).count() as u64;
        self.number += ends - u64::from(self.is_skipping && ends > 0);
        Block { bytes: without_colours(bytes), numbers: Numbers::From(first) }
    }
}

/// Whether all that these bytes do is to write on. A CR before an LF does nothing.
fn is_written_on(bytes: &[u8]) -> bool {
    let mut is_coloured = false;
    for at in memchr3_iter(b'\r', 0x08, 0x1b, bytes) {
        match bytes[at] {
            b'\r' if bytes.get(at + 1).is_none_or(|next| *next == b'\n') => {}
            0x1b => is_coloured = true,
            _ => return false,
        }
    }
    !is_coloured || bytes.split(|byte| *byte == b'\r').all(writes_on)
}

fn without_colours(bytes: Vec<u8>) -> Vec<u8> {
    if memchr::memchr2(b'\r', 0x1b, &bytes).is_none() {
        return bytes;
    }
    let (mut filter, mut plain) = (Filter::to_search(), Vec::with_capacity(bytes.len()));
    filter.feed(&bytes, &mut plain);
    filter.finish(&mut plain);
    plain
}

fn shown(line: &canvas::CanvasLine) -> Vec<u8> {
    let mut bytes = Vec::new();
    line.row.show(anstyle::Style::new(), &mut bytes);
    let mut plain = without_colours(bytes);
    plain.truncate(LONGEST);
    plain
}

fn read(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match log.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            // What there is comes first; it is said again when that is taken.
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && length > 0 => break,
            Err(e) => return Err(e),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Reading};

    fn lines(bytes: &[u8]) -> Vec<(u64, String)> {
        let (mut reading, mut all) = (Reading::new(bytes), Vec::new());
        while let Some(block) = reading.next().expect("read") {
            let text = String::from_utf8_lossy(&block.bytes).into_owned();
            all.extend(text.lines().enumerate().map(|(at, line)| (block.numbers.of(at), line.to_owned())));
        }
        all
    }

    fn text(bytes: &[u8]) -> Vec<String> {
        lines(bytes).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn progress_and_error_on_one_line_are_told_apart() {
        let cargo =
            b"   Compiling x\n    Building [=> ] 1/2: x\r\x1b[K\x1b[1m\x1b[31merror\x1b[0m: bad\n --> a.rs:1:2\n";
        assert_eq!(lines(cargo), [(1, "   Compiling x".into()), (2, "error: bad".into()), (3, " --> a.rs:1:2".into())]);
    }

    #[test]
    fn lines_that_are_redrawn_are_seen_once() {
        let redrawn = b"plan\n one\n two\n\x1b[2A\x1b[K one failed\n\x1b[K two\nend\n";
        assert_eq!(text(redrawn), ["plan", " one failed", " two", "end"]);
    }

    #[test]
    fn colours_and_carriage_returns_at_an_end_are_left_out() {
        let coloured = b"a\r\n\x1b[31mred\x1b[0m\r\nlast\r";
        assert_eq!(lines(coloured), [(1, "a".into()), (2, "red".into()), (3, "last".into())]);
    }

    #[test]
    fn an_endless_line_is_cut_and_what_follows_has_its_number() {
        let mut long = vec![b'x'; 40 * LONGEST];
        long.extend_from_slice(b"\nafter\nlast");
        let found = lines(&long);
        assert!(found[0].1.len() <= LONGEST);
        assert_eq!(found.last(), Some(&(3, "last".into())));
        assert!(found.contains(&(2, "after".into())));
    }

    #[test]
    fn numbers_go_on_over_many_blocks() {
        let many: String = (1..=100_000).map(|at| format!("line {at}\n")).collect();
        assert!(lines(many.as_bytes()).iter().all(|(number, line)| *line == format!("line {number}")));
    }
}
