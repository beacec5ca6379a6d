//! Versions of files: what older versions of aos wrote is read, and what a newer one writes is
//! refused, by the file's name.

use std::fs;
use std::io::Write;
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::world::{World, kill, until};

/// What aos wrote while a spec had version 1.
const FIRST_SPEC: &str = r#"{"version":1,"id":"task-001","name":"old","command":{"shell":{"shell":"/bin/bash","line":"echo $AOS_RUN $V"}},"cwd":"/","created":"2026-11-01T10:00:00.000Z","terminal":{"pty":{"rows":24,"cols":80}},"limits":{"timeout":3600000,"grace":1500,"stop_signal":2},"survivors":"swept","nonce":"2f41-18ec0a9c35debef6","umask":18,"rlimits":{"core":[0,18446744073709551615]},"env":[["PATH","/usr/bin:/bin"],["V",{"bytes":[104,233]}]]}
"#;
/// The same of a task that was adopted.
const SECOND_SPEC: &str = r#"{"version":2,"id":"task-002","name":"sleep-9","command":{"argv":["sleep","9"]},"adopted":{"processes":[{"pid":4242,"start":77}]},"cwd":"/","created":"2026-11-01T10:00:00.000Z","terminal":"kept","limits":{"grace":10000,"stop_signal":15},"survivors":"kept","nonce":"2f41-18ec0a9c35debef7","umask":18,"env":[]}
"#;
const STATE: &str = r#"{"version":1,"id":"task-001","run":1,"phase":"over","supervisor":{"pid":4240,"start":70},"leader":{"pid":4241,"start":71},"place":{"boot":"b","machine":"m","pid_namespace":1},"started":"2026-11-01T10:00:00.000Z","log_start":0,"end":{"run":1,"outcome":{"exited":4},"cause":"itself","ended":"2026-11-01T10:00:01.000Z","wall":1000,"user_time":3,"system_time":4,"peak_memory":4096}}
"#;

fn write(path: &Path, bytes: &[u8]) {
    fs::File::create(path).and_then(|mut file| file.write_all(bytes)).expect("written");
}

/// A finished task, and its files.
fn finished() -> World {
    let w = World::new();
    w.begin(&["--timeout", "1h", "echo ran >> ran; exit 7"]);
    w.ended(1);
    w
}

/// Writes one field of a JSON file anew.
fn set(path: &Path, field: &str, value: Value) {
    let mut file: Value = serde_json::from_slice(&fs::read(path).expect("the file")).expect("JSON");
    file[field] = value;
    write(path, format!("{file}\n").as_bytes());
}

#[test]
fn specs_of_the_first_versions_are_read_and_run() {
    let w = World::new();
    w.aos(&["tasks"]);
    for (id, spec) in [(1, FIRST_SPEC), (2, SECOND_SPEC)] {
        let dir = w.home().join(format!("tasks/task-00{id}"));
        fs::create_dir(&dir).expect("a directory");
        write(&dir.join("spec.json"), spec.as_bytes());
        write(&dir.join("lock"), b"");
    }
    write(&w.task(1, "status.json"), STATE.as_bytes());
    write(&w.home().join("tasks/.next"), b"0000000003\n");
    let row = w.row(1);
    assert_eq!((&row["status"], &row["exit_code"]), (&json!("failed"), &json!(4)), "{row}");
    assert_eq!(row["time_limits"], json!({ "timeout": 3_600_000, "grace": 1500, "stop_signal": 2 }));
    assert_eq!(w.row(2)["adopted"]["processes"][0]["pid"], 4242);
    w.ok(&["restart", "1"]);
    assert_eq!(w.ended(1)["exit_code"], 0);
    assert_eq!(w.log(1), b"2 h\xe9\n");
    assert_eq!(fs::read_to_string(w.task(1, "spec.json")).expect("the spec"), FIRST_SPEC, "it is written once");
}

#[test]
fn a_spec_is_written_so_that_older_versions_refuse_it() {
    let w = finished();
    let spec: Value = serde_json::from_slice(&fs::read(w.task(1, "spec.json")).expect("a spec")).expect("JSON");
    // They know up to version 2, and fail without `limits`; then they look at the version.
    assert_eq!((&spec["version"], spec.get("limits")), (&json!(3), None));
    assert_eq!(spec["time_limits"]["timeout"], 3_600_000);
}

#[test]
fn a_spec_of_a_version_to_come_is_run_by_no_verb() {
    let w = finished();
    let newer = "aos: spec.json of task-001 has version 99, which is newer than this aos\n  \
                 hint: install the newer aos again\n";
    let unknown = "aos: spec.json of task-001 cannot be used without `quarantine`, which this aos does not know\n  \
                   hint: install the newer aos again\n";
    // All that is known is there, and would be understood.
    for (field, value, told) in
        [("version", json!(99), newer), ("must_understand", json!(["streams", "quarantine"]), unknown)]
    {
        let before = fs::read(w.task(1, "spec.json")).expect("a spec");
        set(&w.task(1, "spec.json"), "quarantine", json!({ "network": false }));
        assert_eq!(w.row(1)["exit_code"], 7, "a field that need not be understood is passed over");
        set(&w.task(1, "spec.json"), field, value);
        for verb in ["show", "why", "logs", "restart"] {
            let said = w.aos(&[verb, "1"]);
            assert_eq!((said.err.as_str(), said.code), (told, 125), "{verb}");
        }
        write(&w.task(1, "spec.json"), &before);
    }
    assert_eq!(fs::read_to_string(w.join("ran")).expect("what ran"), "ran\n", "once");
}

