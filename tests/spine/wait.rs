//! `aos wait`.

use crate::world::World;

#[test]
fn the_tasks_own_code_is_passed_on() {
    let w = World::new();
    for (line, code) in [("true", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)] {
        let id = w.begin(&[line]);
        assert_eq!(
            w.aos(&["wait", &id.to_string()]),
            crate::world::Said { out: String::new(), err: String::new(), code },
            "{line}"
        );
    }
    assert_eq!(w.aos(&["wait", "1", "2", "3"]).code, 7, "the first that failed");
    assert_eq!(w.aos(&["wait", "99"]).code, 3);
}

#[test]
fn the_first_of_several_is_enough_with_any() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    w.begin(&["exit 5"]);
    assert_eq!(w.aos(&["wait", "--any", "1", "2"]).code, 5);
    let rows: serde_json::Value =
        serde_json::from_str(&w.aos(&["wait", "--any", "--json", "1", "2"]).out).expect("JSON");
    assert_eq!((&rows[0]["id"], rows.as_array().map(Vec::len)), (&"task-002".into(), Some(1)));
    w.ok(&["stop", "1"]);
}

#[test]
fn patience_can_end() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    let said = w.aos(&["wait", "--timeout", "100ms", "1"]);
    assert_eq!((said.err.as_str(), said.code), ("aos: still running after 0.1s: task-001\n", 124));
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}
