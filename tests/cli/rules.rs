//! The rules of the code that a program can check (docs/architecture.md): they hold, or this fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the source: its path below `src`, and its lines without the unit tests at its end.
struct Source {
    path: String,
    lines: Vec<String>,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split('/').next().map_or("", |first| first.trim_end_matches(".rs"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(directory: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, ending, found);
        } else if path.to_str().is_some_and(|path| path.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    files_below(&root().join("src"), ".rs", &mut paths);
    paths.sort();
    let read = paths.iter().map(|path| {
        let text = fs::read_to_string(path).expect("a source");
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::to_owned).collect();
        let path = path.strip_prefix(root().join("src")).expect("below src").to_str().expect("text").to_owned();
        Source { path, lines }
    });
    // What is compiled for tests alone is no room.
    read.filter(|source: &Source| !source.path.ends_with("_tests.rs") && source.room() != "fuzz").collect()
}

/// The floors, as the table at the head of `main.rs` has them: a room's floor, and its place on it.
fn floors() -> BTreeMap<String, (u32, usize)> {
    let text = fs::read_to_string(root().join("src/main.rs")).expect("main");
    let mut floors = BTreeMap::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let Some((floor, rooms)) = row.split_once(" | ") else { continue };
        let Ok(floor) = floor.trim().parse::<u32>() else { continue };
        for (place, room) in rooms.split(" · ").enumerate() {
            let name = room.trim_start_matches(['[', '`']).split('`').next().unwrap_or_default();
            floors.insert(name.to_owned(), (floor, place));
        }
    }
    floors
}

/// The rooms that a line names: `crate::room…`, and those of a group, `crate::{room, …}`.
fn named_rooms(line: &str) -> Vec<String> {
    let word =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned();
    let mut rooms = Vec::new();
    for (at, found) in line.match_indices("crate::") {
        let rest = &line[at + found.len()..];
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(group.split(',').map(|one| word(one.trim()))),
            None => rooms.push(word(rest)),
        }
    }
    rooms
}

#[test]
fn a_room_imports_only_from_lower_floors() {
    let floors = floors();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.path != "main.rs") {
        let room = source.room();
        let own = *floors.get(room).unwrap_or_else(|| panic!("{room} stands on no floor in main.rs"));
        for line in source.lines.iter().filter(|line| !line.trim_start().starts_with("//")) {
            for other in named_rooms(line).iter().filter(|other| *other != room) {
                if floors.get(other).is_some_and(|(floor, _)| *floor > own.0) {
                    wrong.push(format!("{}: {}", source.path, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these imports rise:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_have_no_circles() {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| source.path != "main.rs") {
        for line in source.lines.iter().filter(|line| !line.trim_start().starts_with("//")) {
            let others = named_rooms(line).into_iter().filter(|other| other != source.room());
            imports.entry(source.room().to_owned()).or_default().extend(others);
        }
    }
    while !imports.is_empty() {
        let done: Vec<String> = imports
            .iter()
            .filter(|(_, others)| others.iter().all(|other| !imports.contains_key(other)))
            .map(|(room, _)| room.clone())
            .collect();
        assert!(!done.is_empty(), "a circle among {:?}", imports.keys());
        imports.retain(|room, _| !done.contains(room));
    }
}

#[test]
fn hardly_any_types_share_a_name() {
    let kinds = ["struct ", "enum ", "trait ", "type "];
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for line in &source.lines {
            let item = line.trim_start_matches("pub ").trim_start_matches("pub(super) ");
            if let Some(rest) = kinds.iter().find_map(|kind| item.strip_prefix(kind)) {
                let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                names.entry(name.to_owned()).or_default().push(source.path.clone());
            }
        }
    }
    let all: usize = names.values().map(Vec::len).sum();
    let shared: Vec<_> = names.iter().filter(|(_, files)| files.len() > 1).collect();
    let count: usize = shared.iter().map(|(_, files)| files.len()).sum();
    assert!(count * 100 < all * 8, "{count} of {all} types share a name: {shared:#?}");
}

#[test]
fn prose_is_at_most_100_columns_wide() {
    let mut paths = Vec::new();
    for (directory, ending) in [("src", ".rs"), ("tests", ".rs"), ("benches", ".rs"), ("docs", ".md")] {
        files_below(&root().join(directory), ending, &mut paths);
    }
    paths.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name)));
    let mut wide = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("text");
        let is_markdown = path.extension().is_some_and(|ending| ending == "md");
        let mut is_code = false;
        for (number, line) in text.lines().enumerate() {
            let start = line.trim_start();
            let prose = start.trim_start_matches(['/', '!']).trim_start();
            is_code ^= prose.starts_with("```");
            let is_prose = if is_markdown { true } else { start.starts_with("//") };
            // A table's row cannot be broken, and neither can a word.
            let can_break = !prose.starts_with('|') && prose.split_whitespace().count() > 2;
            if is_prose && !is_code && can_break && line.chars().count() > 100 {
                wide.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(wide.is_empty(), "wider than 100 columns:\n{}", wide.join("\n"));
}

#[test]
fn files_stay_readable() {
    let long: Vec<_> =
        sources().into_iter().filter(|source| source.lines.len() > 400).map(|source| source.path).collect();
    assert!(long.is_empty(), "longer than 400 lines: {long:?}");
}

#[test]
fn reasons_stand_in_the_rooms_that_surprise_most() {
    /// *Units*: lines of code for each block of `//`.
    const MOST: usize = 40;
    for room in ["supervisor", "logs"] {
        let (mut code, mut reasons) = (0, 0);
        for source in sources().iter().filter(|source| source.room() == room) {
            let mut was_reason = false;
            for line in source.lines.iter().map(|line| line.trim()) {
                let is_doc = line.starts_with("///") || line.starts_with("//!");
                let is_reason = line.starts_with("//") && !is_doc;
                reasons += usize::from(is_reason && !was_reason);
                code += usize::from(!line.is_empty() && !is_doc && !is_reason);
                was_reason = is_reason;
            }
        }
        assert!(reasons * MOST >= code, "{room}: {reasons} reasons in {code} lines of code");
    }
}
