//! `aos stop` and its kin: every process, and success only when none is left.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::world::{World, is_alive, kill, state, until};

#[test]
fn stop_asks_and_reports() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    let out = w.ok(&["stop", "1"]);
    assert!(out.starts_with("[task-001] stopped (killed by SIGTERM) after "), "{out}");
    let row = w.row(1);
    assert_eq!(row["status"], "stopped");
    assert!(row["reason"].as_str().expect("a reason").starts_with("asked by aos stop (pid "), "{row}");
    let again = w.aos(&["stop", "1"]);
    assert_eq!((again.err.as_str(), again.code), ("aos: task-001 is not running (stopped)\n", 1));
}

#[test]
fn stop_kills_a_pipeline() {
    let w = World::new();
    let id = w.begin(&["yes | cat | (echo pid=$BASHPID; exec cat >/dev/null)"]);
    let pid = w.pid_logged(id, "pid");
    w.ok(&["stop", "1"]);
    assert!(!is_alive(pid));
    until(|| w.survivors().is_empty()).expect("the supervisor has gone, too");
}

#[test]
fn stop_reaches_own_process_groups_and_sessions() {
    let w = World::new();
    let id = w.begin(&["set -m; sleep 1001 & setsid sh -c 'echo escaped=$$; exec sleep 1002' & wait"]);
    let pid = w.pid_logged(id, "escaped");
    w.ok(&["stop", "1"]);
    assert!(!is_alive(pid));
    until(|| w.survivors().is_empty()).expect("the supervisor has gone, too");
}

#[test]
fn stop_reaches_a_double_fork_that_cleared_its_environment_and_ignores_term() {
    let w = World::new();
    let script = "trap '' TERM HUP INT; echo escaped=$$; while :; do sleep 1; done";
    let line = format!(
        "env -i setsid setsid bash -c \"({}) &\" </dev/null; sleep 1000",
        script.replace('$', "\\$").replace("\\$\\$", "\\$BASHPID")
    );
    let id = w.begin(&["--grace", "300ms", &line]);
    let pid = w.pid_logged(id, "escaped");
    w.ok(&["stop", "1"]);
    assert!(!is_alive(pid));
}

#[test]
fn what_ignores_term_is_killed_after_the_grace_and_at_once_when_asked_again() {
    let w = World::new();
    let id = w.begin(&["trap '' TERM; echo ready; while :; do sleep 0.05; done"]);
    w.until_logged(id, "ready");
    let out = w.ok(&["stop", "--grace", "200ms", "1"]);
    assert!(out.contains("stopped (killed by SIGKILL)"), "{out}");
    let id = w.begin(&["trap '' TERM; echo ready; while :; do sleep 0.05; done"]);
    w.until_logged(id, "ready");
    std::thread::scope(|s| {
        let first = s.spawn(|| w.aos(&["stop", "--grace", "10m", "2"]));
        until(|| w.row(2)["status"] == "stopping").expect("the first stop is heard");
        w.ok(&["stop", "2"]);
        assert_eq!(first.join().expect("the first stop").code, 0);
    });
}

#[test]
fn now_and_kill_do_not_wait() {
    let w = World::new();
    for words in [&["stop", "--now", "@last"], &["kill", "@last", "--json"]] {
        let id = w.begin(&["--grace", "10m", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]);
        w.until_logged(id, "ready");
        let began = Instant::now();
        w.ok(words);
        assert!(began.elapsed().as_secs() < 60, "the grace was waited for");
        assert_eq!(w.row(id)["status"], "stopped");
    }
}

#[test]
fn several_are_stopped_at_once_by_class() {
    let w = World::new();
    for _ in 0..5 {
        w.begin(&["sleep", "1000"]);
    }
    let out = w.ok(&["stop", "@running"]);
    assert_eq!(out.lines().count(), 5, "{out}");
    let none = w.aos(&["stop", "@running"]);
    assert_eq!((none.err.as_str(), none.code), ("aos: no living task matches @running\n", 1));
}

#[test]
fn stop_needs_no_socket() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    fs::remove_file(w.task(1, "control")).expect("removed");
    w.ok(&["stop", "1"]);
}

#[test]
fn the_supervisors_own_end_means_the_tasks() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGTERM);
    let row = w.ended(id);
    assert_eq!(row["status"], "stopped");
    assert!(row["reason"].as_str().expect("a reason").starts_with("asked by SIGTERM to its supervisor (pid "), "{row}");
}

#[test]
fn hang_ups_do_not_reach_the_task() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGHUP);
    w.ok(&["signal", "CONT", "1"]);
    assert_eq!(w.row(id)["status"], "running");
}

