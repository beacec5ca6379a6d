//! How people and programs point at tasks: `7`, `web`, `3-7`, `web*`, `@failed`, `7#2`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use regex::Regex;

use super::id::TaskId;
use super::near::{close, is_one_digit_off};
use super::selectable::Selectable;

/// One way of pointing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// One task by its id.
    Id(TaskId),
    /// Every existing task from one id to another.
    Range(TaskId, TaskId),
    /// The newest task.
    Last,
    /// By name.
    Name(String),
    /// Every task whose name matches: `*` any text, `?` one character.
    Glob(String),
    /// Every task of a class.
    Class(Class),
}

/// A class of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The living.
    Running,
    /// Those that ended as nobody wanted.
    Failed,
    /// Those that are over.
    Done,
    /// Those of this directory and below.
    Here,
    /// Every one.
    All,
}

/// What was pointed at: terms, and a run where one was named (`7#2`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// The terms, at least one.
    pub terms: Vec<Term>,
    /// One run of a restarted task.
    pub run: Option<u32>,
}

/// Why a text points at nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no task: write an id (7, task-007), a name, 3-7, 3,5, 'web*', @last, @running, @failed, @done, @here or @all"
)]
pub struct BadSelector(String);

/// Why a selector chose nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum NoChoice {
    /// Nothing has this id or name; these come near.
    Unknown {
        /// What was asked for.
        term: String,
        /// Near ones.
        near: Vec<String>,
        /// Whether there are any tasks.
        is_any: bool,
    },
    /// Several living tasks have this name.
    Ambiguous {
        /// What was asked for.
        term: String,
        /// Those that have it.
        all: Vec<String>,
    },
}

const MOST_NEAR: usize = 3;

impl FromStr for Selector {
    type Err = BadSelector;

    fn from_str(text: &str) -> Result<Selector, BadSelector> {
        let bad = || BadSelector(text.to_owned());
        let (terms, run) = match text.split_once('#') {
            Some((terms, run)) => (terms, Some(run.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?)),
            None => (text, None),
        };
        let terms: Vec<Term> = terms.split(',').map(|t| parse_term(t).ok_or_else(bad)).collect::<Result<_, _>>()?;
        if run.is_some() && !matches!(terms[..], [Term::Id(_) | Term::Last | Term::Name(_)]) {
            return Err(bad());
        }
        Ok(Selector { terms, run })
    }
}

impl Selector {
    /// The ids, where the selector consists of plain ids alone: then no list of tasks is needed.
    pub fn plain_ids(&self) -> Option<Vec<TaskId>> {
        self.terms
            .iter()
            .map(|term| match term {
                Term::Id(id) => Some(*id),
                Term::Range(..) | Term::Last | Term::Name(_) | Term::Glob(_) | Term::Class(_) => None,
            })
            .collect()
    }

    /// Whether it matters in which directories tasks run.
    pub fn asks_where(&self) -> bool {
        self.terms.contains(&Term::Class(Class::Here))
    }

