//! `aos logs`.

use crate::world::World;

#[test]
fn lines_from_the_end() {
    let w = World::new();
    let id = w.begin(&["seq", "1", "5"]);
    w.ended(id);
    assert_eq!(w.ok(&["logs", "-n", "2"]), "4\n5\n");
    assert_eq!(w.ok(&["logs", "-n", "99", "1"]), "1\n2\n3\n4\n5\n");
    assert_eq!(w.ok(&["logs", "-n", "0", "1"]), "");
}

#[test]
fn following_ends_with_the_task() {
    let w = World::new();
    let id = w.begin(&["echo one; sleep 0.3; echo two; printf three"]);
    assert_eq!(w.ok(&["logs", "-f", &id.to_string()]), "one\ntwo\nthree");
    assert_eq!(w.ok(&["logs", "-f", "-n", "2", "1"]), "two\nthree", "also one that is over");
}

#[test]
fn grep_finds_what_is_visible() {
    let w = World::new();
    let id = w.begin(&["printf '\\033[31merr\\033[1mor\\033[0m: a\\nfine\\nError b\\n'"]);
    w.ended(id);
    assert_eq!(w.ok(&["logs", "--grep", "error", "1"]), "error: a\n");
    assert_eq!(w.ok(&["logs", "--grep", "1", "error"]), "error: a\n", "the older tool's order");
    assert_eq!(w.ok(&["logs", "-g", "error", "-i"]), "error: a\nError b\n");
    assert_eq!(w.ok(&["logs", "-ivg", "error", "1"]), "fine\n");
    assert_eq!(w.ok(&["logs", "-ig", "error", "-n", "1", "1"]), "Error b\n");
    assert_eq!(w.aos(&["logs", "-g", "nothing", "1"]).code, 1);
    let bad = w.aos(&["logs", "-g", "a(b", "1"]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("unclosed group"), "{}", bad.err);
}

#[test]
fn nothing_in_a_log_drives_the_readers_terminal_unless_raw() {
    let w = World::new();
    let id = w.begin(&["printf 'a\\033]0;title\\007\\033[2Jb\\a\\n10%%\\r99%%\\n'"]);
    w.ended(id);
    assert_eq!(w.ok(&["logs", "1"]), "ab\\x07\n99%\n");
    assert_eq!(w.ok(&["logs", "--raw", "1"]), "a\u{1b}]0;title\u{7}\u{1b}[2Jb\u{7}\n10%\r99%\n");
}

#[test]
fn several_logs_are_told_apart() {
    let w = World::new();
    for line in ["echo one", "echo two"] {
        let id = w.begin(&[line]);
        w.ended(id);
    }
    assert_eq!(w.ok(&["logs", "1-2"]), "==> task-001 <==\none\n==> task-002 <==\ntwo\n");
    assert_eq!(w.ok(&["logs", "-g", "o", "@all"]), "task-001: one\ntask-002: two\n");
    assert_eq!(w.ok(&["logs", "-f", "1", "2"]).lines().count(), 2);
}

#[test]
fn a_log_that_is_gone_is_said_to_be() {
    let w = World::new();
    let id = w.begin(&["echo x"]);
    w.ended(id);
    std::fs::remove_file(w.ok(&["logs", "--path", "1"]).trim()).expect("removed");
    let said = w.aos(&["logs", "1"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("task-001 has no log"), "{}", said.err);
}

#[test]
fn a_log_that_is_not_there_yet_is_waited_for() {
    let w = World::new();
    let first = w.begin(&["sleep 0.5"]);
    let id = w.begin(&["--after", &first.to_string(), "echo at last"]);
    assert_eq!(w.ok(&["logs", "-f", &id.to_string()]), "at last\n");
}

#[test]
fn what_repeats_is_folded_where_it_is_asked_for() {
    let w = World::new();
    let id = w.begin(&["--shell", "echo begin; yes tick | head -n 214; printf '10%%\\r100%%\\n'"]);
    w.ended(id);
    assert_eq!(w.ok(&["logs", "--fold", "always", "1"]), "begin\ntick\n… 214 times\n100%\n");
    assert_eq!(w.ok(&["logs", "1"]).lines().count(), 216, "a pipe gets all of it");
    assert_eq!(w.ok(&["logs", "--raw", "1"]).into_bytes(), w.log(1));
}
