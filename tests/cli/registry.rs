//! Ids, the registry, and what else lives in the directory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Stdio};

use nix::fcntl::{FcntlArg, fcntl};

use crate::world::{World, snapshot, until};

#[test]
fn two_hundred_at_once_are_two_hundred_tasks() {
    let w = World::new();
    let ids: Vec<String> = std::thread::scope(|s| {
        let begin = || (0..25).map(|_| w.ok(&["run", "-b", "--", "true"])).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| s.spawn(begin)).collect();
        threads.into_iter().flat_map(|t| t.join().expect("runs")).collect()
    });
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 200, "ids differ");
    w.aos(&["wait", "@all"]);
    let rows = w.json(&["tasks", "-a", "--json"]);
    let rows = rows.as_array().expect("rows");
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|row| row["status"] == "succeeded"), "none is stuck at running");
}

#[test]
fn two_hundred_callers_of_one_name_get_one_task() {
    let w = World::new();
    w.aos(&["tasks"]);
    let words = ["run", "-b", "--once", "--name", "web", "--", "sleep", "1000"];
    let told = crowd(&w, ".once", (0..200).map(|_| words.map(str::to_owned).to_vec()));
    assert_eq!(told, ["task-001\n".to_owned()].into(), "all hear of the same task");
    assert_eq!(w.ok(&["tasks", "--json"]).matches("\"id\":").count(), 1);
    w.ok(&["kill", "1"]);
}

#[test]
fn a_crowd_that_begins_tasks_gets_one_each() {
    let w = World::new();
    w.aos(&["tasks"]);
    let told = crowd(&w, ".next", (0..60).map(|_| ["run", "-b", "--", "true"].map(str::to_owned).to_vec()));
    assert_eq!(told.len(), 60, "{told:?}");
    w.aos(&["wait", "@all"]);
}

#[test]
fn a_crowd_that_removes_tasks_removes_each_of_them() {
    let w = World::new();
    let ids: Vec<u32> = (0..60).map(|_| w.begin(&["--", "true"])).collect();
    w.aos(&["wait", "@all"]);
    let told = crowd(&w, "../logs/.index.lock", ids.iter().map(|id| vec!["rm".to_owned(), id.to_string()]));
    let removed = ids.iter().map(|id| format!("[task-{id:03}] removed: true\n"));
    assert_eq!(told, removed.collect());
    assert_eq!(w.ok(&["tasks", "-a", "--json"]).trim(), "[]");
}

#[test]
fn a_crowd_that_waits_for_a_task_does_not_hold_up_its_next_run() {
    let w = World::new();
    let id = w.begin(&["--", "sleep", "1000"]).to_string();
    let mut waiters: Vec<_> = (0..100).map(|_| spawn(&w, &["wait".to_owned(), id.clone()])).collect();
    until_blocked(&w.task(1, "lock"), 100);
    for _ in 0..5 {
        w.ok(&["restart", &id]);
        assert_eq!(w.row(1)["status"], "running");
    }
    w.ok(&["kill", &id]);
    for waiter in &mut waiters {
        waiter.wait().expect("it ends");
    }
}

/// What callers are told that all wait for one lock until it is free; none of them complains.
fn crowd(w: &World, lock: &str, calls: impl Iterator<Item = Vec<String>>) -> BTreeSet<String> {
    let path = w.home().join("tasks").join(lock);
    let file = File::options().read(true).write(true).create(true).truncate(false).open(&path).expect("the lock");
    let held = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 2,
        l_pid: 0,
    };
    fcntl(&file, FcntlArg::F_OFD_SETLK(&held)).expect("free");
    let callers: Vec<_> = calls.map(|words| spawn(w, &words)).collect();
    until_blocked(&path, callers.len());
    drop(file);
    let told = callers.into_iter().map(|caller| {
        let said = caller.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&said.stderr), "");
        String::from_utf8_lossy(&said.stdout).into_owned()
    });
    told.collect()
}