    /// Whether it says what tasks are like, and does not name each: then one that is removed
    /// meanwhile is none of them.
    pub fn is_search(&self) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Range(..) | Term::Last | Term::Glob(_) | Term::Class(_) => true,
            Term::Id(_) | Term::Name(_) => false,
        })
    }

    /// Whether this can be meant for nothing but tasks, though it points at none of these: it is no
    /// mere name, or nearly that of one.
    pub fn is_meant(&self, candidates: &[Selectable<'_>]) -> bool {
        self.run.is_some()
            || self.terms.iter().any(|term| match term {
                Term::Name(name) => !close(name, candidates).is_empty(),
                Term::Id(_) | Term::Range(..) | Term::Last | Term::Glob(_) | Term::Class(_) => true,
            })
    }

    /// Whether a task with this id and name may be one of them, where ids and names tell; `None`
    /// where it takes more.
    pub fn could_be(&self, id: TaskId, name: &str) -> Option<bool> {
        let could_be = |term: &Term| match term {
            Term::Id(other) => Some(id == *other),
            Term::Range(first, last) => Some((*first..=*last).contains(&id)),
            Term::Name(other) => Some(name == other),
            Term::Last | Term::Glob(_) | Term::Class(_) => None,
        };
        self.terms.iter().map(could_be).try_fold(false, |any, could_be| Some(any | could_be?))
    }

    /// Whether it points at tasks, and all that it names are there.
    pub fn is_found(&self, candidates: &[Selectable<'_>]) -> bool {
        let mut count = 0;
        let mut is_there = |term: &Term| match term.find(candidates) {
            TermMatch::These(ids) => {
                count += ids.len();
                true
            }
            TermMatch::None | TermMatch::Several(_) => false,
        };
        self.terms.iter().all(&mut is_there) && count > 0
    }

    /// The same where a verb can do something with some of them only: of a class or glob those are
    /// meant. Whatever is named by itself or by a range of ids is chosen all the same.
    pub fn choose_fitting(
        &self,
        candidates: &[Selectable<'_>],
        fits: impl Fn(&Selectable<'_>) -> bool,
    ) -> Result<Vec<TaskId>, NoChoice> {
        let fitting: Vec<TaskId> = candidates.iter().filter(|c| fits(c)).map(|c| c.id).collect();
        let mut chosen = Vec::new();
        for term in &self.terms {
            let is_narrowed = matches!(term, Term::Class(_) | Term::Glob(_));
            let ids = term.choose(candidates)?.into_iter();
            chosen.extend(ids.filter(|id| !is_narrowed || fitting.binary_search(id).is_ok()));
        }
        Ok(chosen)
    }

    /// The tasks pointed at, in order, each once. `candidates` are in the order of their ids.
    pub fn choose(&self, candidates: &[Selectable<'_>]) -> Result<Vec<TaskId>, NoChoice> {
        let (mut chosen, mut seen) = (Vec::new(), BTreeSet::new());
        for term in &self.terms {
            chosen.extend(term.choose(candidates)?.into_iter().filter(|id| seen.insert(*id)));
        }
        Ok(chosen)
    }
}

/// What a term comes to.
enum TermMatch<'a> {
    These(Vec<TaskId>),
    None,
    /// Several living tasks have the name.
    Several(Vec<Selectable<'a>>),
}

impl Term {
    fn choose(&self, candidates: &[Selectable<'_>]) -> Result<Vec<TaskId>, NoChoice> {
        let term = || self.to_string();
        match self.find(candidates) {
            TermMatch::These(ids) => Ok(ids),
            TermMatch::None => {
                Err(NoChoice::Unknown { term: term(), near: near(self, candidates), is_any: !candidates.is_empty() })
            }
            TermMatch::Several(living) => {
                Err(NoChoice::Ambiguous { term: term(), all: living.iter().map(label).collect() })
            }
        }
    }

    fn find<'a>(&self, candidates: &[Selectable<'a>]) -> TermMatch<'a> {
        let all_where = |is_chosen: &dyn Fn(&Selectable<'_>) -> bool| {
            candidates.iter().filter(|c| is_chosen(c)).map(|c| c.id).collect::<Vec<_>>()
        };
        match self {
            Term::Id(id) => TermMatch::one(candidates.iter().find(|c| c.id == *id)),
            Term::Last => TermMatch::one(candidates.last()),
            Term::Name(name) => by_name(name, candidates),
            Term::Range(first, last) => TermMatch::These(all_where(&|c| (*first..=*last).contains(&c.id))),
            Term::Glob(glob) => {
                let matcher = glob_regex(glob);
                TermMatch::These(all_where(&|c| matcher.is_match(c.name)))
            }
            Term::Class(class) => TermMatch::These(all_where(&|c| class.has(c))),
        }
    }
}

impl<'a> TermMatch<'a> {
    fn one(candidate: Option<&Selectable<'a>>) -> TermMatch<'a> {
        candidate.map_or(TermMatch::None, |candidate| TermMatch::These(vec![candidate.id]))
    }
}

impl Class {
    /// What it stands for, in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Running => "the living",
            Class::Failed => "those that ended as nobody wanted",
            Class::Done => "those that are over",
            Class::Here => "those of this directory and below",
            Class::All => "every task",
        }
    }

    fn has(self, candidate: &Selectable<'_>) -> bool {
        match self {
            Class::Running => candidate.status.is_living(),
            Class::Failed => candidate.is_failure,
            Class::Done => candidate.is_over,
            Class::Here => candidate.is_here,
            Class::All => true,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Term::Id(id) => id.fmt(f),
            Term::Range(first, last) => write!(f, "{first}-{last}"),
            Term::Last => f.write_str("@last"),
            Term::Name(text) | Term::Glob(text) => f.write_str(text),
            Term::Class(Class::Running) => f.write_str("@running"),
            Term::Class(Class::Failed) => f.write_str("@failed"),
            Term::Class(Class::Done) => f.write_str("@done"),
            Term::Class(Class::Here) => f.write_str("@here"),
            Term::Class(Class::All) => f.write_str("@all"),
        }
    }
}

fn parse_term(text: &str) -> Option<Term> {
    match text {
        "%%" | "%+" | "@last" => return Some(Term::Last),
        "@running" => return Some(Term::Class(Class::Running)),
        "@failed" => return Some(Term::Class(Class::Failed)),
        "@done" => return Some(Term::Class(Class::Done)),
        "@here" => return Some(Term::Class(Class::Here)),
        "@all" => return Some(Term::Class(Class::All)),
        _ => {}
    }
    let bare = text.strip_prefix('%').unwrap_or(text);
    if let Ok(id) = bare.parse() {
        return Some(Term::Id(id));
    }
    if let Some((first, last)) = bare.rsplit_once('-')
        && let (Ok(first), Ok(last)) = (first.parse::<TaskId>(), last.parse::<TaskId>())
    {
        return (first <= last).then_some(Term::Range(first, last));
    }
    if let Some(id) = bare.strip_prefix("task-").and_then(|rest| rest.split_once('-')).and_then(|(n, _)| n.parse().ok())
    {
        return Some(Term::Id(id));
    }
    let is_name_like = |c: char| c.is_alphanumeric() || "._-*?".contains(c);
    if text.is_empty() || !text.chars().all(is_name_like) {
        return None;
    }
    if text.contains(['*', '?']) {
        return Some(Term::Glob(text.to_owned()));
    }
    text.starts_with(char::is_alphabetic).then(|| Term::Name(text.to_owned()))
}

/// The only living task of that name; else the newest.
fn by_name<'a>(name: &str, candidates: &[Selectable<'a>]) -> TermMatch<'a> {
    let named: Vec<&Selectable<'a>> = candidates.iter().filter(|c| c.name == name).collect();
    let living: Vec<Selectable<'a>> = named.iter().copied().filter(|c| c.status.is_living()).copied().collect();
    match living[..] {
        [] => TermMatch::one(named.last().copied()),
        [one] => TermMatch::These(vec![one.id]),
        _ => TermMatch::Several(living),
    }
}

