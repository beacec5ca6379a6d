//! What Tab offers where a task is to be named: the ids, names and classes that begin with what is
//! typed.

use std::collections::BTreeMap;

use super::between::Between;
use super::id::TaskId;
use super::name::Name;
use super::selector::{Selector, Term};
use super::summary::Summary;
use super::task_filter::TaskFilter;
use crate::ansi;

/// One thing that could be typed, and what it stands for; both are safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word.
    pub value: String,
    /// What is shown beside it, in columns.
    pub about: Vec<String>,
}

/// What is being typed.
#[derive(Clone, Copy, Debug)]
pub struct Typing<'a> {
    /// The word so far.
    pub word: &'a str,
    /// The tasks that the line names already.
    pub given: &'a [String],
    /// Whether each task is offered by its id and by its name: somebody else chooses, who has
    /// matchers of his own.
    pub every: bool,
}

impl Typing<'_> {
    /// What is typed already of a list (`3,`), and of the task that is being named.
    pub(super) fn split(&self) -> (&str, &str) {
        self.word.split_at(self.word.rfind(',').map_or(0, |comma| comma + 1))
    }

    /// Whether nothing is typed yet that would tell one task from another.
    pub fn points_at_any(&self) -> bool {
        matches!(self.split().1.as_bytes(), [] | [b'@', ..])
    }

    /// Whether a task with this id and name may be the one that is meant.
    pub fn could_be(&self, id: TaskId, name: &str) -> bool {
        let word = self.split().1;
        name.starts_with(word) || spelled(id, word).is_some()
    }
}

/// So many offers are made before anything is typed: bash asks whether to show more than these.
pub const MOST: usize = 99;
/// So much of a command is shown. *Units*: characters.
const LONGEST_COMMAND: usize = 120;

/// The offers for a word: each task once, the living before those that are over, the newest first;
/// then classes. A task is offered by its name where that begins with what is typed, else by its
/// id. `rows` are in the order of ids, and have every living task.
pub fn offers(rows: &[Summary<'_>], fit: TaskFilter, typing: Typing<'_>) -> Vec<Candidate> {
    let (before, word) = typing.split();
    let named = Named::already(before.trim_end_matches(','), typing.given);
    let mut fitting: Vec<&Summary<'_>> =
        rows.iter().rev().filter(|row| fit.takes(row, !word.is_empty()) && !named.has(row.id, &row.name)).collect();
    fitting.sort_by_key(|row| !row.status.is_living());
    let owners = owners(rows);
    if word.is_empty() {
        keep_in_sight(&mut fitting);
    }
    let of_row = |row: &&Summary<'_>| match (by_name(row, word, &owners), by_id(row, word)) {
        (named, id) if typing.every => id.into_iter().chain(named).collect(),
        (Some(named), _) if !word.is_empty() => vec![named],
        (_, id) => Vec::from_iter(id),
    };
    let mut offers: Vec<Candidate> = fitting.iter().flat_map(of_row).collect();
    let is_only = fitting.len() == 1 && word.is_empty();
    if !fitting.is_empty() && !is_only {
        offers.extend(classes(fit).filter(|offer| offer.value.starts_with(word)));
    }
    offers.iter_mut().for_each(|offer| offer.value.insert_str(0, before));
    offers
}

/// Tasks that the line names already, as far as that can be told without looking.
#[derive(Default)]
pub(super) struct Named {
    ids: Vec<TaskId>,
    names: Vec<String>,
}

impl Named {
    pub(super) fn already(before: &str, given: &[String]) -> Named {
        let mut named = Named::default();
        for word in given.iter().map(String::as_str).chain([before]) {
            for term in word.parse::<Selector>().map(|s| s.terms).unwrap_or_default() {
                match term {
                    Term::Id(id) => named.ids.push(id),
                    Term::Name(name) => named.names.push(name),
                    Term::Range(..) | Term::Last | Term::Glob(_) | Term::Class(_) => {}
                }
            }
        }
        named
    }

    pub(super) fn has(&self, id: TaskId, name: &str) -> bool {
        self.ids.contains(&id) || self.names.iter().any(|other| other == name)
    }
}

