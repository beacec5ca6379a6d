//! Hooks that do harm, by mistake or not.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::hooks::{configure, hook, put, records};
use crate::world::{World, until};

#[test]
fn a_handler_may_delete_its_own_configuration() {
    let world = World::new();
    let hooks = json!({
        "BackgroundTaskStart": hook("rm \"$AOS_HOME/hooks.json\"; echo gone; touch gone"),
        "BackgroundTaskComplete": hook("touch never"),
    });
    configure(&world, &hooks);
    let id = world.begin(&["--shell", "until [ -e gone ]; do sleep 0.02; done"]);
    world.ended(id);
    assert_eq!(records(&world, 1)[0]["output"], "gone\n");
    let listed = world.aos(&["hooks"]);
    assert!(listed.code == 0 && listed.err.contains("no hooks are configured"), "{listed:?}");
    world.ended(world.begin(&["true"]));
    until(|| world.survivors().is_empty()).expect("nobody is left");
    assert!(!world.join("never").exists() && records(&world, 1).len() == 1);
}

#[test]
fn a_handler_that_ignores_term_is_ended_with_all_its_tree() {
    let world = World::new();
    let command = "trap '' TERM HUP INT; (sleep 1000 & echo $! >> pids; wait) & setsid sleep 1000 & \
                   echo $! >> pids; echo $$ >> pids; while :; do sleep 1000; done";
    configure(&world, &json!({ "BackgroundTaskComplete": [{ "hooks": [{ "command": command, "timeout": 1 }] }] }));
    world.ended(world.begin(&["true"]));
    let record = records(&world, 1).remove(0);
    assert_eq!(record["timed_out"], true, "{record}");
    let pids = fs::read_to_string(world.join("pids")).expect("pids");
    assert_eq!(pids.lines().count(), 3, "{pids}");
    let is_there = |pid: &str| Path::new("/proc").join(pid).exists();
    until(|| !pids.lines().any(is_there)).unwrap_or_else(|| panic!("left of {pids}"));
}

#[test]
fn all_that_a_chain_runs_is_shown_before_it_is_allowed() {
    let world = World::new();
    fs::create_dir_all(world.join("p/.agent-os")).expect("a directory");
    let hooks = json!({ "hooks": { "BackgroundTaskComplete": [{ "hooks": [{ "command": "echo first",
        "then": [{ "command": "echo second", "then": { "command": "sh", "args": ["-c", "echo third"] } },
                 { "command": "echo fourth" }] }] }] } });
    put(world.join("p/.agent-os/hooks.json"), hooks.to_string());
    let said = world.sh("cd p && aos hooks allow --yes");
    let shown: Vec<&str> = said.out.lines().skip(1).take(4).collect();
    assert_eq!(
        shown,
        [
            "  BackgroundTaskComplete  echo first",
            "    then  echo second",
            "      then  sh -c 'echo third'",
            "    then  echo fourth"
        ],
        "{said:?}"
    );
    assert_eq!(world.sh("cd p && aos run true").code, 0);
    let outputs: Vec<String> = records(&world, 4).iter().map(|record| record["output"].to_string()).collect();
    assert_eq!(outputs, [r#""first\n""#, r#""second\n""#, r#""third\n""#, r#""fourth\n""#]);
}

#[test]
fn a_condition_of_any_length_is_answered_or_refused() {
    let world = World::new();
    let long = format!("{}exit_code == 0", "1 == 2 || ".repeat(90_000));
    let deep = format!("{}true{}", "(".repeat(100_000), ")".repeat(100_000));
    configure(&world, &json!({ "BackgroundTaskComplete": [{ "if": long, "hooks": [{ "command": "echo long" }] }] }));
    world.ended(world.begin(&["true"]));
    assert_eq!(records(&world, 1)[0]["output"], "long\n");
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [
        { "if": deep, "hooks": [{ "command": "echo deep" }] }, { "hooks": [{ "command": "echo plain" }] }] }),
    );
    let said = world.aos(&["hooks"]);
    assert!(said.code == 1 && said.err.contains("the expression is nested too deeply"), "{}", said.err.len());
    world.ended(world.begin(&["true"]));
    assert_eq!(records(&world, 2)[1]["output"], "plain\n");
    let longer = "true || ".repeat(200_000);
    configure(&world, &json!({ "BackgroundTaskComplete": [{ "if": longer, "hooks": [{ "command": "true" }] }] }));
    let said = world.aos(&["hooks"]);
    assert!(said.code == 1 && said.err.contains("hooks.json: cannot be used"), "{said:?}");
}

#[test]
fn what_cannot_be_run_is_told() {
    let world = World::new();
    fs::create_dir(world.join("directory")).expect("a directory");
    configure(
        &world,
        &json!({ "BackgroundTaskComplete": [{ "hooks": [
        { "command": "no-such-program", "args": [] }, { "command": "./directory", "args": [] },
        { "command": "no-such-command" }, { "command": "kill -SEGV $$" }] }] }),
    );
    world.ended(world.begin(&["true"]));
    let mut ended: Vec<(String, String)> = records(&world, 4)
        .iter()
        .map(|record| (record["command"].as_str().expect("text").to_owned(), record["exit_code"].to_string()))
        .collect();
    ended.sort();
    let wanted =
        [("./directory", "126"), ("kill -SEGV $$", "null"), ("no-such-command", "127"), ("no-such-program", "127")];
    assert_eq!(ended, wanted.map(|(command, code)| (command.to_owned(), code.to_owned())));
    let tested = world.aos(&["hooks", "test"]);
    assert!(tested.code == 1 && tested.err.contains("there is no command `no-such-program`"), "{tested:?}");
}
