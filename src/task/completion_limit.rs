//! Which tasks Tab offers where what is typed could mean more of them than anybody reads.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::completion::{Named, Typing, spelled};
use super::id::TaskId;
use super::status::Status;
use super::task_filter::TaskFilter;

/// So many tasks that are over are offered at most: shells take long to sort thousands.
const MOST: usize = 1000;

/// What tells whether a task is offered, and as what.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: &'a str,
    /// How it stands.
    pub status: Status,
    /// Whether it is known to be over.
    pub is_over: bool,
}

/// The word that is offered, and its task.
type Offer<'a> = (String, &'a Meant<'a>);

/// The tasks to offer, where too many are meant; `None` where all of them are. Those that live, the
/// newest of the others, and the two whose offers sort first and last: a shell fills in what all
/// offers begin with, and that is the same for these. `tasks` are in the order of ids.
pub fn nearest(tasks: &[Meant<'_>], fit: TaskFilter, typing: Typing<'_>) -> Option<BTreeSet<TaskId>> {
    let (living, over): (Vec<&Meant<'_>>, Vec<&Meant<'_>>) = tasks.iter().partition(|task| task.status.is_living());
    // Whoever matches by himself needs all of them.
    if typing.every || over.len() <= MOST {
        return None;
    }
    let (before, word) = typing.split();
    let named = Named::already(before.trim_end_matches(','), typing.given);
    let of_living: HashSet<&str> = living.iter().map(|task| task.name).collect();
    let mut newest: HashMap<&str, TaskId> = HashMap::new();
    let mut kept: Vec<&Meant<'_>> = Vec::new();
    // What sorts first, and what sorts last.
    let mut ends: Option<[Offer<'_>; 2]> = None;
    for task in over.into_iter().rev() {
        let is_its = task.name.starts_with(word)
            && *newest.entry(task.name).or_insert(task.id) == task.id
            && !of_living.contains(task.name);
        if !fit.has(task.status, task.is_over) || named.has(task.id, task.name) {
            continue;
        }
        let Some(value) = (if is_its { Some(task.name.to_owned()) } else { spelled(task.id, word) }) else { continue };
        if kept.len() < MOST {
            kept.push(task);
        }
        let [first, last] = ends.get_or_insert_with(|| [(value.clone(), task), (value.clone(), task)]);
        if value < first.0 {
            *first = (value, task);
        } else if value > last.0 {
            *last = (value, task);
        }
    }
    kept.extend(ends.into_iter().flatten().map(|(_, task)| task));
    // A name means the newest task that has it, whether that is offered or not.
    let owners = kept.iter().filter_map(|task| newest.get(task.name));
    Some(owners.chain(living.iter().chain(&kept).map(|task| &task.id)).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::{MOST, Meant, nearest};
    use crate::task::completion::{Typing, offers};
    use crate::task::id::TaskId;
    use crate::task::status::Status;
    use crate::task::summary::Summary;
    use crate::task::task_filter::TaskFilter;

    /// What is offered of so many tasks, which have the names of a few.
    fn offered(count: u32, word: &str, given: &[String], is_limited: bool) -> Vec<String> {
        let status = |id: u32| if id == 7 { Status::Running } else { Status::Succeeded };
        let rows: Vec<Summary<'static>> = (1..=count)
            .map(|id| Summary {
                id: TaskId(id),
                name: format!("tool-{}", id % 1500).into(),
                status: status(id),
                ended: (id != 7).then(|| "2026".into()),
                ..Summary::blank()
            })
            .collect();
        let typing = Typing { word, given, every: false };
        let rows: Vec<_> = rows.into_iter().filter(|row| typing.could_be(row.id, &row.name)).collect();
        let meant: Vec<Meant<'_>> = rows
            .iter()
            .map(|row| Meant { id: row.id, name: &row.name, status: row.status, is_over: row.is_over() })
            .collect();
        let near = if is_limited { nearest(&meant, TaskFilter::Any, typing) } else { None };
        let chosen: Vec<_> = rows.into_iter().filter(|row| near.as_ref().is_none_or(|n| n.contains(&row.id))).collect();
        offers(&chosen, TaskFilter::Any, typing).into_iter().map(|offer| offer.value).collect()
    }

    fn common(offers: &[String]) -> String {
        let (Some(first), Some(last)) = (offers.iter().min(), offers.iter().max()) else { return String::new() };
        first.chars().zip(last.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    }

    #[test]
    fn of_too_many_the_newest_are_offered_and_what_all_begin_with_stays_the_same() {
        let given = ["1".to_owned(), "task-9999".to_owned()];
        for (count, word) in [(9_990, "task-"), (9_990, "t"), (12_345, "task-1"), (12_345, "1"), (9_000, "tool-")] {
            let (all, some) = (offered(count, word, &given, false), offered(count, word, &given, true));
            assert!(all.len() > MOST && some.len() <= MOST + 4, "{word}: {} of {}", some.len(), all.len());
            assert_eq!(common(&some), common(&all), "{word}");
            let missing: Vec<_> = some.iter().filter(|offer| !all.contains(offer)).collect();
            assert!(missing.is_empty(), "{word}: {missing:?}");
            assert_eq!(some[..MOST], all[..MOST], "{word}: the newest first");
        }
    }

    #[test]
    fn all_are_offered_where_they_are_few() {
        assert_eq!(offered(900, "task-", &[], true), offered(900, "task-", &[], false));
    }
}
