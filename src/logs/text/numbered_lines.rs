//! A log's lines one by one, each with its place and its number, without what was drawn over. A
//! part that is not there ends a line, and so does the end of a run: the next one has a terminal of
//! its own.
//!
//! The number of a line is that of the line of the log, as it stands in its files, in which it got
//! what it shows; so is its position. Of a line that was drawn again and again that is the last
//! time.

use std::collections::VecDeque;
use std::io::{self, Read};

use anstyle::Style;

use crate::logs::store::segments::Gap;
use crate::screen::canvas::{self, Canvas};

/// What is read at a time: it is held as lines, of each log where many are read together. *Units*:
/// bytes.
const CHUNK: usize = 16 * 1024;
/// What is read at a time where lines are only counted. *Units*: bytes.
const COUNTED: usize = 64 * 1024;

/// A line without its end: text and colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which, of all that were ever begun: one that is drawn over stays the same.
    pub id: u64,
    /// Whether it is a whole one.
    pub has_ended: bool,
    /// Where it begins. *Units*: bytes.
    pub position: u64,
    /// Which it is, the first being 1.
    pub number: u64,
    /// Where it got what it shows: where it begins, unless it was drawn over. *Units*: bytes.
    pub drawn: u64,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// Where lines are read from.
pub trait LineOrigin {
    /// Reads on; says at which logical position stands what was read, and how much it is: nothing
    /// at the end, for now.
    fn read_placed(&mut self, buffer: &mut [u8]) -> io::Result<(u64, usize)>;

    /// What was missing so far.
    fn gaps(&self) -> &[Gap];
}

/// Reads lines. One of more than a mebibyte comes in pieces of the same number.
pub struct NumberedLines<R> {
    log: R,
    buffer: Vec<u8>,
    canvas: Canvas,
    ready: VecDeque<Line>,
    /// Behind what was read. *Units*: bytes.
    position: u64,
    /// Where runs begin that were not read yet.
    runs: VecDeque<u64>,
    /// How far the log had come when it was last asked for changes.
    step: u64,
    /// How many of its gaps were given.
    told: usize,
}

impl<R: LineOrigin> NumberedLines<R> {
    /// Stands at a position in a log, where this line begins.
    pub fn new(log: R, position: u64, number: u64) -> NumberedLines<R> {
        let canvas = Canvas::new(position, number);
        let (buffer, ready, runs) = (vec![0; CHUNK], VecDeque::new(), VecDeque::new());
        NumberedLines { log, buffer, canvas, ready, position, runs, step: 0, told: 0 }
    }

    /// Runs begin at these positions, in order.
    pub fn know_runs(&mut self, starts: impl Iterator<Item = u64>) {
        self.runs = starts.filter(|start| *start >= self.position).collect();
    }

    /// Where lines are read from.
    pub fn log_mut(&mut self) -> &mut R {
        &mut self.log
    }

