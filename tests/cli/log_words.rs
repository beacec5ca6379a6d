//! Which logs are meant by the words of `aos logs`, and what is said of those that are not there.

use std::fs::{self, File};

use crate::world::{World, until};

/// Runs this to its end, under a name.
fn printed(w: &World, name: &str, script: &str) -> String {
    let id = w.begin(&["-n", name, "--shell", script]);
    w.ended(id);
    id.to_string()
}

fn with_two() -> World {
    let w = World::new();
    printed(&w, "web", "echo an error; echo fine");
    printed(&w, "db", "echo ready");
    w
}

#[test]
fn a_pattern_stands_before_or_after_its_task() {
    let w = with_two();
    let found = "an error\n";
    for words in [
        &["--grep", "error", "1"][..],
        &["1", "--grep", "error"],
        &["--grep", "1", "error"],
        &["--grep", "web", "error"],
        &["1", "error"],
        &["error", "web"],
        &["-i", "web", "ERROR"],
        &["web", "an e|nothing"],
    ] {
        assert_eq!(w.ok(&[&["logs"], words].concat()), found, "{words:?}");
    }
    assert_eq!(w.ok(&["logs", "web", "error", "-c"]), "1\n");
    assert_eq!(w.ok(&["logs", "--grep", "db", "web", "-v"]), "an error\nfine\n", "both are tasks: as it is written");
    assert_eq!(w.ok(&["logs", "web", "db"]).lines().count(), 5, "two tasks");
}

#[test]
fn a_mistyped_task_is_not_looked_for() {
    let w = with_two();
    for words in [&["1", "wbe"][..], &["web", "99"], &["web", "bd"], &["web", "db", "error"]] {
        let said = w.aos(&[&["logs"], words].concat());
        assert!(said.out.is_empty() && [1, 3].contains(&said.code), "{words:?}: {said:?}");
        assert!(
            said.err.contains("there is no task") || said.err.contains("no task matches"),
            "{words:?}: {}",
            said.err
        );
    }
    let near = w.aos(&["logs", "1", "wbe"]).err;
    assert!(near.contains("near: task-001 (web); to look for a text: aos logs --grep TEXT ID"), "{near}");
    let nothing = w.aos(&["logs", "1", "zebra"]);
    assert_eq!((nothing.out.as_str(), nothing.code), ("", 1));
    assert_eq!(
        nothing.err, "aos: no line matches `zebra`, and no task is called that\n",
        "no silence in which a name could hide"
    );
    let idle = w.aos(&["logs", "-i", "1"]);
    assert!(idle.code == 2 && idle.err.contains("aos logs --grep PATTERN ID"), "{}", idle.err);
}

#[test]
fn one_of_several_that_has_no_log_keeps_nothing_from_the_others() {
    let w = with_two();
    let queued = w.begin(&["--delay", "1h", "echo later"]).to_string();
    let ways: [&[&str]; 7] =
        [&[], &["-n", "1"], &["--since", "1h"], &["--json"], &["--merge"], &["-g", "."], &["--head", "1"]];
    for way in ways {
        let said = w.aos(&[&["logs", &queued, "2"], way].concat());
        assert!(said.out.contains("ready") && said.code == 0, "{way:?}: {said:?}");
        assert!(
            said.err.starts_with("aos: task-003 has printed nothing yet: it has not begun\n"),
            "{way:?}: {}",
            said.err
        );
    }
    let alone = w.aos(&["logs", &queued]);
    assert_eq!((alone.code, alone.out.as_str()), (1, ""));
    assert!(alone.err.contains("hint: aos logs -f task-003 waits for it"), "{}", alone.err);
    w.ok(&["stop", &queued]);
    assert!(w.aos(&["logs", &queued]).err.starts_with("aos: task-003 has printed nothing: it never began\n"));
    fs::remove_file(w.ok(&["logs", "--path", "1"]).trim()).expect("removed");
    for way in [&[][..], &["-f"], &["--json"]] {
        let said = w.aos(&[&["logs", "1", "2"], way].concat());
        assert!(said.out.contains("ready") && said.err.contains("task-001 has no log: "), "{way:?}: {said:?}");
        let alone = w.aos(&[&["logs", "1"], way].concat());
        assert!(alone.code == 1 && alone.err.contains("task-001 has no log: "), "{way:?}: {alone:?}");
    }
}

