//! A regular expression, as somebody typed it.

use std::fmt;
use std::str::FromStr;

use regex::bytes::Regex;

/// A regular expression that is known to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a text is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// It is empty.
    #[error("an empty regular expression would match at once")]
    Empty,
    /// It does not parse.
    #[error("`{text}` is no regular expression: {why}, at character {at}")]
    Syntax {
        /// The text.
        text: String,
        /// What is wrong.
        why: String,
        /// Where: the first character is 1.
        at: usize,
    },
    /// It parses, and is too large to be used.
    #[error("`{0}` is too large for a regular expression")]
    Large(String),
}

impl Pattern {
    /// The means to look for it.
    pub fn regex(&self) -> Regex {
        Regex::new(&self.0).expect("it was tried when it was parsed")
    }
}

impl FromStr for Pattern {
    type Err = BadPattern;

    fn from_str(text: &str) -> Result<Pattern, BadPattern> {
        if text.is_empty() {
            return Err(BadPattern::Empty);
        }
        let syntax = |why: String, at: usize| BadPattern::Syntax { text: text.to_owned(), why, at };
        // For bytes, as logs are: the same that the expression is made with below.
        match regex_syntax::ParserBuilder::new().utf8(false).build().parse(text) {
            Ok(_) => {}
            Err(regex_syntax::Error::Parse(e)) => return Err(syntax(e.kind().to_string(), e.span().start.column)),
            Err(regex_syntax::Error::Translate(e)) => return Err(syntax(e.kind().to_string(), e.span().start.column)),
            Err(other) => return Err(syntax(other.to_string(), 1)),
        }
        Regex::new(text).map(|_| Pattern(text.to_owned())).map_err(|_| BadPattern::Large(text.to_owned()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadPattern, Pattern};

    fn why(text: &str) -> String {
        text.parse::<Pattern>().expect_err("an error").to_string()
    }

    #[test]
    fn a_bad_one_says_what_is_wrong_and_where() {
        assert_eq!(why("ready (on"), "`ready (on` is no regular expression: unclosed group, at character 7");
        assert_eq!(why("a**["), "`a**[` is no regular expression: unclosed character class, at character 4");
        assert_eq!(why(""), BadPattern::Empty.to_string());
        assert!(why(r"\w{1000}{1000}").contains("too large"), "{}", why(r"\w{1000}{1000}"));
    }

    #[test]
    fn a_good_one_matches_bytes_that_are_no_text() {
        let pattern: Pattern = "(?i)READY .*: x$".parse().expect("a pattern");
        assert!(pattern.regex().is_match(b"\xff it is ready or not: x"));
        assert_eq!(pattern.to_string(), "(?i)READY .*: x$");
    }
}
