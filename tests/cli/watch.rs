//! Watching files: a change begins the task again, once, and nothing else does.

use std::fs;
use std::io::Write;

use nix::sys::signal::Signal;

use crate::shell::BOTH;
use crate::world::{World, is_alive, kill, state, until};

/// A world with a file to watch, `src/a`.
fn world() -> World {
    let w = World::new();
    fs::create_dir(w.join("src")).expect("a directory");
    write(&w, "src/a", "one\n");
    w
}

/// A task that prints what it sees and goes on.
fn begin(w: &World, globs: &[&str]) -> u32 {
    let watches: Vec<&str> = globs.iter().flat_map(|glob| ["--watch", glob]).collect();
    w.begin(&[&watches[..], &["cat src/*; exec sleep 1000"]].concat())
}

fn write(w: &World, path: &str, text: &str) {
    fs::File::create(w.join(path)).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

fn until_run(w: &World, id: u32, run: u32) {
    until_stands(w, id, run, "running");
}

fn until_stands(w: &World, id: u32, run: u32, status: &str) {
    let stands = || w.row(id)["run"] == run && w.row(id)["status"] == status;
    until(stands).unwrap_or_else(|| panic!("not {status} in run {run}: {}", w.ok(&["why", &id.to_string()])));
}

/// The changes that the journal tells of.
fn changes(w: &World, id: u32) -> Vec<String> {
    let why = w.ok(&["why", &id.to_string()]);
    why.lines().filter_map(|line| line.split_once("  a change of ").map(|(_, what)| what.to_owned())).collect()
}

fn workers(w: &World, id: u32) -> Vec<i32> {
    let supervisor = w.row(id)["supervisor_pid"].to_string();
    let children = w.sh(&format!("ps -o pid=,comm= --ppid {supervisor}")).out;
    let workers = children.lines().filter_map(|line| line.trim().strip_suffix(" aos:watch"));
    workers.map(|pid| pid.trim().parse().expect("a pid")).filter(|pid| state(*pid) != Some('Z')).collect()
}

#[test]
fn each_kind_of_change_begins_it_again_once() {
    let w = world();
    let id = begin(&w, &["src/**"]);
    write(&w, "src/a", "two\n");
    until_run(&w, id, 2);
    write(&w, "src/b", "new\n");
    until_run(&w, id, 3);
    write(&w, "src/.a.new", "three\n");
    fs::rename(w.join("src/.a.new"), w.join("src/a")).expect("renamed, as editors do");
    until_run(&w, id, 4);
    until(|| w.ok(&["logs", "1#4"]) == "three\nnew\n").expect("the fourth run saw it");
    fs::remove_file(w.join("src/b")).expect("removed");
    until_run(&w, id, 5);
    write(&w, "other", "not meant\n");
    fs::read(w.join("src/a")).expect("read");
    fs::remove_dir_all(w.join("src")).expect("removed");
    until_run(&w, id, 6);
    fs::create_dir_all(w.join("src/deep")).expect("made again");
    write(&w, "src/deep/c", "deep\n");
    until_run(&w, id, 7);
    let told = changes(&w, id);
    assert_eq!(told[..4], ["src/a", "src/b", "src/.a.new, src/a", "src/b"]);
    assert_eq!(told[5..], ["src/deep/c"]);
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["status"], "stopped");
}

