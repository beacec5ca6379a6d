//! Output: all of it, whatever happens.

use std::fs;

use crate::world::World;

#[test]
fn the_last_byte_arrives_when_the_program_is_killed() {
    let w = World::new();
    for _ in 0..10 {
        let log = w.logged("seq 1 2000; printf last; kill -9 $$");
        assert!(log.ends_with("2000\nlast"), "{}", &log[log.len().saturating_sub(40)..]);
    }
    let row = w.row(1);
    assert_eq!((&row["status"], &row["exit_code"], &row["signal"]), (&"failed".into(), &137.into(), &9.into()));
    assert_eq!(row["reason"], "killed by SIGKILL, which aos did not send");
}

/// Many ends at once, so that what is written last is still on its way when nobody holds the
/// terminal any more.
#[test]
fn the_last_byte_arrives_though_the_machine_is_busy() {
    const ENDS: usize = 400;
    let w = World::new();
    let begin = "for i in $(seq 100); do aos run -b -- seq 1 12000 >/dev/null; done";
    let callers: Vec<_> = (0..4).map(|_| w.command("sh").args(["-c", begin]).spawn().expect("a caller")).collect();
    for mut caller in callers {
        assert!(caller.wait().expect("its end").success());
    }
    assert_eq!(w.aos(&["wait", "@all"]).code, 0);
    let logs = fs::read_dir(w.home().join("logs/tasks")).expect("the logs").filter_map(|e| e.ok());
    let logs: Vec<_> = logs.filter(|log| log.path().extension().is_some_and(|kind| kind == "log")).collect();
    let short = logs.iter().filter(|log| log.metadata().expect("a log").len() != 60_894).map(|log| log.path());
    assert_eq!((logs.len(), short.collect::<Vec<_>>()), (ENDS, Vec::new()));
}

#[test]
fn a_terminal_that_everybody_has_closed_can_be_opened_again() {
    let w = World::new();
    let log = w.logged("exec </dev/null >/dev/null 2>&1; sleep 0.1; echo again >/dev/tty");
    assert_eq!(log, "again\n");
}

#[test]
fn a_grandchild_that_holds_the_terminal_does_not_hold_up_the_end() {
    let w = World::new();
    let id = w.begin(&["(trap '' HUP TERM; echo held=$BASHPID; exec sleep 1000) & sleep 0.1; echo done"]);
    let row = w.ended(id);
    assert_eq!(row["status"], "succeeded");
    let log = String::from_utf8(w.log(id)).expect("text");
    assert!(log.contains("done\n"));
    let pid: i32 = log.lines().find_map(|l| l.strip_prefix("held=")).expect("a pid").parse().expect("a number");
    assert!(!crate::world::is_alive(pid), "what outlives the leader is swept");
}

