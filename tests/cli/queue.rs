//! The queue: what waits begins when it may, is told of, and never holds anybody up who need not
//! wait.

use std::fs;
use std::io::Write;

use nix::sys::signal::Signal;

use crate::shell::BOTH;
use crate::world::{World, is_alive, kill, parent, until};

/// Begins a task that goes on until the file `go-NAME` is there; then it exits with this code.
fn begin_held(w: &World, name: &str, code: u32) -> u32 {
    w.begin(&["-n", name, &format!("until [ -e go-{name} ]; do sleep 0.01; done; exit {code}")])
}

fn let_go(w: &World, name: &str) {
    fs::File::create(w.join(&format!("go-{name}"))).expect("the sign to go on");
}

fn status(w: &World, id: u32) -> String {
    w.row(id)["status"].as_str().expect("a status").to_owned()
}

fn reason(w: &World, id: u32) -> String {
    w.row(id)["reason"].as_str().expect("a reason").to_owned()
}

fn supervisor(w: &World, id: u32) -> i32 {
    w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32
}

#[test]
fn a_chain_goes_on_link_by_link() {
    let w = World::new();
    begin_held(&w, "first", 0);
    let out = w.json(&["run", "-b", "--json", "--after", "first", "echo second >>order"]);
    assert_eq!((&out["status"], &out["reason"]), (&"queued".into(), &"after task-001 (running)".into()));
    assert!(out["pid"].is_null(), "{out}");
    w.begin(&["--after", "2", "echo third >>order"]);
    assert_eq!((status(&w, 2), status(&w, 3)), ("queued".into(), "queued".into()));
    assert_eq!(reason(&w, 3), "after task-002 (queued)");
    assert!(w.ok(&["why", "3"]).starts_with("task-003 queued: after task-002 (queued)\n"));
    let shown = w.ok(&["show", "3"]);
    assert!(shown.contains("queued: after task-002 (queued)") && !shown.contains("started"), "{shown}");
    assert_eq!(w.json(&["tasks", "--json", "--status", "queued"]).as_array().expect("rows").len(), 2);
    let_go(&w, "first");
    assert_eq!(w.aos(&["wait", "3"]).code, 0);
    assert_eq!(fs::read_to_string(w.join("order")).expect("the order"), "second\nthird\n");
    let why = w.ok(&["why", "2"]);
    assert!(why.contains("queued: after task-001 (running)") && why.contains("no longer held: task-001 succeeded"));
}

#[test]
fn a_diamond_closes_when_both_sides_have_ended() {
    let w = World::new();
    begin_held(&w, "top", 0);
    w.begin(&["--after", "top", "until [ -e go-left ]; do sleep 0.01; done"]);
    w.begin(&["--after", "top", "true"]);
    w.begin(&["--after", "2,3", "echo bottom"]);
    assert_eq!(reason(&w, 4), "after task-002 (queued), after task-003 (queued)");
    let_go(&w, "top");
    w.ended(3);
    until(|| reason(&w, 4) == "after task-002 (running)").expect("one side has ended");
    assert_eq!(status(&w, 4), "queued");
    let_go(&w, "left");
    assert_eq!(w.ended(4)["status"], "succeeded");
}

#[test]
fn each_condition_waits_for_its_own() {
    let w = World::new();
    begin_held(&w, "bad", 3);
    for when in ["ok", "any", "fail"] {
        w.begin(&["--after", &format!("bad:{when}"), "true"]);
    }
    let_go(&w, "bad");
    let statuses: Vec<String> = (2..5).map(|id| w.ended(id)["status"].as_str().expect("it").to_owned()).collect();
    assert_eq!(statuses, ["cancelled", "succeeded", "succeeded"]);
    assert_eq!(reason(&w, 2), "task-001 failed (exit 3)");
    // What is over already is judged at once, and so is what waits for what was cancelled.
    w.begin(&["--after", "2", "true"]);
    assert_eq!((status(&w, 5), reason(&w, 5)), ("cancelled".into(), "task-002 was cancelled".into()));
    assert_eq!(w.aos(&["wait", "5"]).code, 1);
    w.begin(&["--after", "3", "true"]);
    assert_eq!(w.ended(6)["status"], "succeeded");
    assert_eq!(w.json(&["prompt", "--json"])["failed"], 3, "the one that failed, and two that were cancelled");
}

