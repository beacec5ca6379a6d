//! A rule that is ready: its patterns are compiled when a line first needs them.

use regex::bytes::Captures;

use super::lazy_pattern::LazyPattern;
use super::pack::{self, Role, Texts, Which};

/// Patterns of which one is enough.
#[derive(Debug, Default)]
pub struct Patterns(Vec<LazyPattern>);

impl Patterns {
    /// Of these texts.
    pub fn new(texts: Texts) -> Patterns {
        Patterns(texts.into_all().into_iter().map(LazyPattern::from).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one matches.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(text))
    }

    /// What the first that matches captures.
    pub fn captures<'t>(&self, text: &'t [u8]) -> Option<Captures<'t>> {
        self.0.iter().find_map(|pattern| pattern.captures(text))
    }

    /// Compiles all. *Errors*: what is wrong with one.
    pub fn check(&self) -> Result<(), String> {
        self.0.iter().try_for_each(LazyPattern::check)
    }
}

/// A rule; what its fields are, [`pack::Rule`] says.
#[derive(Debug)]
pub struct Rule {
    pub name: String,
    pub role: Role,
    pub tool: String,
    pub category: String,
    pub severity: Option<String>,
    pub code: Option<String>,
    pub start: Patterns,
    pub unless: Patterns,
    pub next: Patterns,
    pub next_lines: usize,
    pub before: Patterns,
    pub before_lines: usize,
    pub needs_before: bool,
    pub head_before: bool,
    pub body: Patterns,
    pub takes: usize,
    pub blank: bool,
    pub blank_before_frame: bool,
    pub end: Patterns,
    pub until: Patterns,
    pub max: usize,
    pub head: Patterns,
    pub heads: Which,
    pub head_closes: bool,
    pub chain: Patterns,
    pub at: Patterns,
    pub ats: Which,
    pub fallback: Patterns,
    pub frame: Patterns,
    pub frames: Which,
    pub message: Patterns,
    pub drop: Patterns,
    pub hint: Patterns,
    pub note: Patterns,
    pub rank: u32,
    pub loose: bool,
    pub every: bool,
    pub certain: bool,
    pub adds: Option<String>,
    pub succeeded: bool,
}

impl Rule {
    /// Of a pack of this name.
    pub fn new(pack: &str, category: &str, rule: pack::Rule) -> Rule {
        Rule {
            name: format!("{pack}/{}", rule.name),
            role: rule.role,
            tool: rule.tool.unwrap_or_else(|| pack.to_owned()),
            category: rule.category.unwrap_or_else(|| category.to_owned()),
            severity: rule.severity,
            code: rule.code,
            start: Patterns::new(rule.start),
            unless: Patterns::new(rule.unless),
            next: Patterns::new(rule.next),
            next_lines: rule.next_lines.unwrap_or(1),
            before: Patterns::new(rule.before),
            before_lines: rule.before_lines.unwrap_or(1),
            needs_before: rule.needs_before,
            head_before: rule.head_before,
            body: Patterns::new(rule.body),
            takes: rule.takes,
            blank: rule.blank,
            blank_before_frame: rule.blank_before_frame,
            end: Patterns::new(rule.end),
            until: Patterns::new(rule.until),
            max: rule.max.unwrap_or(200),
            head: Patterns::new(rule.head),
            heads: rule.heads,
            head_closes: rule.head_closes,
            chain: Patterns::new(rule.chain),
            at: Patterns::new(rule.at),
            ats: rule.ats,
            fallback: Patterns::new(rule.fallback),
            frame: Patterns::new(rule.frame),
            frames: rule.frames,
            message: Patterns::new(rule.message),
            drop: Patterns::new(rule.drop),
            hint: Patterns::new(rule.hint),
            note: Patterns::new(rule.note),
            rank: rule.rank,
            loose: rule.loose,
            every: rule.every,
            certain: rule.certain,
            adds: rule.adds,
            succeeded: rule.succeeded,
        }
    }

    /// Whether it is more than one line.
    pub fn is_block(&self) -> bool {
        !(self.takes == 0
            && self.body.is_empty()
            && self.end.is_empty()
            && self.until.is_empty()
            && self.chain.is_empty())
    }

    /// Whether any line goes on with it, up to its end.
    pub fn takes_all(&self) -> bool {
        self.body.is_empty() && self.takes == 0
    }

    /// Compiles all. *Errors*: what is wrong with one.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (field, patterns) in [
            ("start", &self.start),
            ("unless", &self.unless),
            ("next", &self.next),
            ("before", &self.before),
            ("body", &self.body),
            ("end", &self.end),
            ("until", &self.until),
            ("head", &self.head),
            ("chain", &self.chain),
            ("at", &self.at),
            ("fallback", &self.fallback),
            ("frame", &self.frame),
            ("message", &self.message),
            ("drop", &self.drop),
            ("hint", &self.hint),
            ("note", &self.note),
        ] {
            patterns.check().map_err(|message| (field, message))?;
        }
        Ok(())
    }
}
