//! A pack: rules as data, read from TOML.
//!
//! *Shape*: `name`, and `[[rule]]` tables as [`Rule`] has them. Each rule has examples, which a
//! test reads.

use std::fmt::{self, Formatter};

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::written_table::{self, Section};

/// A pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no TOML, or has no such shape.
    #[error("{file}: {message}")]
    Unreadable {
        /// Where it came from.
        file: String,
        /// Where in it, and why.
        message: String,
    },
    /// A pattern is none.
    #[error("{file}: rule `{rule}`, {field}: {message}")]
    Pattern {
        /// Where it came from.
        file: String,
        /// The rule.
        rule: String,
        /// The field of the rule.
        field: &'static str,
        /// Where in the pattern, and why.
        message: String,
    },
    /// There is more in it than anybody writes by hand.
    #[error("{file}: more than {most} rules")]
    TooMany {
        /// Where it came from.
        file: String,
        /// How many there may be.
        most: usize,
    },
    /// Nothing would ever activate it.
    #[error("{file}: rule `{rule}` has no literals: name what stands in each line that it starts with")]
    NoLiterals {
        /// Where it came from.
        file: String,
        /// The rule.
        rule: String,
    },
}

/// A pack, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What its rules are called by, and the tool where a rule names none.
    pub name: String,
    /// The category of its rules where they name none.
    #[serde(default)]
    pub category: Option<String>,
    /// Its rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// What a line that a rule starts with means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nothing, however it looks.
    Ignore,
    /// A problem.
    #[default]
    Problem,
    /// A test that failed, without why: none where a problem says why.
    Test,
    /// That something failed: a finding only where nothing else says why.
    Summary,
    /// A line of a log that says itself how bad it is.
    Level,
    /// What looks like a problem: only where the exit code says that there is one, or is not known.
    Generic,
    /// How many tests did what.
    Counts,
    /// Tests begin.
    Tests,
    /// The build has succeeded, or failed.
    Build,
    /// Something changed, and all begins anew: what was found before is of the past.
    Cycle,
}

/// Which of several matches in a block counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
}

/// One text or several.
#[derive(Clone, Debug)]
pub enum Texts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Default for Texts {
    fn default() -> Texts {
        Texts::Many(Vec::new())
    }
}

impl Texts {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Texts::One(text) => std::slice::from_ref(text),
            Texts::Many(texts) => texts,
        }
    }

    /// All of them, to be kept.
    pub fn into_all(self) -> Vec<String> {
        match self {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        }
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Texts, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Texts;

            fn expecting(&self, out: &mut Formatter<'_>) -> fmt::Result {
                out.write_str("a text, or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts::One(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Texts, E> {
                Ok(Texts::One(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::with_capacity(list.size_hint().unwrap_or(0));
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Texts::Many(texts))
            }
        }
        from.deserialize_any(OneOrMany)
    }
}

/// A rule, as it is written. Patterns are regular expressions over bytes; named groups capture
/// `message`, `code`, `file`, `line`, `column`, `severity`, `test`, and of counts `passed`,
/// `failed`, `skipped`, `total`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// What it is called by.
    pub name: String,
    /// What its start means.
    pub role: Role,
    /// Who prints this.
    pub tool: Option<String>,
    /// What kind of problem it is.
    pub category: Option<String>,
    /// `error` or `warning`, where the start does not say.
    pub severity: Option<String>,
    /// The code, where the start does not say.
    pub code: Option<String>,
    /// One of these stands in each line that it starts with.
    pub literals: Texts,
    /// The line that it starts with.
    pub start: Texts,
    /// The start is none if it matches this.
    pub unless: Texts,
    /// The start is none if none of the next lines matches this: `next_lines` of them, else one.
    pub next: Texts,
    /// How many.
    pub next_lines: Option<usize>,
    /// A line before that tells more: `before_lines` of them are looked at.
    pub before: Texts,
    /// How many.
    pub before_lines: Option<usize>,
    /// Whether there must be one.
    pub needs_before: bool,
    /// Whether that one is the head.
    pub head_before: bool,
    /// The lines that go on.
    pub body: Texts,
    /// So many lines behind the first go on whatever they are, up to a blank one.
    pub takes: usize,
    /// Whether blank lines go on.
    pub blank: bool,
    /// Whether they do until it is told how it got there.
    pub blank_before_frame: bool,
    /// The last line.
    pub end: Texts,
    /// The line behind the last one.
    pub until: Texts,
    /// No more lines than that belong to it.
    pub max: Option<usize>,
    /// The line of the block that says what is wrong.
    pub head: Texts,
    /// Which of them.
    pub heads: Which,
    /// Whether it is the last line.
    pub head_closes: bool,
    /// What says behind a head that what follows, from a start or what belongs to the block on, is
    /// the same problem.
    pub chain: Texts,
    /// Where it is.
    pub at: Texts,
    /// Which of them.
    pub ats: Which,
    /// Where it is, if nothing tells better.
    pub fallback: Texts,
    /// How it got there.
    pub frame: Texts,
    /// Where the deepest frame is.
    pub frames: Which,
    /// What is wrong, if a line of the block says so better than its head.
    pub message: Texts,
    /// A line that says that something else in the log tells it.
    pub drop: Texts,
    /// What the tool proposes.
    pub hint: Texts,
    /// What caused it, or what else there is to say.
    pub note: Texts,
    /// Of summaries, the one with the lowest rank tells most.
    pub rank: u32,
    /// Of generic rules: whether it needs a known exit code that is not 0.
    pub loose: bool,
    /// Of generic rules: whether each line is a problem of its own, and not only the most telling
    /// one.
    pub every: bool,
    /// Whether it is a problem wherever it stands: no test prints it as its own output.
    pub certain: bool,
    /// Of counts: what a match is one more of: `passed`, `failed`, `skipped`.
    pub adds: Option<String>,
    /// Of builds: whether it succeeded.
    pub succeeded: bool,
    /// Texts in which it finds something.
    pub examples: Vec<Example>,
    /// Texts in which it finds nothing.
    pub counterexamples: Vec<String>,
}