#[test]
fn what_waits_for_a_failure_is_not_needed_after_a_success() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        begin_held(&w, "good", 0);
        shell.line("aos run -b -n repair --after good:fail -- echo repair");
        shell.line("aos run -b --after repair -- echo after it");
        let_go(&w, "good");
        for id in [2, 3] {
            let row = w.ended(id);
            assert_eq!((&row["status"], &row["unneeded"]), (&"cancelled".into(), &true.into()), "{row}");
        }
        assert_eq!(w.json(&["prompt", "--json"])["failed"], 0);
        assert_eq!(w.ok(&["tasks", "--json", "--status", "failed"]).trim(), "[]");
        assert_eq!(w.aos(&["show", "@failed"]).err, "aos: no task matches @failed\n");
        assert!(w.ok(&["show", "2"]).contains("status  cancelled, not needed: task-001 succeeded\n"));
        shell.line("true");
        shell.until("[task-002] cancelled  echo repair  task-001 succeeded  (not needed)");
        shell.until("[task-003] cancelled  echo after it  task-002 was cancelled  (not needed)");
        assert!(!shell.text().contains("aos why") && !shell.text().contains("!"), "{}", shell.text());
        shell.end();
    }
}

#[test]
fn what_waits_for_a_server_begins_when_that_is_ready() {
    let w = World::new();
    let server = |name: &str| {
        format!("until [ -e go-{name} ]; do sleep 0.01; done; [ {name} = bad ] || echo up; sleep 0.1; exit 4")
    };
    w.begin(&["-n", "web", "--ready", "log:^up", &(server("web") + "; sleep 1000").replace("exit 4; ", "")]);
    w.begin(&["-n", "bad", "--ready", "log:^up", &server("bad")]);
    w.begin(&["--after", "web:ready", "echo it is"]);
    w.begin(&["--after", "bad:ready", "true"]);
    assert_eq!(reason(&w, 3), "after task-001 is ready (running)");
    w.assert_asleep(3);
    let_go(&w, "web");
    assert_eq!(w.ended(3)["status"], "succeeded");
    assert_eq!(status(&w, 1), "running");
    let_go(&w, "bad");
    assert_eq!(w.ended(4)["reason"], "task-002 failed (exit 4) before it was ready");
    w.begin(&["--after", "web:ready", "true"]);
    assert_eq!(w.ended(5)["status"], "succeeded", "it is ready already");
    let blind = w.aos(&["run", "-b", "--after", "5:ready", "true"]);
    assert_eq!((blind.code, blind.err.contains("it was begun without --ready")), (2, true), "{blind:?}");
    w.ok(&["stop", "web"]);
}

#[test]
fn a_lost_task_has_failed() {
    let w = World::new();
    for words in [&["--after", "1", "true"], &["--after", "1:fail", "true"]] {
        if words[1] == "1" {
            w.begin(&["sleep", "1000"]);
        }
        w.begin(words);
    }
    kill(supervisor(&w, 1), Signal::SIGKILL);
    assert_eq!(w.ended(2)["reason"], "task-001 was lost");
    assert_eq!(w.ended(3)["status"], "succeeded");
}

#[test]
fn a_queued_task_is_stopped_killed_refused_and_removed() {
    let w = World::new();
    begin_held(&w, "first", 0);
    for _ in 0..3 {
        w.begin(&["--after", "first", "touch ran"]);
    }
    assert_eq!(w.aos(&["pause", "2"]).err, "aos: task-002: it has not begun, it is queued\n");
    assert_eq!(w.aos(&["signal", "HUP", "2"]).code, 1);
    let rm = w.aos(&["rm", "2"]);
    assert_eq!((rm.code, rm.err.contains("task-002 is not removed: it is queued")), (1, true), "{rm:?}");
    assert_eq!(w.ok(&["stop", "2"]), "[task-002] stopped (never began)\n");
    assert_eq!(w.ok(&["kill", "3"]), "[task-003] stopped (never began)\n");
    kill(supervisor(&w, 4), Signal::SIGTERM);
    assert_eq!(w.ended(4)["status"], "stopped");
    assert!(w.row(2)["reason"].as_str().expect("a reason").starts_with("asked by aos stop (pid "));
    assert_eq!(w.aos(&["wait", "2"]).code, 1);
    w.ok(&["rm", "2", "3", "4"]);
    let_go(&w, "first");
    w.ended(1);
    assert!(!w.join("ran").exists());
}

