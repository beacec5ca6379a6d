//! What is kept of tasks stays within what the user has set: logs by their size, tasks by age and
//! number.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::world::{World, kill, snapshot, state, until};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// A world with these settings of logs.
fn with_settings(settings: &str) -> World {
    let w = World::new();
    w.aos(&["tasks"]);
    set(&w, settings);
    w
}

fn set(w: &World, settings: &str) {
    put(&w.home().join("config.toml"), format!("[logs]\n{settings}").as_bytes());
}

fn put(path: &Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut fs::File::create(path).expect("a file"), bytes).expect("written");
}

/// Makes it look as if a task had ended so long ago. *Units*: seconds.
fn age(w: &World, id: u32, seconds: u64) {
    let ended = SystemTime::now() - Duration::from_secs(seconds);
    let (status, record) = (w.task(id, "status.json"), w.task(id, "exit.rec"));
    let mut state: Value = serde_json::from_slice(&fs::read(&status).expect("a state")).expect("JSON");
    state["end"]["ended"] = json!(time(ended));
    let end = serde_json::to_vec(&state["end"]).expect("JSON");
    put(&status, &serde_json::to_vec(&state).expect("JSON"));
    let mut bytes = b"AOSE".to_vec();
    [1, end.len() as u32, crc32fast::hash(&end)].iter().for_each(|n| bytes.extend(n.to_le_bytes()));
    bytes.extend(end);
    bytes.resize(4096, 0);
    put(&record, &bytes);
    let _ = fs::remove_file(w.home().join("logs/index.json"));
}

/// As it stands in files.
fn time(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    jiff::Timestamp::from_millisecond(since.as_millis() as i64).map(|time| format!("{time:.3}")).expect("a time")
}

/// Does what the worker of a task does.
fn clean_aside(w: &World, id: u32) {
    assert!(cleaner(w, id).status().expect("a worker").success());
}

/// The worker of a task that cleans.
fn cleaner(w: &World, id: u32) -> Command {
    let mut worker = w.command(env!("CARGO_BIN_EXE_aos"));
    worker.args(["__clean", w.task(id, "").to_str().expect("text").trim_end_matches('/')]);
    worker
}

