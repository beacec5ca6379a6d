//! Hooks of what happens while a task runs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::hooks::{configure, hook, put, records};
use crate::world::{World, end, until};

/// The payload that a handler has saved.
fn payload(world: &World, name: &str) -> Value {
    let path = world.join(name);
    let parsed = || fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    until(|| parsed().is_some()).unwrap_or_else(|| panic!("no {name}: {}", world.ok(&["why", "1"])));
    parsed().expect("a payload")
}

fn save(name: &str) -> String {
    format!("cat > {name}.part; mv {name}.part {name}")
}

#[test]
fn a_task_that_is_ready_runs_a_hook_with_where_it_is_reached() {
    let world = World::new();
    configure(
        &world,
        &json!({ "BackgroundTaskReady": [
        { "pattern": "127.0.0.1", "hooks": [{ "command": save("ready") }] },
        { "pattern": "nowhere", "hooks": [{ "command": save("never") }] }] }),
    );
    let server =
        "import http.server; s = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
print(f'Serving on http://127.0.0.1:{s.server_port}/', flush=True); s.serve_forever()";
    put(world.join("server.py"), server);
    let id = world.begin(&["--ready", "auto", "python3", "server.py"]);
    let ready = payload(&world, "ready");
    assert!(ready["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{ready}");
    assert_eq!((&ready["task"]["ready"], &ready["hook_event_name"]), (&json!(true), &json!("BackgroundTaskReady")));
    assert!(!world.join("never").exists());
    world.ok(&["stop", &id.to_string()]);
}

#[test]
fn files_that_change_run_a_hook_with_their_names() {
    let world = World::new();
    fs::create_dir(world.join("src")).expect("a directory");
    put(world.join("src/a.rs"), "one");
    configure(
        &world,
        &json!({ "FileChange": [
        { "pattern": r"\.rs$", "if": "changed ~ 'a'", "hooks": [{ "command": save("changed") }] },
        { "pattern": r"\.py$", "hooks": [{ "command": save("never") }] }] }),
    );
    let id = world.begin(&["--watch", "src", "echo up; exec sleep 1000"]);
    world.until_logged(id, "up");
    put(world.join("src/a.rs"), "two");
    let changed = payload(&world, "changed");
    assert!(changed["changed"][0].as_str().is_some_and(|path| path.ends_with("src/a.rs")), "{changed}");
    assert!(!world.join("never").exists());
    world.ok(&["stop", &id.to_string()]);
}

/// A directory of a project, with a work tree of git that has nothing yet.
fn project(world: &World, name: &str) -> PathBuf {
    let project = world.join(name);
    fs::create_dir_all(project.join(".git")).expect("a work tree");
    fs::create_dir_all(project.join("src")).expect("a directory");
    put(project.join(".gitignore"), "built\n");
    put(project.join("src/a.rs"), "one");
    project
}

/// Begins a task in a directory.
fn begin_in(world: &World, directory: &Path, words: &[&str]) -> u32 {
    let directory = directory.to_string_lossy();
    world.begin(&[&["-C", &*directory], words].concat())
}

/// Waits until so many processes watch a project's sources for this world's tasks, and have begun
/// to.
fn until_watched(world: &World, project: &Path, count: usize) {
    until(|| watching(world, project).len() == count)
        .unwrap_or_else(|| panic!("{:?} watch, not {count}", watching(world, project)));
}

/// The processes that watch a project's sources for this world's tasks: the kernel names what is
/// watched by its inode.
fn watching(world: &World, project: &Path) -> Vec<PathBuf> {
    let sources = format!(" ino:{:x} ", fs::metadata(project.join("src")).expect("sources").ino());
    let home = world.home().to_string_lossy().into_owned();
    let is_watching = |process: &Path| {
        let words = fs::read(process.join("cmdline")).unwrap_or_default();
        let words: Vec<_> = words.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        let fds = || fs::read_dir(process.join("fdinfo")).into_iter().flatten().flatten();
        let is_told = |fd: &fs::DirEntry| fs::read_to_string(fd.path()).is_ok_and(|text| text.contains(&sources));
        words.iter().any(|word| word == "__watch")
            && words.iter().any(|word| word.starts_with(&home))
            && fds().any(|fd| is_told(&fd))
    };
    let all = fs::read_dir("/proc").expect("processes").flatten();
    all.map(|process| process.path()).filter(|process| is_watching(process)).collect()
}

#[test]
fn files_that_change_run_a_hook_of_a_task_that_does_not_watch_them() {
    let world = World::new();
    let project = project(&world, "project");
    let save = "cat > $AOS_HOME/../changed.part; mv $AOS_HOME/../changed.part $AOS_HOME/../changed";
    configure(&world, &json!({ "FileChange": [{ "matcher": "server", "hooks": [{ "command": save }] }] }));
    let run = ["-n", "server", "echo up; exec sleep 1000"];
    let id = begin_in(&world, &project.join("src"), &run);
    let other = begin_in(&world, &project, &["-n", "other", "exec sleep 1000"]);
    until_watched(&world, &project, 1);
    put(project.join("built"), "what git ignores");
    put(project.join("src/a.rs"), "two");
    let changed = payload(&world, "changed");
    assert_eq!((&changed["changed"], &changed["task"]["name"]), (&json!(["a.rs"]), &json!("server")));
    // What stands above the task's directory is the project's as well.
    fs::remove_file(world.join("changed")).expect("read");
    put(project.join("above"), "new");
    let above = payload(&world, "changed");
    assert!(above["changed"][0].as_str().is_some_and(|path| path.ends_with("project/above")), "{above}");
    world.ok(&["stop", &id.to_string()]);
    until_watched(&world, &project, 0);
    assert_eq!(records(&world, 2).len(), 2, "each change once");
    world.ok(&["stop", &other.to_string()]);
}

#[test]
fn a_task_that_watches_files_runs_a_hook_once_for_each_change() {
    let world = World::new();
    let project = project(&world, "project");
    configure(&world, &json!({ "FileChange": hook("echo >> $AOS_HOME/../fired") }));
    let id = begin_in(&world, &project, &["--watch", "src", "echo up; exec sleep 1000"]);
    world.until_logged(id, "up");
    until_watched(&world, &project, 1);
    put(project.join("src/a.rs"), "two");
    until(|| world.row(id)["run"] == 2).expect("another run");
    world.ok(&["stop", &id.to_string()]);
    until_watched(&world, &project, 0);
    assert_eq!(records(&world, 1).len(), 1);
}

#[test]
fn a_projects_hooks_hear_of_changes_only_once_they_are_allowed() {
    let world = World::new();
    let project = project(&world, "project");
    fs::create_dir(project.join(".agent-os")).expect("a directory");
    let save = "cat > $AOS_HOME/../changed.part; mv $AOS_HOME/../changed.part $AOS_HOME/../changed";
    put(project.join(".agent-os/hooks.json"), json!({ "hooks": { "FileChange": hook(save) } }).to_string());
    let denied = begin_in(&world, &project, &["exec sleep 1000"]);
    until(|| world.ok(&["why", &denied.to_string()]).contains("not allowed to run")).expect("told");
    until_watched(&world, &project, 0);
    let directory = project.to_string_lossy().into_owned();
    let allowed = world.aos(&["hooks", "allow", "--yes", &directory]);
    assert_eq!(allowed.code, 0, "{allowed:?}");
    let id = begin_in(&world, &project, &["exec sleep 1000"]);
    until_watched(&world, &project, 1);
    put(project.join("src/a.rs"), "two");
    assert_eq!(payload(&world, "changed")["task"]["id"], format!("task-{id:03}"));
    world.ok(&["stop", "@running"]);
}

#[test]
fn the_recipe_restart_on_change_restarts_once_for_a_change() {
    let world = World::new();
    let project = project(&world, "project");
    world.ok(&["hooks", "add", "restart-on-change"]);
    let id = begin_in(&world, &project, &["echo up; exec sleep 1000"]);
    until_watched(&world, &project, 1);
    put(project.join("src/a.rs"), "two");
    let runs = |number: u32| world.row(id)["run"] == number && world.row(id)["status"] == "running";
    until(|| runs(2)).unwrap_or_else(|| panic!("{}", world.ok(&["why", &id.to_string()])));
    // The next change, and no other, has it begun a third time, however soon it comes.
    put(project.join("src/a.rs"), "three");
    until(|| runs(3)).unwrap_or_else(|| panic!("{}", world.ok(&["why", &id.to_string()])));
    until_watched(&world, &project, 1);
    world.ok(&["stop", &id.to_string()]);
    assert_eq!((records(&world, 2).len(), &world.row(id)["run"]), (2, &json!(3)));
}

#[test]
fn a_change_between_two_runs_is_told() {
    let world = World::new();
    let project = project(&world, "project");
    let save = "cat > $AOS_HOME/../changed.part; mv $AOS_HOME/../changed.part $AOS_HOME/../changed";
    configure(&world, &json!({ "FileChange": hook(save) }));
    let line = "until [ -e ../go ]; do sleep 0.01; done; exit 3";
    let id = begin_in(&world, &project, &["--restart", "on-failure", "--backoff", "10m", line]);
    until_watched(&world, &project, 1);
    put(world.join("go"), "");
    until(|| !world.row(id)["between_runs"].is_null()).expect("it waits for its next run");
    put(project.join("src/a.rs"), "two");
    let changed = payload(&world, "changed");
    assert_eq!((&changed["changed"], &changed["run"]), (&json!(["src/a.rs"]), &json!(1)));
    world.ok(&["stop", &id.to_string()]);
    until_watched(&world, &project, 0);
}

#[test]
fn a_task_that_waits_for_input_runs_a_hook_with_its_question() {
    let world = World::new();
    configure(
        &world,
        &json!({ "TaskWaitingInput": [
        { "pattern": r"name\?", "hooks": [{ "command": format!("{}; aos send $AOS_TASK_ID me", save("asked")) }] }] }),
    );
    let id = world.begin(&["--shell", "printf 'your name? '; read -r name; echo \"hello $name\""]);
    world.until_logged(id, "hello me");
    assert!(payload(&world, "asked")["task"]["waiting_since"].is_string());
    world.ended(id);
}

const TRACEBACK: &str = "echo 'Traceback (most recent call last):'; echo '  File \"app.py\", line 3, in <module>'; \
                         echo '    main()'; echo 'ValueError: no such thing'; ";

/// The names that an object has.
fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn an_error_is_told_at_its_blocks_end_and_once_with_the_shape_that_it_has_later() {
    let world = World::new();
    configure(&world, &json!({ "LogError": hook(&save("error-$AOS_TASK_ID")) }));
    let id = world.begin(&["--shell", &format!("{TRACEBACK} until [ -e go ]; do sleep 0.02; done; exit 1")]);
    let live = payload(&world, "error-task-001");
    assert_eq!(world.row(id)["status"], "running", "it is told while the task runs");
    let finding = &live["findings"][0];
    assert_eq!((&finding["line"], &live["log"]["line"]), (&json!(4), &json!(4)), "{live}");
    assert_eq!((&finding["extent"], &finding["file"]), (&json!([1, 4]), &json!("app.py")), "{live}");
    put(world.join("go"), "");
    world.ended(id);
    world.ended(world.begin(&["--shell", &format!("{TRACEBACK} exit 1")]));
    let later = payload(&world, "error-task-002");
    let optional = ["notes", "hints", "frames"];
    let shape = |value: &Value| keys(value).into_iter().filter(|key| !optional.contains(&key.as_str())).collect();
    let (one, other): (Vec<String>, Vec<String>) = (shape(finding), shape(&later["findings"][0]));
    assert_eq!(one, other);
    let debugged = world.aos(&["debug", "1", "--json"]);
    let debugged: Value = serde_json::from_str(&debugged.out).unwrap_or_else(|e| panic!("{e}: {debugged:?}"));
    assert_eq!(debugged["diagnostics"][0]["fingerprint"], finding["fingerprint"]);
    assert_eq!(records(&world, 2).len(), 2, "each is told once");
}

#[test]
fn a_line_that_only_a_pattern_knows_is_told_while_the_task_runs_and_once() {
    let world = World::new();
    let project = world.join("p/.agent-os");
    fs::create_dir_all(&project).expect("a directory");
    let own = json!({ "LogError": [{ "pattern": "^deadlock", "hooks": [{ "command": save("own") }] }] });
    let of_project = json!({ "LogError": [{ "pattern": "of", "hooks": [{ "command": save("project") }] }] });
    configure(&world, &own);
    put(project.join("hooks.json"), json!({ "hooks": of_project }).to_string());
    let line = "echo all is well; echo 'deadlock of 12 threads'; until [ -e go ]; do sleep 0.02; done";
    let begin = || world.begin(&["-C", "p", "--shell", line]);
    let id = begin();
    let told = payload(&world, "p/own");
    assert_eq!(world.row(id)["status"], "running");
    let finding = &told["findings"][0];
    assert_eq!((&finding["rule"], &finding["line"]), (&json!("hook/pattern"), &json!(2)), "{told}");
    assert_eq!((&finding["message"], &told["log"]["line"]), (&json!("deadlock of 12 threads"), &json!(2)));
    put(world.join("p/go"), "");
    world.ended(id);
    assert!(!world.join("p/project").exists(), "what is not allowed looks for nothing");
    assert_eq!(world.sh("cd p && aos hooks allow --yes").code, 0);
    fs::remove_file(world.join("p/go")).expect("removed");
    let id = begin();
    payload(&world, "p/project");
    assert_eq!(world.row(id)["status"], "running");
    put(world.join("p/go"), "");
    world.ended(id);
    let records = records(&world, 3);
    assert_eq!(records.len(), 3, "{records:#?}");
}

#[test]
fn events_are_followed() {
    let world = World::new();
    configure(&world, &json!({ "BackgroundTaskComplete": hook("echo said") }));
    world.ended(world.begin(&["true"]));
    records(&world, 1);
    let mut follower = world.command(env!("CARGO_BIN_EXE_aos"));
    let mut follower = follower.args(["events", "-f", "--json"]).stdout(Stdio::piped()).spawn().expect("a follower");
    let mut lines = BufReader::new(follower.stdout.take().expect("its output")).lines();
    // It is there once it watches: the first that it tells is of the second task, or of a later.
    until(|| world.sh(&format!("ls -l /proc/{}/fd", follower.id())).out.contains("inotify")).expect("it watches");
    let mut seen = Vec::new();
    let mut begun = 1;
    while !seen.contains(&"hook-ran".to_owned()) {
        if seen.is_empty() {
            begun = world.begin(&["true"]);
        }
        let line = lines.next().expect("a line").expect("text");
        let event: Value = serde_json::from_str(&line).expect("JSON");
        assert_ne!(event["task"], "task-001", "only what is new");
        seen.push(event["event"].as_str().expect("a name").to_owned());
    }
    end(&mut follower);
    assert!(begun >= 2 && seen.contains(&"over".to_owned()), "{seen:?}");
}

/// What the user is told by his own command, once there is something.
fn told(world: &World, lines: usize) -> String {
    let read = || fs::read_to_string(world.join("told")).unwrap_or_default();
    until(|| read().lines().count() >= lines).unwrap_or_else(|| panic!("told: {}", read()));
    read()
}

#[test]
fn a_task_tells_the_user_by_itself_where_that_was_asked_for() {
    let world = World::new();
    fs::create_dir_all(world.home()).expect("a home");
    let command = format!("cat >> {}", world.join("told").display());
    put(world.home().join("config.toml"), format!("notify = {{ desktop = false, command = '{command}' }}\n"));
    let none = world.begin(&["-n", "quiet", "--notify=fail", "true"]);
    world.ended(none);
    world.ended(world.begin(&["--notify", "true"]));
    assert!(told(&world, 1).starts_with("[task-002] succeeded  true"), "{}", told(&world, 1));
    world.ended(world.begin(&["--notify=fail", "exit 3"]));
    assert!(told(&world, 2).contains("[task-003] failed"), "{}", told(&world, 2));
    let ready = world.begin(&["--notify=ready", "--ready", "log:up", "echo up; exec sleep 1000"]);
    assert!(told(&world, 3).contains("[task-004] ready"), "{}", told(&world, 3));
    let shown = world.row(ready);
    assert_eq!(shown["notify"], "ready");
    assert!(world.ok(&["show", "4"]).contains("tells you  when it is ready"));
    world.ok(&["stop", "4"]);
    world.ended(world.begin(&["--notify=ready", "--ready", "log:up", "false"]));
    assert!(told(&world, 4).contains("[task-005] failed"), "{}", told(&world, 4));
    assert_eq!(told(&world, 4).lines().count(), 4, "of nothing else");
    let bad = world.aos(&["run", "-b", "--notify=never", "true"]);
    assert_eq!(bad.code, 2, "{bad:?}");
    assert!(world.aos(&["why", "2"]).out.contains("hook of BackgroundTaskComplete: `aos notify`: ok"));
}

#[test]
fn what_only_other_runs_tell_is_told_to_hooks_as_well() {
    let world = World::new();
    configure(&world, &json!({ "LogError": hook(&save("error-$AOS_TASK_ID")) }));
    let line = "echo begin; [ -e good ] || echo the moon is full; echo end; [ -e good ]";
    let run = |is_good: bool| {
        let good = world.join("good");
        if is_good {
            put(&good, "")
        } else {
            drop(fs::remove_file(&good))
        }
        let id = world.begin(&["--shell", line]);
        world.ended(id);
    };
    [false, true, true, false, false].into_iter().for_each(run);
    let told = payload(&world, "error-task-005");
    let finding = &told["findings"][0];
    assert_eq!((&finding["rule"], &finding["line"]), (&json!("learned/line"), &json!(2)), "{told}");
    assert_eq!(finding["message"], "the moon is full");
}
