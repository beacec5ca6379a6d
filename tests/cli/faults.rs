//! The faults of docs/faults.md that no other file brings about: after each the status is true,
//! nothing is left, and the next run works.

use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Stdio;
use std::{fs, io};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::world::{World, is_alive, kill, parent, state, until};

/// Where a process may be killed in the midst of a start, as `sys::faults` has them.
const STEPS: [&str; 17] = [
    "cli-numbered",
    "cli-locked",
    "cli-called",
    "cli-written",
    "cli-begun",
    "sup-forked",
    "sup-described",
    "sup-called",
    "sup-grouped",
    "sup-made",
    "sup-laid-out",
    "sup-listed",
    "sup-reported",
    "sup-ending",
    "sup-closing",
    "sup-closed",
    "sup-recorded",
];

/// The control groups of this world's tasks, wherever they are.
fn groups(w: &World) -> Vec<String> {
    let mut found = Vec::new();
    for task in fs::read_dir(w.home().join("tasks")).into_iter().flatten().flatten() {
        let Ok(spec) = fs::read(task.path().join("spec.json")) else { continue };
        let Ok(spec) = serde_json::from_slice::<Value>(&spec) else { continue };
        let nonce = spec["nonce"].as_str().expect("a nonce").to_owned();
        let list = w.sh(&format!("find /sys/fs/cgroup -type d -name 'aos-task-*{nonce}*' 2> /dev/null"));
        found.extend(list.out.lines().map(str::to_owned));
    }
    found
}

fn statuses(w: &World) -> Vec<String> {
    let rows = w.json(&["tasks", "-a", "--json"]);
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row["status"].as_str().expect("a status").to_owned()).collect()
}

/// A task is over for whoever looks before its supervisor has given the lock back.
#[test]
fn what_is_seen_to_be_over_can_be_begun_again_or_removed_at_once() {
    let w = World::new();
    for words in [&["restart", "--json"][..], &["rm"], &["clean", "--older", "0s"]] {
        let mut begin = w.command(env!("CARGO_BIN_EXE_aos"));
        let begun = begin.args(["run", "-b", "--shell", "exit 3"]).env("AOS_FAULT", "sup-closing+stop").output();
        let id: u32 = String::from_utf8_lossy(&begun.expect("aos runs").stdout)
            .trim_start_matches("task-")
            .trim()
            .parse()
            .expect("an id");
        until(|| w.row(id)["status"] == "failed").expect("its end is read");
        let supervisor = w.json(&["show", &id.to_string(), "--json"])["supervisor_pid"].as_i64().expect("a pid") as i32;
        until(|| state(supervisor) == Some('T')).expect("it is stopped before it gives the lock back");
        let mut verb = w.command(env!("CARGO_BIN_EXE_aos"));
        verb.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        if words[0] != "clean" {
            verb.arg(id.to_string());
        }
        let verb = verb.spawn().expect("aos runs");
        let lock = w.task(id, "lock");
        let has_opened = || {
            let fds = fs::read_dir(format!("/proc/{}/fd", verb.id())).into_iter().flatten().flatten();
            fds.filter_map(|fd| fs::read_link(fd.path()).ok()).any(|file| file == lock)
        };
        until(has_opened).expect("it asks for the lock");
        kill(supervisor, Signal::SIGCONT);
        let said = verb.wait_with_output().expect("it ends");
        assert!(said.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said.stderr));
        w.aos(&["wait", &id.to_string()]);
    }
}

#[test]
fn a_start_that_is_killed_at_any_step_leaves_truth_and_nothing_else() {
    let w = World::for_long(3);
    for step in STEPS {
        for who in ["", "+all"] {
            let fault = format!("{step}{who}");
            let is_of_end = matches!(step, "sup-ending" | "sup-closing" | "sup-closed" | "sup-recorded");
            let command = if is_of_end { "true" } else { "sleep 1000" };
            let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
            aos.args(["run", "-b", "--mem", "64M", "--shell", command]).env("AOS_FAULT", &fault);
            let status = aos.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("aos runs");
            let is_told = step != "cli-begun" && step != "sup-reported" && !is_of_end;
            assert!(!is_told || !status.success(), "{fault}: success is said only when it is true");
            until(|| {
                let known = ["lost", "running", "failed", "succeeded", "stopped"];
                statuses(&w).iter().all(|status| known.contains(&status.as_str()))
            })
            .unwrap_or_else(|| panic!("{fault}: {:?}", statuses(&w)));
            w.aos(&["kill", "@running"]);
            w.aos(&["doctor"]);
            until(|| w.survivors().is_empty()).unwrap_or_else(|| panic!("{fault}: {:#?}", w.survivors()));
            until(|| groups(&w).is_empty()).unwrap_or_else(|| panic!("{fault}: {:#?}", groups(&w)));
            let next = w.begin(&["true"]);
            assert_eq!(w.ended(next)["status"], "succeeded", "{fault}: the next run works");
        }
    }
}