#[test]
fn a_delay_is_waited_out() {
    let w = World::new();
    w.begin(&["--delay", "1h", "true"]);
    assert!(reason(&w, 1).starts_with("begins at "));
    w.assert_asleep(1);
    w.begin(&["--delay", "300ms", "date +%s%N"]);
    let row = w.ended(2);
    let waited = w.json(&["why", "2", "--json"])["events"].clone();
    let at = |event: &str| {
        let events = waited.as_array().expect("events");
        events.iter().find(|e| e["event"] == event).unwrap_or_else(|| panic!("no {event}: {waited}"))["at"].clone()
    };
    assert_eq!(row["status"], "succeeded");
    assert!(at("queued").as_str() < at("released").as_str(), "{waited}");
    assert!(at("released").as_str() <= at("born").as_str(), "{waited}");
    // A restart is now.
    w.ok(&["restart", "1"]);
    assert_eq!(w.ended(1)["status"], "succeeded");
}

#[test]
fn what_is_run_again_is_still_waited_for() {
    let w = World::new();
    w.begin(&["-n", "again", "[ $AOS_RUN = 2 ] || sleep 1000"]);
    w.begin(&["--after", "again", "true"]);
    w.ok(&["restart", "again"]);
    assert_eq!(w.ended(1)["status"], "succeeded");
    assert_eq!(w.ended(2)["status"], "succeeded", "{}", w.ok(&["why", "2"]));
}

#[test]
fn who_runs_a_task_again_is_waited_for_however_long_that_takes() {
    let w = World::new();
    w.begin(&[
        "-n",
        "again",
        "[ $AOS_RUN = 2 ] || { trap 'until [ -e go ]; do sleep 0.01; done; exit' TERM; sleep 1000 & wait; }",
    ]);
    w.begin(&["--after", "again", "true"]);
    let mut restart = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut restart = restart.args(["restart", "again"]).spawn().expect("aos runs");
    until(|| status(&w, 1) == "stopping").expect("it was asked");
    kill(restart.id() as i32, Signal::SIGSTOP);
    fs::File::create(w.join("go")).expect("the sign to end");
    until(|| status(&w, 1) == "stopped").expect("the first run is over");
    assert_eq!(w.aos(&["wait", "2", "--timeout", "4s"]).code, 124);
    assert_eq!(status(&w, 2), "queued", "{}", w.ok(&["why", "2"]));
    kill(restart.id() as i32, Signal::SIGCONT);
    assert!(restart.wait().expect("its end").success());
    assert_eq!(w.ended(1)["run"], 2);
    assert_eq!(w.ended(2)["status"], "succeeded", "{}", w.ok(&["why", "2"]));
}

#[test]
fn what_is_run_again_waits_only_for_what_is_not_over() {
    let w = World::new();
    begin_held(&w, "bad", 1);
    w.begin(&["--after", "bad", "true"]);
    let restarted = w.ok(&["restart", "2"]);
    assert!(restarted.starts_with("[task-002] queued: after task-001 (running)  true"), "{restarted}");
    let_go(&w, "bad");
    assert_eq!(w.ended(2)["reason"], "task-001 failed (exit 1)");
    assert!(w.ok(&["restart", "2"]).starts_with("[task-002] "));
    assert_eq!(w.ended(2)["status"], "succeeded", "its failure is history");
    w.ok(&["rm", "bad"]);
    w.ok(&["restart", "2"]);
    assert_eq!(w.ended(2)["status"], "succeeded", "{}", w.ok(&["why", "2"]));
}

