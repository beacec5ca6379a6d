//! What a task may use at most, what enforces that, and what is told of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::world::{Said, World, is_alive, kill, parent, until};

/// What enforces a limit of a task.
fn enforcer(row: &Value, limit: &str) -> String {
    let found = row["limits"].as_array().into_iter().flatten().find(|it| it["limit"] == limit);
    found.and_then(|it| it["enforced"].as_str()).unwrap_or_default().to_owned()
}

/// The directories of a task's control group; empty where none can be had.
fn groups(w: &World, id: u32) -> Vec<PathBuf> {
    let Ok(text) = fs::read_to_string(w.task(id, "cgroup.json")) else { return Vec::new() };
    let record: Value = serde_json::from_str(&text).expect("JSON");
    let dirs = record["group"]["dirs"].as_object().expect("directories").values();
    dirs.map(|dir| PathBuf::from(dir.as_str().expect("a path"))).collect()
}

/// A world in which control groups can be had; says so where none can.
fn with_groups() -> Option<World> {
    let w = World::new();
    let said = w.aos(&["run", "--strict-limits", "--mem", "64M", "--cpu", "1", "true"]);
    if said.code == 0 {
        return Some(w);
    }
    assert_eq!(said.code, 78, "{}", said.err);
    eprintln!("NOT TESTED HERE: {}", said.err.trim());
    None
}

/// Puts a text into a file.
fn put(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

fn row(w: &World, id: u32) -> Value {
    w.row(id)
}

#[test]
fn each_process_is_held_to_what_is_asked_for_it() {
    let w = World::new();
    let line = "ulimit -Sn; ulimit -f; ulimit -c; nice; ionice";
    let words = ["--nofile", "64", "--fsize", "1M", "--core", "0", "--nice", "5", "--ionice", "idle", "--shell", line];
    let id = w.begin(&words);
    assert_eq!(w.ended(id)["status"], "succeeded");
    let log = String::from_utf8(w.log(id)).expect("text");
    assert_eq!(log, "64\n1024\n0\n5\nidle\n");
    for limit in ["nofile", "fsize", "core"] {
        assert_eq!(enforcer(&row(&w, id), limit), "rlimit-per-process");
    }
    assert_eq!(
        (enforcer(&row(&w, id), "nice"), enforcer(&row(&w, id), "ionice")),
        ("priority".into(), "priority".into())
    );
    assert!(groups(&w, id).is_empty(), "no group is made for that");
}

#[test]
fn what_is_no_limit_is_refused_before_anything_begins() {
    let w = World::new();
    for (words, part) in [
        (&["--mem", "12 parsecs"][..], "`parsecs` is no unit at character 4: write 512M"),
        (&["--mem", "999T"], "more memory than this machine has"),
        (&["--mem", "1k"], "no program starts with less than 1 MiB"),
        (&["--swap", "1M"], "--mem, which is not given"),
        (&["--cpu", "2 cores"], "`cores` is no unit at character 3: write 0.5, 2 or 150%"),
        (&["--cpu", "9999"], "more than this machine has processors"),
        (&["--pids", "0"], "the command itself is a process"),
        (&["--pids", "5x"], "no number at character 2"),
        (&["--mem", "-5"], "there is no less than nothing"),
        (&["--cpu", "-0.5"], "there is no less than nothing"),
        (&["--nofile", "1"], "fewer than 8 descriptors"),
        (&["--nice", "40"], "from -20 to 19"),
        (&["--ionice", "soon"], "idle, or from 0 (first) to 7 (last)"),
        (&["--core", "2G", "--fsize", "1G"], "more than --fsize 1 GiB"),
    ] {
        let said = w.aos(&[&["run", "-b"], words, &["true"]].concat());
        assert!(said.code == 2 && said.err.contains(part), "{words:?}: {}", said.err);
    }
    assert_eq!(w.ok(&["tasks", "--json"]).trim(), "[]");
}

#[test]
fn settings_hold_where_nothing_else_is_said() {
    let w = World::new();
    w.ok(&["tasks", "--json"]);
    let text = "[limits]\nnofile = 100\nfsize = \"1MiB\"\ntimeout = \"1h\"\n\
                [groups.build]\nlimits = { nofile = 50, core = 0 }\n";
    put(&w.home().join("config.toml"), text);
    let limits = |words: &[&str]| {
        let id = w.begin(&[words, &["true"]].concat());
        let row = w.ended(id);
        let all: Vec<String> = row["limits"].as_array().into_iter().flatten().map(|l| l["asked"].to_string()).collect();
        (all.join(" "), row["time_limits"]["timeout"].clone())
    };
    assert_eq!(limits(&[]), ("100 1048576".into(), json!(3_600_000)));
    assert_eq!(limits(&["--group", "build"]), ("50 1048576 0".into(), json!(3_600_000)));
    assert_eq!(limits(&["--nofile", "70", "--fsize", "none", "--timeout", "5m"]), ("70".into(), json!(300_000)));
    put(&w.home().join("config.toml"), "[limits]\nmem = \"much\"\n");
    let said = w.aos(&["run", "-b", "true"]);
    assert!(said.code != 0 && said.err.contains("line 2") && said.err.contains("a number is missing"), "{}", said.err);
}

#[test]
fn memory_that_is_not_enough_is_told() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "32M", "tail", "/dev/zero"]);
    let row = w.ended(id);
    let by = enforcer(&row, "mem");
    assert!(by.starts_with("cgroup"), "{row}");
    assert_eq!(row["reason"], format!("killed: out of memory (limit 32 MiB, peak 32 MiB, by {by})"));
    assert_eq!(row["end"]["counts"]["killed_for_memory"], 1);
    assert!(row["end"]["counts"]["peak_memory"].as_u64() <= Some(32 << 20), "{row}");
    assert_eq!(row["status"], "failed");
}

