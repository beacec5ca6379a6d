//! Hooks: configured, trusted, run, and told of.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::world::{World, until, write_program};

/// Makes a file, or another content of it.
pub fn put(path: impl AsRef<Path>, text: impl AsRef<str>) {
    let made = fs::File::create(path).and_then(|mut file| file.write_all(text.as_ref().as_bytes()));
    made.expect("written");
}

/// Writes the user's own hooks.
pub fn configure(world: &World, hooks: &Value) {
    fs::create_dir_all(world.home()).expect("a home");
    fs::set_permissions(world.home(), fs::Permissions::from_mode(0o700)).expect("a mode");
    put(world.home().join("hooks.json"), json!({ "hooks": hooks }).to_string());
}

/// A group with one handler.
pub fn hook(command: &str) -> Value {
    json!([{ "hooks": [{ "type": "command", "command": command }] }])
}

/// The records of hooks, once there are so many.
pub fn records(world: &World, count: usize) -> Vec<Value> {
    let read = || -> Vec<Value> {
        let log = world.json(&["hooks", "log", "--json"]);
        log.as_array().cloned().unwrap_or_default()
    };
    until(|| read().len() >= count).unwrap_or_else(|| panic!("{count} of: {:#?}", read()));
    read()
}

#[test]
fn the_events_of_a_task_run_their_hooks_with_their_payload() {
    let world = World::new();
    let save = |name: &str| hook(&format!("cat > {name}.json; env > {name}.env"));
    configure(
        &world,
        &json!({
            "BackgroundTaskStart": save("start"), "BackgroundTaskComplete": save("complete"),
            "LogError": save("error"), "TestResult": save("tests"), "BuildStatus": save("build"),
        }),
    );
    let line = "echo 'Test Suites: 1 failed, 1 total'; echo 'Tests:       1 failed, 2 passed, 3 total'; \
                echo 'src/a.ts(3,5): error TS2322: Type string is not assignable.'; exit 2";
    let id = world.begin(&["--shell", line]);
    world.ended(id);
    records(&world, 4);
    until(|| world.join("complete.json").exists() && world.join("tests.json").exists()).expect("they ran");
    let payload = |name: &str| -> Value {
        let text = fs::read_to_string(world.join(&format!("{name}.json"))).expect(name);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    };
    let start = payload("start");
    assert_eq!((&start["version"], &start["hook_event_name"]), (&json!(1), &json!("BackgroundTaskStart")));
    assert_eq!((&start["task"]["id"], &start["tool_input"]["command"]), (&json!("task-001"), &json!(line)));
    assert_eq!(start["hookMetadata"]["toolName"], "Bash");
    let complete = payload("complete");
    assert_eq!((&complete["exit_code"], &complete["task"]["status"]), (&json!(2), &json!("failed")));
    assert!(complete["tool_response"]["output"].as_str().is_some_and(|out| out.contains("TS2322")), "{complete}");
    assert_eq!(payload("tests")["tests"]["failed"], 1, "{}", payload("tests"));
    let environment = fs::read_to_string(world.join("complete.env")).expect("there");
    for entry in [
        "AOS_HOOK_EVENT=BackgroundTaskComplete",
        "AOS_TASK_ID=task-001",
        "AOS_TASK_STATUS=failed",
        "AOS_EXIT_CODE=2",
        "AOS_HOOK_DEPTH=1",
    ] {
        assert!(environment.lines().any(|line| line == entry), "{entry}: {environment}");
    }
    let why = world.ok(&["why", "1"]);
    assert!(why.contains("hook of BackgroundTaskComplete: `cat > complete.json"), "{why}");
}

#[test]
fn conditions_chains_and_messages() {
    let world = World::new();
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [
            { "if": "exit_code == 0", "hooks": [{ "type": "command", "command": "echo good" }] },
            { "if": "exit_code == 3 && task.name ~ '^s'", "hooks": [{ "type": "command",
                "command": "echo '{\"systemMessage\": \"it is bad\", \"n\": 7}'; exit 4",
                "then": [
                    { "type": "command", "command": "cat > chain.json", "if": "chain.json.n == 7 && chain.exit_code == 4" },
                    { "type": "command", "command": "touch never", "if": "chain.exit_code == 0" }] }] },
        ] }),
    );
    let id = world.begin(&["--name", "subject", "--shell", "exit 3"]);
    world.ended(id);
    let records = records(&world, 2);
    assert_eq!((&records[0]["exit_code"], &records[0]["message"]), (&json!(4), &json!("it is bad")));
    assert!(records[1]["command"].as_str().is_some_and(|command| command.starts_with("cat")), "{records:?}");
    assert!(world.ok(&["why", "1"]).contains("exit 4; it says: it is bad\n"));
    assert!(world.ok(&["show", "1"]).contains("exit 4; it says: it is bad\n"));
    assert!(world.join("chain.json").exists() && !world.join("never").exists());
}

