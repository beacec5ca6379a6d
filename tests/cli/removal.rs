//! The removal of many tasks: they are gone at once, and their files are deleted aside.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use nix::fcntl::{FcntlArg, fcntl};

use crate::world::{World, until};

/// More than are deleted while somebody waits.
const MANY: u32 = 520;

/// So many finished tasks, of which none was begun but the first.
fn many(w: &World, first: u32) {
    assert_eq!(w.begin(&["-n", "many", "echo hi"]), first);
    w.ended(first);
    let name = |id: u32| format!("task-{id:03}");
    let model = w.task(first, "");
    for id in first + 1..first + MANY {
        let dir = w.task(id, "");
        fs::create_dir(&dir).expect("a directory");
        for file in fs::read_dir(&model).expect("the model") {
            let file = file.expect("a file");
            let bytes = fs::read(file.path()).expect("its bytes");
            let own = match file.file_name().to_str() {
                Some("spec.json" | "status.json") => {
                    String::from_utf8_lossy(&bytes).replace(&name(first), &name(id)).into_bytes()
                }
                _ => bytes,
            };
            put(&dir.join(file.file_name()), &own);
        }
        put(&w.home().join(format!("logs/tasks/{}-many.log", name(id))), b"hi\n");
    }
    // Both are made anew.
    for file in ["tasks/.next", "logs/index.json"] {
        let _ = fs::remove_file(w.home().join(file));
    }
    assert_eq!(listed(w), MANY as usize);
}

fn put(path: &std::path::Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut fs::File::create(path).expect("a file"), bytes).expect("written");
}

fn listed(w: &World) -> usize {
    w.json(&["tasks", "-a", "--json"]).as_array().expect("rows").len()
}

/// What there is of tasks: their directories, removed or not, logs and markers.
fn left(w: &World) -> Vec<String> {
    let names = |dir: &str| fs::read_dir(w.home().join(dir)).into_iter().flatten().flatten();
    let all = ["tasks", "tasks/.gone", "tasks/active", "tasks/ended", "logs/tasks"].into_iter().flat_map(names);
    all.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.contains("task-")).collect()
}

fn until_nothing_is_left(w: &World) {
    until(|| left(w).is_empty()).unwrap_or_else(|| panic!("{:?}", left(w)));
    let index = fs::read_to_string(w.home().join("logs/index.json")).expect("the registry");
    assert!(!index.contains("task-"), "{index}");
}