fn spawn(w: &World, words: &[String]) -> Child {
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    aos.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("aos runs")
}

/// Waits until so many wait for a lock, as the kernel lists.
fn until_blocked(lock: &Path, count: usize) {
    let end = format!(":{} ", fs::metadata(lock).expect("the lock").ino());
    let blocked = || {
        let locks = fs::read_to_string("/proc/locks").expect("the kernel's locks");
        locks.lines().filter(|line| line.contains("->") && line.contains(&end)).count()
    };
    until(|| blocked() >= count).unwrap_or_else(|| panic!("{} wait", blocked()));
}

#[test]
fn a_registry_lost_or_damaged_is_made_again_without_a_word_lost() {
    let w = World::new();
    for line in ["true", "false", "nosuchprogram", "echo \"quoted\" | cat"] {
        w.aos(&["run", "-b", line]);
    }
    w.aos(&["wait", "@all"]);
    let whole = w.ok(&["tasks", "-a", "--json"]);
    let index = w.home().join("logs/index.json");
    let bytes = fs::read(&index).expect("the registry");
    let damages: [&dyn Fn(); 4] = [
        &|| fs::remove_file(&index).expect("removed"),
        &|| put(&index, &bytes[..bytes.len() / 2]),
        &|| put(&index, b""),
        &|| put(&index, b"{\"version\":1,\"tasks\":[{\"id\":\"\xff\"}]}"),
    ];
    for damage in damages {
        damage();
        assert_eq!(w.ok(&["tasks", "-a", "--json"]), whole);
        assert_eq!(fs::read(&index).expect("the registry"), bytes, "and written again");
    }
    put(&index, b"{\"version\":99}");
    let said = w.aos(&["tasks"]);
    assert_eq!(said.code, 125);
    assert!(said.err.contains("index.json has version 99, which is newer than this aos"), "{}", said.err);
}

#[test]
fn markers_are_names_of_the_lock_and_no_files_of_their_own() {
    let w = World::new();
    let inode = |path: &str| fs::metadata(w.home().join("tasks").join(path)).expect(path).ino();
    let marker = |of: &str| {
        let markers = fs::read_dir(w.home().join("tasks/active")).expect("a list").map(|m| m.expect("a marker"));
        let names = markers.map(|marker| marker.file_name().to_string_lossy().into_owned());
        format!("active/{}", names.into_iter().find(|name| name.starts_with(of)).expect("a marker"))
    };
    w.begin(&["sleep 600"]);
    assert_eq!(inode(&marker("task-001.")), inode("task-001/lock"));
    w.begin(&["false"]);
    w.aos(&["wait", "2"]);
    assert_eq!(inode("active/task-002.failed"), inode("task-002/lock"));
    w.ok(&["kill", "1"]);
}

#[test]
fn a_restarted_tasks_row_is_renewed() {
    let w = World::new();
    w.begin(&["[ $AOS_RUN = 2 ]"]);
    assert_eq!(w.ended(1)["status"], "failed");
    assert_eq!(w.json(&["tasks", "-a", "--json"])[0]["status"], "failed");
    w.ok(&["restart", "1"]);
    w.ended(1);
    let row = w.json(&["tasks", "-a", "--json"])[0].clone();
    assert_eq!((&row["status"], &row["run"]), (&"succeeded".into(), &2.into()));
}

#[test]
fn ids_are_never_used_twice() {
    let w = World::new();
    for _ in 0..3 {
        let id = w.begin(&["true"]);
        w.ended(id);
    }
    w.ok(&["rm", "3"]);
    assert_eq!(w.begin(&["true"]), 4);
    w.ended(4);
    w.ok(&["tasks", "-a", "--json"]);
    for damage in ["", "garbage", "0", "4294967295", "4294967296", "99999999999999999999"] {
        put(&w.home().join("tasks/.next"), damage.as_bytes());
        let before = w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len() as u32;
        assert_eq!(w.begin(&["true"]), before + 2, "after a counter of {damage:?}");
        w.ended(before + 2);
    }
}