#[test]
fn a_circle_is_refused_with_its_links() {
    let w = World::new();
    begin_held(&w, "first", 0);
    w.begin(&["--after", "1", "true"]);
    w.begin(&["--after", "2", "true"]);
    let spec = fs::read_to_string(w.task(1, "spec.json")).expect("the spec");
    let begins = r#""begins":{"after":[{"id":"task-003","when":"ok"}]},"time_limits":"#;
    let mut file = fs::File::create(w.task(1, "spec.json")).expect("a file");
    file.write_all(spec.replace(r#""time_limits":"#, begins).as_bytes()).expect("written");
    let out = w.ok(&["restart", "1"]);
    let circle = "task-001 waits for itself: task-001 after task-003 after task-002 after task-001";
    assert!(out.starts_with(&format!("[task-001] cancelled: {circle} ")), "{out}");
    assert_eq!(w.ended(2)["reason"], "task-001 was cancelled");
    assert_eq!(w.ended(3)["reason"], "task-002 was cancelled");
}

#[test]
fn bad_wishes_are_refused() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    for (words, code, text) in [
        (&["--after", "7"][..], 3, "there is no task"),
        (&["--after", "1:later"], 2, "`later` is nothing that can be waited for"),
        (&["--after", "1#1"], 2, "names a run"),
        (&["--after", ":ok"], 2, "is no task"),
        (&["--delay", "soon"], 2, "soon"),
    ] {
        let said = w.aos(&[&["run", "-b"], words, &["true"]].concat());
        assert_eq!(said.code, code, "{said:?}");
        assert!(said.err.contains(text), "{said:?}");
    }
    assert_eq!(w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len(), 1, "nothing was begun");
}

#[test]
fn a_foreground_run_waits_and_then_shows_its_output() {
    let w = World::new();
    begin_held(&w, "first", 0);
    std::thread::scope(|s| {
        let shown = s.spawn(|| w.aos(&["run", "--after", "first", "echo shown; exit 5"]));
        until(|| w.aos(&["show", "2", "--json"]).code == 0 && status(&w, 2) == "queued").expect("queued");
        let_go(&w, "first");
        let said = shown.join().expect("the run");
        assert_eq!((said.out.as_str(), said.code), ("shown\n", 5));
        assert!(said.err.starts_with("[task-002] queued: after task-001 (running)  echo shown"), "{said:?}");
    });
    let said = w.aos(&["run", "--after", "2", "true"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("cancelled: task-002 failed (exit 5)"), "{said:?}");
}

#[test]
fn a_queued_task_that_cannot_be_launched_is_told() {
    let w = World::new();
    begin_held(&w, "first", 0);
    w.begin(&["--after", "first", "no-such-program-here", "x"]);
    let_go(&w, "first");
    assert_eq!(w.ended(2)["status"], "failed");
    assert_eq!(w.json(&["prompt", "--json"])["failed"], 1);
}

#[test]
fn a_crash_of_a_queued_task_is_seen_by_those_behind_it() {
    let w = World::new();
    begin_held(&w, "first", 0);
    w.begin(&["--after", "first", "true"]);
    w.begin(&["--after", "2:any", "true"]);
    let supervisor = supervisor(&w, 2);
    let watchdog = parent(supervisor);
    kill(watchdog, Signal::SIGKILL);
    until(|| !is_alive(watchdog)).expect("gone");
    assert_eq!(status(&w, 2), "queued");
    kill(supervisor, Signal::SIGKILL);
    assert_eq!(w.ended(3)["status"], "succeeded");
    assert_eq!(status(&w, 2), "lost");
    let_go(&w, "first");
    w.ended(1);
}

/// A line of shell that says so in `order`, and whether another of its kind runs beside it.
fn alone(name: &str) -> String {
    format!("mkdir only || echo two at once >>order; echo {name} >>order; rmdir only")
}

fn order(w: &World) -> Vec<String> {
    let order = fs::read_to_string(w.join("order")).unwrap_or_default();
    order.lines().map(str::to_owned).collect()
}

fn configure(w: &World, config: &str) {
    fs::create_dir_all(w.home()).expect("a home");
    let mut file = fs::File::create(w.home().join("config.toml")).expect("a file");
    file.write_all(config.as_bytes()).expect("written");
}

/// Begins tasks of group `g` that stand in line behind one that is held; gives their ids.
fn line_up(w: &World, most: u32) -> Vec<u32> {
    begin_in(w, "holder");
    (0..most).map(|n| w.begin(&["-g", "g", &alone(&format!("t{n}"))])).collect()
}

fn begin_in(w: &World, name: &str) -> u32 {
    w.begin(&["-g", "g", "-n", name, &format!("until [ -e go-{name} ]; do sleep 0.01; done")])
}

#[test]
fn a_group_runs_one_after_another_in_order() {
    let w = World::new();
    let ids = line_up(&w, 4);
    w.begin(&["-g", "g", "--priority", "7", &alone("urgent")]);
    w.begin(&["-g", "g", "--priority", "-7", &alone("last")]);
    w.begin(&["-g", "other", "echo free >>order"]);
    w.ended(8);
    assert_eq!(reason(&w, ids[0]), "2nd in group g (1 slot, held by task-001)");
    assert!(w.ok(&["why", "6"]).starts_with("task-006 queued: 1st in group g (1 slot, held by task-001)\n"));
    w.ok(&["stop", &ids[1].to_string()]);
    let_go(&w, "holder");
    assert_eq!(w.aos(&["wait", "7"]).code, 0);
    assert_eq!(order(&w), ["free", "urgent", "t0", "t2", "t3", "last"]);
    assert!(w.ok(&["why", "7"]).contains("no longer held: its turn in group g has come"));
}

#[test]
fn a_slot_that_is_free_is_had_at_once() {
    let w = World::new();
    let out = w.json(&["run", "-b", "--json", "-g", "g", "true"]);
    assert_eq!(out["status"], "running", "{out}");
    assert!(out["pid"].is_number());
    w.ended(1);
}

#[test]
fn slots_are_as_many_as_are_set_and_seen_when_they_are() {
    let w = World::new();
    configure(&w, "[groups.g]\nslots = 2\n");
    for name in ["a", "b", "c", "d"] {
        begin_in(&w, name);
    }
    let statuses = |w: &World| (1..5).map(|id| status(w, id)).collect::<Vec<_>>().join(" ");
    assert_eq!(statuses(&w), "running running queued queued");
    assert_eq!(reason(&w, 4), "2nd in group g (2 slots, held by task-001, task-002)");
    configure(&w, "[groups.g]\nslots = 3\n");
    until(|| statuses(&w) == "running running running queued").expect("one more");
    configure(&w, "[groups.g]\nslots = 1\n");
    let_go(&w, "a");
    w.ended(1);
    let_go(&w, "b");
    w.ended(2);
    assert_eq!(status(&w, 4), "queued", "one still runs");
    let_go(&w, "c");
    until(|| status(&w, 4) == "running").expect("now");
    let_go(&w, "d");
    w.ended(4);
}

#[test]
fn a_configuration_that_is_wrong_is_told_with_its_line() {
    let w = World::new();
    configure(&w, "[groups.g]\nslots = 0\n");
    let said = w.aos(&["run", "-b", "-g", "g", "true"]);
    assert_eq!(said.code, 125);
    assert!(said.err.contains("config.toml, line 2: a group has 1 to 1000 slots, not 0"), "{said:?}");
    w.begin(&["true"]);
    w.ended(1);
    configure(&w, "");
    line_up(&w, 1);
    configure(&w, "nonsense");
    until(|| w.ok(&["why", "3"]).contains("group g has 1 slot until that is mended")).expect("told in the journal");
    let_go(&w, "holder");
    assert_eq!(w.ended(3)["status"], "succeeded");
    for words in [&["run", "-b", "-g", "a/b", "true"][..], &["run", "-b", "--priority", "3", "true"]] {
        assert_eq!(w.aos(words).code, 2, "{words:?}");
    }
    assert_eq!(w.aos(&["run", "-b", "-g", "g", "--priority", "101", "true"]).code, 2);
}

#[test]
fn many_at_once_still_run_one_by_one() {
    let w = World::new();
    std::thread::scope(|s| {
        for n in 0..12 {
            let w = &w;
            s.spawn(move || w.begin(&["-g", "g", &alone(&format!("t{n}"))]));
        }
    });
    w.ok(&["wait", "1-12"]);
    let order = order(&w);
    assert!(order.len() == 12 && !order.contains(&"two at once".to_owned()), "{order:?}");
}

#[test]
fn a_crash_of_who_runs_frees_the_slot() {
    for is_keeper_killed in [false, true] {
        let w = World::new();
        let ids = line_up(&w, 3);
        let holder = supervisor(&w, 1);
        if is_keeper_killed {
            let watchdog = parent(holder);
            kill(watchdog, Signal::SIGKILL);
            until(|| !is_alive(watchdog)).expect("gone");
        }
        kill(holder, Signal::SIGKILL);
        w.ok(&["wait", &format!("{}-{}", ids[0], ids[2])]);
        assert_eq!(order(&w), ["t0", "t1", "t2"]);
        assert_eq!(status(&w, 1), "lost");
    }
}

#[test]
fn a_crash_in_the_line_holds_nobody_up() {
    // The head, one in the middle, two that follow each other, the last; then who has just begun.
    for dead in [&[0][..], &[2], &[1, 2], &[4], &[0, 1, 2, 3]] {
        let w = World::new();
        let ids = line_up(&w, 5);
        for n in dead {
            let supervisor = supervisor(&w, ids[*n]);
            let watchdog = parent(supervisor);
            kill(watchdog, Signal::SIGKILL);
            kill(supervisor, Signal::SIGKILL);
        }
        let_go(&w, "holder");
        let left: Vec<usize> = (0..5).filter(|n| !dead.contains(n)).collect();
        for n in &left {
            assert_eq!(w.ended(ids[*n])["status"], "succeeded", "{dead:?}");
        }
        assert_eq!(order(&w), left.iter().map(|n| format!("t{n}")).collect::<Vec<_>>(), "{dead:?}");
        for n in dead {
            assert_eq!(status(&w, ids[*n]), "lost");
        }
    }
}

#[test]
fn a_crash_of_who_has_just_begun_lets_the_next_begin() {
    let w = World::new();
    begin_in(&w, "holder");
    let ids: Vec<u32> = (0..4).map(|_| w.begin(&["-g", "g", "sleep 1000"])).collect();
    let last = w.begin(&["-g", "g", "true"]);
    let supervisors: Vec<i32> = ids.iter().map(|id| supervisor(&w, *id)).collect();
    let_go(&w, "holder");
    for (id, supervisor) in ids.iter().zip(supervisors) {
        until(|| {
            fs::read_to_string(w.home().join("tasks/.queue/g/slot.0"))
                .is_ok_and(|s| s.contains(&format!("task-{id:03}")))
        })
        .expect("its turn");
        kill(supervisor, Signal::SIGKILL);
    }
    assert_eq!(w.ended(last)["status"], "succeeded");
}

#[test]
fn a_line_that_was_removed_is_made_again() {
    let w = World::new();
    let ids = line_up(&w, 3);
    fs::remove_dir_all(w.home().join("tasks/.queue")).expect("removed");
    let_go(&w, "holder");
    w.ok(&["wait", &format!("{}-{}", ids[0], ids[2])]);
    assert_eq!(order(&w).len(), 3);
}

#[test]
fn nobody_is_left_when_the_home_is_deleted() {
    let w = World::new();
    let ids = line_up(&w, 3);
    let supervisors: Vec<i32> = ids.iter().map(|id| supervisor(&w, *id)).collect();
    fs::remove_dir_all(w.home()).expect("deleted");
    let_go(&w, "holder");
    until(|| supervisors.iter().all(|pid| !is_alive(*pid))).expect("all have gone");
    assert!(!w.home().exists() && order(&w).is_empty());
}

#[test]
fn one_that_is_run_again_stands_in_line_again() {
    let w = World::new();
    w.begin(&["-g", "g", "true"]);
    w.ended(1);
    begin_in(&w, "holder");
    let waiting = w.begin(&["-g", "g", &alone("before")]);
    let said = w.ok(&["restart", "1"]);
    assert!(said.starts_with("[task-001] queued: 2nd in group g (1 slot, held by task-002)"), "{said}");
    let_go(&w, "holder");
    assert_eq!(w.ended(1)["status"], "succeeded");
    assert_eq!((status(&w, waiting).as_str(), order(&w)), ("succeeded", vec!["before".to_owned()]));
}

#[test]
fn what_waits_for_others_holds_nobody_up_in_its_group() {
    let w = World::new();
    begin_held(&w, "first", 0);
    w.begin(&["-g", "g", "--after", "first", &alone("late")]);
    w.begin(&["-g", "g", &alone("early")]);
    assert_eq!(w.ended(3)["status"], "succeeded");
    let_go(&w, "first");
    w.ended(2);
    assert_eq!(order(&w), ["early", "late"]);
}

/// The voluntary and the other switches of a process, and its processor time.
fn effort(pid: i32) -> (Vec<String>, String) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let times: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2).collect();
    (status.lines().filter(|l| l.contains("ctxt_switches")).map(str::to_owned).collect(), times.join(" "))
}