#[test]
fn children_may_be_kept() {
    let w = World::new();
    let id = w.begin(&[
        "--keep-children",
        "trap '' HUP; setsid sh -c 'echo held=$$; exec sleep 1000' & sleep 0.2; echo done",
    ]);
    let pid = w.pid_logged(id, "held");
    assert_eq!(w.ended(id)["status"], "succeeded");
    assert!(crate::world::is_alive(pid));
    crate::world::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

#[test]
fn a_pipe_is_kept_to_the_byte_and_a_terminal_but_for_line_ends() {
    let w = World::new();
    let bytes: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    std::io::Write::write_all(&mut fs::File::create(w.join("bytes")).expect("a file"), &bytes).expect("written");
    let id = w.begin(&["--no-pty", "--", "cat", "bytes"]);
    w.ended(id);
    assert!(w.log(id) == bytes, "pipes are exact");
    let id = w.begin(&["--", "cat", "bytes"]);
    w.ended(id);
    let mut folded = Vec::new();
    for (i, b) in bytes.iter().enumerate() {
        if !(*b == b'\r' && bytes.get(i + 1) == Some(&b'\n')) {
            folded.push(*b);
        }
    }
    assert!(w.log(id) == folded, "a terminal folds CR LF and nothing else");
}

#[test]
fn a_million_short_lines_arrive_in_order() {
    let w = World::new();
    let id = w.begin(&["--", "seq", "1", "1000000"]);
    w.ended(id);
    let wanted: String = (1..=1_000_000).map(|n| format!("{n}\n")).collect();
    let log = w.log(id);
    assert!(log == wanted.as_bytes(), "{} of {} bytes: {}", log.len(), wanted.len(), w.aos(&["why", "1"]).out);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_kept_and_shown() {
    let w = World::new();
    let id = w.begin(&["head -c 100000000 /dev/zero | tr '\\0' x; echo; echo after"]);
    w.ended(id);
    assert_eq!(w.log(id).len(), 100_000_001 + 6);
    assert_eq!(w.ok(&["logs", "-n", "1", "1"]), "after\n");
    assert_eq!(w.sh("aos logs 1 | wc -c").out.trim(), "100000007");
}

#[test]
fn a_log_that_somebody_removes_is_begun_anew() {
    let w = World::new();
    let id = w.begin(&["echo one; until [ -e go ]; do sleep 0.01; done; echo two"]);
    w.until_logged(id, "one");
    fs::remove_dir_all(w.home().join("logs")).expect("removed");
    fs::File::create(w.join("go")).expect("the sign to go on");
    assert_eq!(w.ended(id)["status"], "succeeded");
    assert_eq!(w.log(id), b"two\n");
    assert!(w.ok(&["why", "1"]).contains("the log was removed by somebody else"));
}

#[test]
fn a_file_size_limit_loses_output_but_neither_task_nor_truth() {
    let w = World::new();
    // 1024-byte blocks in bash: a limit of 64 KiB for everything below.
    let said = w
        .command("bash")
        .args(["-c", "ulimit -f 64; aos run -b 'yes 0123456789abcde | head -c 1000000; exit 3'"])
        .output()
        .expect("runs");
    assert_eq!(String::from_utf8_lossy(&said.stdout), "task-001\n", "{said:?}");
    let row = w.ended(1);
    assert_eq!((&row["status"], &row["exit_code"]), (&"failed".into(), &3.into()));
    let lost = row["end"]["lost_output"].as_u64().expect("a loss");
    assert_eq!(w.log(1).len() as u64 + lost, 1_000_000);
    assert!(row["reason"].as_str().expect("a reason").contains("bytes of output lost"), "{row}");
}

#[test]
fn a_full_disk_loses_output_and_says_how_much() {
    let w = World::new();
    let script = r#"
        set -e
        mkdir small && mount -t tmpfs -o size=1m tmpfs small
        export AOS_HOME=$PWD/small/home
        aos run -b 'head -c 4000000 /dev/zero | tr "\0" x; echo; sleep 0.2; echo end; exit 5' >id
        aos wait 1 || echo "code $?"
        aos tasks --json -a
        rm -f "$(aos logs --path 1)"
        # Whoever reads it for a verdict holds it until that is there.
        until [ "$(df --output=avail small | tail -n 1)" -gt 100 ]; do sleep 0.02; done
        aos run -b 'echo works again' >id
        aos wait 2
        aos logs 2
    "#;
    // Root mounts in a namespace of its own; anybody else in a user namespace too.
    let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
    let said = w.command("unshare").args([flags, "sh", "-c", script]).output().expect("unshare runs");
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(out.contains("code 5\n"), "{said:?}");
    assert!(out.contains("\"status\":\"failed\"") && out.contains("bytes of output lost"), "{out}");
    assert!(out.ends_with("works again\n"), "{out}");
}

#[test]
fn a_home_removed_under_a_running_task_harms_neither() {
    let w = World::new();
    let id = w.begin(&["echo leader=$$; until [ -e go ]; do sleep 0.01; done"]);
    let leader = w.pid_logged(id, "leader");
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    fs::remove_dir_all(w.home()).expect("removed");
    assert!(crate::world::is_alive(leader));
    fs::File::create(w.join("go")).expect("the sign to go on");
    crate::world::until(|| !crate::world::is_alive(leader) && !crate::world::is_alive(supervisor)).expect("both end");
    assert_eq!(w.begin(&["true"]), 1, "a new home begins anew");
    w.ended(1);
}

#[test]
fn a_task_that_cannot_be_written_down_leaves_nothing() {
    let w = World::new();
    let script = r#"
        mkdir small && mount -t tmpfs -o size=256k tmpfs small
        export AOS_HOME=$PWD/small/home
        aos run -b true; aos wait 1
        dd if=/dev/zero of=small/fill bs=1k >/dev/null 2>&1
        aos run -b true; echo "code $?"
        ls small/home/tasks | grep task-
        rm small/fill
        aos run -b true
    "#;
    let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
    let said = w.command("unshare").args([flags, "sh", "-c", script]).output().expect("unshare runs");
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(out.starts_with("task-001\ncode 125\ntask-001\ntask-00"), "{said:?}");
}

/// Stops, kills and removes tasks where nothing can be written; says what came of each.
const WITHOUT_ROOM: &str = r#"
    mkdir small && mount -t tmpfs -o "$1" tmpfs small
    export AOS_HOME=$PWD/small/home
    fill() {
        dd if=/dev/zero of=small/fill bs=1k 2>dd
        [ -z "$1" ] || while touch "small/inode.$((i += 1))" 2>touch; do :; done
    }
    aos run -b -- seq 1 20000; aos wait 1
    aos run -b -- seq 1 20000; aos wait 2
    aos run -b --grace 1000s --shell 'trap "" TERM; echo up; while :; do sleep 1000; done'; aos wait 3 --for /up/
    aos run -b --shell 'while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done'
    aos tasks -a >list
    fill $2; aos stop 4 >stopped; echo "stop $?"
    fill $2; aos kill 3 >killed; echo "kill $?"
    fill $2; aos rm 2 >removed; echo "rm $?"
    [ "$(df -k --output=avail small | tail -1)" -ge 100 ] && echo "room"
    aos tasks -a --json | grep -o '"id":"[^"]*"'
    fill $2; aos clean --older 0s >cleaned; echo "clean $?"
    aos tasks -a --json
    aos run -b true; aos wait 5; echo "wait $?"
"#;

#[test]
fn on_a_full_disk_tasks_are_stopped_and_removed() {
    for (options, inodes) in [("size=1m", ""), ("size=8m,nr_inodes=150", "too")] {
        let w = World::new();
        let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
        let words = [flags, "sh", "-c", WITHOUT_ROOM, "sh", options, inodes];
        let said = w.command("unshare").args(words).output().expect("unshare runs");
        let out = String::from_utf8_lossy(&said.stdout);
        let begun = "task-001\ntask-002\ntask-003\ntask-004\n";
        let left = "\"id\":\"task-001\"\n\"id\":\"task-003\"\n\"id\":\"task-004\"\n";
        let want = format!("{begun}stop 0\nkill 0\nrm 0\nroom\n{left}clean 0\n[]\ntask-005\nwait 0\n");
        assert_eq!(out, want, "{options}: {}", String::from_utf8_lossy(&said.stderr));
    }
}

/// Asks everything of tasks where nothing can be written; says what came of each.
const ASKED_WITHOUT_ROOM: &str = r#"
    mkdir small && mount -t tmpfs -o "$1" tmpfs small
    export AOS_HOME=$PWD/small/home
    fill() {
        dd if=/dev/zero of=small/fill bs=1k 2>dd
        [ -z "$1" ] || while touch "small/inode.$((i += 1))" 2>touch; do :; done
    }
    wait_for() { while [ "$(cat "$1" 2>cat)" != "$2" ]; do read -t 0.01 <>fifo; done; }
    states() { aos tasks -a --json | grep -o '"status":"[a-z]*"' | cut -d'"' -f4; }
    mkfifo fifo
    aos run -b --grace 1000s --shell \
        'trap "echo usr1 >$PWD/heard" USR1; trap "echo usr2 >$PWD/heard; exit 3" USR2; trap "" TERM
        echo up; while :; do sleep 0.01; done'
    aos wait 1 --for /up/
    aos run -b --after 1 -- sleep 1000
    fill $2
    leader=$(aos show 1 --json | grep -o '"pid":[0-9]*' | head -1 | cut -d: -f2)
    aos pause 1; echo "pause $?"
    # A process that has been stopped is that once it would have gone on.
    until [ "$(cut -d' ' -f3 /proc/$leader/stat)" = T ]; do read -t 0.01 <>fifo; done
    states
    aos pause 1; echo "pause $?"
    aos resume 1; echo "resume $?"
    states
    aos stop -s INT 2 >stopped; echo "stop $?"
    aos signal USR1 1; echo "signal $?"; wait_for heard usr1
    aos stop -s USR2 1 >stopped; echo "stop $?"; wait_for heard usr2
    states
    find small -name '*.taken' -o -name '*.request'
"#;

const ASKED_WITHOUT_ROOM_SAYS: &str = "task-001
task-002
pause 0
paused
queued
pause 1
resume 0
running
queued
stop 0
signal 0
stop 0
stopped
stopped
";

#[test]
fn on_a_full_disk_everything_can_be_asked_of_a_task() {
    for (options, inodes) in [("size=1m", ""), ("size=8m,nr_inodes=90", "too")] {
        let w = World::new();
        let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-rm" };
        let words = [flags, "bash", "-c", ASKED_WITHOUT_ROOM, "bash", options, inodes];
        let said = w.command("unshare").args(words).output().expect("unshare runs");
        let out = String::from_utf8_lossy(&said.stdout);
        assert_eq!(out, ASKED_WITHOUT_ROOM_SAYS, "{options}: {}", String::from_utf8_lossy(&said.stderr));
    }
}