#[test]
fn the_run_before_is_known() {
    let world = World::new();
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [
        { "if": "exit_code == 0 && previous.failed", "hooks": [{ "type": "command", "command": "echo mended" }] }] }),
    );
    let line = "test -e good";
    world.ended(world.begin(&["--shell", line]));
    put(world.join("good"), "");
    world.ended(world.begin(&["--shell", line]));
    let records = records(&world, 1);
    assert_eq!((&records[0]["task"], &records[0]["output"]), (&json!("task-002"), &json!("mended\n")));
    world.ended(world.begin(&["--shell", line]));
    world.ended(world.begin(&["true"]));
    assert_eq!(world.json(&["hooks", "log", "--json"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn projects_hooks_run_only_once_allowed_and_not_when_they_have_changed() {
    let world = World::new();
    let file = world.join("p/.agent-os/hooks.json");
    fs::create_dir_all(file.parent().expect("above")).expect("a directory");
    let write_hooks = |command: &str| {
        let hooks = json!({ "hooks": { "BackgroundTaskComplete": hook(command) } });
        put(&file, hooks.to_string());
    };
    let count = || world.json(&["hooks", "log", "--json"]).as_array().map_or(0, Vec::len);
    let run = || {
        let said = world.sh("cd p && MY_TOKEN=ghp_0123456789abcdef aos run --shell 'exit 0'");
        assert_eq!(said.code, 0, "{said:?}");
    };
    write_hooks("env > env; echo one");
    run();
    // By whichever task's worker comes first.
    let told = || world.ok(&["events"]).matches("are not allowed to run: aos hooks allow").count();
    until(|| told() == 1).expect("it is told");
    run();
    assert!(count() == 0);
    let refused = world.sh("cd p && aos hooks allow </dev/null");
    assert_eq!((refused.code, refused.err.contains("--yes")), (1, true), "{refused:?}");
    let allowed = world.sh("cd p && aos hooks allow --yes");
    assert!(allowed.out.contains("BackgroundTaskComplete  env > env; echo one"), "{allowed:?}");
    run();
    assert_eq!(records(&world, 1)[0]["output"], "one\n");
    let environment = fs::read_to_string(world.join("p/env")).expect("there");
    assert!(!environment.contains("MY_TOKEN"), "{environment}");
    write_hooks("echo two");
    let listed = world.sh("cd p && aos hooks --json").out;
    assert!(listed.contains("\"trusted\":false"), "{listed}");
    let own = world.sh("cd p && AOS_MARK=x aos hooks allow --yes");
    assert_eq!(own.code, 2, "a task cannot allow its own hooks: {own:?}");
    run();
    until(|| told() == 2).expect("it is told again");
    assert!(!world.ok(&["hooks", "log"]).contains("two"));
    assert_eq!(world.sh("cd p && aos hooks deny").code, 0);
}

#[test]
fn a_hook_that_hangs_forks_and_floods_is_ended_and_its_output_is_bounded() {
    let world = World::new();
    let command = "(sleep 1000 & echo child=$! > pids); setsid sleep 1000 & yes | head -c 3000000; sleep 1000";
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [{ "hooks": [
        { "type": "command", "command": command, "timeout": 1 }] }] }),
    );
    let id = world.begin(&["true"]);
    world.ended(id);
    let record = records(&world, 1).remove(0);
    assert_eq!(record["timed_out"], true, "{record}");
    assert!(record["output"].as_str().is_some_and(|output| output.len() < 20_000));
    let pid = fs::read_to_string(world.join("pids")).expect("there");
    let pid = pid.trim().trim_start_matches("child=").to_owned();
    until(|| !Path::new(&format!("/proc/{pid}")).exists()).expect("it is ended");
}