#[test]
fn those_that_wait_cost_nothing_and_an_end_wakes_few() {
    const MOST: u32 = 100;
    let w = World::new();
    begin_in(&w, "holder");
    begin_in(&w, "next");
    for _ in 0..MOST {
        w.begin(&["-g", "g", "true"]);
    }
    let supervisors: Vec<i32> = (2..MOST + 3).map(|id| supervisor(&w, id)).collect();
    let efforts = || supervisors.iter().map(|pid| effort(*pid)).collect::<Vec<_>>();
    // Each has its name when it has put everything down.
    until(|| w.sh("pgrep -fc \"aos: supervisor of $AOS_HOME/\"").out.trim() == (MOST + 2).to_string()).expect("all");
    assert_eq!(w.aos(&["wait", "--timeout", "500ms", "1"]).code, 124);
    let before = efforts();
    assert_eq!(w.aos(&["wait", "--timeout", "1s", "1"]).code, 124);
    assert_eq!(efforts(), before);
    let_go(&w, "holder");
    until(|| status(&w, 2) == "running").expect("the next");
    assert_eq!(w.aos(&["wait", "--timeout", "300ms", "2"]).code, 124);
    let woken = efforts().iter().zip(&before).filter(|(now, then)| now != then).count();
    assert!(woken <= 2, "{woken} were woken");
    let_go(&w, "next");
    w.ok(&["wait", &format!("3-{}", MOST + 2)]);
}

