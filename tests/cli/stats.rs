//! `aos stats`, and what is remarked about runs.

use std::fs;
use std::io::Write;

use serde_json::{Value, json};

use crate::world::{World, until};

/// Has each finding that is told run a hook, which keeps what it is told of the first.
fn keep_told(w: &World) {
    let hook = json!({ "type": "command", "command": "cat > told.part; mv told.part told.json" });
    let hooks = json!({ "hooks": { "LogError": [{ "hooks": [hook] }] } });
    fs::create_dir_all(w.home()).expect("a home");
    serde_json::to_writer(fs::File::create(w.home().join("hooks.json")).expect("a file"), &hooks).expect("written");
}

fn has_told(w: &World, text: &str) -> bool {
    fs::read_to_string(w.join("told.json")).is_ok_and(|told| told.contains(text))
}

#[test]
fn a_slow_run_is_a_finding_wherever_findings_are_told() {
    let w = World::new();
    keep_told(&w);
    let line = "sleep 1.3";
    w.begin(&["true"]);
    remember(&w, line, &[100, 120, 110, 100, 105, 100]);
    w.begin(&[line]);
    let row = w.ended(2);
    assert_eq!(row["status"], "succeeded");
    until(|| w.row(2)["findings"]["warnings"] == 1).expect("a finding");
    assert_eq!(w.row(2)["findings"]["errors"], 0, "it may become a problem, and is none");
    let shown = w.ok(&["show", "2"]);
    assert!(shown.contains("x slower than usual (median 0.1s of 6 runs)"), "{shown}");
    assert!(w.ok(&["tasks", "-a"]).contains("x slower)"), "{}", w.ok(&["tasks", "-a"]));
    until(|| has_told(&w, "x slower than usual")).expect("the hook ran");
    let told = w.ok(&["why", "2"]);
    assert!(told.contains("found: 1") && told.contains("x slower than usual"), "{told}");
    let said = w.aos(&["debug", "2"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("succeeded; 1 warning\n") && said.out.contains("x slower than usual"), "{said:?}");
    assert_eq!(said.out.matches("slower").count(), 1, "once: {said:?}");
    let found = w.json(&["debug", "2", "--json"]);
    assert_eq!((&found["diagnostics"][0]["tool"], &found["diagnostics"][0]["line"]), (&json!("usual"), &json!(0)));
}

/// Has each finding that is told run a hook, which keeps all that it is told.
fn keep_all_told(w: &World) {
    let hook = json!({ "type": "command", "command": "cat >> told.jsonl; echo >> told.jsonl" });
    let hooks = json!({ "hooks": { "LogError": [{ "hooks": [hook] }] } });
    fs::create_dir_all(w.home()).expect("a home");
    serde_json::to_writer(fs::File::create(w.home().join("hooks.json")).expect("a file"), &hooks).expect("written");
}

fn times_told(w: &World) -> usize {
    fs::read_to_string(w.join("told.jsonl")).map_or(0, |told| told.lines().filter(|line| !line.is_empty()).count())
}

/// A world whose task 2 waits for the file `go`, longer than any run like it, which a hook was
/// told.
fn with_an_overdue_run() -> World {
    let w = World::new();
    keep_all_told(&w);
    let line = "until [ -e go ]; do sleep 0.05; done";
    w.begin(&["true"]);
    remember(&w, line, &[100, 120, 110, 100, 105, 100]);
    w.begin(&[line]);
    until(|| times_told(&w) == 1).expect("it is overdue");
    w
}

#[test]
fn one_warning_is_told_of_a_run_that_is_overdue_and_slow_at_its_end() {
    let w = with_an_overdue_run();
    assert_eq!(w.row(2)["findings"]["warnings"], 1);
    fs::File::create(w.join("go")).expect("a file");
    assert_eq!(w.ended(2)["status"], "succeeded");
    let final_word = || fs::read_to_string(w.task(2, "findings.json")).unwrap_or_default();
    until(|| final_word().contains("x slower than usual")).expect("a verdict");
    let row = w.row(2);
    assert_eq!(row["findings"]["warnings"], 1, "{row}");
    assert_eq!(row["remarks"].as_array().map(Vec::len), Some(1), "{row}");
    for verb in [&["show", "2"][..], &["debug", "2"], &["tasks"]] {
        let said = w.ok(verb);
        assert!(said.contains("slower") && !said.contains("longer than any") && !said.contains("overdue"), "{said}");
    }
    assert!(w.ok(&["debug", "2"]).contains("succeeded; 1 warning\n"), "{}", w.ok(&["debug", "2"]));
    // Whatever a hook is told of that run, it is told before it hears of the next one.
    w.begin(&["echo 'error: no such thing'; exit 1"]);
    until(|| times_told(&w) > 1).expect("the hook ran");
    let told = fs::read_to_string(w.join("told.jsonl")).expect("told");
    assert!(!told.contains("x slower than usual"), "once: {told}");
}

#[test]
fn a_warning_that_is_muted_is_told_nowhere() {
    let w = with_an_overdue_run();
    let said = w.ok(&["debug", "2", "--mute", "1"]);
    assert!(said.starts_with("muted: runs longer than any of 6 good runs"), "{said}");
    let row = w.row(2);
    assert!(row.get("findings").is_none() && row.get("remarks").is_none(), "at once: {row}");
    let all = [w.ok(&["tasks"]), w.ok(&["show", "2"])].concat();
    assert!(!all.contains("overdue") && !all.contains("longer than any") && !all.contains("1 warning"), "{all}");
    assert_eq!(w.json(&["prompt", "--json"])["with_errors"], 0);
    assert!(w.ok(&["debug", "2"]).contains("nothing found; 1 muted\n"), "{}", w.ok(&["debug", "2"]));
    w.ok(&["debug", "2", "--unmute", "usual:overdue"]);
    assert_eq!(
        (&w.row(2)["findings"]["warnings"], &w.json(&["prompt", "--json"])["with_errors"]),
        (&json!(1), &json!(1))
    );
    fs::File::create(w.join("go")).expect("a file");
    w.ended(2);
    until(|| w.row(2)["findings"]["warnings"] == 1 && w.ok(&["show", "2"]).contains("slower")).expect("a verdict");
    w.ok(&["debug", "2", "--mute", "usual:slower"]);
    until(|| w.row(2)["findings"]["warnings"] == 0).expect("its row is made again");
    assert!(w.row(2).get("remarks").is_none() && !w.ok(&["tasks"]).contains("slower"), "{}", w.ok(&["tasks"]));
    assert_eq!(w.json(&["stats", "2", "--json"])["remarks"], json!([]));
    // Nor is it told of the next run.
    let slow = "sleep 1.3";
    remember(&w, slow, &[100, 120, 110, 100, 105, 100]);
    w.begin(&[slow]);
    w.ended(3);
    let row = w.row(3);
    assert!(row.get("remarks").is_none() && row["findings"]["warnings"].as_u64().unwrap_or(0) == 0, "{row}");
    assert!(!w.ok(&["why", "3"]).contains("slower"), "{}", w.ok(&["why", "3"]));
    assert!(w.ok(&["debug", "3"]).contains("nothing found; 1 muted\n"), "{}", w.ok(&["debug", "3"]));
    assert!(w.ok(&["debug", "3", "--unmute", "1"]).contains("slower than usual"));
    assert!(w.ok(&["show", "3"]).contains("slower than usual"), "{}", w.ok(&["show", "3"]));
}

#[test]
fn a_run_that_hangs_is_told_while_it_lives() {
    let w = World::new();
    keep_told(&w);
    let line = "echo begun; exec sleep 1000";
    w.begin(&["true"]);
    remember(&w, line, &[100, 120, 110, 100, 105, 100]);
    w.begin(&["-n", "few", "echo other; exec sleep 1000"]);
    w.begin(&["-n", "hangs", line]);
    let why = "runs longer than any of 6 good runs (0.1s)";
    // Nobody looks meanwhile, but at the journal and at the file of a hook.
    until(|| w.ok(&["why", "hangs"]).contains(&format!("found: {why}"))).expect("it is told");
    until(|| has_told(&w, why)).expect("the hook ran");
    let row = w.row(3);
    assert_eq!((&row["status"], &row["findings"]["warnings"]), (&json!("running"), &json!(1)), "{row}");
    assert_eq!(row["remarks"], json!([why]));
    assert!(w.ok(&["tasks"]).contains("(overdue)"), "{}", w.ok(&["tasks"]));
    assert_eq!(w.json(&["prompt", "--json"])["with_errors"], 1);
    let said = w.aos(&["debug", "hangs"]);
    assert!(said.out.starts_with("task-003 is running; 1 warning\n"), "{said:?}");
    assert_eq!(said.out.matches(why).count(), 1, "{said:?}");
    assert!(w.row(2).get("findings").is_none(), "of that one nothing is usual: {}", w.row(2));
    w.ok(&["stop", "2", "3"]);
    assert_eq!(w.json(&["prompt", "--json"])["with_errors"], 0);
    until(|| w.ok(&["show", "3"]).contains(why)).expect("it is told of the run that is over, too");
    assert_eq!(w.row(3)["findings"]["warnings"], 1, "who was stopped took as long as somebody let it");
}

fn stats(w: &World, words: &[&str]) -> Value {
    let said = w.ok(&[&["stats", "--json"], words].concat());
    serde_json::from_str(&said).expect("JSON")
}

/// Remembers runs of this command in the world's directory that nobody has seen.
pub fn remember(w: &World, command: &str, times: &[u64]) {
    let path = w.home().join("tasks/.history");
    let mut file = fs::File::options().append(true).create(true).open(path).expect("the history");
    for (number, wall_ms) in times.iter().enumerate() {
        let run = json!({
            "version": 1, "id": "task-900", "run": number + 1, "started": "2026-01-01T00:00:00.000Z", "name": "old",
            "command": command, "cwd": w.join("").display().to_string().trim_end_matches('/'),
            "status": "succeeded", "exit_code": 0, "wall_ms": wall_ms, "cpu_ms": 10, "peak_memory": 1 << 20,
        });
        let tests = json!({ "passed": 3, "failed": 0, "skipped": 1 });
        let found = json!({ "log_bytes": 7, "errors": 0, "warnings": 0, "tests": tests });
        let found = json!({
            "version": 1, "id": run["id"], "run": run["run"], "started": run["started"], "found": found,
        });
        // In one write, as a task may end just now.
        file.write_all(format!("{run}\n{found}\n").as_bytes()).expect("written");
    }
}

#[test]
fn every_run_is_remembered_also_when_its_task_is_gone() {
    let w = World::new();
    let line = "echo x >>n; [ $(wc -l <n) -ge 3 ]";
    w.begin(&["-n", "tests", "--restart", "on-failure", "--backoff", "10ms", line]);
    w.ended(1);
    w.begin(&["-n", "again", line]);
    w.ended(2);
    w.begin(&["echo another"]);
    let told = stats(&w, &["2"]);
    let runs = told["runs"].as_array().expect("runs");
    let short: Vec<String> = runs.iter().map(|run| format!("{}#{}", run["id"], run["run"]).replace('"', "")).collect();
    assert_eq!(short, ["task-001#1", "task-001#2", "task-001#3", "task-002#1"]);
    assert_eq!((&runs[0]["status"], &runs[2]["status"]), (&json!("failed"), &json!("succeeded")));
    assert_eq!(told["usual"]["wall_ms"]["runs"], 2, "failures are not usual: {told}");
    w.ok(&["rm", "1", "2"]);
    assert_eq!(stats(&w, &["-n", "tests"])["runs"], told["runs"], "by its name");
    assert_eq!(stats(&w, &["2"])["runs"], told["runs"], "by its id");
    let shown = w.ok(&["stats", "-n", "again"]);
    assert!(shown.contains("4 runs remembered, 2 of them good") && shown.contains("task-001#3"), "{shown}");
    let none = w.aos(&["stats", "-n", "nobody"]);
    assert_eq!((none.err.as_str(), none.code), ("aos: no run of a task called nobody is remembered\n", 3));
}

#[test]
fn a_run_that_takes_much_longer_than_usual_is_remarked_once_there_are_enough() {
    let w = World::new();
    let line = "sleep 1.3";
    w.begin(&[line]);
    w.ended(1);
    assert!(w.row(1).get("remarks").is_none(), "the first run is like no other");
    w.ok(&["rm", "1"]);
    fs::File::create(w.home().join("tasks/.history")).expect("emptied");
    remember(&w, line, &[100, 120, 110, 100]);
    w.begin(&[line]);
    w.ended(2);
    assert!(w.row(2).get("remarks").is_none(), "few runs are no statistics");
    fs::File::create(w.home().join("tasks/.history")).expect("emptied");
    remember(&w, line, &[100, 120, 110, 100, 105, 100]);
    w.begin(&[line]);
    w.ended(3);
    let row = w.row(3);
    let remark = row["remarks"][0].as_str().expect("a remark");
    assert!(remark.contains("x slower than usual (median 0.1s of 6 runs)"), "{remark}");
    assert_eq!(stats(&w, &["3"])["remarks"], row["remarks"]);
    assert!(w.ok(&["tasks"]).contains("x slower), "), "{}", w.ok(&["tasks"]));
    assert!(w.ok(&["show", "3"]).contains(&format!("unusual  {remark}")), "{}", w.ok(&["show", "3"]));
}

#[test]
fn what_is_wrong_with_the_memory_costs_the_memory_alone() {
    let w = World::new();
    let path = w.home().join("tasks/.history");
    w.begin(&["true"]);
    w.ended(1);
    fs::File::create(&path)
        .and_then(|mut file| file.write_all(b"{\"version\":99}\n\xff\xfe\n{\"vers"))
        .expect("damaged");
    w.begin(&["true"]);
    w.ended(2);
    let runs = || stats(&w, &["2"])["runs"].as_array().map(Vec::len);
    assert_eq!(runs(), Some(1), "a torn line takes no other with it");
    w.begin(&["true"]);
    w.ended(3);
    assert_eq!(runs(), Some(2));
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a directory");
    w.begin(&["true"]);
    assert_eq!(w.aos(&["wait", "4"]).code, 0);
    w.ok(&["tasks"]);
    let said = w.aos(&["stats", "4"]);
    assert!(said.code == 125 && said.err.contains("it is a directory"), "{said:?}");
}

/// Has a task have begun three hours ago, and had this much memory since: MiB, a sample each ten
/// minutes.
fn aged(w: &World, id: u32, mib: impl Fn(u64) -> u64) {
    let path = w.task(id, "status.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&path).expect("a state")).expect("JSON");
    let ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(3);
    state["started"] = json!(format!("{ago:.3}"));
    let samples: Vec<_> = (1..18).map(|number| (number * 600_000, mib(number) << 20)).collect();
    let memory = json!({ "version": 1, "run": 1, "every": 600_000, "samples": samples });
    for (path, value) in [(path, state), (w.task(id, "memory.json"), memory)] {
        fs::File::create(path).and_then(|mut file| file.write_all(value.to_string().as_bytes())).expect("written");
    }
}

#[test]
fn memory_that_only_grows_is_remarked_while_the_task_lives() {
    let w = World::new();
    let (leaks, stays) = (w.begin(&["-n", "leaks", "sleep", "1000"]), w.begin(&["-n", "stays", "sleep", "1001"]));
    aged(&w, leaks, |number| 100 + 10 * number);
    aged(&w, stays, |number| 100 + number % 4);
    assert_eq!(w.row(leaks)["remarks"], json!(["memory has grown for 2h40m (60.0 MiB an hour)"]));
    assert!(w.row(stays).get("remarks").is_none(), "{}", w.row(stays));
    let shown = w.ok(&["show", "leaks"]);
    assert!(shown.contains("unusual  memory has grown for 2h40m (60.0 MiB an hour)"), "{shown}");
    assert!(w.ok(&["tasks"]).contains("(memory grows)"), "{}", w.ok(&["tasks"]));
    let rows = w.json(&["tasks", "-a", "--json"]);
    assert_eq!(rows[0]["remarks"], w.row(leaks)["remarks"]);
    fs::File::create(w.task(leaks, "memory.json")).and_then(|mut file| file.write_all(b"{\"version")).expect("damaged");
    assert!(w.row(leaks).get("remarks").is_none(), "what cannot be read costs the remark");
}

#[test]
fn what_a_run_read_from_disks_and_wrote_to_them_is_kept() {
    let w = World::new();
    w.begin(&["head -c 4M /dev/zero >big; sync big"]);
    let row = w.ended(1);
    assert!(row["end"]["written_bytes"].is_u64() && row["end"]["read_bytes"].is_u64(), "{row}");
    assert_eq!(stats(&w, &["1"])["runs"][0]["written_bytes"], row["end"]["written_bytes"]);
    assert!(w.ok(&["show", "1"]).contains(" read, "), "{}", w.ok(&["show", "1"]));
    let shown = w.ok(&["stats", "1"]);
    assert!(shown.contains("disk read") && shown.contains("written"), "{shown}");
}
