//! Searching a log for lines, through ripgrep's own engine.

use std::io::{self, Read};

use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkMatch};

/// Whether case matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseRule {
    /// It does.
    #[default]
    Exact,
    /// It does not (`-i`).
    Ignored,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Want {
    /// Those that match.
    #[default]
    Matching,
    /// The others (`-v`).
    Others,
}

/// What a pattern is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// A regular expression.
    #[default]
    Regex,
    /// Text that stands for itself (`-F`).
    Plain,
}

/// How a pattern is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether case matters.
    pub case: CaseRule,
    /// Which lines are wanted.
    pub want: Want,
    /// What the pattern is.
    pub syntax: Syntax,
}

/// Which part of what is found is passed on.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatchRange {
    /// How many lines before one that is wanted.
    pub before: usize,
    /// How many lines after it.
    pub after: usize,
    /// How many wanted lines are passed over first.
    pub skip: u64,
    /// After how many wanted lines the search ends.
    pub most: Option<u64>,
}

/// What a search comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum SearchOutcome<'a> {
    /// A line that was wanted, with its end if it has one.
    Line(&'a [u8]),
    /// A line near one.
    Near(&'a [u8]),
    /// Lines were left out here.
    Gap,
}

/// Why a pattern cannot be looked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadSearch {
    /// It is no regular expression.
    #[error("`{pattern}` is no regular expression: {why}, at character {at} (`{from}`)")]
    Syntax {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
        /// Where, the first character being 1.
        at: usize,
        /// What stands there.
        from: String,
    },
    /// The engine does not take it.
    #[error("`{pattern}` cannot be looked for: {why}")]
    Other {
        /// The pattern.
        pattern: String,
        /// Why.
        why: String,
    },
}

/// A search to be run over any number of files.
#[derive(Debug)]
pub struct Search {
    matcher: RegexMatcher,
    want: Want,
}

impl Search {
    /// Prepares a search.
    pub fn new(pattern: &str, rules: Rules) -> Result<Search, BadSearch> {
        let matcher = RegexMatcherBuilder::new()
            .case_insensitive(rules.case == CaseRule::Ignored)
            .fixed_strings(rules.syntax == Syntax::Plain)
            // With these the engine searches whole buffers: `^` and `$` are at line ends, and no
            // match crosses one.
            .multi_line(true)
            .line_terminator(Some(b'\n'))
            .build(pattern)
            .map_err(|e| what_is_bad(pattern, rules.syntax, &e))?;
        Ok(Search { matcher, want: rules.want })
    }