#[test]
fn a_child_that_is_killed_for_memory_is_told_though_the_command_goes_on() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "32M", "--shell", "tail /dev/zero; exit 0"]);
    let row = w.ended(id);
    if enforcer(&row, "mem") == "cgroup2" {
        return assert_eq!(row["status"], "failed", "all are killed together");
    }
    assert_eq!((row["status"].as_str(), row["exit_code"].as_i64()), (Some("succeeded"), Some(0)));
    assert_eq!(row["reason"], "1 process was killed for memory (limit 32 MiB, peak 32 MiB)");
}

#[test]
fn processes_that_are_too_many_are_refused_and_told() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--pids", "4", "--shell", "for i in 1 2 3 4 5 6; do sleep 0.1 & done 2> /dev/null; wait"]);
    let row = w.ended(id);
    assert!(row["end"]["counts"]["pids_refused"].as_u64() > Some(0), "{row}");
    assert!(row["reason"].as_str().is_some_and(|why| why.contains("a process was refused")), "{row}");
}

#[test]
fn processor_time_is_capped() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--cpu", "0.25", "timeout", "2", "sh", "-c", "while :; do :; done"]);
    let row = w.ended(id);
    let (used, wall) = (row["cpu_ms"].as_f64().expect("used"), row["end"]["wall"].as_f64().expect("a time"));
    // A busy machine may give less; more is never given.
    assert!(used <= wall * 0.25 * 1.05 + 15.0, "{used} of {wall} ms");
    assert!(row["end"]["counts"]["throttled_ms"].as_u64() > Some(0), "{row}");
}

#[test]
fn a_group_is_there_for_as_long_as_its_run_and_every_run_has_one() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "64M", "--retries", "1", "--backoff", "0", "--shell", "cat /proc/self/cgroup; exit 3"]);
    assert_eq!(w.ended(id)["run"], 2);
    let log = String::from_utf8(w.log(id)).expect("text");
    for run in [1, 2] {
        let is_its = |line: &&str| line.contains("/aos-task-") && line.trim().ends_with(&format!("-{run}"));
        assert!(log.lines().any(|line| is_its(&line)), "{log}");
    }
    let id = w.begin(&["--mem", "64M", "sleep", "1000"]);
    let dirs = groups(&w, id);
    assert!(!dirs.is_empty() && dirs.iter().all(|dir| dir.is_dir()), "{dirs:?}");
    w.ok(&["stop", &id.to_string()]);
    assert!(dirs.iter().all(|dir| !dir.exists()) && groups(&w, id).is_empty());
}