/// What doctor says of removed tasks.
fn told(w: &World) -> Option<(String, String)> {
    let said = w.aos(&["doctor", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let checks = said["checks"].as_array().expect("checks").clone();
    let check = checks.into_iter().find(|check| check["name"] == "removed")?;
    let text = |field: &str| check[field].as_str().expect("text").to_owned();
    Some((text("state"), text("message")))
}

/// Kills aos with these words at a step.
fn killed(w: &World, words: &[&str], step: &str) {
    let mut aos = w.command(env!("CARGO_BIN_EXE_aos"));
    let ended = aos.args(words).env("AOS_FAULT", step).output().expect("aos runs");
    assert_eq!(ended.status.signal(), Some(9), "{step}: {}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn many_tasks_are_gone_at_once_and_their_files_are_deleted_aside() {
    let w = World::for_long(2);
    many(&w, 1);
    let said = w.aos(&["rm", "@all"]);
    let note = format!("aos: the files of {MANY} removed tasks are deleted in the background\n");
    assert_eq!((said.out.lines().count(), said.err, said.code), (MANY as usize, note.clone(), 0));
    assert_eq!(listed(&w), 0);
    until_nothing_is_left(&w);
    assert_eq!(told(&w), None);
    let next = w.begin(&["true"]);
    w.ended(next);
    let said = w.json(&["rm", &next.to_string(), "--json"]);
    assert_eq!((&said["uncleared"], left(&w)), (&0.into(), vec![]), "few are deleted at once");
}

#[test]
fn where_no_process_can_be_made_the_files_of_many_are_deleted_at_once() {
    let w = World::for_long(2);
    many(&w, 1);
    let Some(as_user) = w.another_user(1_200_000_000 + std::process::id(), &w.home()) else { return };
    let said = w.sh(&format!("{as_user} prlimit --nproc=1 {} rm @all", env!("CARGO_BIN_EXE_aos")));
    assert_eq!((said.out.lines().count(), said.err.as_str(), said.code), (MANY as usize, "", 0));
    assert_eq!(left(&w), Vec::<String>::new());
}

#[test]
fn clean_says_of_how_many_tasks_the_files_are_still_there() {
    let w = World::for_long(2);
    many(&w, 1);
    let said = w.aos(&["clean", "--older", "0s"]);
    let note = format!("aos: the files of {MANY} removed tasks are deleted in the background\n");
    assert_eq!((said.out.lines().last(), said.err), (Some(format!("{MANY} tasks removed").as_str()), note));
    until_nothing_is_left(&w);
}

#[test]
fn a_removal_of_many_that_is_killed_at_any_step_is_finished_by_the_next() {
    let w = World::for_long(6);
    let home = w.home().to_str().expect("text").to_owned();
    let mut first = 1;
    for step in ["rm-taken", "rm-forgotten", "clear-logs", "clear-rows", "clear-directory"] {
        many(&w, first);
        if step.starts_with("rm-") {
            killed(&w, &["rm", "@all"], step);
        } else {
            killed(&w, &["rm", "@all"], "rm-forgotten");
            killed(&w, &["__remove", &home], step);
        }
        assert_eq!(listed(&w), 0, "{step}: none is there by half");
        let (state, message) = told(&w).expect("doctor tells of them");
        assert!(state == "warn" && message.contains("removed tasks are still there"), "{step}: {state} {message}");
        // The one that is removed next, and by whichever verb.
        let next = w.begin(&["true"]);
        w.ended(next);
        let said = if first == 1 { w.aos(&["clean", "--older", "0s"]) } else { w.aos(&["rm", &next.to_string()]) };
        assert_eq!(
            (said.out.lines().next(), said.err.as_str(), said.code),
            (Some(&*format!("[task-{next:03}] removed: true")), "", 0)
        );
        until_nothing_is_left(&w);
        first = next + 1;
    }
}

#[test]
fn one_at_a_time_deletes_what_is_left() {
    let w = World::for_long(2);
    many(&w, 1);
    killed(&w, &["rm", "@all"], "rm-taken");
    let file = fs::File::create(w.home().join("tasks/.gone.lock")).expect("the lock");
    let whole = libc::flock { l_type: libc::F_WRLCK as i16, l_whence: 0, l_start: 0, l_len: 1, l_pid: 0 };
    fcntl(&file, FcntlArg::F_OFD_SETLK(&whole)).expect("free");
    assert_eq!(w.aos(&["__remove", w.home().to_str().expect("text")]).code, 0);
    assert_eq!(told(&w), Some(("ok".into(), format!("the files of {MANY} removed tasks are being deleted"))));
    drop(file);
    assert_eq!(w.ok(&["clean"]), "");
    until_nothing_is_left(&w);
}

/// Removes many where there is room for few names in another directory; says what came of it.
const WITHOUT_ROOM: &str = r#"
    truncate -s 60M image && mkfs.ext4 -q -b 1024 -N 12000 -m 0 image && mkdir small && mount -o loop image small || exit 77
    cp -a home small/home && export AOS_HOME=$PWD/small/home
    for size in 1024 512; do dd if=/dev/zero of=small/fill.$size bs=$size 2>dd; done
    aos rm @all >removed; echo "rm $?"
    wc -l <removed
    ls small/home/tasks/.gone small/home/logs/tasks | grep task-
    aos tasks -a --json
    aos run -b true; aos wait @last; echo "wait $?"
"#;

#[test]
fn on_a_full_disk_many_tasks_are_removed_and_the_room_is_there_at_once() {
    let w = World::for_long(2);
    many(&w, 1);
    let said = w.command("unshare").args(["-m", "bash", "-c", WITHOUT_ROOM]).output().expect("unshare runs");
    let err = String::from_utf8_lossy(&said.stderr);
    if matches!(said.status.code(), Some(1 | 77)) && said.stdout.is_empty() {
        return eprintln!("NOT TESTED HERE: no file system can be mounted: {err}");
    }
    let next = MANY + 1;
    let want = format!("rm 0\n{MANY}\n[]\ntask-{next}\nwait 0\n");
    assert_eq!((String::from_utf8_lossy(&said.stdout).as_ref(), err.as_ref()), (want.as_str(), ""));
}