#[test]
fn all_processes_killed_at_once_are_told_and_nothing_is_left() {
    let w = World::new();
    let id = w.begin(&["--mem", "64M", "--shell", "env -i setsid sleep 1000 & echo left=$!; sleep 1000"]);
    let left = w.pid_logged(id, "left");
    let row = w.row(id);
    let supervisor = row["supervisor_pid"].as_i64().expect("a pid") as i32;
    let leader = row["pid"].as_i64().expect("a pid") as i32;
    let is_grouped = !groups(&w).is_empty();
    for pid in [parent(supervisor), supervisor, leader] {
        kill(pid, Signal::SIGKILL);
    }
    until(|| !is_alive(supervisor) && !is_alive(leader)).expect("gone");
    until(|| statuses(&w) == ["lost"]).expect("told");
    if is_grouped {
        assert!(!is_alive(left) && groups(&w).is_empty(), "though it had cleared its environment");
    } else {
        kill(left, Signal::SIGKILL);
    }
    assert!(w.ok(&["restart", "1"]).contains("(run 2)"));
    w.ok(&["stop", "1"]);
}

#[test]
fn a_home_that_is_mounted_read_only_is_told_and_starts_nothing() {
    let w = World::new();
    let id = w.begin(&["exit 3"]);
    w.ended(id);
    let read_only = "mount --bind home home && mount -o remount,bind,ro home";
    if w.sh(&format!("unshare -m sh -c '{read_only}'")).code != 0 {
        return eprintln!("NOT TESTED HERE: nothing can be mounted read-only");
    }
    let said = w.sh(&format!("unshare -m sh -c '{read_only} && aos run -b touch begun'"));
    assert!(said.code == 125 && said.err.to_lowercase().contains("read-only file system"), "{}", said.err);
    assert!(!w.join("begun").exists());
    let said = w.sh(&format!("unshare -m sh -c '{read_only} && aos show 1'"));
    assert!(said.code == 0 && said.out.contains("failed (exit 3)"), "what is there can be read: {}", said.err);
    let next = w.begin(&["true"]);
    assert_eq!(w.ended(next)["status"], "succeeded");
}

#[test]
fn a_log_in_whose_place_another_file_is_put_goes_on_in_a_new_one() {
    let w = World::new();
    let id = w.begin(&["--shell", "echo first; read line; echo second; read line"]);
    w.until_logged(id, "first");
    let path = w.ok(&["logs", "--path", &id.to_string()]);
    let path = Path::new(path.trim());
    w.sh(&format!("echo foreign > new && mv new '{}'", path.display()));
    w.ok(&["send", &id.to_string(), "go"]);
    until(|| fs::read_to_string(path).is_ok_and(|text| text.contains("second"))).expect("it goes on");
    w.ok(&["send", &id.to_string(), "go"]);
    assert_eq!(w.ended(id)["status"], "succeeded");
    assert!(w.ok(&["why", &id.to_string()]).contains("log was removed"), "{}", w.ok(&["why", &id.to_string()]));
}

#[test]
fn where_no_process_can_be_made_it_is_said_so() {
    let w = World::new();
    let said =
        w.aos(&["run", "--strict-limits", "--pids", "1", "--no-shell", env!("CARGO_BIN_EXE_aos"), "run", "-b", "true"]);
    if said.code == 78 {
        return eprintln!("NOT TESTED HERE: {}", said.err.trim());
    }
    assert!(said.code == 125 && said.err.contains("Resource temporarily unavailable"), "{}: {}", said.code, said.err);
    let next = w.begin(&["true"]);
    assert_eq!(w.ended(next)["status"], "succeeded");
}

