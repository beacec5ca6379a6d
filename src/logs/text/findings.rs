//! What looks like errors and warnings in a log so far.

use memchr::{memchr, memrchr};

use crate::ansi::{self, Colours};
use crate::logs::text::severity::{self, Severity};

/// What was counted of a stream of bytes that comes in chunks of any size.
#[derive(Debug, Default)]
pub struct Findings {
    /// Lines that look like errors.
    pub errors: u64,
    /// Lines that look like warnings.
    pub warnings: u64,
    /// The newest line that looks like an error, safe to show, without colours.
    pub newest: Option<String>,
    /// A line that has not ended yet.
    rest: Vec<u8>,
    is_in_traceback: bool,
}

/// Of a longer line no more is looked at. *Units*: bytes.
const LONGEST: usize = 16 * 1024;

impl Findings {
    /// Takes in the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(end) = memrchr(b'\n', bytes) else { return self.hold(bytes) };
        let (mut whole, rest) = bytes.split_at(end + 1);
        if !self.rest.is_empty() {
            let first = memchr(b'\n', whole).map_or(whole.len(), |at| at + 1);
            self.hold(&whole[..first]);
            let line = std::mem::take(&mut self.rest);
            self.lines(&line);
            whole = &whole[first..];
        }
        self.lines(whole);
        self.hold(rest);
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.rest.len());
        self.rest.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Looks only at lines that have something in them to look for, and at those after a
    /// traceback's begin.
    fn lines(&mut self, text: &[u8]) {
        let mut at = 0;
        while at < text.len() {
            if !self.is_in_traceback {
                let Some(found) = severity::next_candidate(text, at) else { return };
                at = memrchr(b'\n', &text[at..found]).map_or(at, |end| at + end + 1);
            }
            let end = memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
            self.line(&text[at..end.min(at + LONGEST)]);
            at = end + 1;
        }
    }

    fn line(&mut self, line: &[u8]) {
        let shown = ansi::line(line, Colours::Drop);
        if self.is_in_traceback {
            // What is indented says where; the line that ends it says what.
            self.is_in_traceback = shown.starts_with([' ', '\t']);
            if !self.is_in_traceback {
                self.newest = Some(shown);
            }
            return;
        }
        self.is_in_traceback = severity::begins_traceback(shown.as_bytes());
        let severity = if self.is_in_traceback { Some(Severity::Error) } else { severity::guess(shown.as_bytes()) };
        match severity {
            Some(Severity::Error) => {
                self.errors += 1;
                self.newest = Some(shown);
            }
            Some(Severity::Warning) => self.warnings += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Findings;
    use proptest::prelude::*;

    const LOG: &str = "start\n\x1b[31merror\x1b[0m: one\nwarning: two\nTraceback (most recent call last):\n  File \"a\"\n    \
                       raise ValueError\nValueError: three\nfine\n10%\rerror: four\n";

    fn found(chunks: &[&str]) -> (u64, u64, Option<String>) {
        let mut findings = Findings::default();
        chunks.iter().for_each(|chunk| findings.feed(chunk.as_bytes()));
        (findings.errors, findings.warnings, findings.newest)
    }

    #[test]
    fn a_traceback_is_one_error_and_its_last_line_says_which() {
        let before = &LOG[..LOG.find("fine").expect("it is there")];
        assert_eq!(found(&[before]), (2, 1, Some("ValueError: three".into())));
        assert_eq!(found(&[LOG]), (3, 1, Some("error: four".into())));
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(one in 0..LOG.len(), two in 0..LOG.len()) {
            let (one, two) = (one.min(two), one.max(two));
            prop_assert_eq!(found(&[&LOG[..one], &LOG[one..two], &LOG[two..]]), found(&[LOG]));
        }
    }
}