#[test]
fn limits_of_a_running_task_are_shown_and_changed() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "64M", "--nofile", "100", "sleep", "1000"]).to_string();
    let out = w.ok(&["limits", &id]);
    assert!(out.contains("mem     64 MiB      cgroup") && out.contains("nofile  100         rlimit"), "{out}");
    let changed = w.json(&["limits", &id, "--mem", "128M", "--pids", "30", "--json"]);
    let asked = |limit: &str| {
        let found = changed[0]["limits"].as_array().into_iter().flatten().find(|it| it["limit"] == limit);
        found.map(|it| it["asked"].clone()).unwrap_or_default()
    };
    assert_eq!((asked("mem"), asked("pids")), (json!(128 << 20), json!(30)));
    let files = ["memory.max", "memory.limit_in_bytes"];
    let dirs = groups(&w, id.parse().expect("a number"));
    let values: Vec<String> =
        dirs.iter().flat_map(|dir| files.iter().filter_map(|file| fs::read_to_string(dir.join(file)).ok())).collect();
    assert!(values.iter().any(|value| value.trim() == "134217728"), "{values:?}");
    for (words, part) in [
        (["--nofile", "50"], "each process has that from its beginning"),
        (["--mem", "none"], "can be changed, not lifted"),
        (["--pids", "none"], "can be changed, not lifted"),
        (["--nofile", "none"], "can be changed, not lifted"),
        (["--nice", "none"], "can be changed, not lifted"),
        (["--ionice", "none"], "can be changed, not lifted"),
        (["--core", "1M"], "each process has that from its beginning"),
        (["--pids", "0"], "the command itself is a process"),
        (["--mem", "much"], "a number is missing"),
    ] {
        let said = w.aos(&[&["limits", &id], &words[..]].concat());
        assert!(said.code != 0 && said.err.contains(part), "{words:?}: {}", said.err);
    }
    assert!(w.ok(&["why", &id]).contains("aos limits"), "who asked for what stands in the journal");
    w.ok(&["stop", &id]);
    assert_ne!(w.aos(&["limits", &id, "--mem", "64M"]).code, 0, "it is over");
}

#[test]
fn a_fork_bomb_is_gone_within_a_second() {
    let Some(w) = with_groups() else { return };
    let line = "bomb() { sleep 1000 & while :; do (exec -a bombed sleep 1000 &) ; done; }; bomb & bomb & bomb & wait";
    let id = w.begin(&["--pids", "400", "--shell", line]);
    let dirs = groups(&w, id);
    let count = || {
        dirs.iter().filter_map(|dir| fs::read_to_string(dir.join("cgroup.procs")).ok()).map(|s| s.lines().count()).max()
    };
    until(|| count() >= Some(380)).expect("it grows");
    let began = Instant::now();
    w.ok(&["kill", &id.to_string()]);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(dirs.iter().all(|dir| !dir.exists()));
}

#[test]
fn a_killed_supervisor_leaves_no_group() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "64M", "--shell", "setsid sleep 1000 & sleep 1000"]);
    let dirs = groups(&w, id);
    kill(row(&w, id)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    until(|| dirs.iter().all(|dir| !dir.exists())).expect("the watchdog removes it");
    until(|| row(&w, id)["status"] == "lost").expect("it is told");
    assert!(groups(&w, id).is_empty());
}

#[test]
fn without_watchdog_and_supervisor_the_next_aos_removes_the_group() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "64M", "--shell", "env -i setsid sleep 1000 & echo left=$!; wait"]);
    let left = w.pid_logged(id, "left");
    let dirs = groups(&w, id);
    let supervisor = row(&w, id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(parent(supervisor), Signal::SIGKILL);
    kill(supervisor, Signal::SIGKILL);
    until(|| !is_alive(supervisor)).expect("gone");
    until(|| {
        w.aos(&["tasks"]);
        dirs.iter().all(|dir| !dir.exists())
    })
    .expect("removed");
    assert!(!is_alive(left), "it had cleared its environment, and was in the group");
}

#[test]
fn a_task_begun_by_a_limited_task_outlives_it() {
    let Some(w) = with_groups() else { return };
    let outer = w.begin(&["--mem", "64M", "--shell", "aos run -b sleep 1000; echo begun; sleep 1000"]);
    w.until_logged(outer, "begun");
    let dirs = groups(&w, outer);
    w.ok(&["kill", &outer.to_string()]);
    assert!(dirs.iter().all(|dir| !dir.exists()), "who was in it is outside now");
    let inner = outer + 1;
    assert_eq!(row(&w, inner)["status"], "running");
    w.ok(&["stop", &inner.to_string()]);
}