/// The tasks that a slip of the hand leads to, the most alike first: by name, or by number if that
/// was typed.
fn near(term: &Term, candidates: &[Selectable<'_>]) -> Vec<String> {
    let close = match term {
        Term::Id(id) => candidates.iter().rev().filter(|c| is_one_digit_off(*id, c.id)).copied().collect(),
        Term::Name(name) => close(name, candidates),
        Term::Range(..) | Term::Last | Term::Glob(_) | Term::Class(_) => Vec::new(),
    };
    close.iter().take(MOST_NEAR).map(label).collect()
}

fn label(candidate: &Selectable<'_>) -> String {
    format!("{} ({})", candidate.id, candidate.name)
}

fn glob_regex(glob: &str) -> Regex {
    let pattern = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^{pattern}$")).expect("an escaped text with wildcards is a regex")
}

#[cfg(test)]
mod tests {
    use super::{Class, NoChoice, Selectable, Selector, Term};
    use crate::task::id::TaskId;
    use crate::task::near::Slips;
    use crate::task::status::Status;
    use proptest::prelude::*;

    fn one(text: &str) -> Option<Term> {
        let mut terms = text.parse::<Selector>().ok()?.terms;
        (terms.len() == 1).then(|| terms.remove(0))
    }

    fn candidates() -> Vec<Selectable<'static>> {
        [
            (1, "web", Status::Succeeded),
            (2, "web", Status::Running),
            (3, "db", Status::Failed),
            (4, "api", Status::Running),
            (5, "api", Status::Paused),
            (8, "db", Status::Succeeded),
        ]
        .map(|(id, name, status)| Selectable {
            id: TaskId(id),
            name,
            status,
            is_over: !status.is_living(),
            is_failure: status.is_failure(),
            is_here: id > 3,
        })
        .to_vec()
    }

    #[test]
    fn a_class_or_glob_means_those_that_fit() {
        let fitting = |text: &str| {
            let selector: Selector = text.parse().expect(text);
            let chosen = selector.choose_fitting(&candidates(), |c| c.status.is_living());
            chosen.expect("a choice").iter().map(|id| id.0).collect::<Vec<_>>()
        };
        assert_eq!(fitting("@all"), [2, 4, 5]);
        assert_eq!(fitting("w*"), [2]);
        assert_eq!(fitting("1-3,@last,d*"), [1, 2, 3, 8]);
        assert_eq!(fitting("@failed"), [0; 0]);
    }

    fn chosen(text: &str) -> Result<Vec<u32>, NoChoice> {
        let ids = text.parse::<Selector>().expect(text).choose(&candidates())?;
        Ok(ids.into_iter().map(|id| id.0).collect())
    }

    #[test]
    fn an_id_has_many_spellings() {
        for text in ["7", "007", "task-007", "task-007-npm-dev", "%7"] {
            assert_eq!(one(text), Some(Term::Id(TaskId(7))), "{text}");
        }
        assert_eq!(one("%%"), Some(Term::Last));
        assert_eq!(one("3-7"), Some(Term::Range(TaskId(3), TaskId(7))));
        assert_eq!(one("npm-dev"), Some(Term::Name("npm-dev".into())));
        assert_eq!("7#2".parse::<Selector>().map(|s| s.run), Ok(Some(2)));
    }

    #[test]
    fn what_points_at_nothing_is_refused() {
        for text in ["", ",", "0", "7-3", "@nobody", "7#0", "7#", "3-7#2", "a b", "3,,4", "%", "\u{1b}[2J"] {
            assert!(text.parse::<Selector>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_way_of_pointing_chooses() {
        assert_eq!(chosen("8,1,8"), Ok(vec![8, 1]));
        assert_eq!(chosen("2-4"), Ok(vec![2, 3, 4]));
        assert_eq!(chosen("@last"), Ok(vec![8]));
        assert_eq!(chosen("@running"), Ok(vec![2, 4, 5]));
        assert_eq!(chosen("@failed"), Ok(vec![3]));
        assert_eq!(chosen("@done"), Ok(vec![1, 3, 8]));
        assert_eq!(chosen("@here"), Ok(vec![4, 5, 8]));
        assert_eq!(chosen("w*,?b"), Ok(vec![1, 2, 3, 8]));
        assert_eq!(chosen("web"), Ok(vec![2]), "the living one");
        assert_eq!(chosen("db"), Ok(vec![8]), "the newest, as none lives");
    }

    #[test]
    fn a_wrong_guess_names_the_near_ones() {
        let unknown = chosen("wbe").expect_err("unknown");
        assert!(matches!(&unknown, NoChoice::Unknown { near, .. } if near[0].contains("(web)")), "{unknown:?}");
        let ambiguous = chosen("api").expect_err("ambiguous");
        assert_eq!(
            ambiguous,
            NoChoice::Ambiguous { term: "api".into(), all: vec!["task-004 (api)".into(), "task-005 (api)".into()] }
        );
        let near = |text: &str| match chosen(text) {
            Err(NoChoice::Unknown { near, is_any: true, .. }) => near.len(),
            other => panic!("{text}: {other:?}"),
        };
        for far in ["99", "9", "x", "zebra", "tail"] {
            assert_eq!(near(far), 0, "{far}");
        }
    }

    #[test]
    fn a_number_is_near_another_by_a_digit() {
        let (off, far) = ([(12, 13), (12, 21), (12, 112), (123, 12)], [(1, 2), (1, 11), (12, 34), (99, 100)]);
        assert!(off.iter().all(|(a, b)| super::is_one_digit_off(TaskId(*a), TaskId(*b))));
        assert!(!far.iter().any(|(a, b)| super::is_one_digit_off(TaskId(*a), TaskId(*b))));
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC*") {
            let _ = text.parse::<Selector>();
        }

        #[test]
        fn a_parsed_term_comes_back_from_its_own_text(text in "[a-z0-9@%*?.,#-]{1,12}") {
            if let Some(term) = one(&text) {
                prop_assert_eq!(one(&term.to_string()), Some(term));
            }
        }

        #[test]
        fn what_is_passed_over_by_its_characters_is_too_far(text in "[a-cé日]{0,12}", other in "[a-cé日]{0,12}") {
            let (far, length) = (strsim::osa_distance(&text, &other), text.chars().count());
            let most = if length < 2 { 0 } else { (length / 3).max(1) };
            prop_assert_eq!(Slips::of(&text).to(&other), (far <= most).then_some(far));
        }

        #[test]
        fn an_id_is_as_far_as_its_text(text in "[task0-9-]{0,12}", number in 1u32..2000) {
            let (slips, id) = (Slips::of(&text), TaskId(number));
            prop_assert_eq!(slips.to_id(id), slips.to(&id.to_string()));
        }

        #[test]
        fn what_could_be_meant_is_all_that_is_chosen(text in "[1-9]|[1-3]-[4-9]|web|api|db|[1-9],web") {
            let selector = text.parse::<Selector>().expect("a selector");
            let all = candidates();
            let some: Vec<_> = all.iter().copied().filter(|c| selector.could_be(c.id, c.name) == Some(true)).collect();
            let is_unknown = matches!(selector.choose(&all), Err(NoChoice::Unknown { .. }));
            prop_assert!(is_unknown || selector.choose(&some) == selector.choose(&all));
            prop_assert_eq!(selector.is_found(&all), selector.choose(&all).is_ok_and(|ids| !ids.is_empty()));
        }

        #[test]
        fn classes_and_globs_never_fail(ids in proptest::collection::vec(1u32..50, 0..8), glob in "[a-z*?]{0,5}") {
            let names: Vec<String> = ids.iter().map(|id| format!("n{id}")).collect();
            let list: Vec<Selectable<'_>> = ids.iter().zip(&names).map(|(id, name)| Selectable {
                id: TaskId(*id), name, status: Status::Running, is_over: false, is_failure: false, is_here: false,
            }).collect();
            for term in [Term::Class(Class::All), Term::Class(Class::Failed), Term::Glob(glob.clone())] {
                prop_assert!(term.choose(&list).is_ok());
            }
        }
    }
}