#[test]
fn what_is_ignored_and_what_is_aos_own_does_not_count() {
    let w = world();
    write(&w, ".gitignore", "out/\n*.log\n");
    for directory in ["out", "node_modules", ".git", "target"] {
        fs::create_dir(w.join(directory)).expect("a directory");
    }
    write(&w, "target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    let id = begin(&w, &["."]);
    for file in ["out/x", "x.log", "node_modules/x", ".git/index", "target/x", "src/.a.swp", "src/a~"] {
        write(&w, file, "noise");
    }
    w.ok(&["tasks"]);
    write(&w, "src/a", "two\n");
    until_run(&w, id, 2);
    assert_eq!(changes(&w, id), ["src/a"]);
    w.ok(&["stop", "1"]);
}

#[test]
fn many_changes_at_once_are_few_runs() {
    let w = world();
    let id = begin(&w, &["src"]);
    (0..300).for_each(|n| write(&w, &format!("src/{n}"), ""));
    until(|| w.row(id)["run"].as_u64() > Some(1)).expect("another run");
    write(&w, "last", "");
    until(|| w.row(id)["status"] == "running").expect("it runs");
    let told = changes(&w, id);
    assert!(told.len() < 10, "{told:?}");
    assert!(told[0].contains(" more"), "{told:?}");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_change_while_it_is_being_stopped_is_seen_by_the_next_run() {
    let w = world();
    let line = "cat src/a; trap 'until [ -e go ]; do sleep 0.01; done; exit' TERM; while :; do sleep 0.01; done";
    let id = w.begin(&["--watch", "src", line]);
    w.until_logged(id, "one");
    write(&w, "src/a", "two\n");
    until_stands(&w, id, 1, "stopping");
    write(&w, "src/a", "three\n");
    write(&w, "go", "");
    until_run(&w, id, 2);
    w.until_logged(id, "three");
    assert!(!w.ok(&["logs", "1"]).contains("two"));
    write(&w, "src/a", "four\n");
    until_run(&w, id, 3);
    w.until_logged(id, "four");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_run_that_has_ended_waits_for_the_next_change() {
    let w = world();
    let id = w.begin(&["--watch", "src", "cat src/a; [ $(cat src/a) = two ]"]);
    until_stands(&w, id, 2, "queued");
    assert_eq!(w.row(id)["reason"], "waits for a change of files after exit 1");
    w.assert_asleep(id);
    write(&w, "src/a", "two\n");
    until_stands(&w, id, 3, "queued");
    assert_eq!(w.row(id)["reason"], "waits for a change of files after exit 0");
    assert_eq!(w.ok(&["logs", "1"]), "one\ntwo\n");
    assert_eq!(w.aos(&["wait", "--timeout", "50ms", "1"]).code, 124, "it is not over");
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["status"], "stopped");
}

#[test]
fn between_two_runs_it_says_so_and_how_the_last_one_ended() {
    let w = world();
    let id = w.begin(&["--watch", "src", "[ $(cat src/a) = two ]"]);
    until_stands(&w, id, 2, "queued");
    let row = w.row(id);
    let failed = serde_json::json!({ "awaits": "change", "status": "failed", "exit_code": 1 });
    assert_eq!(row["between_runs"], failed, "{row}");
    let status = |text: &str| text.lines().nth(1).expect("a row").split("  ").nth(2).map(str::trim).map(str::to_owned);
    assert_eq!(status(&w.ok(&["tasks"])).as_deref(), Some("watching, failed (1)"));
    assert_eq!(status(&w.ok(&[])).as_deref(), Some("watching, failed (1)"));
    let shown = w.ok(&["show", "1"]);
    assert!(shown.contains("status  watching, failed (1): waits for a change of files after exit 1\n"), "{shown}");
    assert!(w.ok(&["why", "1"]).contains("between runs: waits for a change of files after exit 1\n"));
    let offered = w.ok(&["__complete", "living", "--", ""]);
    assert!(offered.starts_with("task-001\twatching, failed (1)  "), "{offered}");
    assert_eq!(w.aos(&["pause", "1"]).err, "aos: task-001: it is not running, it waits for its next run\n");
    let counts = w.json(&["prompt", "--json"]);
    assert_eq!((&counts["running"], &counts["queued"]), (&1.into(), &0.into()), "{counts}");
    write(&w, "src/a", "two\n");
    until_stands(&w, id, 3, "queued");
    assert_eq!(status(&w.ok(&["tasks"])).as_deref(), Some("watching"));
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["between_runs"], serde_json::Value::Null);

    let id = w.begin(&["--restart", "always", "--backoff", "1h", "exit 3"]);
    until_stands(&w, id, 2, "queued");
    assert!(w.ok(&["tasks"]).contains("  restarting, failed (3)  "), "{}", w.ok(&["tasks"]));
    assert_eq!(w.json(&["prompt", "--json"])["queued"], 0);
    w.ok(&["stop", "2"]);
}

#[test]
fn a_prompt_counts_a_task_between_two_runs_as_running() {
    for kind in BOTH {
        let w = world();
        let mut shell = kind.with_aos(&w, "");
        shell.line("aos run -b --watch src 'exit 0'");
        until_stands(&w, 1, 2, "queued");
        shell.line("echo here");
        shell.until("\nhere\n1& <");
        w.ok(&["stop", "1"]);
        shell.end();
    }
}

#[test]
fn a_change_ends_the_wait_after_a_failure_and_counts_anew() {
    let w = world();
    let id = w.begin(&["--watch", "src", "--retries", "1", "--backoff", "1h", "exit $(wc -l <src/a)"]);
    until_stands(&w, id, 2, "queued");
    assert!(w.row(id)["reason"].as_str().expect("why").starts_with("restart 1 of 1 after exit 1 at "));
    write(&w, "src/a", "1\n2\n");
    until_stands(&w, id, 3, "queued");
    assert!(w.row(id)["reason"].as_str().expect("why").starts_with("restart 1 of 1 after exit 2 at "));
    w.ok(&["stop", "1"]);
}

#[test]
fn retries_that_are_used_up_wait_for_a_change_too() {
    let w = world();
    let id = w.begin(&["--watch", "src", "--retries", "1", "--backoff", "0", "exit 5"]);
    until_stands(&w, id, 3, "queued");
    let reason = w.row(id)["reason"].clone();
    assert_eq!(reason, "waits for a change of files after it was begun again once, as often as it may be");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_task_that_changes_what_is_watched_at_each_start_does_not_spin() {
    let w = world();
    let id = w.begin(&["--watch", "src", "echo x >>src/n; exec sleep 1000"]);
    until(|| w.row(id)["status"] == "queued").expect("it is waited out");
    let row = w.row(id);
    let reason = row["reason"].as_str().expect("why");
    assert!(reason.starts_with("restart (the last runs each changed what is watched) at "), "{row}");
    assert_eq!(row["run"], 4);
    w.ok(&["stop", "1"]);
}

#[test]
fn a_watcher_that_is_gone_is_told_and_replaced() {
    let w = world();
    let id = w.begin(&["--watch", "src", "cat src/a"]);
    until_stands(&w, id, 2, "queued");
    let [first] = workers(&w, id)[..] else { panic!("one worker") };
    kill(first, Signal::SIGKILL);
    until(|| w.ok(&["why", "1"]).contains("its files are not watched any more")).expect("told");
    until(|| matches!(workers(&w, id)[..], [second] if second != first)).expect("another");
    until(|| {
        write(&w, "src/a", "two\n");
        w.row(id)["run"] == 3
    })
    .expect("it watches");
    w.ok(&["stop", "1"]);
}

#[test]
fn who_watches_ends_with_the_task_and_with_its_supervisor() {
    let w = world();
    for ends in ["stop", "kill"] {
        let id = begin(&w, &["src"]);
        let [worker] = workers(&w, id)[..] else { panic!("one worker") };
        match ends {
            "stop" => drop(w.ok(&["stop", &id.to_string()])),
            _ => kill(w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL),
        }
        until(|| !is_alive(worker)).expect("gone");
    }
    let id = w.begin(&["--restart", "always", "sleep", "1000"]);
    assert_eq!(workers(&w, id), [0; 0], "nobody watches for a task that watches nothing");
    w.ok(&["stop", "@running"]);
}

#[test]
fn what_cannot_be_watched_is_said_before_anything_runs() {
    let w = world();
    for (glob, why) in [("src/[a", "`src/[a` is no glob"), ("", "an empty glob is no file")] {
        let said = w.aos(&["run", "-b", "--watch", glob, "true"]);
        assert!(said.code == 2 && said.err.contains(why), "{}", said.err);
    }
    assert_eq!(w.ok(&["tasks", "--json"]).trim(), "[]");
}

#[test]
fn a_failure_is_told_though_it_waits_for_a_change() {
    for kind in BOTH {
        let w = world();
        let mut shell = kind.with_aos(&w, "");
        shell.line("aos run -b --watch src 'exit 9'");
        until_stands(&w, 1, 2, "queued");
        shell.line("echo here");
        shell.until("[task-001] failed  exit 9  exit 9  0.0s  (aos logs 1)  waits for a change of files after exit 9");
        w.ok(&["stop", "1"]);
        shell.end();
    }
}

#[test]
fn the_swap_of_a_directory_behind_links_begins_it_again() {
    let w = World::new();
    for version in ["1", "2", "3"] {
        fs::create_dir_all(w.join(&format!("config/..{version}"))).expect("a directory");
        write(&w, &format!("config/..{version}/app.yaml"), &format!("version {version}\n"));
    }
    w.sh("cd config && ln -s ..1 ..data && ln -s ..data/app.yaml app.yaml");
    let id = w.begin(&["--watch", "config/app.yaml", "cat config/app.yaml; exec sleep 1000"]);
    for (version, run) in [("2", 2), ("3", 3)] {
        w.sh(&format!("cd config && ln -s ..{version} ..tmp && mv -T ..tmp ..data"));
        until_run(&w, id, run);
        until(|| w.ok(&["logs", &format!("1#{run}")]) == format!("version {version}\n")).expect("it reads the new one");
    }
    write(&w, "config/..1/app.yaml", "nobody reads this\n");
    write(&w, "config/..3/app.yaml", "version 4\n");
    until_run(&w, id, 4);
    assert_eq!(changes(&w, id), ["config/app.yaml", "config/app.yaml", "config/app.yaml"]);
    w.ok(&["stop", "1"]);
}
