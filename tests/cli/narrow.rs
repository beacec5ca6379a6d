//! Lists on terminals of every width and height: no row wraps, and what lives is seen.

use crate::terminal::Screen;
use crate::world::World;

const NAME: &str = "a-name-that-is-longer-than-most-names-are";

/// A running task, one that failed, one with a long name, and one that never began.
fn world() -> World {
    let w = World::new();
    w.begin(&["-n", "web", "--", "sleep", "1000"]);
    w.ended(w.begin(&["--shell", "echo some words that make this command a long one; kill -SEGV $$"]));
    w.ended(w.begin(&["-n", NAME, "true"]));
    w.begin(&["-n", "later", "--after", "web", "--", "echo", "later"]);
    w
}

/// What a verb leaves on a screen.
fn rows(w: &World, words: &[&str], rows: u16, cols: u16, last: &str) -> Vec<String> {
    let mut screen = Screen::open(w, &[&["aos"], words].concat(), rows, cols);
    screen.until(last);
    screen.until_ended();
    let rows = (0..rows).map(|row| screen.line(row).trim_end().to_owned());
    rows.filter(|row| !row.is_empty()).collect()
}

#[test]
fn no_row_of_a_list_wraps() {
    let w = world();
    for cols in [30, 40, 60, 80, 120] {
        for verb in [&["tasks"][..], &["ls", "-a"], &[]] {
            let rows = rows(&w, verb, 24, cols, "task-004");
            let starts: Vec<&str> = rows.iter().map(|row| row.split(' ').next().expect("a word")).collect();
            assert_eq!(starts, ["ID", "task-001", "task-002", "task-003", "task-004"], "{cols} {verb:?}: {rows:#?}");
            assert!(rows[0].contains("STATUS") && rows[1].contains("running"), "{cols}: {rows:#?}");
        }
    }
    let wide = w.ok(&["tasks"]);
    assert!(wide.contains(NAME) && wide.contains("this command a long one"), "nothing is cut in a pipe: {wide}");
}

#[test]
fn what_lives_stands_next_to_the_prompt_where_the_screen_has_not_room_for_all() {
    let w = World::new();
    w.begin(&["-n", "web", "--", "sleep", "1000"]);
    for _ in 0..9 {
        w.ended(w.begin(&["true"]));
    }
    for verb in [&["tasks"][..], &["tasks", "-a"]] {
        let rows = rows(&w, verb, 8, 80, "task-001");
        assert!(rows.last().expect("a row").starts_with("task-001  web"), "{rows:#?}");
        assert!(rows[rows.len() - 2].starts_with("task-010"), "{rows:#?}");
    }
    let rows = rows(&w, &["tasks"], 24, 80, "task-010");
    assert!(rows[1].starts_with("task-001"), "where there is room, they stand in the order of ids: {rows:#?}");
}

#[test]
fn a_list_that_goes_on_fits_the_screen() {
    let w = World::new();
    w.begin(&["-n", "web", "--", "sleep", "1000"]);
    for _ in 0..9 {
        w.ended(w.begin(&["true"]));
    }
    let mut screen = Screen::open(&w, &["aos", "tasks", "--watch"], 8, 80);
    screen.until("more: aos tasks -a");
    let starts =
        |screen: &Screen| (0..8).map(|row| screen.line(row).chars().take(8).collect()).collect::<Vec<String>>();
    let head = ["ID      ", "task-007", "task-008", "task-009", "task-010", "task-001", "5 more: "];
    assert_eq!(starts(&screen)[..7], head, "{}", screen.text());
    w.begin(&["-n", "api", "--", "sleep", "1000"]);
    screen.until("6 more: ");
    let head = ["ID      ", "task-008", "task-009", "task-010", "task-001", "task-011", "6 more: "];
    assert_eq!(starts(&screen)[..7], head, "{}", screen.text());
    screen.resize(20, 80);
    screen.until("task-002");
    assert!(!screen.text().contains("more: "), "{}", screen.text());
    screen.keys(b"\x03");
    screen.until_ended();
}
