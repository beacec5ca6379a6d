//! A pattern that is compiled when a text first needs it: a text that lacks what each match has is
//! told by a search for that.

use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

/// A pattern of an unknown author takes no more than this. *Units*: bytes.
const LARGEST: usize = 1 << 20;

/// A pattern over bytes. *Syntax*: the `regex` crate's.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub struct LazyPattern {
    text: String,
    /// One of these stands in each text that it matches, if there are any.
    required: Vec<Finder<'static>>,
    compiled: OnceLock<Option<Regex>>,
}

impl From<String> for LazyPattern {
    fn from(text: String) -> LazyPattern {
        let all = required(&text).unwrap_or_default();
        let required = all.iter().map(|one| Finder::new(one.as_bytes()).into_owned()).collect();
        LazyPattern { text, required, compiled: OnceLock::new() }
    }
}

impl LazyPattern {
    /// Whether it matches.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.has_required(text) && self.compiled().is_some_and(|regex| regex.is_match(text))
    }

    /// What it captures.
    pub fn captures<'t>(&self, text: &'t [u8]) -> Option<Captures<'t>> {
        // Most texts do not match, and then nothing is made for what would be captured.
        self.is_match(text).then(|| self.compiled()?.captures(text)).flatten()
    }

    /// *Errors*: where it is none, and why.
    pub fn check(&self) -> Result<(), String> {
        self.compile().map(|_| ()).map_err(|e| e.to_string())
    }

    fn has_required(&self, text: &[u8]) -> bool {
        self.required.is_empty() || self.required.iter().any(|one| one.find(text).is_some())
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        // Tables of Unicode take longer to make than all the rest.
        RegexBuilder::new(&self.text).unicode(!self.text.is_ascii()).size_limit(LARGEST).build()
    }
}

/// Of each alternative of a pattern the longest text that all its matches have: what stands outside
/// of groups and classes, and may not be left out. `None` where nothing is that certain.
fn required(pattern: &str) -> Option<Vec<String>> {
    let mut rest = pattern.chars().peekable();
    let (mut all, mut runs, mut run, mut depth) = (Vec::new(), Vec::new(), String::new(), 0);
    while let Some(c) = rest.next() {
        let literal = match c {
            '\\' => escaped(&mut rest),
            '(' => {
                depth += 1;
                skip_flags(&mut rest)?;
                None
            }
            ')' => {
                depth -= 1;
                None
            }
            '[' => {
                skip_class(&mut rest);
                None
            }
            '|' if depth == 0 => {
                runs.push(std::mem::take(&mut run));
                all.push(longest(&mut runs)?);
                None
            }
            '{' => {
                rest.by_ref().find(|inner| *inner == '}');
                None
            }
            '.' | '^' | '$' | '*' | '+' | '?' | '|' => None,
            plain => Some(plain),
        };
        let is_certain = depth == 0 && !matches!(rest.peek(), Some('?' | '*' | '{'));
        match literal.filter(|_| is_certain) {
            Some(literal) => run.push(literal),
            None => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    all.push(longest(&mut runs)?);
    Some(all)
}

fn longest(runs: &mut Vec<String>) -> Option<String> {
    std::mem::take(runs).into_iter().max_by_key(String::len).filter(|longest| !longest.is_empty())
}

type PatternRest<'p> = std::iter::Peekable<std::str::Chars<'p>>;

/// What stands behind a backslash, if it stands for itself.
fn escaped(rest: &mut PatternRest<'_>) -> Option<char> {
    let escaped = rest.next()?;
    let digits = match escaped {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'p' | 'P' => 1,
        _ => 0,
    };
    if rest.peek() != Some(&'{') {
        rest.by_ref().take(digits).for_each(drop);
    }
    Some(escaped).filter(|escaped| !escaped.is_alphanumeric() && !"<>".contains(*escaped))
}

/// Passes over what a group begins with; `None` where that changes what stands behind the group.
fn skip_flags(rest: &mut PatternRest<'_>) -> Option<()> {
    if rest.peek() != Some(&'?') {
        return Some(());
    }
    let flags = rest.find(|c| "x:<P)".contains(*c));
    matches!(flags, Some(':' | '<' | 'P')).then_some(())
}

/// Passes over a class, and those within.
fn skip_class(rest: &mut PatternRest<'_>) {
    let mut depth = 1;
    let mut is_first = true;
    while depth > 0 {
        let Some(c) = rest.next() else { return };
        match c {
            '^' if is_first => continue,
            ']' if is_first => {}
            '\\' => drop(rest.next()),
            '[' => {
                depth += 1;
                is_first = true;
                continue;
            }
            ']' => depth -= 1,
            _ => {}
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{LazyPattern, required};
    use crate::diagnose::{packs, rules};

    #[test]
    fn what_each_match_has_is_known() {
        for (pattern, text) in [
            ("^git push", "git push"),
            (r"(?:a|b) is not a git command[\s\S]*?(?:x|y)\s+", " is not a git command"),
            ("one|an+other", "one|other"),
            ("(?:x)one|[y]", ""),
            ("(?i)Nothing", ""),
            ("(?u)Nothing", ""),
            ("(?si:a)bc", "bc"),
            ("(?x: a # ( \n)bc", ""),
            ("colou?rs of x{2}", "rs of "),
            (r"Did you mean `yarn (?P<good>[\w-]+)`", "Did you mean `yarn "),
            (r"['\]x]unclosed", "unclosed"),
            (r"[a[bc]de]f", "f"),
            (r"[[:alpha:]]g[]h]", "g"),
            (r"a\.b\+c", "a.b+c"),
            (r"it\x27s so", "s so"),
            (r"\pLa\x{41}bc\u0041", "bc"),
            (r"aa\<b", "aa"),
            ("[^']+' did", "' did"),
        ] {
            assert_eq!(required(pattern).unwrap_or_default().join("|"), text, "{pattern}");
        }
    }

    #[test]
    fn what_is_required_is_so_of_whatever_our_patterns_match() {
        for (file, text) in packs::all() {
            for rule in rules::checked(file, text).expect("a pack").rules {
                let all = [&rule.start, &rule.head, &rule.frame, &rule.at, &rule.until, &rule.next, &rule.message];
                let lines = || rule.examples.iter().flat_map(|example| example.text.lines());
                for pattern in all.into_iter().flat_map(|texts| texts.all()) {
                    let pattern = LazyPattern::from(pattern.clone());
                    let regex = pattern.compiled().expect("a pattern");
                    for line in lines().filter(|line| regex.is_match(line.as_bytes())) {
                        assert!(pattern.is_match(line.as_bytes()), "{file} {}: {line}", rule.name);
                    }
                }
            }
        }
    }
}