#[test]
fn a_state_and_an_end_of_a_version_to_come_are_named_and_kept() {
    let w = finished();
    set(&w.task(1, "status.json"), "version", json!(99));
    let why = |w: &World| w.ok(&["why", "1"]).lines().next().expect("a line").to_owned();
    assert!(
        why(&w).starts_with("task-001 failed (exit 7)"),
        "the end record is of a version that is known: {}",
        why(&w)
    );
    let newer = "status.json of task-001 has version 99, which is newer than this aos";
    let said = w.aos(&["restart", "1"]);
    assert_eq!(said.err, format!("aos: {newer}\n  hint: install the newer aos again\n"));
    let mut record = fs::read(w.task(1, "exit.rec")).expect("a record");
    record[4..8].copy_from_slice(&99_u32.to_le_bytes());
    write(&w.task(1, "exit.rec"), &record);
    assert_eq!(why(&w), format!("task-001 lost: how it ended is not known: {newer}"));
    set(&w.task(1, "status.json"), "version", json!(1));
    set(&w.task(1, "status.json"), "end", Value::Null);
    let newer = "exit.rec of task-001 has version 99, which is newer than this aos";
    assert_eq!(why(&w), format!("task-001 lost: how it ended is not known: {newer}"));
}

#[test]
fn events_of_a_version_to_come_are_told_of() {
    let w = finished();
    let line = r#"{"version":2,"at":"2026-11-01T10:00:00.000Z","run":1,"event":"launched"}"#;
    let mut journal = fs::File::options().append(true).open(w.task(1, "journal.jsonl")).expect("a journal");
    journal.write_all(format!("{line}\n").as_bytes()).expect("written");
    let told = "1 event is left out: a newer aos wrote them";
    assert!(w.ok(&["why", "1"]).contains(&format!("\n  {told}\n")));
    assert_eq!(w.json(&["why", "1", "--json"])["lack"], told);
}

#[test]
fn a_request_of_a_version_to_come_is_refused_by_the_supervisor() {
    let w = World::new();
    w.begin(&["sleep 1000"]);
    let supervisor = w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let requests = w.task(1, "requests");
    w.ok(&["signal", "WINCH", "1"]);
    for (name, text, refused) in [
        ("1-1", r#"{"version":99,"ask":{"stop":{}},"by":{"with":"x","pid":1}}"#, "version 99 is not known here"),
        (
            "1-2",
            r#"{"version":1,"ask":"pause","by":{"with":"x","pid":1},"must_understand":["gently"]}"#,
            "`gently` is not known here",
        ),
    ] {
        write(&requests.join("new"), text.as_bytes());
        fs::rename(requests.join("new"), requests.join(format!("{name}.request"))).expect("laid down");
        kill(supervisor, Signal::SIGUSR1);
        let answer = requests.join(format!("{name}.done"));
        until(|| answer.exists()).expect("an answer");
        let answer: Value = serde_json::from_slice(&fs::read(answer).expect("an answer")).expect("JSON");
        assert_eq!(answer, json!({ "version": 1, "refused": refused }));
    }
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn what_a_newer_reader_has_seen_is_kept() {
    let w = finished();
    w.ok(&["logs", "--new=me", "1"]);
    let marks = w.home().join("readers/me.json");
    set(&marks, "version", json!(99));
    let before = fs::read(&marks).expect("marks");
    let said = w.aos(&["logs", "--new=me", "1"]);
    assert!(
        said.err.starts_with("aos: readers/me.json has version 99, which is newer than this aos\n"),
        "{}",
        said.err
    );
    assert_eq!((said.code, fs::read(&marks).expect("marks")), (125, before));
}

#[test]
fn a_run_keeps_its_number_where_the_state_is_damaged() {
    let w = finished();
    w.ok(&["restart", "1"]);
    w.ended(1);
    write(&w.task(1, "status.json"), b"{");
    assert!(w.ok(&["restart", "1"]).contains("(run 3)"));
    w.ended(1);
    assert_eq!(w.row(1)["run"], 3);
}

#[test]
fn a_tree_that_cannot_be_read_is_committed_for_by_nobody() {
    let w = World::new();
    assert_eq!(w.sh("git init -q . && touch a && git add a").code, 0);
    w.begin(&["true"]);
    w.ended(1);
    assert_eq!(w.aos(&["commit", "--if-passing"]).code, 5);
    w.ok(&["restart", "1"]);
    w.ended(1);
    until(|| w.task(1, "tree.json").exists()).expect("a tree");
    let tree = fs::read_to_string(w.task(1, "tree.json")).expect("the tree");
    assert!(tree.contains("\"version\":1") && tree.contains("\"run\":2"), "{tree}");
    set(&w.task(1, "tree.json"), "version", json!(2));
    let said = w.aos(&["commit", "--if-passing"]);
    assert_eq!((said.code, said.out.as_str()), (125, ""), "{said:?}");
    assert!(said.err.contains("tree.json of task-001 has version 2, which is newer"), "{said:?}");
    write(&w.task(1, "tree.json"), b"{");
    assert!(w.aos(&["commit", "--if-passing"]).err.contains("tree.json of task-001 is damaged"));
    w.ok(&["restart", "1"]);
    w.ended(1);
    let is_made_again = || fs::read_to_string(w.task(1, "tree.json")).is_ok_and(|tree| tree.contains("\"run\":3"));
    until(is_made_again).expect("what is damaged is made again");
}
