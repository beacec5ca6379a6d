//! What whoever begins a task ignores or blocks, and what a supervisor is sent that is not for it.

use nix::sys::signal::Signal;

use crate::world::{World, is_alive, kill, parent, until};

/// What may be ignored: all but KILL and STOP, and two that libc keeps to itself.
fn signals() -> Vec<String> {
    (1..=64).filter(|number| ![9, 19, 32, 33].contains(number)).map(|number: i32| number.to_string()).collect()
}

/// Begins a task from a caller with these dispositions, waits for it, stops another, and runs one
/// in the foreground.
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
    let watchdog = parent(supervisor);
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP] {
        kill(supervisor, signal);
        kill(watchdog, signal);
    }
    assert_eq!(w.row(id)["status"], "running");
    assert!(is_alive(watchdog));
    kill(supervisor, Signal::SIGTERM);
    assert_eq!(w.ended(id)["status"], "stopped");
    let why = w.ok(&["why", &id.to_string()]);
    assert!(why.contains("SIGTERM to its supervisor") && why.contains("asked for a stop"), "{why}");
}

/// Limits under which little can be done, and how a command shows that it has them.
const LIMITS: &str = "ulimit -S -n 40; ulimit -S -f 64; ulimit -S -t 1; ulimit -S -c 0; ulimit -S -s 4096";
const SHOW: &str = "ulimit -n; ulimit -f; ulimit -t; ulimit -c; ulimit -s; nice; umask";

#[test]
fn the_command_has_its_callers_limits_and_whatever_looks_after_it_has_none() {
    let w = World::new();
    let niceness: i32 = w.sh("nice").out.trim().parse().expect("a number");
    let nicer = |by: i32| (niceness + by).min(19);
    let shown = format!("40\n64\n1\n0\n4096\n{}\n0037\n", nicer(7));
    let begun = w.sh(&format!("bash -c \"{LIMITS}; umask 037; nice -n 7 aos run -b '{SHOW}; exec sleep 1000'\""));
    assert_eq!((begun.err.as_str(), begun.code), ("", 0));
    until(|| w.log(1) == shown.as_bytes()).expect("all of them");
    let supervisor = w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32;
    for pid in [supervisor, parent(supervisor)] {
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits");
        let soft = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {limits}"));
            line[name.len()..].split_whitespace().next().expect("a limit").to_owned()
        };
        assert_eq!((soft("Max cpu time").as_str(), soft("Max file size").as_str()), ("unlimited", "unlimited"));
        assert_ne!(soft("Max open files"), "40");
        // Only root may go first again.
        let wanted = if nix::unistd::geteuid().is_root() { 0 } else { nicer(7) };
        assert_eq!(w.sh(&format!("ps -o nice= -p {pid}")).out.trim(), wanted.to_string());
    }
    w.ok(&["stop", "1"]);
    w.sh("nice -n 3 aos restart 1");
    until(|| String::from_utf8_lossy(&w.log(1)).ends_with(&format!("\n{}\n0037\n", nicer(3))))
        .expect("the limits again, as nice as who asked");
    w.ok(&["stop", "1"]);
}

#[test]
fn who_may_not_write_a_byte_or_open_a_file_can_begin_and_end_tasks() {
    let w = World::new();
    for limit in ["-S -f 0", "-n 20", "-S -t 1"] {
        let under = |line: &str| w.sh(&format!("ulimit {limit}; {line}"));
        let begun = under("aos run -b -- sleep 1000");
        assert_eq!((begun.err.as_str(), begun.code), ("", 0), "{limit}");
        let stopped = under(&format!("aos stop {}", begun.out.trim()));
        assert_eq!((stopped.err.as_str(), stopped.code), ("", 0), "{limit}");
    }
    // One that cannot be lifted is told.
    let refused = w.sh("setpriv --bounding-set -all --inh-caps -all sh -c 'ulimit -f 0; exec aos run -b true'");
    assert_eq!(refused.code, 125, "{refused:?}");
    assert!(refused.err.starts_with("aos: ") && refused.err.contains("File too large"), "{refused:?}");
}
