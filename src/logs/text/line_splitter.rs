//! The lines of a log as they come, as they are visible.

use std::mem;

use memchr::memchr;

use crate::ansi::{Colours, Filter};

/// What is longer without a line end is taken for a line. *Units*: bytes.
const LONGEST: usize = 64 * 1024;

/// Puts the chunks of a log together to lines, without colours and other control sequences.
#[derive(Debug)]
pub struct LineSplitter {
    number: u64,
    raw: Vec<u8>,
}

impl LineSplitter {
    /// At the beginning of line `number`, the first being 1.
    pub fn from(number: u64) -> LineSplitter {
        LineSplitter { number, raw: Vec::new() }
    }

    /// Takes in a chunk; each line that it ends is passed on with its number. What is too long is
    /// cut at the same places however it comes.
    pub fn feed(&mut self, mut chunk: &[u8], mut each: impl FnMut(u64, &[u8])) {
        while !chunk.is_empty() {
            let end = memchr(b'\n', chunk);
            let text = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST - self.raw.len();
            // One that just fits is whole: its end may come with the next chunk.
            if text.len() > room {
                self.raw.extend_from_slice(&text[..room]);
                each(self.number, &visible(&mem::take(&mut self.raw)));
                chunk = &chunk[room..];
                continue;
            }
            self.raw.extend_from_slice(text);
            chunk = &chunk[text.len()..];
            if end.is_some() {
                each(self.number, &visible(&mem::take(&mut self.raw)));
                self.number += 1;
                chunk = &chunk[1..];
            }
        }
    }

    /// The line that has not ended yet, as far as it is there.
    pub fn unfinished(&self) -> Option<(u64, Vec<u8>)> {
        (!self.raw.is_empty()).then(|| (self.number, visible(&self.raw)))
    }
}

fn visible(raw: &[u8]) -> Vec<u8> {
    let mut line = Vec::new();
    // One for each line: a sequence that its end cuts off takes nothing of the next.
    let mut filter = Filter::new(Colours::Drop);
    filter.feed(raw, &mut line);
    filter.finish(&mut line);
    line
}

#[cfg(test)]
mod tests {
    use crate::logs::text::line_splitter::{LONGEST, LineSplitter};

    type NumberedLine = (u64, String);

    fn lines(chunks: &[&[u8]]) -> (Vec<NumberedLine>, Option<NumberedLine>) {
        let (mut lines, mut found) = (LineSplitter::from(1), Vec::new());
        let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
        for chunk in chunks {
            lines.feed(chunk, |number, line| found.push((number, text(line))));
        }
        (found, lines.unfinished().map(|(number, line)| (number, text(&line))))
    }

    #[test]
    fn lines_are_whole_and_plain_however_they_come() {
        let (found, rest) = lines(&[b"one\n\x1b[3", b"2mtw\x1b[0mo\nold\rnew\npass", b"word: "]);
        assert_eq!(found, [(1, "one".into()), (2, "two".into()), (3, "new".into())]);
        assert_eq!(rest, Some((4, "password: ".into())));
    }

    #[test]
    fn what_never_ends_is_not_kept_for_ever() {
        let long = vec![b'x'; LONGEST + 1];
        let (found, rest) = lines(&[&long]);
        assert_eq!((found.len(), rest), (1, Some((1, "x".into()))));
    }

    #[test]
    fn a_long_line_is_cut_at_the_same_places_however_it_comes() {
        let long = [&vec![b'x'; 2 * LONGEST + 3][..], b"\nnext\n", &vec![b'y'; LONGEST], b"\n"].concat();
        let whole = lines(&[&long]);
        assert_eq!(whole.0.iter().map(|line| line.1.len()).collect::<Vec<_>>(), [LONGEST, LONGEST, 3, 4, LONGEST]);
        for length in [1000, 16 * 1024, LONGEST, LONGEST + 1] {
            assert!(lines(&long.chunks(length).collect::<Vec<_>>()) == whole, "{length}");
        }
    }
}
