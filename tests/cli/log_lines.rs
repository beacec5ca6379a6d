//! `aos logs` line by line: JSON, levels, times, several tasks, and what is new.

use serde_json::{Value, json};

use crate::world::World;

/// A task that is over, which printed this.
fn printed(w: &World, name: &str, script: &str) -> u32 {
    let id = w.begin(&["-n", name, "--shell", script]);
    w.ended(id);
    id
}

fn rows(w: &World, words: &[&str]) -> Vec<Value> {
    let out = w.ok(&[&["logs", "--json"], words].concat());
    out.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

#[test]
fn json_is_an_object_for_each_line() {
    let w = World::new();
    printed(&w, "app", r#"printf 'plain \033[31mred\033[0m\n{"level":50,"time":1763820303123,"msg":"gone"}\nno end'"#);
    let rows_found = rows(&w, &["1"]);
    let field = |name: &str| rows_found.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("task"), [json!("task-001"), json!("task-001"), json!("task-001")]);
    assert_eq!(field("line"), [json!(1), json!(2), json!(3)]);
    assert_eq!(field("run"), [json!(1), json!(1), json!(1)]);
    assert_eq!(field("text")[0], "plain red");
    assert_eq!(field("level"), [Value::Null, json!("error"), Value::Null]);
    assert_eq!(field("message")[1], "gone");
    assert!(field("time").iter().all(|time| time.as_str().is_some_and(|time| time.ends_with('Z'))), "{rows_found:?}");
    let last = rows(&w, &["-n", "1", "1"]);
    assert_eq!((&last[0]["line"], &last[0]["text"]), (&json!(3), &json!("no end")));
    assert_eq!(rows(&w, &["-g", "red|end", "1"]).len(), 2);
}

#[test]
fn levels_choose_lines_and_what_belongs_to_them() {
    let w = World::new();
    let lines =
        r#"level=info msg=up\nlevel=warn msg=slow\nwarning: x\nerror: y\n  at z\nfine\n{"level":60,"msg":"dead"}\n"#;
    printed(&w, "app", &format!("printf '{lines}'"));
    assert_eq!(w.ok(&["logs", "--level", "error", "1"]), "error: y\n  at z\n{\"level\":60,\"msg\":\"dead\"}\n");
    assert_eq!(w.ok(&["logs", "--level", "warn", "-n", "5", "1"]).lines().count(), 5);
    assert_eq!(w.ok(&["logs", "--level", "warn", "-c", "-g", "x|slow", "1"]), "2\n");
    assert_eq!(w.ok(&["logs", "--level", "warn", "--head", "1", "1"]), "level=warn msg=slow\n");
    assert_eq!(w.ok(&["logs", "--level", "info", "-g", "error", "-A1", "1"]), "error: y\n  at z\n");
    let none = printed(&w, "none", "echo fine");
    assert_eq!(w.aos(&["logs", "--level", "warn", &none.to_string()]).code, 1);
    let bad = w.aos(&["logs", "--level", "loud", "1"]);
    assert_eq!((bad.code, bad.err.contains("trace, debug, info")), (2, true), "{}", bad.err);
}

#[test]
fn a_run_has_its_own_part() {
    let w = World::new();
    printed(&w, "app", "echo run");
    w.ok(&["restart", "1"]);
    w.ended(1);
    assert_eq!(w.ok(&["logs", "--run", "2", "1"]), "run\n");
    let all = rows(&w, &["1"]);
    assert_eq!(all.iter().map(|row| row["run"].clone()).collect::<Vec<_>>(), [json!(1), json!(2)]);
    assert_eq!(rows(&w, &["1#2"])[0]["line"], 2);
}

#[test]
fn times_stand_before_lines() {
    let w = World::new();
    printed(&w, "app", "echo one");
    let local = w.ok(&["logs", "--timestamps", "1"]);
    assert!(local.len() == "2026-11-22 14:05:03.123 one\n".len() && local.ends_with(" one\n"), "{local}");
    let relative = w.ok(&["logs", "--timestamps=rel", "1"]);
    assert!(relative.trim_start().starts_with("+0.") && relative.ends_with("s one\n"), "{relative}");
}

#[test]
fn times_choose_lines() {
    let w = World::new();
    printed(&w, "app", "echo one; echo two");
    assert_eq!(w.ok(&["logs", "--since", "10m", "1"]), "one\ntwo\n");
    assert_eq!(w.ok(&["logs", "--until", "10m", "1"]), "");
    assert_eq!(w.ok(&["logs", "--since", "yesterday", "-g", "two", "1"]), "two\n");
    assert_eq!(w.ok(&["logs", "--since", "2099-01-01", "1"]), "");
    let bad = w.aos(&["logs", "--since", "soon", "1"]);
    assert_eq!((bad.code, bad.err.contains("10m or 1h30m (ago), 14:05")), (2, true), "{}", bad.err);
}

#[test]
fn only_what_is_new_to_this_reader() {
    let w = World::new();
    let id = w.begin(&["-n", "app", "--shell", "echo one; read x; echo two"]);
    w.until_logged(id, "one");
    assert_eq!(w.ok(&["logs", "--new=me", "1"]), "one\n");
    assert_eq!(w.ok(&["logs", "--new=me", "1"]), "");
    w.ok(&["send", "1", "x"]);
    w.ended(id);
    assert_eq!(w.ok(&["logs", "--new=me", "-g", "two", "1"]), "two\n");
    assert_eq!(w.ok(&["logs", "--new=me", "1"]), "");
    assert!(w.ok(&["logs", "--new=you", "1"]).starts_with("one\n"));
    assert_eq!(w.ok(&["logs", "--new", "-n", "1", "1"]), "two\n", "a terminal is a reader too");
    assert_eq!(w.ok(&["logs", "--new", "1"]), "");
}

#[test]
fn several_tasks_are_merged_under_their_names() {
    let w = World::new();
    printed(&w, "web", "echo web 1");
    printed(&w, "db", "echo db 1");
    assert_eq!(w.ok(&["logs", "--merge", "1", "2"]), "web │ web 1\ndb │ db 1\n");
    assert_eq!(w.ok(&["logs", "--merge", "2", "1"]), "web │ web 1\ndb │ db 1\n", "by time, not by order");
    assert_eq!(w.ok(&["logs", "--merge", "-n", "1", "1", "2"]), "db │ db 1\n");
    assert_eq!(rows(&w, &["--merge", "1", "2"]).len(), 2);
}

#[test]
fn several_tasks_are_followed_until_all_are_over() {
    let w = World::new();
    let first = w.begin(&["-n", "web", "--shell", "echo up; read x; echo more; printf end"]);
    let second = w.begin(&["-n", "db", "--shell", "echo ready"]);
    w.ended(second);
    w.until_logged(first, "up");
    w.ok(&["send", "1", "x"]);
    let out = w.ok(&["logs", "-f", "1", "2"]);
    let of = |name: &str| out.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of("web │ ").last().map(String::as_str), Some("web │ end"), "{out}");
    assert_eq!(of("db │ "), ["db │ ready"], "{out}");
    assert_eq!(w.ok(&["logs", "-f", "-g", "more", "1"]), "more\n");
    assert_eq!(w.aos(&["logs", "-f", "--raw", "1", "2"]).code, 2);
}

#[test]
fn secrets_are_hidden_line_by_line_too() {
    let w = World::new();
    let id = w.begin(&["-e", "A_TOKEN=abcdefgh", "--shell", r#"echo "{\"level\":\"info\",\"msg\":\"abcdefgh\"}""#]);
    w.ended(id);
    for words in [&["--json"][..], &["--timestamps"], &["--merge"], &["--level", "info"], &["-f", "-g", "info"]] {
        let out = w.ok(&[&["logs"], words, &["1"]].concat());
        assert!(out.contains("***") && !out.contains("abcdefgh"), "{words:?}: {out}");
    }
    assert!(w.ok(&["logs", "--json", "--unmask", "1"]).contains("abcdefgh"));
}