#[test]
fn a_task_within_another_pid_namespace_is_no_concern_of_this_one() {
    let w = World::new();
    let said =
        w.sh("unshare -pf --mount-proc sh -c 'aos run -b sleep 1000; aos show 1 --json; kill -9 -1' 2> /dev/null");
    if !said.out.contains("task-001") {
        return eprintln!("NOT TESTED HERE: no pid namespace can be made");
    }
    until(|| ["lost", "unknown"].contains(&w.row(1)["status"].as_str().expect("a status"))).expect("it is told");
    let next = w.begin(&["true"]);
    assert_eq!(w.ended(next)["status"], "succeeded");
}

/// Whether a file has its place on disk: what has none yet gets it in half a minute. *Source*:
/// linux/fiemap.h.
#[allow(unsafe_code)]
fn has_place(file: &Path) -> io::Result<bool> {
    const FS_IOC_FIEMAP: u64 = 0xc020_660b;
    const DELALLOC: u32 = 0x4;
    #[repr(C)]
    #[derive(Default)]
    struct Fiemap {
        start: u64,
        length: u64,
        flags: u32,
        mapped: u32,
        room: u32,
        reserved: u32,
        /// Logical, physical, length, reserved.
        extent: [u64; 5],
        extent_flags: [u32; 4],
    }
    let file = fs::File::open(file)?;
    let mut asked = Fiemap { length: u64::MAX, room: 1, ..Fiemap::default() };
    // SAFETY: it is laid out as the kernel has it, with room for one extent, as it says.
    let told = unsafe { nix::libc::ioctl(file.as_raw_fd(), FS_IOC_FIEMAP, &raw mut asked) };
    if told < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(asked.mapped == 1 && asked.extent_flags[0] & DELALLOC == 0)
}

/// Begins a task whose supervisor is stopped at a step, does what leads it there, and looks which
/// of its files have their place on disk by then.
fn are_on_disk_at(step: &str, command: &str, lead: impl Fn(&World), files: &[&str]) {
    let w = World::new();
    let mut begin = w.command(env!("CARGO_BIN_EXE_aos"));
    let begun = begin.args(["run", "-b", "--shell", command]).env("AOS_FAULT", format!("{step}+stop")).output();
    assert!(begun.expect("aos runs").status.success());
    let supervisor = w.json(&["show", "1", "--json"])["supervisor_pid"].as_i64().expect("a pid") as i32;
    lead(&w);
    until(|| state(supervisor) == Some('T')).expect("it is stopped there");
    for file in files {
        match has_place(&w.task(1, file)) {
            Ok(has_place) => assert!(has_place, "{file} is an empty one when the machine goes down"),
            Err(why) => eprintln!("NOT TESTED HERE: the file system does not tell: {why}"),
        }
    }
    kill(supervisor, Signal::SIGCONT);
    w.aos(&["kill", "1"]);
}

#[test]
fn what_a_task_begins_with_has_its_place_on_disk_before_anybody_could_pull_the_plug() {
    are_on_disk_at("sup-reported", "sleep 1000", |_| (), &["spec.json", "status.json"]);
}

#[test]
fn how_a_task_ended_has_its_place_on_disk_before_its_supervisor_is_gone() {
    let end = |w: &World| assert_eq!(w.aos(&["send", "1", "go"]).code, 0);
    are_on_disk_at("sup-closed", "read line; exit 3", end, &["status.json"]);
}

#[test]
fn how_a_task_stands_has_its_place_on_disk_whenever_that_is_told() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    for (verb, status) in [("pause", "paused"), ("resume", "running"), ("pause", "paused")] {
        w.ok(&[verb, &id.to_string()]);
        until(|| w.row(id)["status"] == status).expect("it is told");
        assert!(has_place(&w.task(id, "status.json")).unwrap_or(true), "{status} is an empty file for half a minute");
    }
    w.ok(&["kill", &id.to_string()]);
}

