//! Searching a log for lines, through ripgrep's own engine.

use std::io::{self, Read};

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};

use crate::ansi::{Colours, Filter};

/// Whether case matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// It does.
    Exact,
    /// It does not (`-i`).
    Ignored,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Those that match.
    Matching,
    /// The others (`-v`).
    Others,
}

/// A search to be run over any number of files.
#[derive(Debug)]
pub struct Search {
    matcher: RegexMatcher,
    want: Want,
}

impl Search {
    /// Prepares a search. *Errors*: the regex engine's own, with the position.
    pub fn new(pattern: &str, case: Case, want: Want) -> Result<Search, grep_regex::Error> {
        let matcher = RegexMatcherBuilder::new()
            .case_insensitive(case == Case::Ignored)
            .line_terminator(Some(b'\n'))
            .build(pattern)?;
        Ok(Search { matcher, want })
    }

    /// Passes every wanted line, as it is visible (without colour codes), to `each`, with its line end
    /// if it has one. Stops early when `each` fails.
    pub fn run(&self, log: impl Read, each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut searcher = SearcherBuilder::new().invert_match(self.want == Want::Others).line_number(false).build();
        searcher.search_reader(&self.matcher, Visible::new(log), Lines(each))
    }

    /// Where in a line it matches: start and end of each place.
    pub fn places(&self, line: &[u8]) -> Vec<(usize, usize)> {
        use grep_matcher::Matcher;
        let mut places = Vec::new();
        if self.want == Want::Matching {
            let found = self.matcher.find_iter(line, |m| {
                places.push((m.start(), m.end()));
                true
            });
            found.expect("this matcher's error type has no values");
        }
        places
    }
}

struct Lines<F>(F);

impl<F: FnMut(&[u8]) -> io::Result<()>> Sink for Lines<F> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        (self.0)(found.bytes()).map(|()| true)
    }
}

/// A log as it is visible: without colours and other control sequences.
struct Visible<R> {
    log: R,
    filter: Filter,
    raw: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    is_finished: bool,
}

impl<R: Read> Visible<R> {
    fn new(log: R) -> Visible<R> {
        let filter = Filter::new(Colours::Drop);
        Visible { log, filter, raw: vec![0; 64 * 1024], ready: Vec::new(), given: 0, is_finished: false }
    }
}

impl<R: Read> Read for Visible<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.is_finished {
            self.ready.clear();
            self.given = 0;
            match self.log.read(&mut self.raw)? {
                0 => {
                    self.filter.finish(&mut self.ready);
                    self.is_finished = true;
                }
                n => self.filter.feed(&self.raw[..n], &mut self.ready),
            }
        }
        let n = buffer.len().min(self.ready.len() - self.given);
        buffer[..n].copy_from_slice(&self.ready[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Search, Want};
    use std::io::{Seek, Write};

    fn found(text: &str, pattern: &str, case: Case, want: Want) -> Vec<String> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).and_then(|()| file.rewind()).expect("written");
        let mut lines = Vec::new();
        let search = Search::new(pattern, case, want).expect("a pattern");
        let each = |line: &[u8]| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            Ok(())
        };
        search.run(file, each).expect("searched");
        lines
    }

    #[test]
    fn a_match_is_found_across_colour_codes() {
        let text = "\u{1b}[31mer\u{1b}[1mror\u{1b}[0m: a\nfine\nERROR b";
        assert_eq!(found(text, "error", Case::Exact, Want::Matching), ["error: a\n"]);
        assert_eq!(found(text, "error", Case::Ignored, Want::Matching), ["error: a\n", "ERROR b"]);
        assert_eq!(found(text, "error", Case::Ignored, Want::Others), ["fine\n"]);
    }

    #[test]
    fn a_bad_pattern_says_where() {
        let error = Search::new("a(b", Case::Exact, Want::Matching).expect_err("an error");
        assert!(error.to_string().contains("unclosed group"), "{error}");
    }

    #[test]
    fn nuls_and_binary_are_searched_too() {
        assert_eq!(found("a\0b needle\n", "needle", Case::Exact, Want::Matching), ["a\\x00b needle\n"]);
    }
}