#[test]
fn a_hook_whose_tasks_have_hooks_comes_to_an_end() {
    let world = World::new();
    configure(&world, &json!({ "BackgroundTaskComplete": hook("aos run -b true") }));
    world.begin(&["true"]);
    until(|| world.aos(&["hooks", "log"]).out.contains("hooks have begun tasks")).expect("it is refused");
    let tasks = world.json(&["tasks", "-a", "--json"]);
    assert_eq!(tasks.as_array().map(Vec::len), Some(4), "{tasks}");
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_place_and_the_rest_works() {
    let world = World::new();
    configure(&world, &json!({}));
    let path = world.home().join("hooks.json");
    let text = "{\"hooks\": {\n  \"BackgroundTaskCompleted\": [],\n  \"BackgroundTaskComplete\": [\n    \
                {\"hooks\": [{\"command\": \"echo ran\"}, {\"command\": \"x\", \"if\": \"exit_code = 0\"}]}]}}\n";
    put(&path, text);
    let said = world.aos(&["hooks", "list"]);
    assert_eq!(said.code, 1, "{said:?}");
    let shown = path.display().to_string();
    assert!(said.err.contains(&format!("{shown}:2:3: there is no event `BackgroundTaskCompleted`")), "{said:?}");
    assert!(said.err.contains("did you mean `BackgroundTaskComplete`?"), "{said:?}");
    assert!(said.err.contains(&format!("{shown}:4:75: `if` is no condition: `=` compares nothing")), "{said:?}");
    world.ended(world.begin(&["true"]));
    assert_eq!(records(&world, 1)[0]["output"], "ran\n");
    assert!(world.aos(&["doctor"]).out.contains("is no condition"));
    put(&path, "{\n  \"hooks\": {,}\n}\n");
    let broken = world.aos(&["hooks"]);
    assert!(broken.err.contains(&format!("{shown}:2:13: this is no JSON")), "{broken:?}");
    world.ended(world.begin(&["true"]));
    fs::remove_file(&path).expect("removed");
    assert_eq!(world.sh("mkfifo home/hooks.json").code, 0);
    assert!(world.aos(&["hooks"]).err.contains("it is a FIFO"));
    world.ended(world.begin(&["true"]));
    fs::remove_file(&path).expect("removed");
    put(&path, "{}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("a mode");
    assert!(world.aos(&["hooks"]).err.contains("can be written by others"));
}

#[test]
fn recipes_are_written_where_others_stay_and_are_taken_out_again() {
    let world = World::new();
    configure(&world, &json!({ "PreToolUse": [{ "matcher": "Bash", "hooks": [] }] }));
    let path = world.home().join("hooks.json");
    for recipe in ["notify-when-ready", "notify-on-failure", "auto-format", "auto-commit-if-pass", "restart-on-change"]
    {
        assert!(world.ok(&["hooks", "add", recipe]).starts_with("added"));
    }
    let read = || -> Value { serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON") };
    assert!(
        read()["hooks"]["PreToolUse"].is_array() && read()["hooks"]["FileChange"].as_array().map(Vec::len) == Some(2)
    );
    assert!(world.home().join("hooks.json.bak").exists());
    assert_eq!(world.aos(&["hooks", "list"]).code, 0);
    assert!(world.ok(&["hooks", "remove", "auto-format"]).starts_with("removed"));
    assert_eq!(read()["hooks"]["FileChange"].as_array().map(Vec::len), Some(1));
    let near = world.aos(&["hooks", "add", "auto-fromat"]);
    assert!(near.code == 2 && near.err.contains("did you mean auto-format?"), "{near:?}");
    put(&path, "{");
    assert_eq!(world.aos(&["hooks", "add", "auto-format"]).code, 1);
    assert_eq!(fs::read_to_string(&path).expect("there"), "{");
}

#[test]
fn commands_of_ones_own_are_added_to_what_stands_there_in_its_order() {
    let world = World::new();
    configure(&world, &json!({}));
    let path = world.home().join("hooks.json");
    let read = || fs::read_to_string(&path).expect("there");
    put(&path, "{\"LogError\": [{\"pattern\": \"x\", \"command\": \"true\"}], \"description\": \"mine\"}");
    let add = ["hooks", "add", "BackgroundTaskComplete", "echo over", "--if", "exit_code == 0", "--matcher", "true"];
    let told = world.json(&[&add[..], &["--json"]].concat());
    assert_eq!((&told["changed"], &told["event"]), (&json!(true), &json!("BackgroundTaskComplete")));
    assert_eq!(world.json(&[&add[..], &["--json"]].concat())["changed"], json!(false), "it is there already");
    let written = "{
  \"LogError\": [
    {
      \"pattern\": \"x\",
      \"command\": \"true\"
    }
  ],
  \"description\": \"mine\",
  \"BackgroundTaskComplete\": [
    {
      \"matcher\": \"true\",
      \"if\": \"exit_code == 0\",
      \"hooks\": [
        {
          \"type\": \"command\",
          \"command\": \"echo over\"
        }
      ]
    }
  ]
}
";
    assert_eq!(read(), written);
    assert_eq!(world.json(&["hooks", "--json"]).as_array().map(Vec::len), Some(2), "what was there works");
    world.ended(world.begin(&["true"]));
    assert_eq!(records(&world, 1)[0]["output"], "over\n");
    for (words, part) in [
        (&["TestResult"][..], "which command is TestResult to run?"),
        (&["TestResults", "x"], "did you mean TestResult?"),
        (&["TestResult", "x", "--if", "a ="], "`=` compares nothing"),
        (&["TestResult", "x", "--pattern", "("], "`pattern` is no regular expression"),
        (&["auto-format", "--if", "true"], "is a recipe"),
    ] {
        let said = world.aos(&[&["hooks", "add"], words].concat());
        assert!(said.code == 2 && said.err.contains(part), "{words:?}: {said:?}");
    }
    assert_eq!(read(), written);
    world.ok(&["hooks", "remove", "BackgroundTaskComplete", "echo over"]);
    assert_eq!(world.json(&["hooks", "--json"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_not_allowed_is_not_run_by_hand_either() {
    let world = World::new();
    fs::create_dir_all(world.join("p/.agent-os")).expect("a directory");
    put(world.join("p/.agent-os/hooks.json"), json!({ "hooks": { "TestResult": hook("touch ran") } }).to_string());
    assert_eq!(world.aos(&["hooks", "run"]).code, 1, "there is no task");
    assert!(world.aos(&["hooks", "log"]).err.contains("no hook has run yet"));
    assert_eq!(world.sh("cd p && aos run true").code, 0);
    let refused = world.sh("cd p && aos hooks run TestResult 1");
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.err.contains("aos hooks allow") && !world.join("p/ran").exists(), "{refused:?}");
    assert_eq!(world.sh("cd p && aos hooks run BuildStatus 1").code, 1, "there is none");
    let allowed = world.sh("cd p && aos hooks allow --yes --json");
    assert!(allowed.out.contains("\"allowed\":true"), "{allowed:?}");
    assert_eq!(world.sh("cd p && aos hooks run TestResult 1").code, 0);
    assert!(world.join("p/ran").exists());
}

#[test]
fn a_rehearsal_says_what_would_run_and_why_the_others_would_not() {
    let world = World::new();
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [
        { "hooks": [{ "type": "command", "command": "echo yes" }] },
        { "matcher": "npm", "hooks": [{ "type": "command", "command": "echo no" }] },
        { "if": "exit_code == 9", "hooks": [{ "type": "command", "command": "echo nor this" }] }] }),
    );
    let id = world.begin(&["true"]);
    world.ended(id);
    records(&world, 1);
    let said = world.ok(&["hooks", "test", "BackgroundTaskComplete", "1"]);
    assert!(said.contains("run  BackgroundTaskComplete of task-001  echo yes"), "{said}");
    assert!(said.contains("matcher `npm` matches none of: true") && said.contains("`exit_code == 9` does not hold"));
    let ran = world.ok(&["hooks", "run", "BackgroundTaskComplete", "1"]);
    assert!(ran.contains("ok yes"), "{ran}");
    assert_eq!(records(&world, 2).len(), 2);
    assert!(world.aos(&["hooks", "test", "TestResults", "1"]).err.contains("did you mean TestResult?"));
    let listed = world.json(&["hooks", "list", "--json"]);
    assert_eq!((&listed[0]["runs"], &listed[0]["trusted"]), (&json!(2), &json!(true)));
}

