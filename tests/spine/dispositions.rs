//! What whoever begins a task ignores or blocks, and what a supervisor is sent that is not for it.

use nix::sys::signal::Signal;

use crate::world::{World, is_alive, kill, parent};

/// What may be ignored: all but KILL and STOP, and two that libc keeps to itself.
fn signals() -> Vec<String> {
    (1..=64).filter(|number| ![9, 19, 32, 33].contains(number)).map(|number: i32| number.to_string()).collect()
}

/// Begins a task from a caller with these dispositions, waits for it, stops another, and runs one in the foreground.
fn assert_lives(w: &World, how: &str) {
    let begin = w.sh(&format!(
        "id=$(env {how} aos run -b 'grep -E \"Sig(Blk|Ign)\" /proc/self/status; exit 7'); echo $id; env {how} aos wait $id"
    ));
    let id =
        begin.out.trim().strip_prefix("task-").and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("{begin:?}"));
    assert_eq!((begin.err.as_str(), begin.code), ("", 7), "{how}");
    let log = String::from_utf8(w.log(id)).expect("text");
    assert_eq!(log, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", "{how}");
    assert_eq!(
        w.sh(&format!("env {how} aos run 'echo words; exit 8' | cat; env {how} aos wait @last")).code,
        8,
        "{how}"
    );
    let stopped = w.sh(&format!("env {how} aos run -b -- sleep 1000 && env {how} aos stop @last"));
    assert_eq!((stopped.err.as_str(), stopped.code), ("", 0), "{how}");
    assert!(stopped.out.contains("stopped (killed by SIGTERM)"), "{how}: {stopped:?}");
}

#[test]
fn a_caller_that_ignores_or_blocks_a_signal_begins_tasks_that_end() {
    let w = World::new();
    for signal in signals() {
        for disposition in ["ignore", "block"] {
            let begun = w.sh(&format!("aos wait $(env --{disposition}-signal={signal} aos run -b 'exit 7')"));
            assert_eq!((begun.err.as_str(), begun.code), ("", 7), "{disposition} {signal}");
        }
    }
}

#[test]
fn a_caller_that_ignores_and_blocks_them_all_is_served_by_every_verb() {
    let w = World::new();
    let all = signals().join(",");
    assert_lives(&w, &format!("--ignore-signal={all}"));
    assert_lives(&w, &format!("--block-signal={all}"));
    assert_lives(&w, &format!("--ignore-signal={all} --block-signal={all}"));
    assert_lives(&w, "--ignore-signal=CHLD");
}

#[test]
fn keys_signals_sent_to_a_supervisor_are_nobodys_request() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let keeper = parent(supervisor);
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP] {
        kill(supervisor, signal);
        kill(keeper, signal);
    }
    assert_eq!(w.row(id)["status"], "running");
    assert!(is_alive(keeper));
    kill(supervisor, Signal::SIGTERM);
    assert_eq!(w.ended(id)["status"], "stopped");
    let why = w.ok(&["why", &id.to_string()]);
    assert!(why.contains("SIGTERM to its supervisor") && why.contains("asked for a stop"), "{why}");
}
