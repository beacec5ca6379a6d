//! Lines that repeat, told once: the line, and how often it came.

use memchr::memchr;

/// A longer line is never taken for a repeated one. *Units*: bytes.
const LONGEST: usize = 64 * 1024;

/// Folds lines that come three times or more in a row, over a stream of chunks. A line is passed on
/// as soon as it is known that it is another one.
#[derive(Debug, Default)]
pub struct Dedup {
    /// The last line that was passed on, without its end; `None` where it was too long, or there is
    /// none.
    last: Option<Vec<u8>>,
    /// How often it came.
    count: u64,
    /// How much of the line that is coming is as the last one.
    alike: usize,
    /// The line that is coming, once it is known to be another one.
    other: Option<Vec<u8>>,
}

impl Dedup {
    /// Takes in bytes and appends what is shown to `out`.
    pub fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while let Some(end) = memchr(b'\n', bytes) {
            self.part(&bytes[..end], out);
            self.end_line(out);
            bytes = &bytes[end + 1..];
        }
        self.part(bytes, out);
    }

    /// Ends the stream: what was held back is passed on.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.tell(out);
        // A line that did not end was held back as far as it is like the last one.
        if let Some(last) = self.last.take().filter(|_| self.other.is_none()) {
            out.extend_from_slice(&last[..self.alike]);
        }
        *self = Dedup::default();
    }

    fn part(&mut self, part: &[u8], out: &mut Vec<u8>) {
        if part.is_empty() {
            return;
        }
        let last = self.last.as_deref().unwrap_or_default();
        if self.other.is_none() && last[self.alike..].starts_with(part) {
            self.alike += part.len();
            return;
        }
        self.differs(out);
        // The part that makes it too long is still kept: it is known as too long by that.
        if let Some(other) = self.other.as_mut().filter(|other| other.len() <= LONGEST) {
            other.extend_from_slice(part);
        }
        out.extend_from_slice(part);
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        // Empty lines set others apart: a count would take that away.
        let is_same = self.last.as_ref().is_some_and(|last| !last.is_empty() && self.alike == last.len());
        if self.other.is_none() && is_same {
            self.count += 1;
        } else {
            self.differs(out);
            out.push(b'\n');
            (self.last, self.count) = (self.other.take().filter(|other| other.len() <= LONGEST), 1);
        }
        self.alike = 0;
    }

    /// The line that is coming is another one: what was held back of it is passed on.
    fn differs(&mut self, out: &mut Vec<u8>) {
        if self.other.is_some() {
            return;
        }
        self.tell(out);
        let alike = self.last.as_deref().unwrap_or_default()[..self.alike].to_vec();
        out.extend_from_slice(&alike);
        self.other = Some(alike);
    }

    /// How often the last line came.
    fn tell(&mut self, out: &mut Vec<u8>) {
        match (self.count, &self.last) {
            // A count in its place would save no line.
            (2, Some(last)) => {
                out.extend_from_slice(last);
                out.push(b'\n');
            }
            (count, Some(_)) if count > 2 => out.extend_from_slice(format!("… {count} times\n").as_bytes()),
            _ => {}
        }
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Dedup;
    use proptest::prelude::*;

    fn folded(chunks: &[&str]) -> String {
        let (mut repeats, mut out) = (Dedup::default(), Vec::new());
        chunks.iter().for_each(|chunk| repeats.feed(chunk.as_bytes(), &mut out));
        repeats.finish(&mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_repeats_is_told_once() {
        assert_eq!(folded(&["a\nb\nb\nb\nb\nc\n"]), "a\nb\n… 4 times\nc\n");
        assert_eq!(folded(&["a\na\nab\n"]), "a\na\nab\n", "twice is no more than shown twice");
        assert_eq!(folded(&["a\na\na\na"]), "a\n… 3 times\na", "what did not end is not one of them");
        assert_eq!(folded(&["\n\n\n\nx"]), "\n\n\n\nx", "empty lines keep their room");
        assert_eq!(folded(&["ab\nab\nab\na\n"]), "ab\n… 3 times\na\n");
    }

    #[test]
    fn another_line_is_passed_on_before_it_ends() {
        let (mut repeats, mut out) = (Dedup::default(), Vec::new());
        repeats.feed(b"tick\npassword: ", &mut out);
        assert_eq!(out, b"tick\npassword: ");
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference_and_nothing_is_lost(
            text in "[ab]{0,2}(\n[ab]{0,2}){0,20}",
            cuts in proptest::collection::vec(0usize..60, 0..4),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut from = 0;
            let mut chunks = Vec::new();
            for cut in cuts.into_iter().chain([text.len()]) {
                chunks.push(&text[from..cut]);
                from = cut;
            }
            let out = folded(&chunks);
            prop_assert_eq!(&out, &folded(&[&text]));
            let mut unfolded = String::new();
            let mut last = "";
            for line in out.split_inclusive('\n') {
                match line.strip_prefix("… ").and_then(|rest| rest.strip_suffix(" times\n")) {
                    Some(count) => unfolded += &last.repeat(count.parse::<usize>().expect("a count") - 1),
                    None => unfolded += line,
                }
                last = line;
            }
            prop_assert_eq!(unfolded, text);
        }
    }
}
