//! Rules, ready to be asked: which of them may start with a line is known from the literals in it;
//! a pattern is compiled when a line first needs it.

use std::collections::HashMap;

use regex::bytes::Captures;

use super::lazy_pattern::LazyPattern;
use super::lazy_rule::LazyRule;
use super::literals::Literals;
pub use super::pack::Error;
use super::pack::{self, Pack, Role, Texts, Which};

/// No more rules of a pack of somebody else's are used.
const MOST: usize = 1000;

/// Patterns of which one is enough.
#[derive(Debug, Default)]
pub struct Patterns(Vec<LazyPattern>);

impl Patterns {
    fn new(texts: Texts) -> Patterns {
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

    fn check(&self) -> Result<(), String> {
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

    fn check(&self) -> Result<(), (&'static str, String)> {
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

/// All rules.
#[derive(Debug)]
pub struct Rules {
    all: Vec<LazyRule>,
    literals: Literals,
    /// The rules of each literal.
    owners: Vec<Vec<u16>>,
    /// Whichever line matches one of these is a problem.
    pub lines: Patterns,
}

impl Rules {
    /// Those that are compiled in, and before them others that were checked, the first being asked
    /// first.
    pub fn with(packs: Vec<Pack>) -> Rules {
        let own = super::packs::all().map(|(_, text)| pack::own(text).expect("a pack of ours is one"));
        let mut all: Vec<LazyRule> = packs.into_iter().flat_map(LazyRule::of_pack).collect();
        all.extend(own.flat_map(LazyRule::of_own));
        all.sort_by_key(|rule| rule.role);
        let (mut texts, mut owners): (Vec<&str>, Vec<Vec<u16>>) = (Vec::new(), Vec::new());
        let mut known: HashMap<&str, usize> = HashMap::with_capacity(all.len() * 4);
        for (at, rule) in all.iter().enumerate() {
            for literal in rule.literals() {
                let owner = *known.entry(literal).or_insert_with(|| {
                    texts.push(literal);
                    owners.push(Vec::new());
                    texts.len() - 1
                });
                owners[owner].push(at as u16);
            }
        }
        let literals = Literals::new(texts);
        Rules { all, literals, owners, lines: Patterns::default() }
    }

    /// The same with patterns, of which any line that matches one is a problem, whatever the rules
    /// say.
    pub fn and_lines(self, patterns: &[String]) -> Rules {
        // Whoever wrote them knows text, and not bytes.
        let texts = patterns.iter().map(|pattern| format!("(?u){pattern}")).collect();
        Rules { lines: Patterns::new(Texts::Many(texts)), ..self }
    }

    /// A rule.
    pub fn get(&self, at: usize) -> &Rule {
        self.all[at].get()
    }

    /// What a rule's start means.
    pub fn role(&self, at: usize) -> Role {
        self.all[at].role
    }

    /// For each rule, whether its tool is named in a command; empty where none is.
    pub fn of_tools_in(&self, command: &str) -> Vec<bool> {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
        let words: Vec<&str> = command.split(|c: char| !is_of_name(c)).filter(|word| word.len() > 1).collect();
        let of_tools: Vec<bool> = self.all.iter().map(|rule| words.contains(&rule.tool.as_str())).collect();
        if of_tools.contains(&true) { of_tools } else { Vec::new() }
    }

    /// Where the next line may be that a rule starts with.
    pub fn next_candidate(&self, text: &[u8]) -> Option<usize> {
        self.literals.next(text)
    }

    /// The rules that may start with a line, in the order in which they are asked.
    pub fn candidates(&self, line: &[u8]) -> Vec<usize> {
        self.candidates_from(line, 0)
    }

    /// The same, where it is known that nothing of interest stands before a place in the line.
    pub fn candidates_from(&self, line: &[u8], from: usize) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        self.literals.each(line, from, |literal| found.extend(self.owners[literal].iter().map(|at| usize::from(*at))));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads and checks a pack of somebody else's.
pub fn checked(file: &str, text: &str) -> Result<Pack, Error> {
    let pack = pack::parse(file, text)?;
    if pack.rules.len() > MOST {
        return Err(Error::TooMany { file: file.to_owned(), most: MOST });
    }
    for rule in &pack.rules {
        let (file, name) = (file.to_owned(), rule.name.clone());
        if rule.literals.all().is_empty() || rule.literals.all().iter().any(String::is_empty) {
            return Err(Error::NoLiterals { file, rule: name });
        }
        let ready = Rule::new(&pack.name, "", pack::Rule { ..clone_patterns(rule) });
        ready.check().map_err(|(field, message)| Error::Pattern { file, rule: name, field, message })?;
    }
    Ok(pack)
}

fn clone_patterns(rule: &pack::Rule) -> pack::Rule {
    pack::Rule {
        start: rule.start.clone(),
        unless: rule.unless.clone(),
        next: rule.next.clone(),
        before: rule.before.clone(),
        body: rule.body.clone(),
        end: rule.end.clone(),
        until: rule.until.clone(),
        head: rule.head.clone(),
        chain: rule.chain.clone(),
        at: rule.at.clone(),
        fallback: rule.fallback.clone(),
        frame: rule.frame.clone(),
        message: rule.message.clone(),
        drop: rule.drop.clone(),
        hint: rule.hint.clone(),
        note: rule.note.clone(),
        ..pack::Rule::default()
    }
}