/// A text, and what is found in it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Example {
    /// The text.
    pub text: String,
    /// The line of the text that is the head, the first being 1.
    pub line: Option<u64>,
    /// The file.
    pub file: Option<String>,
    /// The line in it.
    pub at: Option<u32>,
    /// The message.
    pub message: Option<String>,
    /// `error` or `warning`.
    pub severity: Option<String>,
}

/// A pack of ours: its rules are made when they are needed.
#[derive(Debug)]
pub struct OwnPack {
    /// As of any pack.
    pub name: &'static str,
    /// As of any pack.
    pub category: Option<&'static str>,
    /// The keys of its rules.
    pub rules: Vec<Section<'static>>,
}

/// Reads a pack of ours, without its examples; `None` where it is none.
pub fn own(text: &'static str) -> Option<OwnPack> {
    let mut sections = written_table::sections(text)?.into_iter();
    let head = sections.next()?;
    let mut pack = OwnPack { name: head.borrowed("name")?, category: head.borrowed("category"), rules: Vec::new() };
    for section in sections {
        match section.name {
            "rule" => pack.rules.push(section),
            "rule.examples" => {}
            _ => return None,
        }
    }
    Some(pack)
}

/// Reads a pack. A key that no rule has is named with the one that may be meant.
pub fn parse(file: &str, text: &str) -> Result<Pack, Error> {
    toml::from_str(text).map_err(|e| Error::Unreadable { file: file.to_owned(), message: said(&e.to_string()) })
}

/// What TOML's reader says, with the key that may be meant.
fn said(message: &str) -> String {
    let message = message.trim_end();
    let quoted: Vec<&str> = message.lines().last().unwrap_or_default().split('`').skip(1).step_by(2).collect();
    let Some((unknown, known)) = quoted.split_first().filter(|_| message.contains("unknown field")) else {
        return message.to_owned();
    };
    let near =
        known.iter().max_by(|a, b| strsim::jaro_winkler(unknown, a).total_cmp(&strsim::jaro_winkler(unknown, b)));
    let begin = message.split(", expected").next().unwrap_or(message);
    near.map_or_else(|| message.to_owned(), |near| format!("{begin}; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::super::packs;
    use super::{Pack, own, parse};

    #[test]
    fn our_packs_read_the_same_as_by_the_crate() {
        for (file, text) in packs::all() {
            let mut wanted = parse(file, text).expect("a pack");
            wanted.rules.iter_mut().for_each(|rule| rule.examples.clear());
            let read = own(text).expect("a pack");
            let rules = read.rules.into_iter().map(|rule| rule.into().expect("a rule")).collect();
            let read = Pack { name: read.name.to_owned(), category: read.category.map(str::to_owned), rules };
            assert_eq!(format!("{read:?}"), format!("{wanted:?}"), "{file}");
        }
    }

    #[test]
    fn what_is_neither_a_text_nor_texts_is_told_with_its_place() {
        let message =
            parse("mine.toml", "name = \"x\"\n[[rule]]\nname = \"a\"\nstart = 3\n").expect_err("a number").to_string();
        assert!(message.contains("line 4") && message.contains("a text, or a list of texts"), "{message}");
    }

    #[test]
    fn an_unknown_key_is_named_with_the_near_one() {
        let text = "name = \"x\"\n[[rule]]\nname = \"a\"\nlitterals = [\"x\"]\n";
        let message = parse("mine.toml", text).expect_err("unknown").to_string();
        assert!(message.contains("line 4") && message.ends_with("did you mean `literals`?"), "{message}");
    }
}