#[test]
fn pause_stops_every_process_and_resume_lets_them_go_on() {
    let w = World::new();
    let id = w.begin(&["sh -c 'echo child=$$; exec sleep 1000' & echo leader=$$; wait"]);
    let pids = [w.pid_logged(id, "child"), w.pid_logged(id, "leader")];
    w.ok(&["pause", "1"]);
    assert_eq!(w.row(id)["status"], "paused");
    until(|| pids.iter().all(|pid| state(*pid) == Some('T'))).expect("both are stopped");
    assert_eq!(w.aos(&["pause", "1"]).err, "aos: task-001: it is paused already\n");
    w.ok(&["resume", "1"]);
    assert_eq!(w.row(id)["status"], "running");
    until(|| pids.iter().all(|pid| state(*pid) == Some('S'))).expect("both go on");
    w.ok(&["pause", "1"]);
    w.ok(&["stop", "1"]);
    assert!(!is_alive(pids[0]) && !is_alive(pids[1]), "a paused task can be stopped");
}

#[test]
fn a_signal_reaches_the_commands_own_group() {
    let w = World::new();
    let id = w.begin(&["trap 'echo heard' USR1; trap 'echo realtime' RTMIN; echo ready; while :; do sleep 0.05; done"]);
    w.until_logged(id, "ready");
    w.ok(&["signal", "HUP", "1"]);
    assert_eq!(w.ended(id)["status"], "failed", "by a signal that was not a stop");
    let id = w.begin(&["trap 'echo heard' USR1; echo ready; while :; do sleep 0.05; done"]);
    w.until_logged(id, "ready");
    w.ok(&["signal", "SIGUSR1", "2"]);
    w.until_logged(id, "heard");
    assert_eq!(w.aos(&["signal", "NOPE", "2"]).code, 2);
    w.ok(&["kill", "2"]);
}

#[test]
fn a_restart_keeps_the_id_and_opens_a_new_run() {
    let w = World::new();
    let id = w.begin(&["echo run $AOS_RUN of $AOS_TASK_ID; sleep 1000"]);
    w.until_logged(id, "run 1 of task-001");
    let first = w.row(id)["pid"].as_i64().expect("a pid") as i32;
    let out = w.ok(&["restart", "1"]);
    assert!(out.starts_with("[task-001] ") && out.ends_with("(run 2)\n"), "{out}");
    assert!(!is_alive(first));
    w.until_logged(id, "run 2 of task-001");
    w.ok(&["stop", "1"]);
    assert_eq!(w.row(id)["run"], 2);
    assert_eq!(w.ok(&["logs", "1#1"]), "run 1 of task-001\n");
    assert_eq!(w.ok(&["logs", "1#2"]), "run 2 of task-001\n");
    assert_eq!(w.aos(&["logs", "1#3"]).code, 3);
    assert_eq!(w.json(&["tasks", "--json", "-a"]).as_array().expect("rows").len(), 1);
}

#[test]
fn two_restarts_at_once_make_one_run() {
    let w = World::new();
    let id = w.begin(&["true"]);
    w.ended(id);
    let spec = fs::read_to_string(w.task(id, "spec.json")).expect("the spec");
    fs::remove_file(w.task(id, "spec.json")).expect("removed");
    std::io::Write::write_all(
        &mut fs::File::create(w.task(id, "spec.json")).expect("a file"),
        spec.replace("[\"true\"]", "[\"sleep\",\"1000\"]").as_bytes(),
    )
    .expect("written");
    let codes: Vec<i32> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..6).map(|_| s.spawn(|| w.aos(&["restart", "1"]).code)).collect();
        threads.into_iter().map(|t| t.join().expect("a restart")).collect()
    });
    assert!(codes.contains(&0), "{codes:?}");
    let supervisors = || w.sh("pgrep -fc '^aos: supervisor of '$AOS_HOME'/'").out;
    until(|| supervisors().trim() == "1").expect("one supervisor");
    w.ok(&["stop", "1"]);
}

#[test]
fn a_task_begun_by_a_task_lives_on_by_itself() {
    let w = World::new();
    let id = w.begin(&["aos run -b -n inner sleep 1000"]);
    assert_eq!(w.ended(id)["status"], "succeeded");
    assert_eq!(w.row(2)["status"], "running");
    assert!(is_alive(w.row(2)["pid"].as_i64().expect("a pid") as i32));
    w.ok(&["stop", "inner"]);
}

#[test]
fn stop_is_proved_against_a_storm_of_forks() {
    let w = World::new();
    let line = "storm() { for i in 1 2 3 4; do (trap '' TERM; while :; do (sleep 0.01) & sleep 0.01; done) & done; }; storm; echo ready; wait";
    let id = w.begin(&["--grace", "100ms", line]);
    w.until_logged(id, "ready");
    w.ok(&["stop", "1"]);
    until(|| w.survivors().is_empty()).expect("the supervisor has gone, too");
}