#[test]
fn after_the_greatest_id_there_is_none() {
    let w = World::new();
    w.begin(&["true"]);
    w.ended(1);
    put(&w.home().join("tasks/.next"), b"4294967294");
    let greatest = w.begin(&["true"]);
    assert_eq!((greatest, &w.ended(greatest)["status"]), (4_294_967_294, &"succeeded".into()));
    for _ in 0..2 {
        let said = w.aos(&["run", "-b", "true"]);
        assert_eq!((said.code, said.out.as_str()), (125, ""));
        assert!(said.err.contains("no id is left"), "{}", said.err);
    }
    w.ok(&["rm", "4294967294"]);
    assert_eq!(w.begin(&["true"]), 2);
    w.ended(2);
}

#[test]
fn an_existing_agent_os_is_left_alone() {
    let w = World::new();
    let home = w.home();
    for dir in [
        "standards",
        "instructions",
        "hooks",
        "tools",
        "cache",
        "config",
        "tasks",
        "logs/tasks",
        "scripts",
        "workflow-modules",
    ] {
        fs::create_dir_all(home.join(dir)).expect("a directory");
    }
    let files = [
        "VERSION",
        "config.yml",
        "subagent-config.yaml",
        "tools/aos",
        "tasks/registry.json",
        "logs/observed-bash.jsonl",
        "logs/stop-hook.log",
        "logs/tasks/task-20250101-120000-abcdef.log",
        "standards/best-practices.md",
    ];
    files.iter().for_each(|file| put(&home.join(file), format!("{{\"tasks\":[]}} {file}\n").as_bytes()));
    let before = snapshot(&home);
    assert_eq!(w.begin(&["echo hi"]), 1, "older logs are no tasks of ours");
    w.ended(1);
    w.ok(&["tasks"]);
    w.ok(&["rm", "1"]);
    w.ok(&["clean", "--older", "0s"]);
    let after = snapshot(&home);
    assert!(before.iter().all(|file| after.contains(file)), "{after:#?}");
}

#[test]
fn files_and_directories_are_private_whatever_the_umask() {
    let w = World::new();
    assert_eq!(w.sh("umask 000; aos run -b 'touch made; echo hi'").code, 0);
    w.ended(1);
    let loose = w.sh("find $AOS_HOME \\( -type f -o -type s \\) ! -perm 600 -o -type d ! -perm 700").out;
    assert_eq!(loose, "");
    assert_eq!(w.sh("stat -c %a made").out, "666\n", "the task keeps the caller's");
}

#[test]
fn agent_os_home_is_used_when_aos_home_is_not_set() {
    let w = World::new();
    let line = "unset AOS_HOME; AGENT_OS_HOME=$PWD/other aos run -b true; aos run -b true; ls -d other/tasks/task-001 .agent-os/tasks/task-001";
    let said = w.sh(line);
    assert_eq!(said.out, "task-001\ntask-001\n.agent-os/tasks/task-001\nother/tasks/task-001\n", "{}", said.err);
    w.sh("AOS_HOME=$PWD/other aos wait 1; AOS_HOME=$PWD/.agent-os aos wait 1");
}

fn put(path: &std::path::Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut fs::File::create(path).expect("a file"), bytes).expect("written");
}

#[test]
fn more_tasks_are_removed_at_once_than_a_process_may_open_files() {
    let w = World::new();
    let said = w.sh("for i in $(seq 60); do aos run -b true >/dev/null; done; aos wait @all");
    assert_eq!((said.err.as_str(), said.code), ("", 0));
    let said = w.sh("ulimit -n 50; aos rm @all");
    assert_eq!((said.err.as_str(), said.code, said.out.lines().count()), ("", 0, 60));
    assert_eq!(w.ok(&["tasks", "-a", "--json"]), "[]\n");
}
