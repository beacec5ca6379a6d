//! Ids, the registry, and what else lives in the directory.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::world::{World, snapshot};

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
    for damage in ["", "garbage", "0", "99999999999999999999"] {
        put(&w.home().join("tasks/.next"), damage.as_bytes());
        let before = w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len() as u32;
        assert_eq!(w.begin(&["true"]), before + 2, "after a counter of {damage:?}");
        w.ended(before + 2);
    }
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
