//! The newest lines of several logs, in the order in which they came.

use std::collections::{BTreeMap, VecDeque};

use memchr::memchr;

use crate::task::id::TaskId;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailLine {
    /// Whose it is.
    pub of: TaskId,
    /// What it is.
    pub what: TailLineKind,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TailLineKind {
    /// A line of the log, as the program wrote it, and where it begins there. *Units*: bytes.
    Output {
        /// Without its end.
        bytes: Vec<u8>,
        /// Where it begins.
        at: u64,
    },
    /// What is to be said between lines.
    Remark(String),
}

/// The newest lines.
#[derive(Debug, Default)]
pub struct Tail {
    lines: VecDeque<TailLine>,
    /// How many lines have been dropped before the first.
    dropped: u64,
    /// Lines that have not ended yet.
    open: BTreeMap<TaskId, OpenLine>,
}

#[derive(Debug)]
struct OpenLine {
    /// Which line, counted from the first that ever was.
    number: u64,
    /// Whether the next byte overwrites it.
    is_returned: bool,
}

/// So many lines are kept.
const MOST: usize = 5_000;
/// Of a line so much is kept. *Units*: bytes.
const LONGEST: usize = 4096;

impl Tail {
    /// The lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &TailLine> {
        self.lines.iter()
    }

    /// Takes in bytes that stand at a place in a task's log; says how many lines were begun.
    pub fn feed(&mut self, of: TaskId, bytes: &[u8], at: u64) -> usize {
        let mut begun = 0;
        let mut rest = bytes;
        while !rest.is_empty() {
            let here = at + (bytes.len() - rest.len()) as u64;
            let end = memchr(b'\n', rest);
            begun += self.append(of, &rest[..end.unwrap_or(rest.len())], here);
            if end.is_some() {
                self.open.remove(&of);
            }
            rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        }
        begun
    }

    /// Says something below a task's lines; the line that it had begun is left as it is.
    pub fn remark(&mut self, of: TaskId, text: String) {
        self.open.remove(&of);
        self.push(TailLine { of, what: TailLineKind::Remark(text) });
    }

    /// Says something before the first line of a task that stands at `from` in its log or behind.
    pub fn remark_before(&mut self, of: TaskId, from: u64, text: String) {
        let is_later =
            |line: &TailLine| line.of == of && matches!(line.what, TailLineKind::Output { at, .. } if at >= from);
        let Some(first) = self.lines.iter().position(is_later) else { return self.remark(of, text) };
        self.lines.insert(first, TailLine { of, what: TailLineKind::Remark(text) });
        let number = self.dropped + first as u64;
        self.open.values_mut().filter(|open| open.number >= number).for_each(|open| open.number += 1);
    }

    fn append(&mut self, of: TaskId, bytes: &[u8], at: u64) -> usize {
        let mut begun = 0;
        if self.open_line(of).is_none() {
            self.push(TailLine { of, what: TailLineKind::Output { bytes: Vec::new(), at } });
            self.open.insert(of, OpenLine { number: self.dropped + self.lines.len() as u64 - 1, is_returned: false });
            begun = 1;
        }
        if let Some((line, is_returned)) = self.open_line(of) {
            write_over(line, is_returned, bytes);
        }
        begun
    }

    /// The line that a task has begun and not ended, if it is still kept.
    fn open_line(&mut self, of: TaskId) -> Option<(&mut Vec<u8>, &mut bool)> {
        let open = self.open.get_mut(&of)?;
        let index = usize::try_from(open.number.checked_sub(self.dropped)?).ok()?;
        match &mut self.lines.get_mut(index)?.what {
            TailLineKind::Output { bytes, .. } => Some((bytes, &mut open.is_returned)),
            TailLineKind::Remark(_) => None,
        }
    }

    fn push(&mut self, line: TailLine) {
        self.lines.push_back(line);
        if self.lines.len() > MOST {
            self.lines.pop_front();
            self.dropped += 1;
        }
    }
}

/// Appends to a line, of which a carriage return leaves nothing once something follows it.
fn write_over(line: &mut Vec<u8>, is_returned: &mut bool, bytes: &[u8]) {
    for (number, part) in bytes.split(|byte| *byte == b'\r').enumerate() {
        *is_returned |= number > 0;
        if !part.is_empty() {
            if std::mem::take(is_returned) {
                line.clear();
            }
            let room = LONGEST.saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::task::id::TaskId;
    use crate::tui::view::tail::{MOST, Tail, TailLineKind};
    use proptest::prelude::*;

    const A: TaskId = TaskId(1);
    const B: TaskId = TaskId(2);

    fn texts(tail: &Tail) -> Vec<String> {
        let text = |what: &TailLineKind| match what {
            TailLineKind::Output { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
            TailLineKind::Remark(text) => format!("-- {text}"),
        };
        tail.lines().map(|line| format!("{} {}", line.of.0, text(&line.what))).collect()
    }

    #[test]
    fn lines_stand_in_the_order_in_which_they_began() {
        let mut tail = Tail::default();
        assert_eq!(tail.feed(A, b"one\ntw", 0), 2);
        assert_eq!(tail.feed(B, b"other\n", 0), 1);
        assert_eq!(tail.feed(A, b"o\nthree", 6), 1);
        assert_eq!(texts(&tail), ["1 one", "1 two", "2 other", "1 three"]);
    }

    #[test]
    fn a_line_that_is_overwritten_stands_where_it_is() {
        let mut tail = Tail::default();
        tail.feed(A, b"10%\r", 0);
        assert_eq!(texts(&tail), ["1 10%"]);
        tail.feed(A, b"50%\r100", 4);
        assert_eq!(texts(&tail), ["1 100"]);
        tail.feed(A, b"\r\n", 11);
        tail.feed(A, b"done", 13);
        assert_eq!(texts(&tail), ["1 100", "1 done"]);
    }

    #[test]
    fn a_new_run_begins_where_its_output_does() {
        let mut tail = Tail::default();
        tail.feed(A, b"old\nnew\nand", 0);
        tail.feed(B, b"x", 0);
        tail.remark_before(A, 4, "run 2".into());
        tail.feed(A, b" more", 11);
        tail.feed(B, b"y", 1);
        assert_eq!(texts(&tail), ["1 old", "1 -- run 2", "1 new", "1 and more", "2 xy"]);
        tail.remark_before(B, 9, "run 3".into());
        tail.feed(B, b"z", 9);
        assert_eq!(texts(&tail)[5..], ["2 -- run 3", "2 z"]);
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut tail = Tail::default();
        tail.feed(B, b"begun", 0);
        for number in 0..MOST as u64 + 7 {
            tail.feed(A, format!("{number}\n").as_bytes(), 0);
        }
        assert_eq!((tail.lines().count(), texts(&tail)[0].as_str()), (MOST, "1 7"));
        tail.feed(B, b" and ended\n", 5);
        assert_eq!(texts(&tail).last().map(String::as_str), Some("2  and ended"));
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "[ab\r\n]{0,30}", cut in 0usize..30) {
            let cut = cut.min(text.len());
            let (mut whole, mut parts) = (Tail::default(), Tail::default());
            whole.feed(A, text.as_bytes(), 0);
            parts.feed(A, &text.as_bytes()[..cut], 0);
            parts.feed(A, &text.as_bytes()[cut..], cut as u64);
            prop_assert_eq!(whole.lines, parts.lines);
        }
    }
}