#[test]
fn a_supervisor_that_is_stopped_itself_is_told() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    let supervisor = w.row(1)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGSTOP);
    until(|| state(supervisor) == Some('T')).expect("stopped");
    let said = w.aos(&["stop", "1"]);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(said.err.starts_with("aos: the supervisor of task-001 does not answer\n"), "{}", said.err);
    kill(supervisor, Signal::SIGCONT);
    assert!(w.ok(&["stop", "1"]).starts_with("[task-001] stopped (killed by SIGTERM) after "));
}

/// A task that TERM does not end, and the pid of its only process.
fn stubborn(w: &World, grace: &str) -> i64 {
    let id = w.begin(&["--grace", grace, "trap '' TERM; echo ready; exec sleep 1000"]);
    w.until_logged(id, "ready");
    until(|| w.sh("ps -o comm= -p $(aos show 1 --json | grep -o '\"pid\":[0-9]*' | cut -d: -f2)").out == "sleep\n");
    w.row(id)["pid"].as_i64().expect("a pid")
}

/// A verb that ends task 1 and takes long: the first line that it says meanwhile, and its exit code
/// once somebody kills that.
fn meanwhile(w: &World, words: &[&str]) -> (String, Option<i32>) {
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let mut verb = aos.args(words).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("aos runs");
    let (mut said, mut errors) = (String::new(), BufReader::new(verb.stderr.take().expect("its errors")));
    errors.read_line(&mut said).expect("a line");
    // By then a restart has begun the next run, which is not killed.
    w.aos(&["kill", "1"]);
    let code = verb.wait().expect("it ends").code();
    let mut more = String::new();
    errors.read_to_string(&mut more).expect("text");
    assert_eq!(more, "", "{words:?}: it is said once");
    (said, code)
}

#[test]
fn an_end_that_takes_long_says_whom_it_waits_for_and_when_kill_comes() {
    for words in [&["stop", "1"][..], &["restart", "1"]] {
        let w = World::new();
        let pid = stubborn(&w, "1h");
        let (said, code) = meanwhile(&w, words);
        assert!(
            said.starts_with(&format!("aos: task-001 waits for sleep (pid {pid}) to end; KILL comes in ")),
            "{said}"
        );
        assert_eq!(code, Some(0), "{words:?}");
        w.aos(&["kill", "1"]);
    }
    let w = World::new();
    let pid = stubborn(&w, "1h");
    let (said, _) = meanwhile(&w, &["stop", "--grace", "90s", "1"]);
    let (_, left) = said.trim().rsplit_once(' ').expect("a time");
    assert!(said.contains(&format!("sleep (pid {pid})")) && ["1m29s", "1m28s", "1m27s"].contains(&left), "{said}");
}

/// Ends when its standard input does, and for nothing else.
const FAKE: &str = r#"cp /bin/bash aos; ./aos -c 'printf aos:task-009 >/proc/self/comm; trap "" TERM HUP; echo fake=$BASHPID
    while :; do read -r -t 1000 <>fifo; done' & sleep 1000"#;

#[test]
fn what_calls_itself_a_supervisor_is_stopped_as_anything_else() {
    let w = World::new();
    assert_eq!(w.sh("mkfifo fifo").code, 0);
    let id = w.begin(&["--grace", "200ms", "--shell", FAKE]);
    let fake = w.pid_logged(id, "fake");
    assert_eq!(w.sh(&format!("cat /proc/{fake}/comm")).out, "aos:task-009\n");
    assert_eq!(w.aos(&["stop", "1"]).code, 0);
    assert!(!is_alive(fake));
}

#[test]
fn a_task_begun_within_another_outlives_it_though_aos_was_replaced_in_between() {
    let w = World::new();
    let bin = w.join("bin");
    std::fs::create_dir(&bin).expect("a directory");
    let line = format!(
        "cp {} bin/aos && bin/aos run -b 'until [ -e go ]; do sleep 0.01; done; aos run -b sleep 1000; sleep 1000'",
        env!("CARGO_BIN_EXE_aos")
    );
    assert_eq!(w.sh(&line).out, "task-001\n");
    assert_eq!(w.sh("cp bin/aos bin/new && mv bin/new bin/aos && touch go").code, 0);
    w.until_logged(1, "task-002");
    // Its watchdog and it have taken their names.
    let titles = || w.survivors().iter().filter(|line| line.contains("/tasks/task-002")).count();
    until(|| titles() == 2).expect("two titles");
    assert_eq!(w.aos(&["stop", "1"]).code, 0);
    assert_eq!(w.row(2)["status"], "running");
    assert_eq!(titles(), 2);
    w.ok(&["stop", "2"]);
}

#[test]
fn what_ends_because_another_one_is_stopped_is_stopped_with_it() {
    let w = World::new();
    w.begin(&["sleep", "1000"]);
    for before in 1..=5 {
        w.begin(&["--after", &before.to_string(), "true"]);
    }
    let said = w.aos(&["stop", "--json", "1-6"]);
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{}", said.out);
    let rows: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert!(rows.as_array().expect("rows").iter().all(|row| row["stopped"] == true), "{rows}");
}