    /// The next line; `None` where no whole one is there, for now. One that is there may be drawn
    /// over yet.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(line));
            }
            if self.fill()? == 0 {
                let ready = &mut self.ready;
                self.canvas.tell(|line| ready.push_back(shown(line)));
                return Ok(self.ready.pop_front());
            }
        }
    }

    /// Reads on once, and gives the whole lines that are there then. They may be drawn over yet.
    pub fn read_once(&mut self) -> io::Result<impl Iterator<Item = Line>> {
        let length = self.fill()?;
        // Behind a full buffer there is more, which may yet draw over what is open.
        if length > 0 && length < self.buffer.len() {
            let ready = &mut self.ready;
            self.canvas.tell(|line| ready.push_back(shown(line)));
        }
        Ok(self.ready.drain(..))
    }

    /// What stands behind the last whole line, if there is anything, and lines that have changed
    /// since they were given. Nothing more is read.
    pub fn rest(&mut self) -> Option<Line> {
        if self.ready.is_empty() {
            self.canvas.finish();
            self.take_settled();
        }
        self.ready.pop_front()
    }

    /// For who shows lines where they stand: those that no longer change, once, and those that may,
    /// in order.
    pub fn picture(&mut self) -> (Vec<Line>, Vec<Line>) {
        let settled = self.ready.drain(..).collect();
        let mut open: Vec<Line> = self.canvas.open().map(shown).collect();
        if let Some(last) = open.last_mut() {
            last.has_ended = false;
        }
        (settled, open)
    }

    /// Whether lines that were given have changed since.
    pub fn is_changing(&self) -> bool {
        self.canvas.changing().is_some()
    }

    /// Lines that were given and have changed are given once more, if they have stayed so since
    /// this was last called.
    pub fn give_changes(&mut self) {
        let ready = &mut self.ready;
        self.canvas.tell_changes(self.step, |line| ready.push_back(shown(line)));
        self.step = self.canvas.changing().unwrap_or(self.step);
    }

    /// What was found to be missing since this was last asked.
    pub fn new_gaps(&mut self) -> &[Gap] {
        let gaps = self.log.gaps();
        let told = std::mem::replace(&mut self.told, gaps.len());
        &gaps[told..]
    }

    /// Reads on; says how much was read.
    pub fn fill(&mut self) -> io::Result<usize> {
        let (position, length) = loop {
            match self.log.read_placed(&mut self.buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if length == 0 {
            return Ok(0);
        }
        // A part is missing, or the log was begun anew.
        if position != self.position {
            self.canvas.tear(position);
            self.position = position;
        }
        let mut from = 0;
        while from < length {
            let at = self.position;
            while let Some(start) = self.runs.front().copied().filter(|start| *start <= at) {
                self.runs.pop_front();
                // One that begins within a gap has its new terminal since the gap.
                if start == at {
                    self.canvas.begin_anew(at);
                }
            }
            let next = self.runs.front().map_or(length, |start| length.min(from + (start - at) as usize));
            self.canvas.feed(&self.buffer[from..next]);
            self.position += (next - from) as u64;
            from = next;
        }
        self.take_settled();
        Ok(length)
    }

    fn take_settled(&mut self) {
        while let Some(line) = self.canvas.settled() {
            // What was given and then erased is not given again as nothing.
            if !line.is_told || line.has_changed && !line.row.is_blank() {
                self.ready.push_back(shown(&line));
            }
        }
    }
}

fn shown(line: &canvas::CanvasLine) -> Line {
    let mut bytes = Vec::new();
    line.row.show(Style::new(), &mut bytes);
    let (id, has_ended) = (line.id, line.has_ended);
    Line {
        id,
        has_ended,
        position: line.position,
        number: line.number,
        drawn: line.drawn.unwrap_or(line.position),
        bytes,
    }
}

/// How many lines end in what is read.
pub fn count(mut log: impl Read) -> io::Result<u64> {
    let (mut buffer, mut count) = (vec![0; COUNTED], 0);
    loop {
        match log.read(&mut buffer)? {
            0 => return Ok(count),
            length => count += memchr::memchr_iter(b'\n', &buffer[..length]).count() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::store::segments::Gap;
    use crate::logs::text::numbered_lines::{Line, LineOrigin, NumberedLines, count};
    use crate::screen::canvas::LONGEST;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::io;

    /// Parts of a log, each at its position.
    struct Parts<'a>(VecDeque<(u64, &'a [u8])>);

    impl LineOrigin for Parts<'_> {
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
        let mut lines = NumberedLines::new(Parts(parts.iter().copied().collect()), 0, 1);
        let mut all: Vec<Line> = std::iter::from_fn(|| lines.next().expect("read")).collect();
        all.extend(std::iter::from_fn(|| lines.rest()));
        all
    }

    #[test]
    fn what_never_ends_comes_in_pieces() {
        let lines = all(&vec![b'x'; 3 * LONGEST]);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.number == 1 && line.bytes.len() <= 2 * LONGEST));
    }

    #[test]
    fn what_is_missing_ends_a_line() {
        let lines = all_of(&[(4, b"one\ntw"), (20, b"xo\n"), (30, b"\nthree"), (60, b"four")]);
        let found: Vec<_> = lines.iter().map(|line| (line.position, line.number, &line.bytes[..])).collect();
        let wanted: [(u64, u64, &[u8]); 6] =
            [(4, 1, b"one"), (8, 2, b"tw"), (20, 3, b"xo"), (30, 4, b""), (31, 5, b"three"), (60, 6, b"four")];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_line_has_the_number_of_what_it_shows() {
        let lines = all(b"a 1%\nb\n\x1b[2A\x1b[2Ka 9%\n\nc 1%\rc 2%\n");
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.position, &line.bytes[..])).collect();
        assert_eq!(found, [(3, 7, &b"a 9%"[..]), (2, 5, b"b"), (5, 21, b"c 2%")]);
        assert_eq!(lines[2].drawn, 29, "that of its last letter");
    }

    #[test]
    fn a_run_has_a_terminal_of_its_own() {
        let parts = Parts(VecDeque::from([(0, &b"one\n\x1b[?1049hx\x1b[3Atwo\n"[..])]));
        let mut lines = NumberedLines::new(parts, 0, 1);
        lines.know_runs([0, 13].into_iter());
        let mut found: Vec<Line> = std::iter::from_fn(|| lines.next().expect("read")).collect();
        found.extend(std::iter::from_fn(|| lines.rest()));
        let text: Vec<_> = found.iter().map(|line| String::from_utf8_lossy(&line.bytes).into_owned()).collect();
        assert_eq!(text, ["one", "[full-screen program, 1 bytes]", "two"]);
        assert_eq!(found[2].position, 13);
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