#[test]
fn a_user_who_may_have_no_more_processes_is_told_and_nothing_is_left() {
    let w = World::new();
    let (aos, uid) = (env!("CARGO_BIN_EXE_aos"), 1_000_000_000 + std::process::id());
    let Some(as_user) = w.another_user(uid, &w.join("own")) else { return };
    let mut started = 0;
    for most in 1..=8 {
        let said = w.sh(&format!("{as_user} prlimit --nproc={most} {aos} run -b sleep 1000"));
        if said.code == 0 {
            started += 1;
            w.sh(&format!("{as_user} {aos} kill @running"));
        } else {
            let is_told = said.err.contains("Resource temporarily unavailable") || said.err.contains("no process");
            assert!(said.code == 125 && is_told, "{most}: {} {}", said.code, said.err);
        }
        let list = format!("{as_user} {aos} tasks -a --json");
        until(|| !w.sh(&list).out.contains("\"running\"")).unwrap_or_else(|| panic!("{most}: {}", w.sh(&list).out));
        until(|| w.sh(&format!("pgrep -u {uid}")).out.is_empty()).unwrap_or_else(|| panic!("{most}: left"));
    }
    assert!(started > 0, "a few processes are enough");
}

#[test]
fn where_no_process_or_thread_can_be_made_tasks_are_listed_ended_and_removed() {
    /// So many are looked at by several threads.
    const MANY: usize = 50;
    let w = World::for_long(2);
    let (aos, uid) = (env!("CARGO_BIN_EXE_aos"), 1_100_000_000 + std::process::id());
    let Some(as_user) = w.another_user(uid, &w.join("own")) else { return };
    w.sh(&format!("for i in $(seq {MANY}); do {as_user} {aos} run -b sleep 1000; done"));
    let most = w.sh(&format!("pgrep -c -u {uid}")).out.trim().to_owned();
    let ask = |words: &str| w.sh(&format!("{as_user} prlimit --nproc={most} {aos} {words}"));
    let hint = "hint: no more processes can be made: `ulimit -u` tells";
    for words in ["run -b true", "wait 1", "restart 1"] {
        let said = ask(words);
        assert!(said.code == 125 && said.err.contains(hint), "{words}: {} {}", said.code, said.err);
    }
    for words in ["show 1", "logs 1 2", "why 1", "peek 1", "send 1 x", "pause 1", "resume 1", "debug 1"] {
        let said = ask(words);
        assert_eq!(said.code, 0, "{words}: {}", said.err);
    }
    let listed = || ask("tasks -a --json").out.matches("\"id\":").count();
    assert_eq!(listed(), MANY);
    let said = ask("kill 1 2");
    assert_eq!((said.out.lines().count(), said.err.as_str(), said.code), (2, "", 0));
    let said = ask("stop @running");
    assert_eq!((said.out.lines().count(), said.err.as_str(), said.code), (MANY - 2, "", 0));
    let said = ask("rm @all");
    assert_eq!((said.out.lines().count(), said.err.as_str(), said.code), (MANY, "", 0));
    assert_eq!((listed(), ask("clean --older 0s").code), (0, 0));
}

#[test]
fn tasks_go_on_with_the_program_they_were_begun_with_when_it_is_replaced() {
    let w = World::new();
    let own = w.join("own-aos");
    // By another process, as with `write_program`.
    w.sh(&format!("cp '{}' own-aos", env!("CARGO_BIN_EXE_aos")));
    let line = "read line; echo \"$line\"; exit 3";
    let words = ["run", "-b", "--retries", "1", "--backoff", "0", "--ready", "cmd:true", "--shell", line];
    let begun = w.command(own.to_str().expect("text")).args(words).output().expect("it runs");
    assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
    w.sh("echo '#!/bin/sh' > new; echo 'exit 99' >> new; chmod +x new; mv new own-aos");
    w.ok(&["send", "1", "first"]);
    until(|| w.row(1)["run"] == 2).expect("it is run again");
    fs::remove_file(&own).expect("removed");
    w.ok(&["wait", "1", "--for", "ready"]);
    w.ok(&["send", "1", "second"]);
    let row = w.ended(1);
    assert_eq!((row["status"].as_str(), row["exit_code"].as_i64()), (Some("failed"), Some(3)), "{row}");
    let log = String::from_utf8(w.log(1)).expect("text");
    assert!(log.contains("first") && log.contains("second"), "{log}");
}