#[test]
fn the_prompt_counts_the_queued_apart() {
    for kind in BOTH {
        let w = World::new();
        let mut shell = kind.with_aos(&w, "");
        shell.type_line("sleep 1000 &aos -n first");
        shell.until("[task-001]");
        shell.type_line("true &aos --after first");
        shell.until("[task-002] queued: after task-001 (running)  true");
        // The very next prompt, though nothing else has happened.
        shell.until("1& +1 <");
        assert_eq!(w.ok(&["prompt"]), "1& +1 \n");
        let names: Vec<String> = fs::read_dir(w.home().join("tasks/active"))
            .expect("markers")
            .map(|entry| entry.expect("one").file_name().to_string_lossy().into_owned())
            .collect();
        assert!(names.contains(&format!("task-002.{}.queued", supervisor(&w, 2))), "{names:?}");
        // As one marks that somebody is to type.
        let active = w.home().join("tasks/active");
        let pid = supervisor(&w, 1);
        fs::rename(active.join(format!("task-001.{pid}")), active.join(format!("task-001.{pid}.waiting"))).expect("so");
        crate::prompt::until_prompt_says(&mut shell, "1& +1 1? <");
        assert_eq!(w.ok(&["prompt"]), "1& +1 1? \n");
        w.ok(&["stop", "first"]);
        crate::prompt::until_prompt_says(&mut shell, "1! <");
        shell.until("[task-002] cancelled  true  task-001 was stopped  (aos why 2)");
        shell.end();
    }
}
