//! A rule that is made ready when a line first may need it: of the hundreds that are compiled in, a
//! log needs a dozen.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value;

use super::pack::{self, OwnPack, Pack, Role, Texts};
use super::rule::Rule;
use super::written_table::Section;

/// The category of rules of a pack that names none.
const CATEGORY: &str = "runtime";

/// A rule, and what is to be known of it before it is ready.
#[derive(Debug)]
pub struct LazyRule {
    /// What its start means.
    pub role: Role,
    /// Who prints it.
    pub tool: String,
    ready: OnceLock<Box<Rule>>,
    source: RuleSource,
}

#[derive(Debug)]
enum RuleSource {
    /// It is compiled in.
    Ours { pack: &'static str, category: Option<&'static str>, written: Section<'static> },
    /// It was checked, and is ready.
    Others { literals: Texts },
}

impl LazyRule {
    /// Those of a pack of ours.
    pub fn of_own(pack: OwnPack) -> impl Iterator<Item = LazyRule> {
        let OwnPack { name, category, rules } = pack;
        rules.into_iter().map(move |written| LazyRule {
            role: written.text("role").map_or(Role::Problem, |word| role(word).expect("a role of ours is one")),
            tool: written.text("tool").unwrap_or(name).to_owned(),
            ready: OnceLock::new(),
            source: RuleSource::Ours { pack: name, category, written },
        })
    }

    /// Those of a pack that was checked.
    pub fn of_pack(pack: Pack) -> impl Iterator<Item = LazyRule> {
        let Pack { name, category, rules } = pack;
        rules.into_iter().map(move |mut written| {
            let literals = std::mem::take(&mut written.literals);
            let rule = Rule::new(&name, category.as_deref().unwrap_or(CATEGORY), written);
            let (role, tool) = (rule.role, rule.tool.clone());
            LazyRule { role, tool, ready: Box::new(rule).into(), source: RuleSource::Others { literals } }
        })
    }

    /// One of these stands in each line that it starts with.
    pub fn literals(&self) -> Vec<&str> {
        match &self.source {
            RuleSource::Ours { written, .. } => written.texts("literals").collect(),
            RuleSource::Others { literals } => literals.all().iter().map(String::as_str).collect(),
        }
    }

    /// The rule.
    pub fn get(&self) -> &Rule {
        self.ready.get_or_init(|| match &self.source {
            RuleSource::Ours { pack, category, written } => {
                let rule: pack::Rule = written.clone().into().expect("a rule of ours is one");
                Box::new(Rule::new(pack, category.unwrap_or(CATEGORY), rule))
            }
            RuleSource::Others { .. } => unreachable!("it was made ready"),
        })
    }
}

fn role(word: &str) -> Result<Role, value::Error> {
    Role::deserialize(word.into_deserializer())
}
