//! The list of tasks: by directory or group, each of which folds.

use std::collections::{BTreeMap, BTreeSet};

use crate::task::id::TaskId;
use crate::tui::board::past::PastTask;
use crate::tui::view::model::TaskView;

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListItem {
    /// The heading of those that belong together.
    Section(ListSection),
    /// A watched task, by its place among the tasks.
    Watched(usize, TaskId),
    /// One that is over, by its place among those.
    Past(usize, TaskId),
}

/// Tasks that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListSection {
    /// The directory, or the group.
    pub name: String,
    /// How many of them live.
    pub living: usize,
    /// How many ended as nobody wanted.
    pub failed: usize,
    /// How many there are.
    pub total: usize,
    /// Whether they are out of sight.
    pub is_folded: bool,
}

/// What is chosen in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListChoice {
    /// A heading.
    Section(String),
    /// A task.
    Task(TaskId),
}

impl ListItem {
    /// What choosing it means.
    pub fn choice(&self) -> ListChoice {
        match self {
            ListItem::Section(section) => ListChoice::Section(section.name.clone()),
            ListItem::Watched(_, id) | ListItem::Past(_, id) => ListChoice::Task(*id),
        }
    }
}

#[derive(Default)]
struct Gathered {
    /// Living ones in the order of ids, then the others, the newest first.
    items: Vec<((bool, i64), ListItem)>,
    living: usize,
    failed: usize,
    newest: u32,
}

/// The lines. One section alone has no heading.
pub fn items(tasks: &[TaskView], past: &[PastTask], folded: &BTreeSet<String>) -> Vec<ListItem> {
    let mut sections: BTreeMap<&str, Gathered> = BTreeMap::new();
    let mut watched = BTreeSet::new();
    for (place, task) in tasks.iter().enumerate() {
        watched.insert(task.id);
        let section = sections.entry(&task.section).or_default();
        section.add(ListItem::Watched(place, task.id), task.id, task.status.is_living(), task.status.is_failure());
    }
    for (place, task) in past.iter().enumerate().filter(|(_, task)| !watched.contains(&task.id)) {
        let section = sections.entry(&task.cwd).or_default();
        section.add(ListItem::Past(place, task.id), task.id, false, task.status.is_failure());
    }
    let has_headings = sections.len() > 1;
    let mut sections: Vec<(&str, Gathered)> = sections.into_iter().collect();
    sections.sort_by_key(|(_, section)| (section.living == 0, std::cmp::Reverse(section.newest)));
    let mut items = Vec::new();
    for (name, mut section) in sections {
        let is_folded = has_headings && folded.contains(name);
        if has_headings {
            items.push(ListItem::Section(ListSection {
                name: name.to_owned(),
                living: section.living,
                failed: section.failed,
                total: section.items.len(),
                is_folded,
            }));
        }
        if !is_folded {
            section.items.sort_by_key(|(order, _)| *order);
            items.extend(section.items.into_iter().map(|(_, item)| item));
        }
    }
    items
}

impl Gathered {
    fn add(&mut self, item: ListItem, id: TaskId, is_living: bool, is_failure: bool) {
        let order = i64::from(id.0);
        self.items.push(((!is_living, if is_living { order } else { -order }), item));
        self.living += usize::from(is_living);
        self.failed += usize::from(is_failure);
        self.newest = self.newest.max(id.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{ListItem, items};
    use crate::task::status::Status;
    use crate::tui::view::model::TaskView;
    use std::collections::BTreeSet;

    fn task(number: u32, section: &str, status: Status) -> TaskView {
        TaskView { section: section.into(), status, ..TaskView::blank(number, "x") }
    }

    fn told(tasks: &[TaskView], folded: &[&str]) -> Vec<String> {
        let folded: BTreeSet<String> = folded.iter().map(|name| (*name).to_owned()).collect();
        let line = |item: ListItem| match item {
            ListItem::Section(section) => format!("{} {}/{}", section.name, section.living, section.total),
            ListItem::Watched(_, id) | ListItem::Past(_, id) => id.0.to_string(),
        };
        items(tasks, &[], &folded).into_iter().map(line).collect()
    }

    #[test]
    fn what_lives_comes_first_and_sections_fold() {
        let tasks = [
            task(1, "/a", Status::Succeeded),
            task(2, "/b", Status::Running),
            task(3, "/a", Status::Failed),
            task(4, "/b", Status::Failed),
            task(5, "/b", Status::Running),
        ];
        assert_eq!(told(&tasks, &[]), ["/b 2/3", "2", "5", "4", "/a 0/2", "3", "1"]);
        assert_eq!(told(&tasks, &["/b"]), ["/b 2/3", "/a 0/2", "3", "1"]);
        assert_eq!(told(&tasks[..1], &["/a"]), ["1"], "one section has no heading to open it by");
    }
}