/// Runs a line where no control group can be seen; `None` where that cannot be arranged.
fn without_groups(w: &World, line: &str) -> Option<Said> {
    let hidden = "mount -t tmpfs none /sys/fs/cgroup";
    if !Path::new("/sys/fs/cgroup").exists() || w.sh(&format!("unshare -m sh -c '{hidden}'")).code != 0 {
        eprintln!("NOT TESTED HERE: control groups cannot be hidden");
        return None;
    }
    Some(w.sh(&format!("unshare -m sh -c '{hidden}; {line}'")))
}

#[test]
fn without_a_group_what_is_weaker_is_told_and_refused_where_strict() {
    let w = World::new();
    let Some(said) = without_groups(&w, "aos run -b --mem 512M --cpu 0.5 --pids 9 sleep 1000") else { return };
    let lines: Vec<&str> = said.err.lines().collect();
    assert!(
        lines[0].starts_with("aos: --mem 512 MiB is only looked at now and then: no control group"),
        "{}",
        said.err
    );
    assert!(lines[1].starts_with("aos: --cpu 0.5 is not enforced: ") && lines.len() == 3, "{}", said.err);
    let found = row(&w, 1);
    assert_eq!((enforcer(&found, "mem"), enforcer(&found, "cpu")), ("polled".into(), "none".into()));
    assert!(w.ok(&["why", "1"]).contains("--cpu 0.5 is not enforced: "), "it stands in the journal");
    assert!(found["limits"][0]["why"].as_str().is_some_and(|why| why.contains("no control group")), "{found}");
    let said = without_groups(&w, "aos run -b --strict-limits --mem 512M touch begun").expect("as before");
    assert!(said.code == 78 && said.err.contains("--mem 512 MiB is only looked at"), "{}: {}", said.code, said.err);
    assert!(!w.join("begun").exists());
    w.ok(&["stop", "1"]);
}

#[test]
fn without_a_group_memory_is_looked_at() {
    let w = World::new();
    // By itself each process has less than it may.
    let line = "for i in 1 2 3 4; do head -c 30M /dev/zero | tail -c 30M | sleep 1000 & done; wait";
    let line = format!("aos run --mem 60M --shell \"{line}\"");
    let Some(said) = without_groups(&w, &line) else { return };
    assert_ne!(said.code, 0, "{}", said.err);
    let reason = row(&w, 1)["reason"].as_str().unwrap_or_default().to_owned();
    assert!(
        reason.starts_with("killed: out of memory (limit 60 MiB, peak ") && reason.ends_with("polled)"),
        "{reason}"
    );
}

#[test]
fn memory_that_is_looked_at_can_be_raised() {
    let w = World::new();
    let line = "aos run -b --mem 60M sleep 1000; aos restart 1";
    let Some(said) = without_groups(&w, line) else { return };
    assert_eq!(said.err.matches("--mem 60 MiB is only looked at now and then").count(), 2, "{}", said.err);
    let pid = row(&w, 1)["pid"].clone();
    let most = || {
        let text = fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits");
        let line = text.lines().find(|line| line.starts_with("Max data size")).expect("a line").to_owned();
        line.split_whitespace().nth(3).expect("a value").to_owned()
    };
    assert_eq!(most(), (60 << 20).to_string());
    w.ok(&["limits", "1", "--mem", "200M"]);
    assert_eq!(most(), (200 << 20).to_string());
    w.ok(&["limits", "1", "--mem", "50M"]);
    assert_eq!(most(), (50 << 20).to_string());
    w.ok(&["stop", "1"]);
}

#[test]
fn swap_stays_as_it_was_asked_for_when_memory_changes() {
    let Some(w) = with_groups() else { return };
    let id = w.begin(&["--mem", "64M", "--swap", "0", "sleep", "1000"]).to_string();
    let dirs = groups(&w, id.parse().expect("a number"));
    let read = |file: &str| dirs.iter().find_map(|dir| fs::read_to_string(dir.join(file)).ok());
    for mem in [128_u64, 32, 256] {
        w.ok(&["limits", &id, "--mem", &format!("{mem}M")]);
        if let Some(swap) = read("memory.swap.max") {
            assert_eq!(swap.trim(), "0");
        } else if let Some(both) = read("memory.memsw.limit_in_bytes") {
            assert_eq!(both.trim(), (mem << 20).to_string());
        }
    }
    w.ok(&["stop", &id]);
}
