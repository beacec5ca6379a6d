//! What other runs tell of a problem: what is new since all went well, when it came first, and what
//! helped.

use std::fs;
use std::io::Write;

use serde_json::{Value, json};

use crate::world::{World, until};

fn write(w: &World, name: &str, text: &str) {
    fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// Prints `out` of the directory, and ends with the code in `code`.
const BUILD: &str = "cat out; exit $(cat code)";
const BAD: &str = "building 2 files\nsrc/a.c:3:5: error: no such thing\n";
const GOOD: &str = "building 1 files\n4 tests passed\n";

/// Runs the build, and waits until its output was read.
fn build(w: &World, out: &str, code: &str) -> u32 {
    write(w, "out", out);
    write(w, "code", code);
    let id = w.begin(&[BUILD]);
    w.ended(id);
    let file = || fs::read(w.task(id, "findings.json")).ok().and_then(|file| serde_json::from_slice(&file).ok());
    until(|| file().is_some_and(|found: Value| found["final"] == true)).expect("a verdict");
    until(|| w.survivors().is_empty()).expect("what is to be learned is");
    id
}

fn debugged(w: &World, words: &[&str]) -> Value {
    serde_json::from_str(&w.aos(&[&["debug", "--json"], words].concat()).out).expect("json")
}

#[test]
fn what_is_new_since_all_went_well_is_told() {
    let w = World::new();
    build(&w, GOOD, "0");
    write(&w, "package-lock.json", "{}");
    build(&w, &[GOOD, BAD].concat(), "1");
    let found = debugged(&w, &["2"]);
    let with = &found["compared_with"];
    assert_eq!((&with["task"], &with["run"], &with["new_lines"]), (&json!("task-001"), &json!(1), &json!(1)), "{with}");
    assert_eq!(with["lockfiles"], json!(["package-lock.json"]));
    assert_eq!((&found["diagnostics"][0]["is_new"], &with["lines"]), (&json!(true), &Value::Null));
    let said = w.aos(&["debug", "2"]).out;
    assert!(
        said.contains("\nSince task-001#1 went well, ") && said.contains("  1 line is new: aos debug --diff\n"),
        "{said}"
    );
    let said = w.aos(&["debug", "--diff", "2"]).out;
    assert!(said.contains("     4 src/a.c:3:5: error: no such thing\n"), "{said}");
    // Where no rule knows what is wrong, what is new is shown at once.
    build(&w, &[GOOD, "the frobnicator is jammed\n", "2 tests passed\n"].concat(), "3");
    let said = w.aos(&["debug", "3"]).out;
    assert!(said.contains("  1 line is new\n       3 the frobnicator is jammed\n"), "{said}");
    // With another run than the last good one.
    build(&w, &[GOOD, BAD, "and more\n"].concat(), "1");
    assert_eq!(debugged(&w, &["4", "--diff=2"])["compared_with"]["lines"], json!([{ "line": 5, "text": "and more" }]));
    let said = w.aos(&["debug", "--diff=9", "4"]);
    assert_eq!((said.out.as_str(), said.code), ("", 3), "{}", said.err);
    let said = w.aos(&["debug", "--diff", "--file", "out"]);
    assert!(said.code == 2 && said.err.contains("compares runs of a task"), "{}", said.err);
}

#[test]
fn what_went_before_the_next_good_run_helped() {
    let w = World::new();
    build(&w, BAD, "1");
    write(&w, "Makefile", "all:\n");
    let fix = w.begin(&["echo installed > package"]);
    w.ended(fix);
    build(&w, GOOD, "0");
    build(&w, BAD, "1");
    let found = debugged(&w, &["4"]);
    let before = &found["diagnostics"][0]["seen_before"];
    assert_eq!(before["runs"], 2, "{found}");
    let text = before["solved_by"][0]["text"].as_str().expect("what helped");
    assert!(text.contains("echo installed > package") && text.contains("Makefile"), "{text}");
    let said = w.aos(&["debug", "4"]).out;
    assert!(said.contains("  came first ") && said.contains("  helped before: echo installed > package"), "{said}");
    // What its user says comes first.
    assert_eq!(w.ok(&["debug", "4", "--solved", "clean the cache"]), "remembered for: no such thing\n");
    assert_eq!(debugged(&w, &["4"])["diagnostics"][0]["seen_before"]["solved_by"][0]["text"], "clean the cache");
    let said = w.aos(&["debug", "3", "--solved", "x"]);
    assert!(said.code == 1 && said.err.contains("no error is found"), "{}", said.err);
}

#[test]
fn a_problem_that_is_muted_is_none() {
    let w = World::new();
    build(&w, BAD, "1");
    until(|| w.row(1)["findings"]["errors"] == 1).expect("it is counted");
    assert_eq!(w.ok(&["debug", "1", "--mute", "1"]), "muted: no such thing\n");
    until(|| w.row(1)["findings"]["errors"] == 0).expect("nor is it counted any more");
    let found = debugged(&w, &["1"]);
    assert_eq!((&found["muted"], found["diagnostics"].as_array().map(Vec::len)), (&json!(1), Some(0)));
    assert!(w.aos(&["debug", "1"]).out.starts_with("task-001 failed (exit 1); nothing found; 1 muted\n"));
    let id = build(&w, BAD, "1");
    let kept = fs::read_to_string(w.task(id, "findings.json")).expect("the file");
    assert!(kept.contains("\"errors\":0"), "{kept}");
    assert_eq!(w.ok(&["debug", "1", "--unmute", "1"]), "told again from now on: no such thing\n");
    until(|| w.row(1)["findings"]["errors"] == 1).expect("it is counted again");
    assert_eq!(debugged(&w, &["1"])["diagnostics"].as_array().map(Vec::len), Some(1));
    let said = w.aos(&["debug", "1", "--mute", "7"]);
    assert!(said.code == 1 && said.err.contains("there is no finding 7"), "{}", said.err);
}

#[test]
fn a_damaged_memory_is_begun_anew_and_a_newer_one_left_alone() {
    let w = World::new();
    w.ok(&["prompt"]);
    write(&w, "home/solutions.json", "{ torn");
    let id = build(&w, BAD, "1");
    assert_eq!(debugged(&w, &[&id.to_string()])["diagnostics"][0]["seen_before"]["runs"], 1);
    write(&w, "home/solutions.json", "{\"version\":99}");
    let said = w.aos(&["debug", "1"]);
    assert!(said.code != 0 && said.err.contains("solutions.json"), "{}", said.err);
    assert_eq!(fs::read_to_string(w.home().join("solutions.json")).expect("the file"), "{\"version\":99}");
}
