//! What the output of tasks tells is found while they run, and for good once they are over.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::world::{World, until};

const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"app.py\", line 2, in <module>\n    import yaml\n\
                         ModuleNotFoundError: No module named 'yaml'\n";

fn write(w: &World, name: &str, text: &str) {
    fs::File::create(w.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// The row of a task in the list, once the whole of its output was read.
fn judged(w: &World, id: u32) -> Value {
    let is_final = || fs::read(w.task(id, "findings.json")).ok().and_then(|file| serde_json::from_slice(&file).ok());
    until(|| is_final().is_some_and(|found: Value| found["final"] == true)).expect("a verdict");
    until(|| listed(w, id)["findings"].is_object()).expect("a row with it");
    listed(w, id)
}

fn listed(w: &World, id: u32) -> Value {
    let rows = w.json(&["tasks", "-a", "--json"]);
    rows.as_array().expect("rows")[id as usize - 1].clone()
}

/// The findings in a task's journal.
fn noted(w: &World, id: u32) -> Vec<Value> {
    let why = w.json(&["why", &id.to_string(), "--json"]);
    let events = why["events"].as_array().expect("events").clone();
    events.into_iter().filter(|event| event["event"] == "finding").collect()
}

#[test]
fn a_run_that_is_over_has_a_verdict() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    write(&w, "tests.log", "===== 1 failed, 2 passed, 3 skipped in 0.12s =====\n");
    let failed = w.begin(&["cat log; exit 1"]);
    let tests = w.begin(&["cat tests.log; exit 1"]);
    let fine = w.begin(&["echo '===== 4 passed in 0.10s ====='"]);
    [failed, tests, fine].into_iter().for_each(|id| drop(w.ended(id)));
    // The row may be filed before anything is known of its output.
    w.ok(&["tasks", "-a"]);
    assert_eq!(judged(&w, failed)["findings"], json!({ "errors": 1, "warnings": 0 }));
    assert_eq!(judged(&w, tests)["tests"], json!({ "passed": 2, "failed": 1, "skipped": 3 }));
    let row = judged(&w, fine);
    assert_eq!(
        (&row["findings"], &row["tests"]["passed"]),
        (&json!({ "errors": 0, "warnings": 0 }), &json!(4)),
        "{row}"
    );
    let table = w.ok(&["tasks", "-a"]);
    assert!(table.contains("failed (1), 1 error ") && table.contains("failed (1), 1 failed test "), "{table}");
    let shown = w.ok(&["show", "1"]);
    assert!(
        shown.contains("findings  1 error\n")
            && shown.contains("first  ModuleNotFoundError: No module named 'yaml' (app.py:2)\n"),
        "{shown}"
    );
    let found = noted(&w, failed);
    assert_eq!((found.len(), &found[0]["file"], &found[0]["source_line"]), (1, &json!("app.py"), &json!(2)));
}

#[test]
fn silence_needs_no_verdict() {
    let w = World::new();
    let ids = [w.begin(&["false"]), w.begin(&["echo hello"])];
    ids.iter().for_each(|id| drop(w.ended(*id)));
    let last = w.begin(&["echo 'fatal: no'; exit 3"]);
    w.ended(last);
    judged(&w, last);
    for id in ids {
        assert!(!w.task(id, "findings.json").exists() && listed(&w, id)["findings"].is_null());
    }
}

#[test]
fn an_error_is_found_while_the_task_runs() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["-n", "web", "echo up; cat log; while [ ! -e next ]; do sleep 0.1; done; cat log; sleep 1000"]);
    until(|| listed(&w, id)["findings"] == json!({ "errors": 1, "warnings": 0 })).expect("found");
    assert_eq!(listed(&w, id)["status"], "running");
    assert!(w.ok(&["tasks"]).contains("running, 1 error "));
    assert!(w.ok(&["show", "web"]).contains("findings  1 error so far\n"));
    assert_eq!(w.json(&["prompt", "--json"])["with_errors"], 1);
    until(|| noted(&w, id).len() == 1).expect("noted");
    // The same again is no news.
    fs::File::create(w.join("next")).expect("a file");
    w.ok(&["wait", "web", "--for", "idle:1s"]);
    w.ok(&["stop", "web"]);
    judged(&w, id);
    assert_eq!(noted(&w, id).len(), 1);
}

/// Whether a worker reads the output of this world's tasks.
fn is_scanned(w: &World) -> bool {
    let home = w.task(1, "");
    let words = |pid: fs::DirEntry| fs::read(pid.path().join("cmdline")).unwrap_or_default();
    let all = fs::read_dir("/proc").expect("processes").filter_map(Result::ok).map(words);
    let is_it = |line: &[u8], part: &[u8]| line.windows(part.len()).any(|window| window == part);
    let home = home.to_string_lossy().trim_end_matches('/').as_bytes().to_vec();
    all.into_iter().any(|line| is_it(&line, b"__scan") && is_it(&line, &home))
}

#[test]
fn an_error_that_comes_right_after_a_fruitless_look_is_found_though_nothing_follows() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["echo 'error budget: fine'; while [ ! -e next ]; do sleep 0.05; done; cat log; sleep 1000"]);
    until(|| is_scanned(&w)).expect("a look");
    until(|| !is_scanned(&w)).expect("its end");
    fs::File::create(w.join("next")).expect("a file");
    until(|| listed(&w, id)["findings"] == json!({ "errors": 1, "warnings": 0 })).expect("found");
}