/// The task that each name stands for: its only living one, else its newest. None where several
/// live.
fn owners<'a>(rows: &'a [Summary<'_>]) -> BTreeMap<&'a str, Option<TaskId>> {
    let mut owners: BTreeMap<&str, (usize, Option<TaskId>)> = BTreeMap::new();
    for row in rows {
        let (living, owner) = owners.entry(&row.name).or_default();
        let is_living = row.status.is_living();
        *living += usize::from(is_living);
        if is_living || *living == 0 {
            *owner = (*living < 2).then_some(row.id);
        }
    }
    owners.into_iter().map(|(name, (_, owner))| (name, owner)).collect()
}

/// Leaves out the oldest that are over, where ids and classes are more than a shell likes to show.
fn keep_in_sight(fitting: &mut Vec<&Summary<'_>>) {
    let mut room = MOST - classes(TaskFilter::Any).count();
    fitting.retain(|row| {
        let stays = row.status.is_living() || room > 0;
        room = room.saturating_sub(1);
        stays
    });
}

fn by_id(row: &Summary<'_>, word: &str) -> Option<Candidate> {
    let value = spelled(row.id, word)?;
    Some(Candidate { value, about: vec![standing(row), ansi::printable(&row.name), shown(&row.command)] })
}

/// How a task stands, in a word or two.
fn standing(row: &Summary<'_>) -> String {
    row.between_runs.as_ref().map_or_else(|| row.status.to_string(), Between::words)
}

/// An id as somebody spells it who has begun like this: `task-007`, `7`, `007`, `%7`.
pub(super) fn spelled(id: TaskId, word: &str) -> Option<String> {
    let number = id.0;
    let spelling = match word.as_bytes() {
        [b'%', b'0', ..] => format!("%{number:03}"),
        [b'%', ..] => format!("%{number}"),
        [b'0', ..] => format!("{number:03}"),
        [b'1'..=b'9', ..] => number.to_string(),
        [b't', b'a', b's', b'k', b'-', b'1'..=b'9', ..] => format!("task-{number}"),
        _ => id.to_string(),
    };
    spelling.starts_with(word).then_some(spelling)
}

fn by_name(row: &Summary<'_>, word: &str, owners: &BTreeMap<&str, Option<TaskId>>) -> Option<Candidate> {
    let is_its = owners.get(&*row.name).is_some_and(|owner| *owner == Some(row.id));
    // What stands on disk may have been written by anybody.
    let is_offered = is_its && row.name.starts_with(word) && row.name.parse::<Name>().is_ok();
    let about = || vec![standing(row), row.id.to_string(), shown(&row.command)];
    is_offered.then(|| Candidate { value: row.name.to_string(), about: about() })
}

fn classes(fit: TaskFilter) -> impl Iterator<Item = Candidate> {
    let last = [(Term::Last, "the newest task")].into_iter();
    let classes = fit.classes().iter().map(|class| (Term::Class(*class), class.meaning()));
    last.chain(classes).map(|(term, meaning)| Candidate { value: term.to_string(), about: vec![meaning.to_owned()] })
}

fn shown(command: &str) -> String {
    let command = ansi::command(command);
    match command.char_indices().nth(LONGEST_COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Typing, offers};
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use crate::task::task_filter::TaskFilter;
    use proptest::prelude::*;

    fn row(id: u32, name: &str, status: Status) -> Summary<'static> {
        Summary {
            id: TaskId(id),
            name: name.to_owned().into(),
            command: format!("run {name}").into(),
            status,
            ..Summary::blank()
        }
    }

    fn rows() -> Vec<Summary<'static>> {
        [
            (1, "web", Status::Failed),
            (2, "web", Status::Running),
            (3, "db", Status::Succeeded),
            (4, "api", Status::Running),
            (5, "api", Status::Paused),
            (70, "test", Status::Failed),
        ]
        .map(|(id, name, status)| row(id, name, status))
        .to_vec()
    }

    fn values(fit: TaskFilter, word: &str, given: &[&str]) -> Vec<String> {
        let given: Vec<String> = given.iter().map(|&w| w.to_owned()).collect();
        offers(&rows(), fit, Typing { word, given: &given, every: false })
            .into_iter()
            .map(|offer| offer.value)
            .collect()
    }

    #[test]
    fn the_living_come_first_and_the_newest_of_each() {
        assert_eq!(
            values(TaskFilter::Any, "task-", &[]).join(" "),
            "task-005 task-004 task-002 task-070 task-003 task-001"
        );
        assert_eq!(values(TaskFilter::Living, "", &[])[..3], ["task-005", "task-004", "task-002"]);
        assert_eq!(values(TaskFilter::Over, "", &[])[..3], ["task-070", "task-003", "task-001"]);
    }

    #[test]
    fn an_id_is_offered_as_it_is_spelled() {
        for (word, offered) in [
            ("7", "70"),
            ("07", "070"),
            ("task-07", "task-070"),
            ("task-7", "task-70"),
            ("%7", "%70"),
            ("%0", "%005 %004 %002 %070 %003 %001"),
            ("3,7", "3,70"),
            ("8", ""),
        ] {
            assert_eq!(values(TaskFilter::Any, word, &[]).join(" "), offered, "{word}");
        }
    }

    #[test]
    fn a_name_is_offered_where_it_means_one_task_that_fits() {
        assert_eq!(values(TaskFilter::Any, "w", &[]), ["web"]);
        assert_eq!(values(TaskFilter::Over, "w", &[]), [""; 0], "web is the living one");
        assert_eq!(values(TaskFilter::Any, "a", &[]), [""; 0], "two of this name live");
        assert_eq!(values(TaskFilter::Any, "te", &[]), ["test"]);
    }

    #[test]
    fn a_task_is_offered_once() {
        assert_eq!(values(TaskFilter::Any, "t", &[]).join(" "), "task-005 task-004 task-002 test task-003 task-001");
        let all = values(TaskFilter::Any, "", &[]).join(" ");
        assert_eq!(
            all,
            "task-005 task-004 task-002 task-070 task-003 task-001 @last @running @failed @done @here @all"
        );
        let offers = offers(&rows(), TaskFilter::Any, Typing { word: "task-07", given: &[], every: false });
        assert_eq!(offers[0].about, ["failed", "test", "run test"]);
        let every = super::offers(&rows(), TaskFilter::Paused, Typing { word: "", given: &[], every: true });
        assert_eq!(every.len(), 1, "several of this name live");
        let every = super::offers(&rows(), TaskFilter::Over, Typing { word: "", given: &[], every: true });
        assert_eq!(every[..2].iter().map(|offer| &*offer.value).collect::<Vec<_>>(), ["task-070", "test"]);
    }

    #[test]
    fn classes_have_tasks_that_fit() {
        assert_eq!(values(TaskFilter::Living, "@", &[]), ["@last", "@running", "@here", "@all"]);
        assert_eq!(values(TaskFilter::Any, "@f", &[]), ["@failed"]);
        assert_eq!(offers(&[], TaskFilter::Any, Typing { word: "@", given: &[], every: false }), []);
    }

    #[test]
    fn what_the_line_has_is_not_offered_again() {
        assert_eq!(values(TaskFilter::Living, "task-", &["5", "web"]), ["task-004"]);
        assert_eq!(values(TaskFilter::Living, "5,4,", &[]), ["5,4,task-002"]);
    }

    #[test]
    fn the_only_one_is_offered_alone() {
        assert_eq!(values(TaskFilter::Paused, "", &[]), ["task-005"]);
    }

    #[test]
    fn a_list_that_nobody_has_begun_fits_the_screen_but_has_every_living_task() {
        let mut many: Vec<_> = (1..200).map(|id| row(id, &format!("n{id}"), Status::Succeeded)).collect();
        many.push(row(200, "web", Status::Running));
        let count =
            |rows: &[Summary<'_>], word| offers(rows, TaskFilter::Any, Typing { word, given: &[], every: false }).len();
        assert!((MOST - 1..=MOST).contains(&count(&many, "")), "{}", count(&many, ""));
        assert_eq!(count(&many, "task-"), 200);
        many.iter_mut().for_each(|row| row.status = Status::Running);
        assert_eq!(count(&many, ""), 206);
    }

    proptest! {
        #[test]
        fn every_offer_goes_on_from_what_is_typed_and_is_printable(
            word in "[%@,0-9a-z-]{0,6}", name in "\\PC{0,6}", command in any::<String>(),
        ) {
            let mut rows = rows();
            rows.push(Summary { name: name.into(), command: command.into(), ..row(71, "x", Status::Running) });
            for offer in offers(&rows, TaskFilter::Any, Typing { word: &word, given: &[], every: false }) {
                prop_assert!(offer.value.starts_with(&word), "{:?} {}", offer, word);
                prop_assert!(!offer.value.contains(char::is_whitespace), "{:?}", offer);
                prop_assert!(!offer.about.concat().contains(char::is_control), "{:?}", offer);
            }
        }
    }
}