fn names(dir: PathBuf) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .expect("a directory")
        .map(|e| e.expect("one").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

fn logs(w: &World) -> Vec<String> {
    names(w.home().join("logs/tasks"))
}

fn tasks(w: &World) -> Vec<String> {
    names(w.home().join("tasks")).into_iter().filter(|name| name.starts_with("task-")).collect()
}

fn size_of_logs(w: &World) -> u64 {
    logs(w).iter().map(|name| fs::metadata(w.home().join("logs/tasks").join(name)).expect("a file").len()).sum()
}

/// A task that prints so much that cannot be compressed well, to its end. *Units*: KiB of base64,
/// about.
fn printing(w: &World, kib: u32) -> u32 {
    let id = w.begin(&[&format!("head -c {} /dev/urandom | base64", kib * 768)]);
    w.ended(id);
    id
}

#[test]
fn all_logs_together_stay_within_their_budget() {
    let w = with_settings("");
    for hours in [50, 40, 2] {
        let id = printing(&w, 200);
        age(&w, id, hours * HOUR);
    }
    assert!(size_of_logs(&w) > 600 << 10);
    set(&w, "segment = \"64KiB\"\ntotal = \"330KiB\"\n");
    clean_aside(&w, 3);
    assert!(size_of_logs(&w) <= 330 << 10, "{:#?}", logs(&w));
    let said = w.aos(&["logs", "1"]);
    assert_eq!((said.out.as_str(), said.code), ("", 0));
    assert!(said.err.ends_with("of the log are no longer kept\n"), "{}", said.err);
    assert!(
        w.ok(&["show", "1"]).contains("dropped  202.6 KiB, as all logs took more than total"),
        "{}",
        w.ok(&["show", "1"])
    );
    assert_eq!(w.row(1)["log_dropped"], json!({"per_task": 0, "total": 207495}));
    assert!(w.ok(&["why", "1"]).contains("were dropped: all logs took more than `total`"));
    for kept in ["2", "3"] {
        assert_eq!(w.ok(&["logs", kept]).len(), 207_495, "what is over was compressed first");
        assert_eq!(w.row(kept.parse().expect("a number")).get("log_dropped"), None);
    }
    assert_eq!(w.row(1)["status"], "succeeded", "the task itself is still known");
}

#[test]
fn a_task_whose_log_was_dropped_runs_again_and_its_positions_go_on() {
    let w = with_settings("");
    let id = w.begin(&["echo run=$AOS_RUN; [ $AOS_RUN = 2 ] || head -c 100000 /dev/urandom | base64"]);
    w.ended(id);
    set(&w, "segment = \"64KiB\"\ntotal = \"64KiB\"\n");
    clean_aside(&w, id);
    assert_eq!(w.aos(&["logs", "1"]).out, "");
    w.ok(&["restart", "1"]);
    w.ended(id);
    assert_eq!(w.aos(&["logs", "1#2"]).out, "run=2\n");
    assert_eq!(w.aos(&["logs", "--new=x", "1"]).out.lines().last(), Some("run=2"));
}

#[test]
fn a_task_that_never_stops_writing_is_kept_within_the_budget_of_all() {
    let w = with_settings("segment = \"64KiB\"\ntotal = \"256KiB\"\n");
    let quiet = w.begin(&["echo it is kept; sleep 1000"]);
    w.until_logged(quiet, "kept");
    let id = w.begin(&["while :; do head -c 30000 /dev/urandom | base64; done"]);
    until(|| w.row(id)["log_dropped"]["total"].as_u64() > Some(1 << 20)).expect("much is dropped");
    w.ok(&["stop", &id.to_string()]);
    let is_tidy = || !logs(&w).iter().any(|name| name.rsplit('.').next().is_some_and(|end| end.parse::<u32>().is_ok()));
    until(|| is_tidy() && w.survivors().iter().all(|line| !line.contains("__tidy"))).expect("it is tidy");
    clean_aside(&w, id);
    assert!(size_of_logs(&w) <= 256 << 10, "{:#?}", logs(&w));
    assert_eq!(w.ok(&["logs", "1"]), "it is kept\n", "what lives keeps its newest segment");
    let said = w.aos(&["logs", "-n", "2", "2"]);
    assert_eq!((said.out.lines().count(), said.code), (2, 0));
    w.ok(&["stop", "1"]);
}

#[test]
fn what_is_living_or_not_of_aos_is_never_touched() {
    let w = with_settings("segment = \"64KiB\"\ntotal = \"64KiB\"\nkeep_tasks = 1\n");
    let dir = w.home().join("logs/tasks");
    let id = w.begin(&["sleep", "1000"]);
    let big = vec![b'x'; 300_000];
    for name in ["task-20250101-120000-abcdef.log", "task-001-other.log", "task-001-sleep.log.old", "notes.log"] {
        put(&dir.join(name), &big);
    }
    put(&w.join("outside"), &big);
    std::os::unix::fs::symlink(w.join("outside"), dir.join("task-001-sleep-1000.log.1")).expect("a link");
    put(&w.home().join("logs/observed-bash.jsonl"), &big);
    let before = snapshot(&w.home().join("logs"));
    clean_aside(&w, id);
    let doctor = w.aos(&["doctor", "--json"]).out;
    assert!(doctor.contains("logs take 32 bytes on disk") || doctor.contains("logs take 0 bytes on disk"), "{doctor}");
    w.ok(&["clean"]);
    w.ok(&["stop", "1"]);
    w.ok(&["clean", "--older", "0s"]);
    let after = snapshot(&w.home().join("logs"));
    let was_there = before.iter().filter(|file| file.2 == big);
    let lost: Vec<_> = was_there.filter(|file| !after.contains(file)).map(|file| &file.0).collect();
    assert_eq!(lost, Vec::<&PathBuf>::new());
    assert_eq!(fs::read(w.join("outside")).expect("it").len(), big.len());
}

#[test]
fn old_tasks_go_by_age_and_by_number_and_unseen_failures_last() {
    let w = with_settings("keep_days = 10\nkeep_tasks = 3\n");
    for (id, (command, days)) in
        (1..).zip([("true", 11), ("false", 29), ("false", 31), ("true", 4), ("true", 3), ("true", 2), ("true", 1)])
    {
        w.begin(&[command]);
        w.ended(id);
        age(&w, id, days * DAY);
    }
    assert_eq!(names(w.home().join("tasks/active")), ["task-002.failed", "task-003.failed"]);
    clean_aside(&w, 7);
    assert_eq!(tasks(&w), ["task-002", "task-006", "task-007"]);
    let listed = w.json(&["tasks", "-a", "--json"]);
    assert_eq!(listed.as_array().expect("rows").len(), 3, "{listed}");
    assert_eq!(logs(&w).iter().filter(|name| name.ends_with(".log")).count(), 3);
    assert_eq!(names(w.home().join("tasks/active")), ["task-002.failed"]);
    assert_eq!(w.begin(&["true"]), 8, "ids are not used again");
    w.ended(8);
}

#[test]
fn clean_by_hand_goes_by_the_settings_and_says_what_it_did() {
    let w = with_settings("keep_days = 2\n");
    printing(&w, 200);
    w.begin(&["true"]);
    w.ended(2);
    age(&w, 1, 3 * DAY);
    let said = w.ok(&["clean", "--dry-run"]);
    assert!(said.starts_with("[task-001] would be removed: head -c"), "{said}");
    assert_eq!(tasks(&w).len(), 2);
    let said = w.ok(&["clean"]);
    assert!(said.starts_with("[task-001] removed: head -c") && said.contains("\n1 task removed, 20"), "{said}");
    assert_eq!((tasks(&w), logs(&w).len()), (vec!["task-002".to_owned()], 1));
    assert_eq!(w.ok(&["clean"]), "");
}

#[test]
fn what_a_queued_task_waits_for_is_kept() {
    let w = with_settings("");
    w.begin(&["true"]);
    w.ended(1);
    age(&w, 1, 400 * DAY);
    w.begin(&["sleep", "1000"]);
    w.begin(&["--after", "1", "--after", "2", "true"]);
    clean_aside(&w, 1);
    let said = w.aos(&["clean", "--older", "0s"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", "aos: task-001 is kept: another task waits for it\n"));
    assert_eq!(tasks(&w).len(), 3);
    w.ok(&["kill", "2,3"]);
}

#[test]
fn a_removal_that_was_interrupted_is_finished() {
    let w = with_settings("");
    for id in 1..=3 {
        w.begin(&["echo hi"]);
        w.ended(id);
    }
    w.ok(&["tasks"]);
    let gone = w.home().join("tasks/.gone");
    fs::create_dir(&gone).expect("a directory");
    fs::set_permissions(&gone, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("private");
    fs::rename(w.task(1, ""), gone.join("task-001")).expect("moved");
    fs::rename(w.task(2, ""), gone.join("task-002")).expect("moved");
    // This one is damaged.
    put(&gone.join("task-002/spec.json"), b"{");
    clean_aside(&w, 3);
    assert_eq!((names(gone), tasks(&w)), (vec![], vec!["task-003".to_owned()]));
    assert_eq!(logs(&w).len(), 2, "{:?}", logs(&w));
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len(), 1);
}

#[test]
fn one_that_is_killed_while_it_cleans_leaves_nothing_half() {
    let w = with_settings("segment = \"64KiB\"\nkeep_tasks = 1\ntotal = \"100KiB\"\n");
    for id in 1..=12 {
        w.begin(&["head -c 40000 /dev/urandom | base64"]);
        w.ended(id);
    }
    (1..=12).for_each(|id| age(&w, id, DAY * u64::from(20 - id)));
    // Killed a little later each time, so that it is at another place.
    for round in 0..12 {
        let mut worker = cleaner(&w, 12).spawn().expect("a worker");
        nix::poll::poll(&mut [], nix::poll::PollTimeout::from(2 * round as u8)).expect("a moment");
        crate::world::end(&mut worker);
        for id in 1..=12 {
            let said = w.aos(&["logs", &id.to_string()]);
            let is_whole = said.out.lines().count() == 702;
            assert!(
                said.code == 3 || is_whole || said.err.contains("no longer kept"),
                "{id}: {} {}",
                said.code,
                said.err
            );
        }
    }
    clean_aside(&w, 12);
    assert_eq!(tasks(&w), ["task-012"]);
    assert!(logs(&w).iter().all(|name| name.contains("task-012")), "{:?}", logs(&w));
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len(), 1);
}

#[test]
fn a_task_that_somebody_is_busy_with_is_passed_over() {
    let w = with_settings("");
    let id = printing(&w, 200);
    age(&w, id, 2 * DAY);
    set(&w, "segment = \"64KiB\"\ntotal = \"64KiB\"\n");
    let hold = |byte| {
        let file = fs::OpenOptions::new().write(true).open(w.task(id, "lock")).expect("the lock");
        let whole = libc::flock { l_type: libc::F_WRLCK as i16, l_whence: 0, l_start: byte, l_len: 1, l_pid: 0 };
        fcntl(&file, FcntlArg::F_OFD_SETLK(&whole)).expect("free");
        file
    };
    let all = w.log(id);
    for (byte, what) in [(0, "it is being begun again"), (2, "its marker is being moved")] {
        let held = hold(byte);
        clean_aside(&w, id);
        assert!(w.log(id) == all, "{what}");
        drop(held);
    }
    clean_aside(&w, id);
    assert!(size_of_logs(&w) <= 64 << 10);
}

#[test]
fn a_restart_and_a_sweep_do_not_get_into_each_others_way() {
    let w = with_settings("segment = \"64KiB\"\ntotal = \"64KiB\"\nkeep_tasks = 1\n");
    for id in 1..=2 {
        w.begin(&["head -c 60000 /dev/urandom | base64; echo end=$AOS_RUN"]);
        w.ended(id);
    }
    for _ in 0..8 {
        age(&w, 1, 2 * HOUR);
        let mut worker = cleaner(&w, 2).spawn().expect("a worker");
        let said = w.aos(&["restart", "1"]);
        worker.wait().expect("its end");
        if said.code == 0 {
            let run = w.ended(1)["run"].as_u64().expect("a run");
            assert_eq!(w.aos(&["logs", "-n", "1", "1"]).out, format!("end={run}\n"));
        } else {
            assert!(said.code == 3 && said.err.contains("there is no task"), "{} {}", said.code, said.err);
            assert_eq!(tasks(&w), ["task-002"]);
            return;
        }
    }
}

#[test]
fn a_task_that_has_run_again_since_it_was_chosen_stays() {
    let w = with_settings("keep_tasks = 1\n");
    for id in 1..=2 {
        w.begin(&["true"]);
        w.ended(id);
    }
    age(&w, 1, 2 * HOUR);
    let mut worker = cleaner(&w, 2).env("AOS_FAULT", "gc-chosen+stop").spawn().expect("a worker");
    let pid = worker.id().cast_signed();
    until(|| state(pid) == Some('T')).expect("it has chosen");
    w.ok(&["restart", "1"]);
    until(|| w.row(1)["run"] == 2 && w.row(1)["ended"].is_string()).expect("it is over again");
    kill(pid, Signal::SIGCONT);
    worker.wait().expect("its end");
    assert_eq!(tasks(&w), ["task-001", "task-002"]);
}

#[test]
fn it_is_looked_by_itself_as_tasks_end_and_not_more_often_than_it_must() {
    let w = with_settings("keep_days = 1\n");
    w.begin(&["true"]);
    w.ended(1);
    let stamp = w.home().join("tasks/.cleaned");
    until(|| stamp.exists()).expect("the time counts from the first end");
    age(&w, 1, 2 * DAY);
    w.begin(&["true"]);
    w.ended(2);
    until(|| w.survivors().is_empty()).expect("all is over");
    assert_eq!(tasks(&w).len(), 2, "nobody has looked");
    let past = SystemTime::now() - Duration::from_secs(HOUR + 1);
    fs::File::open(&stamp).and_then(|file| file.set_modified(past)).expect("set back");
    w.begin(&["true"]);
    w.ended(3);
    until(|| tasks(&w).len() == 2).expect("it is cleaned up");
    until(|| w.survivors().is_empty()).expect("all is over");
    assert!(fs::metadata(&stamp).and_then(|meta| meta.modified()).expect("a time") > past + Duration::from_secs(HOUR));
}

#[test]
fn nobody_waits_for_it() {
    let w = with_settings("keep_days = 1\n");
    w.begin(&["true"]);
    w.ended(1);
    age(&w, 1, 2 * DAY);
    put(&w.home().join("tasks/.cleaned"), b"");
    let past = SystemTime::now() - Duration::from_secs(HOUR + 1);
    fs::File::open(w.home().join("tasks/.cleaned")).and_then(|file| file.set_modified(past)).expect("set back");
    // Whoever has the registry keeps the worker from its end.
    let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(w.home().join("logs/.index.lock"));
    let file = file.expect("the lock");
    let whole = libc::flock { l_type: libc::F_WRLCK as i16, l_whence: 0, l_start: 0, l_len: 2, l_pid: 0 };
    fcntl(&file, FcntlArg::F_OFD_SETLK(&whole)).expect("free");
    let outer = w.begin(&["aos run -b true; aos wait 3; echo over"]);
    assert_eq!(w.ended(outer)["status"], "succeeded");
    assert_eq!(w.ok(&["logs", &outer.to_string()]).lines().last(), Some("over"));
    drop(file);
    until(|| w.survivors().is_empty()).expect("all is over");
}

#[test]
fn a_pass_is_bounded_however_many_tasks_there_are() {
    let w = with_settings("keep_tasks = 100\n");
    w.begin(&["true"]);
    w.ended(1);
    age(&w, 1, 2 * HOUR);
    let template =
        ["spec.json", "status.json", "exit.rec"].map(|name| (name, fs::read(w.task(1, name)).expect("a file")));
    const MANY: u32 = 2_000;
    for id in 2..=MANY {
        fs::create_dir(w.task(id, "")).expect("a directory");
        for (name, bytes) in &template {
            let text = String::from_utf8(bytes.clone()).map(|text| text.replace("task-001", &format!("task-{id:03}")));
            put(&w.task(id, name), text.as_ref().map_or(&bytes[..], |text| text.as_bytes()));
        }
    }
    for passes in 1..=2 {
        clean_aside(&w, MANY);
        assert_eq!(tasks(&w).len() as u32, MANY - passes * 200);
    }
    let stamp = fs::metadata(w.home().join("tasks/.cleaned")).and_then(|meta| meta.modified()).expect("a time");
    let due = stamp + Duration::from_secs(HOUR);
    assert!(due < SystemTime::now() + Duration::from_secs(120), "it is soon looked again");
    assert_eq!(w.json(&["clean", "--json"])["removed"].as_array().expect("ids").len() as u32, MANY - 400 - 100);
}

#[test]
fn settings_that_cannot_be_read_are_told_and_remove_nothing() {
    let w = with_settings("total = \"1KiB\"\n");
    w.begin(&["true"]);
    w.ended(1);
    age(&w, 1, 400 * DAY);
    clean_aside(&w, 1);
    assert_eq!(tasks(&w).len(), 1);
    assert!(w.ok(&["why", "1"]).contains("its settings cannot be read"), "{}", w.ok(&["why", "1"]));
    let said = w.aos(&["doctor", "--json"]).out;
    assert!(said.contains("config.toml, line 2: total, for all logs together, is less than segment"), "{said}");
    let said = w.aos(&["clean"]);
    assert!(said.code != 0 && said.err.contains("config.toml, line 2"), "{}", said.err);
    assert_eq!(w.json(&["clean", "--older", "0s", "--json"])["removed"], json!(["task-001"]));
}

#[test]
fn doctor_tells_when_logs_take_too_much() {
    let w = with_settings("segment = \"64KiB\"\ntotal = \"100KiB\"\n");
    w.begin(&["true"]);
    w.ended(1);
    let check = || {
        let all: Value = serde_json::from_str(&w.aos(&["doctor", "--json"]).out).expect("JSON");
        all["checks"].as_array().expect("checks").iter().find(|c| c["name"] == "logs").expect("one of logs").clone()
    };
    assert_eq!(check()["state"], "ok");
    let id = w.begin(&["head -c 150000 /dev/urandom | base64 -w 0; sleep 1000"]);
    until(|| check()["state"] == "warn").expect("one line is one segment");
    w.ok(&["stop", &id.to_string()]);
}

#[test]
fn clean_says_beforehand_what_logs_take_too_much() {
    let w = with_settings("");
    printing(&w, 200);
    set(&w, "segment = \"64KiB\"\ntotal = \"64KiB\"\n");
    let said = w.ok(&["clean", "--dry-run"]);
    assert!(said.starts_with("logs would take 138.") && said.ends_with("then the oldest dropped\n"), "{said}");
    let said = w.ok(&["clean"]);
    assert_eq!(said.lines().next(), Some("the oldest 202.6 KiB of all logs dropped"));
    assert!(said.lines().nth(1).is_some_and(|line| line.starts_with("202.") && line.ends_with(" KiB freed")), "{said}");
    assert_eq!(w.ok(&["clean"]), "");
}