#[test]
fn an_end_that_no_supervisor_could_tell_reaches_hooks_too() {
    let world = World::new();
    configure(&world, &json!({ "BackgroundTaskComplete": hook("echo \"$AOS_TASK_STATUS\"") }));
    let id = world.begin(&["sleep", "1000"]);
    let supervisor = world.row(id)["supervisor_pid"].to_string();
    assert_eq!(world.sh(&format!("kill -9 {supervisor}")).code, 0);
    assert_eq!(records(&world, 1)[0]["output"], "lost\n");
}

#[test]
fn the_older_script_has_its_own_words_and_events_of_all_tasks_are_one_stream() {
    let world = World::new();
    configure(&world, &json!({}));
    assert!(world.aos(&["update"]).err.contains("there is no verb `update`"));
    fs::create_dir_all(world.home().join("tools")).expect("a directory");
    let script = world.home().join("tools/aos");
    write_program(&script, "#!/bin/sh\necho \"older: $*\"\n");
    for words in [&["update", "--all"][..], &["check"], &["init"]] {
        assert_eq!(world.ok(words), format!("older: {}\n", words.join(" ")));
    }
    assert!(world.ok(&["init", "bash"]).contains("__aos"));
    let ids = [world.begin(&["true"]), world.begin(&["false"])];
    ids.iter().for_each(|id| drop(world.ended(*id)));
    let lines = world.ok(&["events", "--json"]);
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let over = |id: &str| events.iter().any(|event| event["event"] == "over" && event["task"] == id);
    assert!(over("task-001") && over("task-002"), "{lines}");
    let times: Vec<&str> = events.iter().filter_map(|event| event["at"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
}
