//! The truth after a crash.

use std::fs;

use nix::sys::signal::Signal;

use crate::world::{World, is_alive, kill, parent, until};

#[test]
fn a_killed_supervisor_leaves_a_lost_task_and_nothing_alive() {
    let w = World::new();
    let line = "env -i setsid setsid bash -c '(trap \"\" TERM HUP; echo escaped=$BASHPID; while :; do sleep 0.1; done) &' </dev/null; sleep 1000";
    let id = w.begin(&[line]);
    let escaped = w.pid_logged(id, "escaped");
    let row = w.row(id);
    kill(row["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    until(|| !is_alive(escaped)).expect("the watchdog ends what cleared its environment");
    until(|| w.row(id)["reason"].as_str().is_some_and(|r| r.starts_with("its supervisor was ended by SIGKILL at ")))
        .expect("it says why");
    assert_eq!(w.row(id)["status"], "lost");
    assert_eq!(w.aos(&["wait", "1"]).code, 6);
    assert!(w.ok(&["why", "1"]).contains("the supervisor was ended by SIGKILL; "));
    let stop = w.aos(&["stop", "1"]);
    assert_eq!((stop.err.as_str(), stop.code), ("aos: task-001 is not running (lost)\n", 1));
}

#[test]
fn a_lost_task_can_be_restarted() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    kill(w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
    until(|| w.row(id)["status"] == "lost").expect("lost");
    assert_eq!(w.json(&["tasks", "--json"])[0]["status"], "lost");
    assert!(w.ok(&["restart", "1"]).ends_with("(run 2)\n"));
    assert_eq!(w.row(id)["status"], "running");
    assert_eq!(w.json(&["tasks", "--json"])[0]["status"], "running");
    w.ok(&["stop", "1"]);
    assert_eq!(w.json(&["tasks", "--json"])[0]["status"], "stopped");
}

#[test]
fn without_keeper_and_supervisor_the_next_aos_sweeps_by_the_mark() {
    let w = World::new();
    let id = w.begin(&["trap '' HUP; setsid sh -c 'echo left=$$; exec sleep 1000' </dev/null & sleep 1000"]);
    let left = w.pid_logged(id, "left");
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let watchdog = parent(supervisor);
    kill(watchdog, Signal::SIGKILL);
    until(|| !is_alive(watchdog)).expect("gone");
    assert_eq!(w.row(id)["status"], "running", "the supervisor needs no watchdog");
    kill(supervisor, Signal::SIGKILL);
    until(|| !is_alive(supervisor)).expect("gone");
    assert!(is_alive(left));
    let bystander = w.command("sleep").arg("1000").spawn().expect("a bystander");
    assert_eq!(w.json(&["tasks", "--json"])[0]["status"], "lost");
    assert!(!is_alive(left), "swept");
    assert!(is_alive(bystander.id() as i32), "what is not the task's is not touched");
    crate::world::end(&mut { bystander });
    assert_eq!(w.row(id)["reason"], "its supervisor is gone");
}

#[test]
fn a_reboot_is_told_and_a_restart_works() {
    let w = World::new();
    let id = lost_with(&w, |state| {
        let boot = field(state, "boot");
        state.replace(&boot, "00000000-0000-0000-0000-000000000000")
    });
    let row = w.row(id);
    let machine = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    if machine.trim().is_empty() {
        assert_eq!(row["status"], "unknown", "a machine without an id cannot tell a reboot from another machine");
        return;
    }
    assert_eq!((&row["status"], &row["reason"]), (&"lost".into(), &"the machine was rebooted while it ran".into()));
    w.ok(&["restart", "1"]);
    w.ok(&["stop", "1"]);
}

#[test]
fn another_pid_namespace_reads_unknown() {
    let w = World::new();
    let id = lost_with(&w, |state| {
        let inode =
            state.split("\"pid_namespace\":").nth(1).expect("the inode").split('}').next().expect("its end").to_owned();
        state.replace(&format!("\"pid_namespace\":{inode}"), "\"pid_namespace\":1")
    });
    let row = w.row(id);
    assert_eq!(row["status"], "unknown");
    assert!(row["reason"].as_str().expect("a reason").contains("another container or on another machine"), "{row}");
    for words in [&["restart", "1"][..], &["rm", "1"]] {
        assert_ne!(w.aos(words).code, 0, "{words:?}");
    }
}

#[test]
fn a_supervisor_killed_at_any_moment_leaves_truth() {
    let w = World::new();
    for round in 0..30u64 {
        let mut client =
            w.command(env!("CARGO_BIN_EXE_aos")).args(["run", "-b", "sleep 1000; :"]).spawn().expect("a client");
        // A little later each time: from before the supervisor exists to after the task runs.
        let moment = std::time::Instant::now() + std::time::Duration::from_micros(round * 150);
        while std::time::Instant::now() < moment {
            std::hint::spin_loop();
        }
        for pid in aos_processes(&w, client.id() as i32) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = client.wait();
    }
    until(|| {
        let rows = w.json(&["tasks", "-a", "--json"]);
        let rows = rows.as_array().expect("rows");
        rows.iter().all(|row| ["lost", "running", "failed"].contains(&row["status"].as_str().expect("a status")))
    })
    .expect("every task has a true status");
    w.aos(&["kill", "@running"]);
    until(|| w.survivors().is_empty()).unwrap_or_else(|| panic!("these survive: {:#?}", w.survivors()));
    assert_eq!(w.aos(&["run", "-b", "--", "true"]).code, 0, "and the next task begins");
    w.aos(&["wait", "@last"]);
}

#[test]
fn a_torn_status_is_no_lie() {
    let w = World::new();
    let id = w.begin(&["exit 4"]);
    w.ended(id);
    fs::remove_file(w.task(id, "status.json")).expect("removed");
    fs::File::create(w.task(id, "status.json")).expect("an empty file");
    let row = w.row(id);
    assert_eq!((&row["status"], &row["exit_code"]), (&"failed".into(), &4.into()), "the end record has it");
    assert_eq!(w.json(&["tasks", "-a", "--json"])[0]["exit_code"], 4);
}

#[test]
fn the_end_record_is_believed_over_an_older_state() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    let running = fs::read(w.task(id, "status.json")).expect("the state");
    w.ok(&["stop", "1"]);
    std::io::Write::write_all(&mut fs::File::create(w.task(id, "status.json")).expect("a file"), &running)
        .expect("written");
    assert_eq!(w.row(id)["status"], "stopped", "as after a disk that was full at the end");
}

/// A task whose supervisor was killed, and whose state was then changed. Nobody else looks in
/// between.
fn lost_with(w: &World, change: impl Fn(&str) -> String) -> u32 {
    let id = w.begin(&["sleep", "1000"]);
    let row = w.row(id);
    let supervisor = row["supervisor_pid"].as_i64().expect("a pid") as i32;
    kill(supervisor, Signal::SIGKILL);
    until(|| w.survivors().is_empty()).expect("the watchdog is done");
    let state = fs::read_to_string(w.task(id, "status.json")).expect("the state");
    std::io::Write::write_all(
        &mut fs::File::create(w.task(id, "status.json")).expect("a file"),
        change(&state).as_bytes(),
    )
    .expect("written");
    id
}

fn field(json: &str, name: &str) -> String {
    json.split(&format!("\"{name}\":\"")).nth(1).expect("the field").split('"').next().expect("its end").to_owned()
}

/// The supervisor that a client has begun, wherever it is in its birth: its child's child.
fn aos_processes(w: &World, client: i32) -> Vec<i32> {
    let children = |pid: i32| -> Vec<i32> {
        let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        text.split_whitespace().filter_map(|p| p.parse().ok()).collect()
    };
    let _ = w;
    children(client).into_iter().flat_map(children).collect()
}

#[test]
fn a_copied_home_ends_nothing_of_the_original() {
    let w = World::new();
    let id = w.begin(&["sleep", "1000"]);
    w.begin(&["exit 3"]);
    w.ended(2);
    let pid = w.row(id)["pid"].as_i64().expect("a pid") as i32;
    let copies = [
        "cp -a home copy",
        "cp -r home copy && rm copy/tasks/task-001/lock",
        "tar -cf - home | tar -xf - --transform s/home/copy/",
    ];
    let statuses = |said: &crate::world::Said| {
        let rows: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        rows.as_array()
            .expect("rows")
            .iter()
            .map(|row| row["status"].as_str().expect("one").to_owned())
            .collect::<Vec<_>>()
    };
    for copy in copies {
        assert_eq!(w.sh(&format!("rm -rf copy; {copy}")).code, 0, "{copy}");
        let listed = w.sh("AOS_HOME=$PWD/copy aos tasks -a --json");
        assert_eq!(statuses(&listed), ["unknown", "failed"], "{copy}");
        let told = w.sh("AOS_HOME=$PWD/copy aos show 1");
        assert!(told.out.contains("this is a copy: the task runs on where it was begun"), "{copy}: {told:?}");
        for verb in ["stop", "kill", "restart"] {
            assert_ne!(w.sh(&format!("AOS_HOME=$PWD/copy aos {verb} 1")).code, 0, "{copy}: {verb}");
        }
        assert!(is_alive(pid), "{copy}");
        assert_eq!(w.row(id)["status"], "running", "{copy}");
    }
    // What bears the mark lives on, too, where the original's supervisor is gone.
    let supervisor = w.row(id)["supervisor_pid"].as_i64().expect("a pid") as i32;
    let watchdog = parent(supervisor);
    kill(watchdog, Signal::SIGKILL);
    until(|| !is_alive(watchdog)).expect("gone");
    kill(supervisor, Signal::SIGKILL);
    until(|| !is_alive(supervisor)).expect("gone");
    let mut bearer = w.command("sleep").arg("1000").env("AOS_MARK", mark_of(&w)).spawn().expect("a process");
    assert_eq!(statuses(&w.sh("AOS_HOME=$PWD/copy aos tasks -a --json"))[0], "lost");
    assert!(is_alive(bearer.id() as i32), "nothing is killed upon absence alone");
    assert_eq!(w.row(id)["status"], "lost");
    until(|| !is_alive(bearer.id() as i32) || bearer.try_wait().is_ok_and(|ended| ended.is_some()))
        .expect("the original's own are swept");
    crate::world::end(&mut bearer);
}

/// What the first run of the first task has in its environment.
fn mark_of(w: &World) -> String {
    let spec: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(w.task(1, "spec.json")).expect("the spec")).expect("JSON");
    format!("task-001.1.{}", spec["nonce"].as_str().expect("a nonce"))
}