#[test]
fn monitor_tells_what_is_found_in_a_pipe_too() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["-n", "web", "cat log; while [ ! -e next ]; do sleep 0.1; done; echo fine"]);
    let mut monitor = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut monitor = monitor.args(["monitor", "web"]).stdout(Stdio::piped()).spawn().expect("aos runs");
    let mut lines = BufReader::new(monitor.stdout.take().expect("its output")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert_eq!(next(), "task-001 web running run 1");
    assert_eq!(next(), "task-001 web running run 1, 1 error");
    fs::File::create(w.join("next")).expect("a file");
    w.ended(id);
    let rest: Vec<String> = lines.map(|line| line.expect("text")).collect();
    assert!(rest.last().is_some_and(|last| last.starts_with("task-001 web succeeded")), "{rest:?}");
    monitor.wait().expect("it ends");
}

#[test]
fn a_new_cycle_of_a_watcher_clears_what_was_found() {
    let w = World::new();
    write(&w, "bad", "src/a.ts:1:7 - error TS2322: Type 'string' is not assignable to type 'number'.\n\n");
    write(
        &w,
        "fine",
        "[10:00:00 AM] File change detected. Starting incremental compilation...\n\n[10:00:01 AM] Found 0 errors. \
         Watching for file changes.\n",
    );
    let id = w.begin(&["cat bad; while [ ! -e next ]; do sleep 0.1; done; cat fine; sleep 1000"]);
    until(|| listed(&w, id)["findings"]["errors"] == 1).expect("found");
    fs::File::create(w.join("next")).expect("a file");
    until(|| listed(&w, id)["findings"]["errors"] == 0).expect("cleared");
    w.ok(&["stop", "1"]);
}

#[test]
fn each_run_has_its_own_findings() {
    let w = World::new();
    write(&w, "log", TRACEBACK);
    let id = w.begin(&["if [ -e once ]; then echo 1 passed in 0.1s; else : > once; cat log; exit 1; fi"]);
    w.ended(id);
    assert_eq!(judged(&w, id)["findings"]["errors"], 1);
    w.ok(&["restart", "1"]);
    w.ended(id);
    until(|| listed(&w, id)["tests"]["passed"] == 1).expect("the second run's");
    assert_eq!(listed(&w, id)["findings"]["errors"], 0);
}

#[test]
fn secrets_are_in_no_finding() {
    let w = World::new();
    let id = w.begin(&["-e", "API_TOKEN=hunter2hunter2", "echo \"fatal: bad token $API_TOKEN\"; exit 1"]);
    w.ended(id);
    judged(&w, id);
    let kept = fs::read_to_string(w.task(id, "findings.json")).expect("the file");
    assert!(kept.contains("bad token") && !kept.contains("hunter2"), "{kept}");
    let journal = fs::read_to_string(w.task(id, "journal.jsonl")).expect("the journal");
    assert!(journal.contains("bad token") && !journal.contains("hunter2"), "{journal}");
}

#[test]
fn progress_that_is_drawn_over_hides_no_error() {
    let w = World::new();
    let draw = "for i in 1 2 3 4 5 6 7 8 9; do printf '\\r\\033[K  %d%%' $i; sleep 0.02; done";
    let error = "printf '\\r\\033[Kerror[E0308]: mismatched types\\n --> src/a.rs:3:5\\n  |\\n\\n'";
    let id = w.begin(&[&format!("{draw}; {error}; sleep 1000")]);
    until(|| noted(&w, id).len() == 1).expect("found");
    let found = &noted(&w, id)[0];
    assert_eq!((&found["file"], &found["source_line"]), (&json!("src/a.rs"), &json!(3)), "{found}");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_flood_of_errors_fills_no_journal() {
    let w = World::new();
    let id = w.begin(&["seq 1 2000 | sed 's/.*/src\\/a&.c:1:2: error: no/'; exit 1"]);
    w.ended(id);
    assert_eq!(judged(&w, id)["findings"]["errors"], 2000);
    assert!((1..=100).contains(&noted(&w, id).len()), "{}", noted(&w, id).len());
}

/// What nobody's pack knows is a problem where somebody says that it is one.
#[test]
fn lines_that_match_a_pattern_of_ones_own_are_problems() {
    let w = World::new();
    let id = w.begin(&["echo up; echo the frobnicator is jammed in 12; sleep 1000"]);
    w.until_logged(id, "jammed");
    let request = r#"{"run":1,"start":0,"from":0,"patterns":["frobnicator is \\w+ed"]}"#;
    let dir = w.home().join("tasks/task-001");
    let mut worker = w.command(env!("CARGO_BIN_EXE_aos"));
    worker.arg("__scan").arg(dir).arg(request).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut worker = worker.spawn().expect("aos runs");
    let mut said = String::new();
    BufReader::new(worker.stdout.take().expect("its output")).read_line(&mut said).expect("a line");
    let found: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&found["message"], &found["line"]), (&json!("the frobnicator is jammed in 12"), &json!(2)), "{found}");
    drop(worker.stdin.take());
    worker.wait().expect("it ends with whoever began it");
    w.ok(&["stop", "1"]);
}
