//! Rules, ready to be asked: which of them may start with a line is known from the literals in it;
//! a pattern is compiled when a line first needs it.

use std::collections::HashMap;

use super::lazy_rule::LazyRule;
use super::literals::Literals;
pub use super::pack::Error;
use super::pack::{self, Pack, Role, Texts};
use super::rule::{Patterns, Rule};

/// No more rules of a pack of somebody else's are used.
const MOST: usize = 1000;

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