#[test]
fn one_that_has_not_begun_is_followed_beside_the_others() {
    let w = World::new();
    let first = w.begin(&["-n", "first", "echo one; until [ -e go ]; do sleep 0.01; done"]).to_string();
    let second = w.begin(&["-n", "second", "--after", &first, "echo two"]).to_string();
    let mut follower = w.command(env!("CARGO_BIN_EXE_aos"));
    let follower = follower.args(["logs", "-f", &second, &first]).stdout(std::process::Stdio::piped());
    let mut follower = follower.spawn().expect("a follower");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(follower.stdout.take().expect("its output")));
    assert_eq!(lines.next().expect("a line").expect("text"), "first │ one", "the first is not kept waiting");
    File::create(w.join("go")).expect("the sign to go on");
    assert_eq!(lines.next().expect("a line").expect("text"), "second │ two");
    assert!(follower.wait().expect("it ends").success());
}

#[test]
fn a_run_is_named_by_its_number() {
    let w = World::new();
    printed(&w, "web", "echo run $AOS_RUN");
    w.ok(&["restart", "web"]);
    w.ended(1);
    assert_eq!(w.ok(&["logs", "1#1"]), "run 1\n");
    for words in [&["1#2"][..], &["web#2"], &["1", "--run", "2"], &["1#2", "--run", "2"]] {
        assert_eq!(w.ok(&[&["logs"], words].concat()), "run 2\n", "{words:?}");
    }
    assert_eq!(
        w.aos(&["logs", "1#2", "--run", "1"]).err,
        "aos: --run 1 and #2 are two runs\n  hint: leave one of them out\n"
    );
    assert_eq!(w.aos(&["logs", "1#1", "1#2"]).code, 2);
    let why = w.ok(&["why", "1#1"]);
    assert!(why.contains("run 1") && !why.contains("run 2"), "{why}");
    assert_eq!(w.ok(&["show", "--json", "1#2"]), w.ok(&["show", "--json", "1"]));
    let older = w.aos(&["show", "1#1"]);
    assert!(
        older.code == 2 && older.err.contains("show tells of the newest run, and that of task-001 is 2"),
        "{}",
        older.err
    );
    assert!(older.err.contains("aos why task-001#1"), "{}", older.err);
    for verb in ["logs", "why", "show"] {
        let none = w.aos(&[verb, "1#9"]);
        assert!(
            none.code == 3 && none.err.contains("task-001 has no run 9") && none.err.contains("1 to 2"),
            "{verb}: {}",
            none.err
        );
    }
}

#[test]
fn every_part_of_a_log_has_its_path() {
    let w = World::new();
    w.aos(&["tasks"]);
    let config = "[logs]\nsegment = \"64KiB\"\n";
    File::create(w.home().join("config.toml"))
        .and_then(|mut file| std::io::Write::write_all(&mut file, config.as_bytes()))
        .expect("settings");
    printed(&w, "long", "seq 1 40000");
    let newest = w.ok(&["logs", "--path", "1"]);
    let is_settled = |path: &str| path.ends_with(".zst") || path == newest.trim();
    until(|| w.ok(&["logs", "--path=all", "1"]).lines().all(is_settled)).expect("all are compressed");
    let all = w.ok(&["logs", "--path=all", "1"]);
    assert!(newest.lines().count() == 1 && all.lines().count() > 2 && all.ends_with(&newest), "{all}");
    let whole =
        w.sh("aos logs --path=all 1 | while read f; do case $f in *.zst) zstd -qdc $f;; *) cat $f;; esac; done");
    assert!(whole.out == w.ok(&["logs", "--raw", "1"]), "oldest first: {all}");
}

#[test]
fn a_run_of_a_task_is_read_and_nothing_else_is_done_to_it() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    for verb in ["stop", "kill", "restart", "pause", "wait", "rm", "peek"] {
        let told = w.aos(&[verb, "1#1"]);
        assert!(told.code == 2 && told.err.contains("task-001#1 is one of its runs"), "{verb}: {}", told.err);
    }
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}
