//! Run after run: one task, one id, one supervisor; and an end that is told as what it was.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::world::{World, is_alive, kill, until};

fn supervisor(w: &World, id: u32) -> i32 {
    w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32
}

fn until_status(w: &World, id: u32, status: &str) {
    until(|| w.row(id)["status"] == status).unwrap_or_else(|| panic!("not {status}: {}", w.ok(&["why", "1"])));
}

/// A task that fails at once, and whose next run is an hour away.
fn begin_backed_off(w: &World) -> u32 {
    let id = w.begin(&["--restart", "on-failure", "--backoff", "1h", "exit 3"]);
    until_status(w, id, "queued");
    id
}

fn journal(w: &World, id: u32) -> Vec<Value> {
    let text = fs::read_to_string(w.task(id, "journal.jsonl")).expect("a journal");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn it_is_begun_again_until_it_succeeds_and_each_run_has_its_number() {
    let w = World::new();
    let line = "echo x >>n; wc -l <n; [ $(wc -l <n) -ge 3 ]";
    let id = w.begin(&["--restart", "on-failure", "--backoff", "200ms", line]);
    assert_eq!(w.aos(&["wait", "1"]).code, 0, "the end is the last run's");
    let row = w.row(id);
    assert_eq!((&row["status"], &row["run"]), (&"succeeded".into(), &3.into()));
    assert_eq!(w.ok(&["logs", "1"]), "1\n2\n3\n");
    assert_eq!([1, 2, 3].map(|run| w.ok(&["logs", &format!("1#{run}")])), ["1\n", "2\n", "3\n"]);
    assert_eq!(w.ok(&["logs", "1", "--run", "2", "--grep", "."]), "2\n");
    let none = w.aos(&["logs", "1#4"]);
    assert_eq!(none.err, "aos: task-001 has no run 4\n  hint: its runs are 1 to 3\n");
    let born: Vec<u64> =
        journal(&w, id).iter().filter(|e| e["event"] == "born").map(|e| e["run"].as_u64().expect("a run")).collect();
    assert_eq!(born, [1, 2, 3]);
    let why = w.ok(&["why", "1"]);
    assert!(why.contains("between runs: restart 1 after exit 1 at "), "{why}");
    assert!(why.contains("no longer held: restart 2 after exit 1\n"), "{why}");
}

#[test]
fn which_ends_are_followed_by_another_run() {
    let w = World::new();
    let cases: [(&[&str], &str, i32, u32); 10] = [
        (&["exit 1"], "failed", 1, 1),
        (&["--restart", "no", "exit 1"], "failed", 1, 1),
        (&["--restart", "on-failure", "exit 0"], "succeeded", 0, 1),
        (&["--restart", "on-failure", "--retries", "2", "exit 4"], "failed", 4, 3),
        (&["--retries", "1", "exit 4"], "failed", 4, 2),
        (&["--retries", "0", "exit 4"], "failed", 4, 1),
        (&["--retries", "1", "kill -9 $$"], "failed", 137, 2),
        (&["--retries", "1", "--timeout", "50ms", "sleep 1000"], "timed-out", 124, 2),
        (&["--retries", "5", "./nothing-here 2>&1"], "failed", 127, 6),
        (&["--restart", "always", "--retries", "2", "exit 0"], "succeeded", 0, 3),
    ];
    for (number, (words, status, code, runs)) in (1..).zip(cases) {
        let id = w.begin(&[&["--backoff", "1ms"], words].concat());
        assert_eq!(w.aos(&["wait", &id.to_string()]).code, code, "{words:?}");
        let row = w.row(id);
        assert_eq!((&row["status"], &row["run"]), (&status.into(), &runs.into()), "{words:?}");
        assert_eq!(id, number);
    }
    assert_eq!(w.row(4)["reason"], "it was begun again 2 times, as often as it may be");
    assert_eq!(w.row(8)["reason"], "ran longer than 0.0s; it was begun again once, as often as it may be");
    assert_eq!(w.row(10)["reason"], "it was begun again 2 times, as often as it may be");
}

#[test]
fn what_cannot_be_executed_is_not_retried() {
    let w = World::new();
    for when in ["on-failure", "always"] {
        let said = w.aos(&["run", "-b", "--restart", when, "--backoff", "1ms", "--", "./nothing-here"]);
        assert_eq!(said.code, 127, "{}", said.err);
    }
    assert_eq!([1, 2].map(|id| w.ended(id)["run"].clone()), [1, 1]);
    // One that was there once may come again: a server that is being built.
    assert_eq!(w.sh(r"printf '#!/bin/sh\nrm serve\n' >serve; chmod +x serve").code, 0);
    let id = w.begin(&["--restart", "always", "--retries", "3", "--backoff", "1ms", "--", "./serve"]);
    let row = w.ended(id);
    assert_eq!((&row["exit_code"], &row["run"]), (&127.into(), &4.into()));
}

#[test]
fn a_crash_loop_is_given_up_and_told_as_such() {
    let w = World::new();
    for (line, code) in [("exit 7", 7), ("exit 0", 1)] {
        let id = w.begin(&["--restart", "always", "--backoff", "1ms", line]);
        assert_eq!(w.aos(&["wait", &id.to_string()]).code, code);
        let row = w.row(id);
        let last = if code == 7 { 7 } else { 0 };
        let why = format!("crash loop: 10 runs in a row ended within 1s of their start, the last with exit {last}");
        assert_eq!((&row["status"], &row["run"], &row["reason"]), (&"failed".into(), &10.into(), &why.clone().into()));
        for verb in ["why", "show"] {
            assert!(w.ok(&[verb, &id.to_string()]).contains(&why));
        }
    }
}

#[test]
fn a_stop_is_for_good_whether_it_runs_or_waits() {
    let w = World::new();
    let id = w.begin(&["--restart", "always", "--backoff", "1ms", "sleep", "1000"]);
    assert_eq!(w.row(id)["status"], "running");
    assert!(w.ok(&["stop", "1"]).starts_with("[task-001] stopped (killed by SIGTERM)"));
    let row = w.row(id);
    assert_eq!((&row["status"], &row["run"]), (&"stopped".into(), &1.into()));

    let id = begin_backed_off(&w);
    let row = w.row(id);
    assert!(row["reason"].as_str().expect("why").starts_with("restart 1 after exit 3 at "), "{row}");
    assert_eq!(row["run"], 2);
    assert!(w.ok(&["tasks"]).contains("restarting, failed (3)"));
    assert_eq!(w.aos(&["wait", "--timeout", "50ms", "2"]).code, 124, "it is not over");
    let refused = w.aos(&["pause", "2"]);
    assert_eq!(refused.err, "aos: task-002: it is not running, it waits for its next run\n");
    assert_eq!(w.ok(&["stop", "2"]), "[task-002] stopped (run 2 never began)\n");
    assert_eq!(w.row(id)["status"], "stopped");
    assert_eq!(w.aos(&["stop", "2"]).code, 1);
    assert_eq!(w.aos(&["logs", "2#2"]).err, "aos: task-002 never began run 2\n  hint: its runs are 1 to 2\n");
}

#[test]
fn a_stop_is_heard_at_any_moment_between_two_runs() {
    let w = World::new();
    for round in 0..25 {
        let id = w.begin(&["--restart", "always", "--retries", "1000000", "--backoff", "0", "true"]);
        until(|| w.row(id)["run"].as_u64().is_some_and(|run| run > round % 5)).expect("runs");
        let (first, second) = std::thread::scope(|scope| {
            let stop = || w.aos(&["stop", &id.to_string()]);
            let other = scope.spawn(stop);
            (stop(), other.join().expect("said"))
        });
        let told = [&first.err, &second.err];
        assert!(first.code == 0 || second.code == 0, "{told:?}");
        let row = w.row(id);
        assert!(row["ended"].is_string(), "{row}");
        assert!(["stopped", "succeeded"].contains(&row["status"].as_str().expect("it")), "{row}");
    }
}

#[test]
fn a_restart_by_hand_works_while_it_runs_and_while_it_waits() {
    let w = World::new();
    let id = begin_backed_off(&w);
    assert!(w.ok(&["restart", "1"]).contains("(run 3)"));
    until(|| w.row(id)["run"] == 4 && w.row(id)["status"] == "queued").expect("it failed again");
    assert!(w.row(id)["reason"].as_str().expect("why").starts_with("restart 1 after"), "counted anew");
    w.ok(&["stop", "1"]);
    w.begin(&["--restart", "always", "sleep", "1000"]);
    assert!(w.ok(&["restart", "2"]).contains("(run 2)"));
    assert_eq!(w.row(2)["status"], "running");
    w.ok(&["stop", "2"]);
}

#[test]
fn a_killed_supervisor_leaves_the_truth_in_every_phase() {
    let w = World::new();
    w.begin(&["--restart", "always", "echo leader=$$; sleep 1000"]);
    let leader = w.pid_logged(1, "leader");
    begin_backed_off(&w);
    for id in [1, 2] {
        kill(supervisor(&w, id), Signal::SIGKILL);
        until_status(&w, id, "lost");
        assert_eq!(w.aos(&["wait", &id.to_string()]).code, 6);
    }
    until(|| !is_alive(leader)).expect("nothing is left");
    until(|| w.row(2)["reason"].as_str().is_some_and(|r| r.contains("SIGKILL"))).expect("it says why");
    assert!(w.ok(&["restart", "1"]).contains("(run 2)"));
    w.ok(&["stop", "1"]);
}

#[test]
fn one_supervisor_sees_all_runs_and_sleeps_in_between() {
    let w = World::new();
    let line = "[ -e n ] && exec sleep 1000; echo >n; exit 1";
    let id = w.begin(&["--restart", "on-failure", "--backoff", "200ms", line]);
    let first = supervisor(&w, id);
    until(|| w.row(id)["run"] == 2 && w.row(id)["status"] == "running").expect("the second run");
    assert_eq!(supervisor(&w, id), first);
    w.assert_asleep(id);
    w.ok(&["stop", "1"]);
    let id = begin_backed_off(&w);
    w.assert_asleep(id);
    w.ok(&["stop", &id.to_string()]);
}

#[test]
fn what_a_run_used_is_its_own() {
    let w = World::new();
    let line = "[ -e n ] && exit 0; echo >n; head -c 100000000 /dev/zero | tail -c 99999999 >/dev/null; exit 1";
    let id = w.begin(&["--restart", "on-failure", "--backoff", "0", line]);
    let row = w.ended(id);
    assert_eq!(row["run"], 2);
    let peak = row["peak_memory"].as_u64().expect("known");
    assert!(peak > 0 && peak < 50_000_000, "{row}");
}

#[test]
fn bad_policies_are_refused() {
    let w = World::new();
    for (words, why) in [
        (&["--restart", "sometimes", "true"][..], "`sometimes` is no value of --restart: no, on-failure, always"),
        (&["--restart", "no", "--retries", "2", "true"], "--retries says how often, and --restart no says never"),
        (&["--retries", "-1", "true"], "--retries"),
        (&["--backoff", "soon", "true"], "`soon` is not a length of time"),
    ] {
        let said = w.aos(&[&["run", "-b"], words].concat());
        assert_eq!(said.code, 2, "{words:?}");
        assert!(said.err.contains(why), "{}", said.err);
    }
}