    /// Passes what is found in a log to `each`. Stops early when that fails. It is searched as it
    /// is read: colours are to be taken out before ([`crate::logs::text::plain`]).
    pub fn run(
        &self,
        log: impl Read,
        extent: MatchRange,
        each: impl FnMut(SearchOutcome<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut searcher = SearcherBuilder::new()
            .invert_match(self.want == Want::Others)
            .line_number(false)
            // A log is of many writers: how its first bytes are encoded says nothing of the rest.
            .bom_sniffing(false)
            .before_context(extent.before)
            .after_context(extent.after)
            // The engine counts those that are passed over as well.
            .max_matches(extent.most.map(|most| most.saturating_add(extent.skip)))
            .build();
        searcher.search_reader(&self.matcher, log, Passing { each, left: extent.skip, has_passed: false })
    }

    /// How many lines of a log are wanted.
    pub fn count(&self, log: impl Read) -> io::Result<u64> {
        let mut count = 0;
        self.run(log, MatchRange::default(), |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Whether a line is wanted.
    pub fn wants(&self, line: &[u8]) -> bool {
        let is_match = self.matcher.is_match(line).expect("this matcher's error type has no values");
        is_match == (self.want == Want::Matching)
    }

    /// Where in a line it matches, and not with nothing: start and end of each place.
    pub fn places(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        if self.want == Want::Matching {
            let found = self.matcher.find_iter(line, |m| {
                if !m.is_empty() {
                    places.push((m.start(), m.end()));
                }
                true
            });
            found.expect("this matcher's error type has no values");
        }
        places
    }
}

/// Where and what; the engine's own message is several lines, for a terminal.
fn what_is_bad(pattern: &str, syntax: Syntax, error: &grep_regex::Error) -> BadSearch {
    let other = || BadSearch::Other { pattern: pattern.to_owned(), why: error.to_string() };
    if syntax == Syntax::Plain {
        return other();
    }
    let (why, span) = match regex_syntax::Parser::new().parse(pattern) {
        Err(regex_syntax::Error::Parse(e)) => (e.kind().to_string(), *e.span()),
        Err(regex_syntax::Error::Translate(e)) => (e.kind().to_string(), *e.span()),
        _ => return other(),
    };
    let from = pattern.get(span.start.offset..).unwrap_or_default();
    let at = pattern.get(..span.start.offset).unwrap_or_default().chars().count() + 1;
    BadSearch::Syntax { pattern: pattern.to_owned(), why, at, from: from.to_owned() }
}

struct Passing<F> {
    each: F,
    /// How many wanted lines are still to be passed over.
    left: u64,
    /// Whether any was passed on.
    has_passed: bool,
}

impl<F: FnMut(SearchOutcome<'_>) -> io::Result<()>> Sink for Passing<F> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        if self.left > 0 {
            self.left -= 1;
            return Ok(true);
        }
        self.has_passed = true;
        (self.each)(SearchOutcome::Line(found.bytes())).map(|()| true)
    }

    fn context(&mut self, _: &Searcher, near: &SinkContext<'_>) -> io::Result<bool> {
        let is_wanted = match near.kind() {
            // These come before the line that they belong to has been counted off.
            SinkContextKind::Before => self.left == 0,
            SinkContextKind::After | SinkContextKind::Other => self.has_passed,
        };
        if is_wanted { (self.each)(SearchOutcome::Near(near.bytes())).map(|()| true) } else { Ok(true) }
    }

    fn context_break(&mut self, _: &Searcher) -> io::Result<bool> {
        if self.has_passed { (self.each)(SearchOutcome::Gap).map(|()| true) } else { Ok(true) }
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::text::line_search::{BadSearch, CaseRule, MatchRange, Rules, Search, SearchOutcome, Syntax, Want};

    fn found(text: &str, pattern: &str, rules: Rules, extent: MatchRange) -> String {
        let search = Search::new(pattern, rules).expect("a pattern");
        let mut all = String::new();
        let each = |found: SearchOutcome<'_>| {
            let (mark, line) = match found {
                SearchOutcome::Line(line) => (':', line),
                SearchOutcome::Near(line) => ('-', line),
                SearchOutcome::Gap => ('=', &b"\n"[..]),
            };
            all.push(mark);
            all.push_str(&String::from_utf8_lossy(line));
            Ok(())
        };
        search.run(text.as_bytes(), extent, each).expect("searched");
        all
    }

    #[test]
    fn lines_are_found_by_case_sense_and_syntax() {
        let text = "error: a\nfine.\nERROR b";
        let rules = Rules::default();
        assert_eq!(found(text, "^error", rules, MatchRange::default()), ":error: a\n");
        let ignored = Rules { case: CaseRule::Ignored, ..rules };
        assert_eq!(found(text, "error", ignored, MatchRange::default()), ":error: a\n:ERROR b");
        assert_eq!(found(text, "e.", Rules { syntax: Syntax::Plain, ..ignored }, MatchRange::default()), ":fine.\n");
        assert_eq!(found(text, "error", Rules { want: Want::Others, ..ignored }, MatchRange::default()), ":fine.\n");
    }

    #[test]
    fn the_last_ones_come_with_what_is_near() {
        let text = "x 1\na\nb\nc\nx 2\nd\ne\nf\nx 3\ng\n";
        let extent = MatchRange { before: 1, after: 1, skip: 0, most: None };
        let rules = Rules::default();
        assert_eq!(found(text, "x", rules, extent), ":x 1\n-a\n=\n-c\n:x 2\n-d\n=\n-f\n:x 3\n-g\n");
        assert_eq!(found(text, "x", rules, MatchRange { skip: 1, ..extent }), "-c\n:x 2\n-d\n=\n-f\n:x 3\n-g\n");
        assert_eq!(found(text, "x", rules, MatchRange { skip: 1, most: Some(1), ..extent }), "-c\n:x 2\n-d\n");
    }

    #[test]
    fn a_bad_pattern_says_what_and_where() {
        let Err(BadSearch::Syntax { why, at, from, .. }) = Search::new("é(b", Rules::default()) else {
            panic!("no such pattern");
        };
        assert_eq!((why.as_str(), at, from.as_str()), ("unclosed group", 2, "(b"));
        assert!(Search::new("é(b", Rules { syntax: Syntax::Plain, ..Rules::default() }).is_ok());
        assert!(matches!(Search::new("a\nb", Rules::default()), Err(BadSearch::Other { .. })));
        let plain = Search::new("(\n", Rules { syntax: Syntax::Plain, ..Rules::default() });
        assert!(matches!(&plain, Err(BadSearch::Other { .. })), "{plain:?}");
    }
}
