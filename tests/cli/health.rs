//! `aos run --health`: a task that does no more what it is there for counts as failed.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::server::{free_port, server};
use crate::world::{World, kill, until};

fn go(w: &World, file: &str) {
    fs::File::create(w.join(file)).expect("a file");
}

fn gone(w: &World, file: &str) {
    fs::remove_file(w.join(file)).expect("removed");
}

/// Begins a task whose health is looked at so.
fn begin(w: &World, check: &str, words: &[&str]) -> u32 {
    w.begin(&[&["--health", check, "--every", "100ms"], words].concat())
}

#[track_caller]
fn until_healthy(w: &World, id: u32) {
    until(|| w.row(id)["health"]["healthy"] == true).unwrap_or_else(|| panic!("{}", w.row(id)));
}

/// The worker that looks at a task's health.
fn worker(w: &World, id: u32) -> Option<i32> {
    let supervisor = w.row(id)["supervisor_pid"].to_string();
    let children = w.sh(&format!("ps -o pid=,comm= --ppid {supervisor}")).out;
    let line = children.lines().find(|line| line.contains("health?"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_server_that_turns_bad_is_ended_as_a_failure_that_says_why() {
    let w = World::new();
    let hooks =
        json!({ "hooks": { "LogError": [{ "hooks": [{ "type": "command", "command": "cat > error.json" }] }] } });
    fs::create_dir_all(w.home()).expect("a home");
    serde_json::to_writer(fs::File::create(w.home().join("hooks.json")).expect("a file"), &hooks).expect("written");
    go(&w, "ok");
    let port = free_port();
    let server = server(&format!("listen {port}; serve"));
    let words: Vec<&str> = server.iter().map(String::as_str).collect();
    let id = begin(&w, &format!("http://127.0.0.1:{port}/up"), &words);
    until_healthy(&w, id);
    assert!(w.ok(&["tasks"]).contains("running, healthy"), "{}", w.ok(&["tasks"]));
    assert!(w.ok(&["show", "1"]).contains("health  healthy since "), "{}", w.ok(&["show", "1"]));
    gone(&w, "ok");
    let row = w.ended(id);
    let why = format!("unhealthy: http://127.0.0.1:{port}/up answered 503, 3 times in a row");
    assert_eq!((&row["status"], &row["reason"]), (&json!("failed"), &json!(why)), "{row}");
    assert_eq!(row["end"]["cause"]["unhealthy"], why.trim_start_matches("unhealthy: "));
    assert!(row.get("health").is_none(), "that is over: {row}");
    assert_eq!(w.aos(&["wait", "1"]).code, 143);
    let told = w.ok(&["why", "1"]);
    for line in ["healthy\n", "unhealthy: http://127.0.0.1", &format!("found: {why}")] {
        assert!(told.contains(line), "{line}: {told}");
    }
    until(|| w.row(id)["findings"]["errors"] == 1).expect("a finding");
    until(|| fs::read_to_string(w.join("error.json")).is_ok_and(|text| text.contains(&why))).expect("the hook ran");
}

#[test]
fn a_run_that_was_not_healthy_is_begun_again_and_looked_at_again() {
    let w = World::new();
    go(&w, "ok");
    let id = begin(&w, "cmd:[ -e ok ]", &["--restart", "on-failure", "--backoff", "10ms", "sleep", "1000"]);
    until_healthy(&w, id);
    gone(&w, "ok");
    until(|| w.row(id)["run"].as_u64() >= Some(2)).expect("the next run");
    go(&w, "ok");
    until_healthy(&w, id);
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["status"], "stopped");
    w.ok(&["restart", "1"]);
    until_healthy(&w, id);
    assert_eq!(w.row(id)["health_check"], json!({ "probe": "cmd:[ -e ok ]", "every": 100, "failures": 3 }));
    let spec: Value = serde_json::from_slice(&fs::read(w.task(1, "spec.json")).expect("a spec")).expect("JSON");
    assert_eq!(spec["must_understand"], json!(["health"]), "an older aos would not look");
}

#[test]
fn a_port_is_looked_for_among_its_own() {
    let w = World::new();
    let port = free_port();
    let check = format!("port:{port}");
    let id = begin(&w, &check, &["--failures", "2", "sleep", "1000"]);
    let row = w.ended(id);
    assert_eq!(row["reason"], format!("unhealthy: nobody listens on port {port}, 2 times in a row"));
    let server = server(&format!("listen {port}"));
    let id = begin(&w, &check, &server.iter().map(String::as_str).collect::<Vec<_>>());
    until_healthy(&w, id);
}

#[test]
fn a_check_that_hangs_is_ended_and_has_failed() {
    let w = World::new();
    let id = begin(&w, "cmd:sleep 1000", &["--failures", "1", "sleep", "1001"]);
    assert_eq!(w.ended(id)["reason"], "unhealthy: `sleep 1000` took longer than 1s and was ended");
}

#[test]
fn it_is_looked_at_from_when_it_is_ready() {
    let w = World::new();
    let id = begin(&w, "cmd:touch looked", &["--ready", "cmd:[ -e up ]", "sleep", "1000"]);
    until(|| w.ok(&["why", "1"]).contains("not ready")).expect("somebody looks");
    assert_eq!((worker(&w, id), w.join("looked").exists()), (None, false));
    go(&w, "up");
    until_healthy(&w, id);
    assert!(w.join("looked").exists());
}

#[test]
fn whoever_looked_and_is_gone_is_begun_again_and_knows_what_was_seen() {
    let w = World::new();
    let id = begin(&w, "cmd:[ -e ok ]", &["--failures", "1000", "sleep", "1000"]);
    until(|| w.row(id)["health"]["failed"].as_u64() >= Some(3)).expect("it fails");
    let first = until_worker(&w, id, 0);
    kill(first, Signal::SIGKILL);
    let second = until_worker(&w, id, first);
    assert_ne!(first, second);
    let failed = w.row(id)["health"]["failed"].as_u64();
    until(|| w.row(id)["health"]["failed"].as_u64() > failed).expect("it goes on from there");
    go(&w, "ok");
    until_healthy(&w, id);
    w.assert_asleep(id);
    w.ok(&["stop", "1"]);
}

fn until_worker(w: &World, id: u32, other: i32) -> i32 {
    let mut found = other;
    until(|| {
        found = worker(w, id).unwrap_or(other);
        found != other
    })
    .expect("a worker");
    found
}

#[test]
fn what_is_paused_or_stopped_is_asked_nothing() {
    let w = World::new();
    go(&w, "ok");
    let id = begin(&w, "cmd:echo x >>looks; [ -e ok ]", &["--failures", "1", "sleep", "1000"]);
    until_healthy(&w, id);
    w.ok(&["pause", "1"]);
    gone(&w, "ok");
    assert_eq!(w.aos(&["wait", "1", "--timeout", "500ms"]).code, 124);
    assert_eq!((&w.row(id)["status"], &w.row(id)["health"]["healthy"]), (&json!("paused"), &json!(true)));
    go(&w, "ok");
    let looks = || fs::read(w.join("looks")).map_or(0, |text| text.len());
    let before = looks();
    w.ok(&["resume", "1"]);
    until(|| looks() > before).expect("it is looked at again");
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["status"], "stopped");
    let id = begin(&w, "cmd:false", &["--failures", "1000", "sleep", "1000"]);
    until(|| w.row(id)["health"]["healthy"] == false).expect("it fails");
    assert!(w.ok(&["tasks"]).contains("running, unhealthy"));
    w.ok(&["stop", "2"]);
    assert_eq!(w.row(id)["status"], "stopped");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let w = World::new();
    for (words, told) in [
        (&["--health", "auto"][..], "`auto` does not say whether a task is still healthy"),
        (&["--health", "log:x"], "write --health port:N, http:URL or cmd:COMMAND"),
        (&["--health", "port:80", "--failures", "0"], "--failures 1 ends it at the first that fails"),
        (&["--health", "port:80", "--every", "1ms"], "too often"),
        (
            &["--health", "http://nowhere.invalid/"],
            "--health 'cmd:curl -fs http://nowhere.invalid/' asks the name service",
        ),
        (&["--every", "10s"], "aos run needs --health"),
    ] {
        let said = w.aos(&[&["run", "-b"], words, &["true"]].concat());
        assert!(said.code == 2 && said.err.contains(told), "{words:?}: {said:?}");
    }
    assert!(!w.task(1, "spec.json").exists());
}

#[test]
fn that_a_task_is_not_healthy_may_be_muted() {
    let w = World::new();
    let hooks =
        json!({ "hooks": { "LogError": [{ "hooks": [{ "type": "command", "command": "cat > error.json" }] }] } });
    fs::create_dir_all(w.home()).expect("a home");
    serde_json::to_writer(fs::File::create(w.home().join("hooks.json")).expect("a file"), &hooks).expect("written");
    let port = free_port();
    let check = format!("port:{port}");
    let first = begin(&w, &check, &["sleep", "1000"]);
    assert_eq!(w.ended(first)["status"], "failed");
    until(|| w.row(first)["findings"]["errors"] == 1).expect("a verdict");
    until(|| w.join("error.json").exists()).expect("the hook ran");
    gone(&w, "error.json");
    w.ok(&["debug", "1", "--mute", &format!("health:nobody listens on port {port}")]);
    until(|| w.row(first)["findings"]["errors"] == 0).expect("its row is made again");
    let again = begin(&w, &check, &["sleep", "1000"]);
    let row = w.ended(again);
    assert_eq!(row["reason"], w.row(first)["reason"], "what ended it is said all the same");
    until(|| fs::read_to_string(w.task(again, "findings.json")).is_ok()).expect("a verdict");
    assert_eq!(w.row(again)["findings"]["errors"].as_u64().unwrap_or(0), 0, "{}", w.row(again));
    assert!(!w.ok(&["why", "2"]).contains("found: "), "{}", w.ok(&["why", "2"]));
    assert!(!w.join("error.json").exists(), "no hook is told");
    assert!(w.aos(&["debug", "2"]).out.contains("1 muted\n"), "{}", w.aos(&["debug", "2"]).out);
}
